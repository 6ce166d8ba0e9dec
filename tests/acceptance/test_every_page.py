"""Every page, wide and narrow, light and dark: whole, accessible, quiet on the console, still, and on its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.acceptance.pages import DRAWN, PAGES, fits, looked_at
from tests.acceptance.running_dashboard import RunningDashboard
from tests.patience import LONG_SECONDS, patience

WIDE, MIDDLE, NARROW = (1440, 900), (768, 1024), (390, 844)
"""The one between shows no other elements than one of its neighbours does."""
STILL_SECONDS = 6
QUICK = {"resultTypes": ["violations"]}
"""axe-core works out the nodes of what it finds, not of what it passes."""
CONTRAST = {**QUICK, "runOnly": ["color-contrast"]}
"""What a theme may break; all else is the same in both."""
SHIFTS = """() => { window.__shifts = []; new PerformanceObserver(list => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.__shifts.push(
        [one.value, one.sources.map(s => (s.node && (s.node.id || s.node.className)) + "")]);
}).observe({type: "layout-shift", buffered: true}); }"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh profile."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_accessible_quiet_still_and_on_its_own(
    whole_dashboard: RunningDashboard, page: Page, path: str
) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda one: asked.append(one.url))
    looked_at(page, whole_dashboard.address + path)
    page.evaluate(SHIFTS)
    opened = time.monotonic()
    fits(page, *WIDE)
    assert serious(page, QUICK) == []
    page.wait_for_timeout(max(0.0, 1000 * (STILL_SECONDS - time.monotonic() + opened)))
    shifts = page.evaluate("window.__shifts")
    assert sum(value for value, _ in shifts) < 0.1, shifts
    fits(page, *MIDDLE)
    fits(page, *NARROW)
    assert serious(page, QUICK) == [], "on a phone"
    page.emulate_media(color_scheme="dark")
    assert serious(page, CONTRAST) == [], "in the dark"
    assert said == []
    own = (whole_dashboard.address, whole_dashboard.address.replace("http", "ws"), "data:", "blob:")
    assert [one for one in asked if not one.startswith(own)] == []


def serious(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe-core finds that keeps somebody from using a live page; a stale one is dimmed on purpose."""
    live = False
    while not live:
        page.wait_for_function(DRAWN, timeout=1000 * LONG_SECONDS * patience())
        found: Any = Axe().run(page, options=options).response["violations"]
        live = page.evaluate(DRAWN)
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]
