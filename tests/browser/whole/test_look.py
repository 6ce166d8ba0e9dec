"""What a viewer chooses and does: theme, time zone, zoom, keyboard, small screens."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from components.banner import STATS
from tests.browser.conftest import Watched
from tests.browser.whole.full_site import Whole

pytestmark = [pytest.mark.browser, pytest.mark.server]
Open = Callable[..., Watched]
DRAWN = "document.querySelector('#sh-lat-chart .chart-plot')"
RANGE = f"() => JSON.stringify({DRAWN}.layout.xaxis.range)"
NEWEST = f"{DRAWN}.layout.xaxis.autorangeoptions.clipmax"
FIRST_ROW = "document.querySelector('#sh-patterns-rows tr').innerText"
CHARSET = '@charset "UTF-8";'
FOCUS = "document.activeElement.pathname"
LATE_ROWS = """() => {
    const made = (type, namespace, props) => ({ type: type, namespace: namespace, props: props });
    const row = (link) => made('Tr', 'dash_html_components', { children: made('Td', 'dash_html_components', {
        children: made('Link', 'dash_core_components', { href: link.getAttribute('href'), children: 'late' }) }) });
    const rows = document.querySelector('#sh-patterns-rows');
    new MutationObserver(() => { window.came ||= rows.innerText.includes('late'); }).observe(rows, { childList: true });
    const links = Array.from(rows.querySelectorAll('tr a')).reverse();
    dash_clientside.set_props('sh-patterns-rows', { children: links.map(row) });
}"""
"""Dash's own answer, in another order, for an element that is painted already."""
EARLY = """document.addEventListener('DOMContentLoaded', () => {
    const body = getComputedStyle(document.body);
    window.early = [document.documentElement.dataset.bsTheme, body.fontSize, body.boxSizing];
})"""


def live(whole: Whole, open_page: Open) -> Any:
    watched = open_page(whole.address)
    watched.until("live")
    watched.page.wait_for_selector("#sh-patterns-rows tr a")
    return watched.page


