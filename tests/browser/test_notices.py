"""For whom looks elsewhere: the count in title and icon, and the browser's own notifications."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched
from tests.browser.small_site_control import SmallSite

pytestmark = pytest.mark.browser
# A Chromium without windows refuses notifications whatever it was granted: there it is the page that is tested.
RECORDED = """(() => {
    window.made = [];
    const Real = window.Notification;
    window.Notification = class extends Real {
        static get permission() { return "granted"; }
        constructor(title, options) { super(title, options); window.made.push(this); this.wasClosed = false; }
        close() { this.wasClosed = true; super.close(); }
    };
})()"""
ICON = "document.querySelector('link[rel=icon][type=\"image/svg+xml\"]').href"


def willing(kept: str) -> Callable[[Page], None]:
    """A browser that was asked and allows it; `kept` is what Settings kept there."""

    def prepare(page: Page) -> None:
        page.context.grant_permissions(["notifications"])
        page.add_init_script(RECORDED)
        page.add_init_script(f"for (const [name, value] of Object.entries({kept})) localStorage.setItem(name, value)")

    return prepare


def notified(page: Watched, count: int) -> list[list[str]]:
    """Title, tag and body of each notification, once there are `count`."""
    page.when("count => window.made.length >= count", arg=count)
    made: list[list[str]] = page.page.evaluate("window.made.map(one => [one.title, one.tag, one.body])")
    assert len(made) == count, made
    return made


def test_the_count_is_in_the_title_and_the_icon_and_unknown_while_nothing_is_heard(
    board: SmallSite, open_page: Callable[..., Watched]
) -> None:
    page = open_page(board.address)
    page.until("live")
    page.when("() => !document.title.startsWith('(')")
    plain = page.page.evaluate(ICON)
    board.control("calling=redis:critical,nats:warning")
    page.when("() => document.title.startsWith('(2) ')")
    assert page.page.evaluate(ICON).startswith("data:image/svg+xml")
    page.page.click("#other")
    page.when("() => location.pathname === '/two/redis' && document.title.startsWith('(2) ')")
    board.control("sampling=0")
    page.when("() => document.title.startsWith('(?) ')")
    board.control("sampling=1&calling=")
    page.when("() => !document.title.startsWith('(')")
    assert page.page.evaluate(ICON) == plain
    assert page.errors == []


def test_a_critical_incident_calls_once_with_its_cause_leads_there_and_is_taken_back(
    board: SmallSite, open_page: Callable[..., Watched]
) -> None:
    board.control("calling=old:critical")
    page = open_page(board.address, willing("{'hud-notify': 'critical'}"))
    page.when("() => document.title.startsWith('(1) ')")
    board.control("calling=old:critical,redis:critical,nats:warning")
    ((title, tag, body),) = notified(page, 1)
    assert (title, tag) == ("redis is down", "hud-redis")
    assert body.startswith("critical since") and body.endswith(", 2 alerts")
    board.control("calling=old:critical,redis:critical,nats:critical")
    assert [one[0] for one in notified(page, 2)] == ["redis is down", "nats is down"], "it got worse"
    page.page.evaluate("window.made[0].onclick()")
    page.when("() => location.pathname === '/two/redis'")
    board.control("calling=old:critical")
    page.when("() => window.made.every(one => one.wasClosed)")
    board.control("calling=old:critical,redis:critical")
    page.when("() => document.title.startsWith('(2) ')")
    notified(page, 2)
    assert page.errors == []


def test_warnings_call_where_their_kind_was_chosen_and_nobody_is_called_who_did_not_ask(
    board: SmallSite, open_page: Callable[..., Watched]
) -> None:
    chosen = open_page(board.address, willing("{'hud-notify': 'critical', 'hud-kinds': 'Messaging\\nPatterns'}"))
    unasked = open_page(board.address, willing("{'hud-kinds': 'Patterns'}"))
    chosen.until("live")
    unasked.until("live")
    board.control("calling=nats:warning")
    assert [one[0] for one in notified(chosen, 1)] == ["nats is down"]
    unasked.when("() => document.title.startsWith('(1) ')")
    assert unasked.page.evaluate("window.made.length") == 0


def test_a_page_in_the_background_counts_and_calls_too(board: SmallSite, open_page: Callable[..., Watched]) -> None:
    def unseen(page: Page) -> None:
        willing("{'hud-notify': 'critical'}")(page)
        page.add_init_script("window.requestAnimationFrame = () => 0")  # a hidden page draws no frames
        page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")

    page = open_page(board.address, unseen)
    page.until("live")
    board.control("calling=redis:critical")
    notified(page, 1)
    assert page.page.evaluate("document.title").startswith("(1) ")
