"""A real browser's page, and what came over the wire for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, TimeoutError, ViewportSize, sync_playwright

from app import rail
from bench.browser import executable

LIVE_CHART = """() => document.documentElement.dataset.live === "live"
    && document.querySelector(".chart[data-drawn] .main-svg")"""
"""Live, and the first chart is painted."""
DRAWN = """() => document.documentElement.dataset.live === "live" && document.querySelector("main h1, main .card")
    && Array.from(document.querySelectorAll(".grid")).every(slot => slot.dataset.drawn)"""
"""Live, with the page's figures and tables."""
NODES = "() => document.querySelectorAll('*').length"
SCREEN: ViewportSize = {"width": 1440, "height": 900}


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


class Watched:
    """A page of `context` (a context has its own cache) that counts requests, and bytes as they came, compressed."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.bytes = 0
        self.requests = 0
        self.wire: CDPSession = context.new_cdp_session(self.page)
        self.wire.send("Network.enable")
        self.wire.on("Network.requestWillBeSent", self._sent)
        self.wire.on("Network.loadingFinished", self._finished)

    def open(self, address: str, ready: str = LIVE_CHART, patience: float = 120.0) -> float:
        """Seconds from the beginning of the navigation until `ready` is true. Raises TimeoutError."""
        self.page.goto(address)
        self.page.wait_for_function(ready, timeout=patience * 1000)
        return float(self.page.evaluate("performance.now()")) / 1000

    def slow(self, bits_per_second: float, delay_seconds: float) -> None:
        """Narrow the network to this."""
        throughput = bits_per_second / 8
        self.wire.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": delay_seconds * 1000,
                "downloadThroughput": throughput,
                "uploadThroughput": throughput,
            },
        )

    def _sent(self, event: dict[str, Any]) -> None:
        self.requests += event["request"]["url"].startswith("http")

    def _finished(self, event: dict[str, Any]) -> None:
        self.bytes += int(event["encodedDataLength"])


class Pages(NamedTuple):
    """The path of the page that took longest, its seconds until figures and tables, DOM nodes of the largest page.

    At PATIENCE_SECONDS it was not ready, and would have taken longer.
    """

    path: str
    seconds: float
    nodes: int


PATIENCE_SECONDS = 30.0


def slowest_page(address: str) -> Pages:
    """Every page of the rail, of a warm server in a browser that has its files."""
    paths = [item.href for item in rail()]
    taken: dict[str, float] = {}
    nodes = 0
    with chromium() as browser:
        context = browser.new_context(viewport=SCREEN)
        for path in (*paths, *paths):  # the first round warms server and browser
            page = Watched(context)
            try:
                taken[path] = page.open(address + path, DRAWN, PATIENCE_SECONDS)
            except TimeoutError:
                taken[path] = PATIENCE_SECONDS
            nodes = max(nodes, int(page.page.evaluate(NODES)))
            page.page.close()
    slowest = max(paths, key=lambda path: taken[path])
    return Pages(slowest, taken[slowest], nodes)
