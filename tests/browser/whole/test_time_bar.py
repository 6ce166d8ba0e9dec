"""The time bar in a browser: to any instant and back, by hand, by keys and by playing; and never taken for live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import Watched
from tests.browser.whole.full_site import Whole

pytestmark = [pytest.mark.browser, pytest.mark.server]
Open = Callable[..., Watched]
ANSWERED = "() => { const past = window.hudLive.past(); return past && past.at === past.wanted && past.wanted; }"
SLIDER = "#time-slider"
PAST_SECONDS = 15.0


@pytest.fixture
def seen(whole: Whole, open_page: Open) -> Iterator[Watched]:
    """System Health, live, with a past to go back to."""
    watched = open_page(whole.address)
    watched.until("live")
    watched.when("since => window.hudLive.real() > since", arg=whole.ready_at + PAST_SECONDS)
    watched.when(f"() => Number(document.querySelector('{SLIDER}')?.getAttribute('aria-valuenow')) > 86400")
    yield watched


def back(watched: Watched, times: int) -> float:
    """So many seconds back by the arrow key; the instant that is shown then."""
    watched.page.focus(SLIDER)
    for _ in range(times):
        watched.page.keyboard.press("ArrowLeft")
    return float(watched.when(ANSWERED))


def valuetext(watched: Watched) -> str:
    return str(watched.page.get_attribute(SLIDER, "aria-valuetext"))


def test_keys_go_back_and_one_key_leads_to_live_again(seen: Watched) -> None:
    at = back(seen, 5)
    page = seen.page
    assert seen.mode == "past"
    assert "at=" in page.url
    assert page.is_visible("#past")
    assert "You look at the past" in page.inner_text("#past")
    assert "Past" in page.title()
    assert "Live" not in page.inner_text(".live")
    assert valuetext(seen).endswith("ago")
    page.keyboard.press("Shift+ArrowRight")
    seen.until("live")
    back(seen, 3)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("l")
    seen.until("live")
    assert "at=" not in page.url
    assert not page.is_visible("#past")
    assert valuetext(seen) == "Live"
    assert at > 0


def test_the_report_of_a_page_in_the_past_ends_at_the_instant_that_it_shows(seen: Watched) -> None:
    back(seen, 5)
    page = seen.page
    page.evaluate("document.querySelector('.changes-fold').open = true")
    with page.context.expect_page() as opened:
        page.locator("a[href*='/report?']").first.click()
    report = opened.value
    report.wait_for_load_state()
    (at,) = parse_qs(urlsplit(page.url).query)["at"]
    assert parse_qs(urlsplit(report.url).query)["at"] == [at]
    said = report.inner_text("body")
    report.close()
    assert at[11:19] in said, "it says until when"


def test_the_instant_is_in_the_address_and_is_kept_from_page_to_page(
    seen: Watched, whole: Whole, open_page: Open
) -> None:
    at = back(seen, 8)
    seen.page.click(".rail-link[href='/performance']")
    seen.when("() => location.pathname === '/performance' && document.querySelector('[data-view=performance]')")
    assert seen.when(ANSWERED) == at
    assert seen.mode == "past"
    other = open_page(seen.page.url)
    other.until("past")
    assert other.when(ANSWERED) == at
    assert other.text("#past-time") == seen.text("#past-time")


def test_a_click_goes_to_its_instant_and_figures_stand_still_there(seen: Watched) -> None:
    box = seen.page.wait_for_selector(SLIDER).bounding_box()  # type: ignore[union-attr]
    seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)  # type: ignore[index]
    half = float(seen.when(ANSWERED))
    now = float(seen.page.evaluate("window.hudLive.real()"))
    assert now - half == pytest.approx(43200.0, abs=300.0)
    seen.when("() => document.querySelector('#past-kept').textContent.includes('nothing is kept')")
    seen.page.keyboard.press("End")
    seen.until("live")
    back(seen, 4)
    figures = seen.text("#page")
    asked = [one for one in seen.asked if "_dash-update" in one]
    seen.page.wait_for_timeout(3000)
    assert seen.text("#page") == figures
    assert [one for one in seen.asked if "_dash-update" in one] == asked, "an instant is asked for once"


def test_playing_goes_on_to_live(seen: Watched) -> None:
    at = back(seen, 12)
    seen.page.select_option("#time-speed", "5")
    seen.page.click("#time-play")
    seen.when("before => (window.hudLive.past()?.at ?? Infinity) > before", arg=at)
    seen.until("live")
    assert seen.page.get_attribute("#time-play", "aria-pressed") == "false"


def test_what_happened_is_marked_where_it_did(seen: Watched, whole: Whole) -> None:
    left = seen.when("() => parseFloat(document.querySelector('#time-marks .is-warning')?.style.left)", arg=None)
    assert 99.0 < left < 100.0, "NATS begins degraded, moments ago"
    assert "nats" in str(seen.page.get_attribute("#time-marks .is-warning >> nth=-1", "title"))


def test_on_a_phone_it_is_folded_to_a_button(seen: Watched) -> None:
    seen.page.set_viewport_size({"width": 390, "height": 844})
    assert not seen.page.is_visible(SLIDER)
    seen.page.click("#time-fold")
    assert seen.page.is_visible(SLIDER)
    back(seen, 3)
    assert seen.page.is_visible("#past")
    wide: Any = seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert wide
