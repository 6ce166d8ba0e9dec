"""One chromium for all browser tests, and the servers that its pages come from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.boards import Board


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium; without it these tests fail, since a page that nobody opened is not tested."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.fail("chromium is not installed, and the browser tests need it: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


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

    def until(self, mode: str, seconds: float) -> None:
        """Wait until the page says that it is in `mode`."""
        self.page.wait_for_function(
            "mode => document.documentElement.dataset.live === mode", arg=mode, timeout=1000 * seconds
        )

    def text(self, selector: str) -> str:
        """What an element says."""
        return self.page.inner_text(selector)

    def changes(self, selector: str, seconds: float = 3.0) -> None:
        """Wait until an element says something else than now."""
        self.page.wait_for_function(
            "([selector, before]) => document.querySelector(selector).innerText !== before",
            arg=[selector, self.text(selector)],
            timeout=1000 * seconds,
        )


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[[str], Watched]]:
    """Opens an address in a fresh browser profile."""
    with ExitStack() as stack:

        def opened(address: str) -> Watched:
            context = chromium.new_context(viewport={"width": 1440, "height": 900})
            stack.callback(context.close)
            watched = Watched(context.new_page())
            watched.page.goto(address)
            return watched

        yield opened


@pytest.fixture
def board() -> Iterator[Board]:
    """The little live site, running."""
    one = Board()
    one.start()
    yield one
    one.stop()
