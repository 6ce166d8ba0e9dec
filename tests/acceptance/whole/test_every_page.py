"""Every page, wide and light, narrow and dark: whole, accessible, quiet on the console, still, and on its own."""

from __future__ import annotations

import runpy
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from dash.fingerprint import check_fingerprint
from playwright.sync_api import Browser, Page

from tests.acceptance.pages import DRAWN, PAGES, fits, looked_at
from tests.acceptance.running_dashboard import RunningDashboard
from tests.patience import LONG_SECONDS, patience

WIDE, MIDDLE, NARROW = (1440, 900), (768, 1024), (390, 844)
"""The one between shows no other elements than one of its neighbours does."""
STILL_SECONDS = 6
QUICK = {"resultTypes": ["violations"]}
"""axe-core works out the nodes of what it finds, not of what it passes."""
PROFILE: Any = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light", "bypass_csp": True}
AHEAD = 2
"""Pages that are open before their turn."""
IN_SINGLE_FILE = runpy.run_path(str(Path(__file__).parents[3] / ".ci" / "single_file" / "contents.py"))["files"]
SHIFTS = """() => { window.__shifts = []; new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.__shifts.push(
        [one.value, one.sources.map(s => (s.node && (s.node.id || s.node.className)) + "")]);
}).observe({type: "layout-shift", buffered: true}); }"""


class Seen:
    """A page in a fresh profile, with what it said and asked for since it was opened."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page = browser.new_context(**PROFILE).new_page()
        self.page.on("console", lambda one: self.said.append(one.text) if one.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda one: self.asked.append(one.url))
        looked_at(self.page, address)
        self.page.evaluate(SHIFTS)
        self._opened = time.monotonic()

    def shifts(self) -> Any:
        """What has moved in its first seconds."""
        self.page.wait_for_timeout(max(0.0, 1000 * (STILL_SECONDS - time.monotonic() + self._opened)))
        return self.page.evaluate("window.__shifts")


WATCH = """() => {
    window.dimmed = false;
    const look = () => { window.dimmed ||= document.documentElement.dataset.live !== "live"; };
    new MutationObserver(look).observe(document.documentElement, { attributeFilter: ["data-live"] });
}"""
"""Remembers whether the page was stale for a moment, however it stands afterwards."""


@pytest.fixture(scope="module")
def opened(whole_dashboard: RunningDashboard, chromium: Browser) -> Iterator[Callable[[str], Seen]]:
    """Opens a page, and those that are asked for next: each holds still while others are looked at."""
    ahead: dict[str, Seen] = {}
    whole_dashboard.page.goto("about:blank")  # nobody looks at it here

    def one(path: str) -> Seen:
        at = PAGES.index(path)
        for near in PAGES[at : at + 1 + AHEAD]:
            if near not in ahead:
                ahead[near] = Seen(chromium, whole_dashboard.address + near)
        return ahead[path]

    yield one
    for seen in ahead.values():
        seen.page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_accessible_quiet_still_and_on_its_own(
    whole_dashboard: RunningDashboard, opened: Callable[[str], Seen], path: str
) -> None:
    seen = opened(path)
    page = seen.page
    shifts = seen.shifts()
    moved = [value for value, names in shifts if names != ["live"]]  # that lies over the bar when figures are late
    assert sum(moved) < 0.1, shifts
    fits(page, *WIDE)
    assert serious(page, QUICK) == []
    fits(page, *MIDDLE)
    page.emulate_media(color_scheme="dark")
    fits(page, *NARROW)
    assert serious(page, QUICK) == [], "on a phone in the dark"
    assert seen.said == []
    own = (whole_dashboard.address, whole_dashboard.address.replace("http", "ws"), "data:", "blob:")
    assert [one for one in seen.asked if not one.startswith(own)] == []
    assert [one for one in seen.asked if left_out(one)] == []
    page.context.close()


def left_out(address: str) -> bool:
    """Whether the single file has not what a page asked for."""
    path, _ = check_fingerprint(urlsplit(address).path)
    return not IN_SINGLE_FILE([(path.removeprefix("/_dash-component-suites/"), "", "DATA")])


def serious(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe-core finds that keeps somebody from using a live page; a stale one is dimmed on purpose."""
    dimmed = True
    while dimmed:
        page.wait_for_function(DRAWN, timeout=1000 * LONG_SECONDS * patience())
        page.evaluate(WATCH)
        found: Any = Axe().run(page, options=options).response["violations"]
        dimmed = page.evaluate(f"window.dimmed || !({DRAWN})()")
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
