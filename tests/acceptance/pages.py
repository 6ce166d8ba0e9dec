"""The pages that are looked at, and how one is opened."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.patience import patience

PAGES = (
    "/",
    "/patterns/redis",
    "/performance",
    "/backends",
    "/messaging",
    "/namespaces",
    "/namespaces/user-platform",
    "/security",
    "/observability",
    "/resources",
    "/alerts",
    "/settings",
)
DRAWN = """() => document.documentElement.dataset.live === "live"
    && Array.from(document.querySelectorAll(".grid")).every(slot => slot.dataset.drawn)
    && Array.from(document.querySelectorAll(".chart")).every(
        slot => slot.dataset.drawn || slot.getBoundingClientRect().top > innerHeight)"""


def looked_at(page: Page, address: str) -> None:
    """Open `address`, and wait until figures, tables and the charts on the screen are there."""
    page.goto(address)
    page.wait_for_function(DRAWN, timeout=15_000 * patience())
