"""A running dashboard on a Prism of another size, and a page that notes what goes wrong in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from bench.processes import dashboard, simulated_prism
from tests.acceptance.pages import fits, looked_at
from tests.acceptance.running_dashboard import fetch

MOST_ROWS = 200
"""Of a thousand of something; 142 on System Health, and 28 labels once its charts, below the fold, are drawn."""
INJECTED = 'document.querySelectorAll("main script, main img[src=x], header script, header img[src=x]").length'
ROWS = 'document.querySelectorAll("main tr, main .tabulator-row, main li, main svg text").length'


class Crowd:
    """`wrong` is what the console, the page or a script that ran has said."""

    def __init__(self, address: str, page: Page) -> None:
        self.address, self.page = address, page
        self.wrong: list[str] = []
        page.on("console", lambda one: self.wrong.append(one.text) if one.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", lambda dialog: self._asked(dialog))

    def _asked(self, dialog: Any) -> None:
        self.wrong.append(f"a name ran as a script: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str) -> None:
        """Open a page, and wait for its figures, tables and charts."""
        self.wrong.clear()
        self.page.set_viewport_size({"width": 1440, "height": 900})
        looked_at(self.page, self.address + path)

    def answer(self, path: str) -> Any:
        return fetch(f"{self.address}/api/{path}")

    def is_right(self, *widths: int) -> None:
        """Nothing is injected, cut, or too much."""
        assert self.page.evaluate(INJECTED) == 0
        assert self.page.evaluate(ROWS) < MOST_ROWS, "so many rows are in the page"
        for width in widths:
            fits(self.page, width)
        assert self.wrong == []


@contextmanager
def crowd_of(chromium: Browser, *size: str, **settings: str) -> Iterator[Crowd]:
    """A simulated Prism with these options, and the dashboard on it with these settings."""
    with simulated_prism(*size) as addresses, dashboard(addresses, **settings) as (address, _):
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        yield Crowd(address, page)
        page.close()
