"""The pages that browser tests look at, and the servers that they come from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import TimeoutError as Unfulfilled

from tests.browser.small_site_control import SmallSite
from tests.patience import LONG_SECONDS, until

LOOK_MS = 500
"""How long a page is watched before the time is looked at again."""


class Watched:
    """A page, with what went wrong in it and whom it talked to."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    @property
    def mode(self) -> str:
        """live, polling, stale or lost."""
        return str(self.page.evaluate("document.documentElement.dataset.live"))

    def until(self, mode: str, seconds: float = LONG_SECONDS) -> None:
        """Wait until the page says that it is in `mode`."""
        self.when("mode => document.documentElement.dataset.live === mode", seconds, mode)

    def when(self, script: str, seconds: float = LONG_SECONDS, arg: object = None) -> Any:
        """Wait until `script` gives something true, and return it."""
        found: list[Any] = []

        def true() -> bool:
            with suppress(Unfulfilled):
                found.append(self.page.wait_for_function(script, arg=arg, timeout=LOOK_MS).json_value())
            return bool(found)

        until(true, lambda: f"{script}; the page is {self.mode}", seconds, pause=0.0)
        return found[0]

    def drawn(self, selector: str) -> None:
        """Wait until the chart in the slot `selector` is drawn and, with its menu, to be seen."""
        seen = "plot => document.querySelector(plot)?.closest('.chart[data-drawn]') != null"
        self.when(seen, arg=f"{selector} .chart-plot svg")

    def text(self, selector: str) -> str:
        """What an element says."""
        return self.page.inner_text(selector)

    def changes(self, selector: str) -> None:
        """Wait until an element says something else than now."""
        changed = "([selector, before]) => document.querySelector(selector)?.innerText !== before"
        self.when(changed, arg=[selector, self.text(selector)])


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Watched]]:
    """Opens an address in a fresh browser profile."""
    with ExitStack() as stack:

        def opened(address: str, before: Callable[[Page], object] = lambda page: None) -> Watched:
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            stack.callback(context.close)
            watched = Watched(context.new_page())
            before(watched.page)
            watched.page.goto(address)
            return watched

        yield opened


@pytest.fixture(scope="session")
def running_board() -> Iterator[SmallSite]:
    """The little live site."""
    one = SmallSite()
    one.start()
    yield one
    one.stop()


@pytest.fixture
def board(running_board: SmallSite) -> SmallSite:
    """The little live site, in good health."""
    running_board.control("sampling=1&sockets=1&calling=&names=1")
    return running_board
