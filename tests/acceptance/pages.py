"""The pages that are looked at, and how one is opened."""

from __future__ import annotations

from playwright.sync_api import Page

from app import rail
from tests.patience import LONG_SECONDS, patience, until

PAGES = (*(item.href for item in rail()), "/patterns/redis", "/namespaces/user-platform", "/settings/hud",
         "/follow/rs-memory")  # fmt: skip
"""Every view of the rail, and a page of each kind below one."""
DRAWN = """() => document.documentElement.dataset.live === "live" && document.querySelector("main h1, main .card")
    && Array.from(document.querySelectorAll(".grid")).every(slot => slot.dataset.drawn)
    && Array.from(document.querySelectorAll(".chart")).every(
        slot => slot.dataset.drawn || slot.getBoundingClientRect().top > innerHeight)"""

CUT = """() => {
    const seen = [];
    const inScroller = one => {
        for (let up = one.parentElement; up && !up.matches(".card, main"); up = up.parentElement) {
            if (getComputedStyle(up).overflowX !== "visible") return true;
        }
        return false;
    };
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) seen.push("the page is " + wide + " px too wide");
    for (const one of document.querySelectorAll("main *, header *")) {
        const box = one.getBoundingClientRect(), style = getComputedStyle(one);
        if (!one.checkVisibility()) continue;  // folded away
        if (!box.width || !box.height || style.visibility === "hidden" || style.clipPath !== "none") continue;
        if (style.position === "fixed" || one.closest(".visually-hidden, svg, .chart-plot")) continue;
        const own = Array.from(one.childNodes).some(n => n.nodeType === 3 && n.textContent.trim());
        if (!own) continue;
        const who = (one.id || one.className || one.tagName) + " (" + one.textContent.slice(0, 40) + ")";
        const short = one.parentElement.closest(".crumbs, .name");  // which ends in an ellipsis where it says so
        const cut = short && getComputedStyle(short).textOverflow === "ellipsis";
        if (!cut && (box.right > innerWidth + 1 || box.left < -1)) seen.push(who + " lies outside");
        const card = one.closest(".card")?.getBoundingClientRect();
        if (card && !cut && !inScroller(one) && box.right > card.right + 1) seen.push(who + " leaves its card");
        const hidden = style.overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
        if (hidden && style.textOverflow !== "ellipsis") seen.push(who + " is cut");
    }
    return seen;
}"""
"""What does not fit: a page wider than the screen, words outside of it, words cut off without a sign of it."""

FOLLOW_SECONDS = 3.0
"""Tables lay themselves out anew a moment after the window has changed."""


def looked_at(page: Page, address: str) -> None:
    """Open `address`, and wait until figures, tables and the charts on the screen are there."""
    page.goto(address)
    page.wait_for_function(DRAWN, timeout=1000 * LONG_SECONDS * patience())


def fits(page: Page, width: int, height: int = 900) -> None:
    """Make the window so wide, and see that all fits once tables and charts have followed."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(DRAWN, timeout=1000 * LONG_SECONDS * patience())
    cut: list[str] = []

    def whole() -> bool:
        cut[:] = page.evaluate(f"() => new Promise(done => requestAnimationFrame(() => done(({CUT})())))")
        return not cut

    until(whole, lambda: f"at {width} px: {cut}", FOLLOW_SECONDS)
