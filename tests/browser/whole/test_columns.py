"""The columns of tables: nothing is cut while the table has room to spare, and figures never are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import ViewportSize

from tests.acceptance.pages import FOLLOW_SECONDS
from tests.browser.conftest import Watched
from tests.browser.whole.full_site import Whole
from tests.patience import until

pytestmark = [pytest.mark.browser, pytest.mark.server]
PAGES = (
    "/performance",
    "/backends",
    "/messaging",
    "/namespaces",
    "/observability",
    "/resources",
    "/alerts",
    "/settings",
    "/settings/hud",
)
PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 768, "height": 844}
DRAWN = """() => { const all = Array.from(document.querySelectorAll(".grid"));
    return all.length && all.every(slot => slot.dataset.drawn) && document.querySelector(".grid .tabulator-cell"); }"""
TABLES = """() => Array.from(document.querySelectorAll(".grid[data-drawn]")).map(slot => {
    const cells = Array.from(slot.querySelectorAll(".tabulator-row:first-child .tabulator-cell"))
        .filter(cell => cell.checkVisibility());
    const short = one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1;
    const seen = kinds => Array.from(slot.querySelectorAll(kinds)).filter(short).map(one => one.textContent);
    const sum = numbers => numbers.reduce((all, one) => all + one, 0);
    const said = cell => sum(Array.from(cell.querySelectorAll(".num, .unit, .mark")).map(one => one.scrollWidth + 6));
    const column = cell => slot.querySelectorAll(
        `.tabulator-cell[tabulator-field="${cell.getAttribute("tabulator-field")}"]`);
    return {
        id: slot.id,
        pages: !slot.querySelector(".grid-pager.is-single"),
        room: slot.clientWidth,
        wide: sum(cells.map(cell => cell.offsetWidth)),
        needs: sum(cells.map(cell => 16 + Math.max(...Array.from(column(cell)).map(said)))),
        cut: seen(":is(.kind-text, .kind-status) .num"),
        names: Array.from(slot.querySelectorAll(".tabulator-row .tabulator-cell:first-child .num"))
            .filter(one => short(one) && one.scrollWidth < 180).map(one => one.textContent),
        figures: seen(".kind-number .figure, .kind-status .num, .kind-time .num, .kind-number .grid-head"),
    };
})"""
"""What each table has, needs and cuts; what the rows of its other pages need is not seen. Longer names may be cut."""
READ = f"() => ({DRAWN})() && ({TABLES})()"
"""In one go: a table that gets new columns is drawn anew."""


@pytest.mark.parametrize("path", PAGES)
def test_words_are_cut_only_where_the_table_has_no_room(
    whole: Whole, open_page: Callable[..., Watched], path: str
) -> None:
    watched = open_page(urljoin(whole.address, path))
    tables: list[dict[str, Any]] = watched.when(READ)
    for one in tables:
        assert one["wide"] in (0, one["room"]), one["id"]
        assert not one["figures"], one["id"]
        assert not one["cut"] or one["needs"] > one["room"] or one["pages"], one


@pytest.mark.parametrize("path", PAGES)
def test_figures_are_whole_on_narrow_screens_and_names_on_tablets(
    whole: Whole, open_page: Callable[..., Watched], path: str
) -> None:
    watched = open_page(urljoin(whole.address, path), lambda page: page.set_viewport_size(PHONE))
    are_whole(watched, "figures")
    watched.page.set_viewport_size(TABLET)
    are_whole(watched, "figures", "names")


def are_whole(watched: Watched, *parts: str) -> None:
    """None of these is cut, once tables have followed the window."""
    cut: list[Any] = []

    def whole() -> bool:
        cut[:] = [(one["id"], one[part]) for one in watched.when(READ) for part in parts if one[part]]
        return not cut

    until(whole, lambda: str(cut), FOLLOW_SECONDS)


HEADS = """id =>
    Array.from(document.querySelectorAll(`#${id} .tabulator-col`)).filter(one => one.checkVisibility()).length"""


def test_what_folds_away_on_a_phone_is_one_touch_away(whole: Whole, open_page: Callable[..., Watched]) -> None:
    watched = open_page(urljoin(whole.address, "/performance"), lambda page: page.set_viewport_size(PHONE))
    watched.when(READ)
    page, few = watched.page, watched.page.evaluate(HEADS, "pf-operations")
    button = page.locator("#pf-operations .grid-full")
    button.focus()
    page.keyboard.press("Enter")
    watched.when(f"() => ({HEADS})('pf-operations') === 7")
    (table,) = [one for one in watched.when(READ) if one["id"] == "pf-operations"]
    assert (table["cut"], table["figures"]) == ([], [])
    assert table["wide"] > table["room"], "to be scrolled"
    assert button.get_attribute("aria-pressed") == "true"
    assert "pf-operations.full=1" in page.url, "a link shows the same"
    button.click()
    watched.when(f"few => ({HEADS})('pf-operations') === few", arg=few)
    assert "full" not in page.url
