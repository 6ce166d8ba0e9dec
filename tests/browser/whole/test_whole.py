"""System Health in a real browser, on a whole dashboard whose parts are killed one after another."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Watched
from tests.browser.whole.full_site import Whole
from tests.patience import patience, until
from tests.traces import traces_of_the_build

pytestmark = [pytest.mark.browser, pytest.mark.server]
Open = Callable[..., Watched]
FRESH = "() => parseFloat(document.querySelector('#live-age').innerText.replace('updated ', '')) < 1"


def test_the_first_numbers_are_there_within_two_seconds_and_all_of_it_comes_from_here(
    whole: Whole, open_page: Open
) -> None:
    page = open_page(whole.address)
    assert 0 < page.when("() => /\\d\\.\\d+k/.test(document.body.innerText) && performance.now()") < 2000 * patience()
    page.until("live")
    page.drawn("#page")
    page.changes("#page")
    assert page.errors == []
    assert [url for url in page.asked if not url.startswith(whole.address)] == []


def test_a_page_whose_charts_have_a_window_is_asked_for_once_and_chosen_windows_stand_in_its_address(
    whole: Whole, open_page: Open
) -> None:
    sockets: list[str] = []
    asked: list[str] = []

    def listen(page: Page) -> None:
        page.on("websocket", lambda socket: sockets.append(socket.url))
        page.on("request", lambda request: asked.append(request.post_data or ""))

    page = open_page(f"{whole.address}performance", listen)
    page.until("live")
    page.drawn("#pf-flow-chart")
    page.changes("#live-age")
    assert [one.rpartition("/")[2] for one in sockets] == ["performance"]
    laid_out = [one for one in asked if '"output"' in one and "-clock.n_intervals" not in one]
    assert laid_out == [], "the page came with the layout; only its clock may ask, before a socket is there"
    assert page.page.evaluate("location.search") == ""
    for words, search, hint in (("1h", "?range=1h", "last 1 h"), ("15m", "?range=15m", "last 15 min")):
        page.page.locator("#pf-ranges label", has_text=words).click()
        page.when("wanted => location.search === wanted", arg=search)
        page.when("hint => document.querySelector('#pf-flow-hint').innerText.includes(hint)", arg=hint)


MOST_COLD_BYTES = 800_000
MOST_REQUESTS = 25


def test_a_cold_system_health_weighs_little_on_the_wire_and_asks_seldom(whole: Whole, open_page: Open) -> None:
    weights: list[float] = []

    def watch(page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))

    page = open_page(whole.address, watch)
    page.until("live")
    page.drawn("#sh-lat-chart")
    assert 500_000 < sum(weights) < MOST_COLD_BYTES
    assert len([url for url in page.asked if url.startswith("http")]) <= MOST_REQUESTS, page.asked


KEPT = """() => window.dash_stores.flatMap(one => one.getState().history.past)
    .filter(one => one.props && "data" in one.props).length"""
"""How many sets of rows Dash holds, to undo what nobody did."""


def test_a_table_leaves_none_of_its_old_rows_behind(whole: Whole, open_page: Open) -> None:
    page = open_page(f"{whole.address}namespaces")
    page.when("() => document.querySelector('#ns-rows[data-drawn] .tabulator-cell') !== null")
    for _ in range(3):
        page.changes("#ns-rows")
    assert page.page.evaluate(KEPT) == 0


PAGES = ("", "performance", "backends", "messaging", "namespaces", "security", "observability", "resources", "alerts",
         "settings", "patterns/redis", "namespaces/user-platform")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_no_page_fetches_the_big_plotly_bundle_of_dash(whole: Whole, open_page: Open, path: str) -> None:
    page = open_page(f"{whole.address}{path}")
    page.until("live")
    page.when("() => Array.from(document.querySelectorAll('.chart')).every("
              "slot => slot.dataset.drawn || slot.getBoundingClientRect().top > innerHeight)")  # fmt: skip
    scripts = [url for url in page.asked if "plotly" in url]
    assert [url for url in scripts if "/assets/vendor/plotly-charts.min.js" not in url] == []
    assert len(scripts) <= 1
    assert page.errors == []


def test_plotly_has_the_traces_that_its_build_names(whole: Whole, open_page: Open) -> None:
    page = open_page(whole.address)
    page.drawn("#sh-lat-chart")
    assert set(page.page.evaluate("Object.keys(window.Plotly.PlotSchema.get().traces)")) == traces_of_the_build()


DRAWN_AS = """type => Array.from(document.querySelectorAll(".chart-plot")).some(
    plot => plot._fullData?.some(trace => trace.type === type))"""


@pytest.mark.parametrize(("path", "trace"), [("performance", "heatmap"), ("namespaces", "pie"), ("", "scatter")])
def test_each_kind_of_chart_is_drawn_as_what_it_is(whole: Whole, open_page: Open, path: str, trace: str) -> None:
    page = open_page(f"{whole.address}{path}")
    page.when(DRAWN_AS, arg=trace)
    assert page.errors == []


def test_a_killed_prism_dims_the_page_within_three_seconds_and_names_the_sources(whole: Whole, open_page: Open) -> None:
    page = open_page(whole.address)
    page.until("live")
    whole.simulator.send_signal(signal.SIGKILL)
    whole.simulator.wait()
    try:
        page.until("stale", 3)
        page.when("() => /proxy@\\S+ down for \\d+ s/.test(document.querySelector('#live-state').innerText)")
        page.when("() => /4 patterns down for/.test(document.querySelector('#live-state').innerText)")
    finally:
        whole.start_simulator()
    page.until("live")
    assert page.errors == []


def test_a_killed_collector_is_replaced_and_the_page_is_live_again(whole: Whole, open_page: Open) -> None:
    page = open_page(whole.address)
    page.until("live")
    before = whole.collector()
    os.kill(before, signal.SIGKILL)
    until(lambda: whole.collector() not in (before, 0))
    page.when(FRESH)
    page.until("live")


def test_a_fault_is_on_the_page_in_words_within_five_seconds_and_gone_within_ten(whole: Whole, open_page: Open) -> None:
    page = open_page(whole.address)
    page.until("live")
    whole.fault(fault="pattern_crash", target="redis")
    page.when("() => /redis is down/i.test(document.querySelector('main')?.textContent)", 5)
    whole.clear()
    page.when("() => /redis\\s+HEALTHY/.test(document.querySelector('#sh-patterns-rows').innerText)", 10)


def test_a_killed_dashboard_leaves_no_process_behind_and_the_page_resumes_with_the_next(
    whole: Whole, open_page: Open
) -> None:
    page = open_page(whole.address)
    page.until("live")
    collector = Path(f"/proc/{whole.collector()}")
    whole.web.send_signal(signal.SIGKILL)
    whole.web.wait()
    page.until("lost")
    until(lambda: not collector.exists())
    whole.start()
    page.until("live")
