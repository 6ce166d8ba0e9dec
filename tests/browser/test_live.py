"""What a viewer sees of the live connection, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import Watched
from tests.browser.small_site_control import SmallSite
from tests.patience import patience

pytestmark = [pytest.mark.browser, pytest.mark.server]
Open = Callable[..., Watched]


def test_numbers_are_there_within_two_seconds_and_go_on_changing_without_error(
    board: SmallSite, open_page: Open
) -> None:
    page = open_page(board.address)
    seen = page.when("() => /\\d/.test(document.querySelector('#one-number')?.innerText) && performance.now()")
    assert 0 < seen < 2000 * patience()
    page.until("live")
    for _ in range(3):
        page.changes("#one-number")
    assert page.text("#one-about") == "everything"
    assert re.match(r"updated \d", page.text("#live-age"))
    page.drawn("#one-chart")
    assert page.errors == []
    outside = [url for url in page.asked if not url.startswith(board.address)]
    assert outside == [], "everything comes from the dashboard itself"
    assert not any("plotly.min.js" in url and "vendor" not in url for url in page.asked), "not the big bundle"


def test_a_chart_below_the_fold_is_drawn_when_it_is_scrolled_to(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    page.drawn("#one-chart")
    assert page.page.query_selector(".chart[data-drawn] #one-low") is None
    page.page.evaluate("document.getElementById('one-low').scrollIntoView()")
    page.page.wait_for_selector(".chart[data-drawn] #one-low")


def test_zoom_survives_new_data(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    page.drawn("#one-chart")
    reading = "document.querySelector('#one-chart .chart-plot').layout.xaxis.range.map(Number)"
    box = page.page.locator("#one-chart .chart-plot .nsewdrag").bounding_box()
    assert box is not None
    page.page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] / 2, steps=5)
    page.page.mouse.up()
    page.when(f"() => {reading}[0] > 0.1")
    zoomed = page.page.evaluate(reading)
    drawn = "JSON.stringify(document.querySelector('#one-chart .chart-plot').data)"
    page.when(f"before => {drawn} !== before", arg=page.page.evaluate(drawn))
    assert page.page.evaluate(reading) == zoomed


def test_moving_to_another_page_moves_the_connection_along(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    page.until("live")
    page.page.click("#other")
    page.when("() => document.querySelector('#two-about')?.innerText === 'redis'")
    page.changes("#two-number")
    page.page.go_back()
    page.when("() => /\\d/.test(document.querySelector('#one-number')?.innerText)")
    page.changes("#one-number")
    page.until("live")
    assert page.errors == []


def test_without_a_socket_it_polls_says_so_and_returns_to_the_socket_by_itself(
    board: SmallSite, open_page: Open
) -> None:
    board.control("sockets=0")
    page = open_page(board.address)
    page.until("polling")
    page.changes("#one-number")
    page.changes("#one-number")
    assert "olling" in page.text("#live-state")
    board.control("sockets=1")
    page.until("live")


def test_a_dead_server_freezes_the_page_visibly_and_a_new_one_wakes_it_without_reload(
    board: SmallSite, open_page: Open
) -> None:
    page = open_page(board.address)
    page.changes("#one-number")
    page.page.evaluate("window.sameDocument = true")
    board.kill()
    page.until("lost")
    page.when("() => /lost \\d+ s ago/i.test(document.querySelector('#live-state').innerText)")
    board.start()
    page.until("live")
    page.changes("#one-number")
    assert page.page.evaluate("window.sameDocument") is True


def test_figures_without_a_source_go_stale_within_three_seconds_and_name_it(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    page.until("live")
    left = "document.getElementById('top-sources').getBoundingClientRect().left"
    stood = page.page.evaluate(left)
    board.control("sampling=0")
    page.until("stale", 3)
    assert "proxy@here:1 down for" in page.text("#live-state")
    assert abs(page.page.evaluate(left) - stood) < 8, "nothing beside it moves"
    board.control("sampling=1")
    page.until("live")


def test_a_half_open_connection_is_noticed_by_the_clock(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address)
    page.until("live")
    session = page.page.context.new_cdp_session(page.page)
    session.send("Network.enable")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    page.until("lost")
    session.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    )
    page.until("live")


def loaded(page: Watched, mode: str = "live") -> None:
    """Wait until the page is in `mode` and has its content: an empty one is loaded anew when its clock leaps."""
    page.until(mode)
    page.when("() => document.querySelector('#one-number') !== null")


CLOCK_AHEAD = "(() => { const real = Date.now; window.ahead = 0; Date.now = () => real() + window.ahead; })()"
"""performance.now() may stand still while a machine sleeps, and Date.now() leaps: `ahead` is that leap."""
WAKE = """() => new Promise(done => {
  window.ahead = 3600 * 1000;
  setTimeout(() => done([document.documentElement.dataset.live, document.querySelector('#live-age').innerText]), 450);
})"""


def test_a_page_that_polls_and_is_woken_from_sleep_does_not_call_old_figures_new(
    board: SmallSite, open_page: Open
) -> None:
    board.control("sockets=0")
    page = open_page(board.address, lambda one: one.add_init_script(CLOCK_AHEAD))
    loaded(page, "polling")
    page.page.route("**/_dash-update-component*", lambda route: route.abort())
    mode, age = page.page.evaluate(WAKE)
    assert (mode, age) == ("lost", "updated 60 min ago")
    page.page.unroute("**/_dash-update-component*")
    board.control("sockets=1")
    page.until("live", 6)
    page.when("() => /updated [0-2]\\.\\d s/.test(document.querySelector('#live-age').innerText)")


def test_a_woken_page_with_a_half_open_socket_says_so_at_once(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address, lambda one: one.add_init_script(CLOCK_AHEAD))
    loaded(page)
    page.page.evaluate("""() => {
      const real = window.WebSocket;
      const silent = { close() {}, readyState: 0 };
      window.WebSocket = function (address) { return window.offline ? silent : new real(address); };
      window.WebSocket.OPEN = real.OPEN;
      window.offline = true;
    }""")
    mode, age = page.page.evaluate(WAKE)
    assert (mode, age) == ("lost", "updated 60 min ago")
    page.page.evaluate("window.offline = false")
    page.until("live")


def test_a_clock_that_was_only_set_is_forgiven(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address, lambda one: one.add_init_script(CLOCK_AHEAD))
    loaded(page)
    page.page.evaluate("window.ahead = 3600 * 1000")
    page.changes("#one-number")
    page.until("live")
    page.when("() => /updated [0-2]\\.\\d s/.test(document.querySelector('#live-age').innerText)")


WITHOUT_TICKS = """(() => {
  const later = window.setInterval, clock = performance.now.bind(performance), date = Date.now;
  window.ahead = 0;
  window.setInterval = (run, ms, ...more) => later(() => { if (!window.ahead) run(); }, ms, ...more);
  performance.now = () => clock() + window.ahead;
  Date.now = () => date() + window.ahead;
})()"""
"""Where both clocks go on while a machine sleeps, what waits in the connection may be heard before any timer."""


def test_a_message_that_is_heard_before_any_timer_after_a_sleep_is_asked_for_anew(
    board: SmallSite, open_page: Open
) -> None:
    page = open_page(board.address, lambda one: one.add_init_script(WITHOUT_TICKS))
    loaded(page)
    page.page.evaluate("window.ahead = 600 * 1000")
    page.changes("#one-number")
    page.until("live")
    page.when("() => window.hudLive.now() * 1000 - Date.now() < -590 * 1000")


def test_a_server_whose_clock_is_set_back_is_followed(board: SmallSite, open_page: Open) -> None:
    back = """(() => {
      const parse = JSON.parse;
      window.back = 0;
      JSON.parse = (text, ...more) => {
        const found = parse(text, ...more);
        if (found?.now) for (const name of ["now", "sampled"]) if (found[name]) found[name] -= window.back;
        return found;
      };
    })()"""
    page = open_page(board.address, lambda one: one.add_init_script(back))
    loaded(page)
    page.page.evaluate("window.back = 60")
    page.when("() => window.hudLive.now() * 1000 - Date.now() < -50 * 1000")
    page.changes("#one-number")
    page.until("live")


def test_a_page_whose_server_died_while_it_loaded_is_loaded_again(board: SmallSite, open_page: Open) -> None:
    page = open_page(board.address, lambda one: one.route("**/_dash-update-component?*", lambda route: route.abort()))
    page.until("live")
    assert page.page.query_selector("#one-number") is None
    page.page.unroute("**/_dash-update-component?*")
    page.when("() => document.querySelector('#one-number') !== null")


@pytest.mark.parametrize("chosen", ["theme", "zone"])
def test_charts_follow_the_chosen_theme_and_zone_at_once(board: SmallSite, open_page: Open, chosen: str) -> None:
    board.control("sampling=0")  # no new figure: only the choice may draw it again
    page = open_page(board.address)
    page.drawn("#one-chart")
    page.page.evaluate("""() => {
        window.drawings = 0;
        document.querySelector('#one-chart .chart-plot').on('plotly_afterplot', () => { window.drawings += 1; });
    }""")
    page.page.click(f"#{chosen}-switch")
    page.when("() => window.drawings > 0")