def test_a_chosen_theme_is_kept_and_there_before_the_first_paint(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    before = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.click("#theme-switch")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") != before
    page.add_init_script(EARLY)
    chosen = page.evaluate("document.documentElement.dataset.bsTheme")
    page.reload()
    assert page.evaluate("window.early") == [chosen, "14px", "border-box"], "with both style sheets"


def test_without_a_choice_the_theme_is_the_systems_and_follows_it(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    ground = "getComputedStyle(document.querySelector('main .card')).backgroundColor"
    for theme, colour in (("dark", "rgb(22, 25, 30)"), ("light", "rgb(255, 255, 255)")):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function("theme => document.documentElement.dataset.bsTheme === theme", arg=theme)
        assert page.evaluate(ground) == colour
    assert "theme" not in page.url


def test_the_rail_leads_on_without_loading_the_document_and_marks_the_page_that_is_shown(
    whole: Whole, open_page: Open
) -> None:
    page = live(whole, open_page)
    page.evaluate("window.stayed = true")
    current = "Array.from(document.querySelectorAll('.rail-link[aria-current=page]')).map(link => link.pathname)"
    assert page.evaluate(current) == ["/"]
    page.click(".rail-link[href='/namespaces']")
    page.wait_for_function(f"() => JSON.stringify({current}) === JSON.stringify(['/namespaces'])")
    page.wait_for_selector("#ns-rows a.row-link")
    page.click("#ns-rows a.row-link")
    page.wait_for_function("() => location.pathname.startsWith('/namespaces/')")
    assert page.evaluate(current) == ["/namespaces"], "a page below a view is of that view"
    assert page.evaluate("window.stayed")


def test_charts_are_drawn_on_a_page_that_the_rail_leads_to(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    for path, chart in (
        ("/performance", "pf-flow-chart"),
        ("/backends", "bk-conns-chart"),
        ("/performance", "pf-heat-chart"),
    ):
        page.click(f".rail-link[href='{path}']")
        page.wait_for_function(f"() => document.querySelector('.chart:has(#{chart})')?.dataset.drawn === 'true'")


SHORT = """() => Array.from(document.querySelectorAll(
        "#page :is(.table .status, .table .number, .figures dd, .pools .name)"))
    .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
    .map(one => one.textContent)"""


@pytest.mark.parametrize("scale", ["1", "1.6", "2"])
def test_a_wall_screen_cuts_no_figure_however_much_it_is_enlarged(whole: Whole, open_page: Open, scale: str) -> None:
    asked = f"{whole.address}?kiosk=1&views=system-health&scale={scale}"
    page = open_page(asked, lambda page: page.set_viewport_size({"width": 1440, "height": 900}))
    page.until("live")
    page.when("() => document.querySelectorAll('#sh-patterns-rows tr').length > 1")
    assert page.page.evaluate(SHORT) == []


LABELS = """() => Array.from(document.querySelectorAll(".chart[data-drawn] .chart-plot")).map(plot =>
    plot.layout.annotations.flatMap((one, at) => one.name === "end"
        ? [plot.querySelector(`.annotation[data-index="${at}"] text`).getBoundingClientRect().toJSON()] : []))
    .filter(labels => labels.length > 1)"""


@pytest.mark.parametrize("path", ["", "resources", "performance"])
def test_names_at_line_ends_cover_neither_each_other_nor_the_axis(whole: Whole, open_page: Open, path: str) -> None:
    page = open_page(f"{whole.address}{path}")
    charts = page.when(f"() => {{ const found = ({LABELS})(); return found.length && found; }}")
    for labels in charts:
        ends = sorted((one["top"], one["bottom"]) for one in labels)
        assert all(above[1] <= below[0] + 3 for above, below in pairwise(ends)), "glyphs are lower than their boxes"


def test_one_switch_takes_all_times_to_local_time(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    page.wait_for_function("() => document.querySelector('#top-clock').innerText.endsWith('UTC')")
    page.click("#zone-switch")
    page.wait_for_function("() => document.querySelector('#top-clock').dataset.local")
    page.click("#zone-switch")
    page.wait_for_function("() => !('local' in document.querySelector('#top-clock').dataset)")


def test_a_zoom_survives_the_next_figures(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    x, y = begin_zoom(page)
    page.mouse.move(x + 70, y, steps=5)
    page.mouse.up()
    zoomed = page.evaluate(RANGE)
    drawn = page.evaluate(NEWEST)
    page.wait_for_function(f"before => {NEWEST} > before + 2000", arg=drawn)
    assert page.evaluate(RANGE) == zoomed


def test_a_zoom_may_take_longer_than_the_next_figures(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    x, y = begin_zoom(page)
    page.mouse.move(x + 40, y, steps=5)
    sent = "window.hudCharts.figure(document.querySelector('#sh-lat-chart')).layout.xaxis.autorangeoptions.clipmax"
    page.wait_for_function(f"before => {sent} > before", arg=page.evaluate(sent))
    page.mouse.move(x + 70, y, steps=5)
    page.mouse.up()
    page.wait_for_function(f"() => {DRAWN}.layout.xaxis.autorange === false")


def begin_zoom(page: Any) -> tuple[float, float]:
    """Press the mouse on the chart of latencies once it has its figure; where."""
    page.wait_for_function(f"() => {DRAWN}?.layout?.xaxis?.autorangeoptions")
    box = page.query_selector("#sh-lat-chart").bounding_box()
    x, y = box["x"] + 80, box["y"] + 80
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def test_a_row_keeps_the_focus_and_its_place_until_it_is_left(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    first = page.evaluate(FIRST_ROW)
    page.focus("#sh-patterns-rows tr:last-child a")
    focused = page.evaluate(FOCUS)
    last = focused.removeprefix("/patterns/")
    whole.fault(fault="pattern_unhealthy", target=last)
    try:
        page.wait_for_function(
            "() => document.querySelector('#sh-patterns-rows tr:last-child').innerText.includes('UNHEALTHY')"
        )
        page.wait_for_function(f"path => {FOCUS} === path", arg=focused)
        assert page.evaluate(FIRST_ROW).split()[0] == first.split()[0]
        page.evaluate("document.activeElement.blur()")
        page.wait_for_function(f"name => {FIRST_ROW}.includes(name)", arg=last)
    finally:
        whole.clear()


def test_a_row_keeps_the_focus_when_an_answer_of_dash_comes_late(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    page.wait_for_function("() => Object.hasOwn(document.querySelector('#sh-patterns-rows'), 'removeChild')")  # painted
    page.focus("#sh-patterns-rows tr:last-child a")
    focused = page.evaluate(FOCUS)
    page.evaluate(LATE_ROWS)
    page.wait_for_function(f"path => window.came && {FOCUS} === path", arg=focused)


def test_a_row_is_a_link_for_the_pointer_and_the_keyboard(whole: Whole, open_page: Open) -> None:
    page = live(whole, open_page)
    beside = {"x": 10, "y": 10}  # the words there are no link
    page.locator("#sh-patterns-rows tr:nth-child(2) td:last-child").click(position=beside, force=True)
    page.wait_for_selector("#pd-status")
    assert "/patterns/" in page.url
    page.wait_for_function("() => document.querySelector('#pd-rps .num')")
    page.focus(".crumbs a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#sh-status")


def test_an_unknown_pattern_is_a_page_that_says_so(whole: Whole, open_page: Open) -> None:
    page = open_page(whole.address + "patterns/no%20such%3Cb%3E").page
    page.wait_for_selector("#pd-unknown:not([hidden])")
    assert "no such<b>" in page.inner_text("#pd-unknown")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1440, 900)])
def test_nothing_overflows_and_the_wide_screen_needs_no_scrolling(
    whole: Whole, open_page: Open, width: int, height: int
) -> None:
    page = live(whole, open_page)
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("width => document.documentElement.scrollWidth === width", arg=width)
    if width == 1440:
        assert page.evaluate("document.documentElement.scrollHeight") <= height


SHIFTS = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
}).observe({ type: "layout-shift", buffered: true });
"""


def test_nothing_moves_when_figures_and_charts_arrive(whole: Whole, open_page: Open) -> None:
    watched = open_page(whole.address, before=lambda page: page.add_init_script(SHIFTS))
    watched.until("live")
    watched.drawn("#sh-lat-chart")
    watched.changes("#top-clock")
    watched.changes("#top-clock")
    assert watched.page.evaluate("window.shift") < 0.1


@pytest.mark.parametrize("width", [1440, 1100, 768, 390])
@pytest.mark.parametrize("kind", [f"stats {STATS}", "figures"])
def test_the_kind_of_an_error_stays_inside_its_card(chromium: Browser, width: int, kind: str) -> None:
    assets = Path(__file__).parents[3] / "assets"
    bootstrap, css = ((assets / one).read_text(encoding="utf-8") for one in ("vendor/bootstrap.min.css", "hud.css"))
    dds = "".join(
        f"<div><dt>P99</dt><dd><span class='figure is-error'><span class='why'>{words}</span></span></dd></div>"
        for words in ("wrong protocol", "malformed answer", "unauthenticated") * (1 if kind == "figures" else 2)
    )
    context = chromium.new_context(viewport={"width": width, "height": 900})
    try:
        page = context.new_page()
        page.set_content(
            f"<style>@layer bootstrap {{ {bootstrap.removeprefix(CHARSET)} }}</style><style>{css}</style>"
            f"<section class='card card-body'><dl class='{kind}'>{dds}</dl></section>"
        )
        over = page.evaluate(
            "() => [...document.querySelectorAll('dd')].filter(one => "
            "one.firstChild.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 0.5 "
            "|| one.firstChild.getBoundingClientRect().height > 29).map(one => one.innerText)"
        )
    finally:
        context.close()
    assert over == []
