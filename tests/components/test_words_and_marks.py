"""Statuses, figures, rows and alerts say in words what they say by look, and untrusted text stays text."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest
from dash import html
from hypothesis import given
from hypothesis import strategies as st

from components.banner import Stat, banner, banner_props
from components.lists.alerts import AlertLine, alert_items
from components.lists.rows import (
    MOST_PATTERNS,
    PatternLine,
    PoolLine,
    SourceLine,
    pattern_rows,
    pool_items,
    source_items,
)
from components.lists.table import page_name, pattern_href, undotted
from components.measure import figure_props
from components.props import apply, components_of, ids_of
from components.status import StatusWord, badge
from model.measure import Measure
from model.series import Severity, Unit
from model.status import Status

NASTY = ("<script>alert(1)</script>", "🦄" * 20, "a\"b'c", "x" * 300, "a/b?c#d", "100%", "..", "$admin-logs", "‮evil")


def text_of(component: object) -> str:
    """All that a tree says, as one reads it (decoration left out)."""
    if isinstance(component, str):
        return component
    if isinstance(component, list | tuple):
        return " ".join(filter(None, (text_of(part) for part in component)))
    if getattr(component, "aria-hidden", "") == "true":
        return ""
    return text_of(getattr(component, "children", None) or "")


def pattern(name: str, status: Status = Status.HEALTHY) -> PatternLine:
    zero = Measure.of(0, Unit.COUNT)
    return PatternLine(name, StatusWord(status), "", "running", "", Measure.of(90, Unit.SECONDS), zero, "")


def test_a_status_is_a_shape_and_a_word() -> None:
    shown = badge(StatusWord(Status.DEGRADED))
    assert text_of(shown) == "DEGRADED"
    assert shown.children[0].className == "mark mark-degraded"


def test_a_stale_status_keeps_its_word_and_says_its_age() -> None:
    shown = badge(StatusWord(Status.HEALTHY, age_seconds=14.2))
    assert text_of(shown) == "HEALTHY 14 s old"
    assert shown.children[0].className == "mark mark-stale"


@pytest.mark.parametrize(
    ("measure", "look", "heard"),
    [
        (Measure.of(0, Unit.COUNT), "is-value", "0"),
        (Measure.of(0.9997, Unit.RATIO), "is-value", "99.97   %"),
        (Measure.no_traffic(Unit.RATIO), "is-idle", "no traffic in this window"),
        (
            Measure.not_reported(Unit.RATIO, "prism_x would fill it"),
            "is-unreported",
            "not reported: prism_x would fill it",
        ),
        (Measure.error(Unit.RATIO, "timed out: no answer in 1 s"), "is-error", "timed out: no answer in 1 s"),
        (Measure.of(15, Unit.COUNT).stale(44), "is-stale", "15   44 s old"),
    ],
)
def test_the_five_states_look_and_sound_different(measure: Measure, look: str, heard: str) -> None:
    props = figure_props(measure)
    assert look in props["className"].split()
    assert text_of(props["children"]) == heard


def test_what_is_not_reported_shows_a_dash_and_never_a_number() -> None:
    props = figure_props(Measure.not_reported(Unit.RATIO, "needs a family"))
    assert props["children"][0].children == "–"
    assert props["title"] == "needs a family"


@pytest.mark.parametrize("name", NASTY)
def test_an_untrusted_name_is_text_and_its_link_leads_back_to_it(name: str) -> None:
    row = pattern_rows([pattern(name)], "none")[0]
    link: Any = row.children[0].children
    assert link.children.children == name
    assert link.children.title == name
    assert "dangerously_allow_html" not in str(link)
    assert link.href.startswith("/patterns/")
    assert "/" not in link.href.removeprefix("/patterns/")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80))
def test_every_name_survives_its_address(name: str) -> None:
    part = pattern_href(name).removeprefix("/patterns/")
    assert part not in ("", ".", "..")
    assert "/" not in part
    if name.replace("%2E", ""):  # the one name that is given up for those of dots alone
        assert page_name(part) == name
        assert undotted(unquote(part)) == name


def test_a_row_is_headed_by_its_name_and_has_a_cell_per_column() -> None:
    row = pattern_rows([pattern("redis", Status.DEGRADED)], "none")[0]
    head: Any = row.children[0]
    assert (type(head).__name__, head.scope) == ("Th", "row")
    assert len(row.children) == 6
    assert "row-degraded" in row.className


def test_an_empty_grid_says_what_would_be_here() -> None:
    assert text_of(pattern_rows([], "No pattern yet.")) == "No pattern yet."
    assert text_of(pool_items([], "No pools.")) == "No pools."
    assert text_of(source_items([], "No sources.")) == "No sources."
    assert text_of(alert_items([], 0, "No alerts.")) == "No alerts."


def test_more_patterns_than_fit_are_counted() -> None:
    rows = pattern_rows([pattern(f"p{n}") for n in range(200)], "none")
    assert len(rows) == MOST_PATTERNS + 1
    assert text_of(rows[-1]) == "and 160 more, none worse than these"


def test_a_pool_without_a_limit_has_no_bar_and_one_with_words_has_no_figures() -> None:
    none = Measure.not_reported(Unit.COUNT, "no source")
    items = pool_items(
        [
            PoolLine("redis", StatusWord(Status.HEALTHY), Measure.of(7, Unit.COUNT), Measure.of(10, Unit.COUNT), 0.7),
            PoolLine("nats", StatusWord(Status.DEGRADED), none, none, None, "reconnecting"),
        ],
        "none",
    )
    assert text_of(items[0]) == "HEALTHY redis 7  /  10"
    assert text_of(items[1]) == "DEGRADED nats reconnecting"
    assert items[0].children[3].children.style == {"width": "70%"}
    assert items[1].children[3].hidden is True


def test_a_source_says_how_reading_it_goes() -> None:
    line = SourceLine("proxy", "http://x/metrics", "unhealthy", "down for 14 s", "connection refused")
    item = source_items([line], "none")[0]
    assert text_of(item) == "proxy down for 14 s"
    assert item.children[2].title == "connection refused"


def test_an_alert_says_how_bad_what_when_and_whether_it_went_away() -> None:
    firing = AlertLine(Severity.CRITICAL, "redis is gone", 880.0, href="/patterns/redis")
    over = AlertLine(Severity.WARNING, "pool full", 100.0, 160.0, "SigNoz")
    items = alert_items([firing, over], 1000.0, "none")
    assert text_of(items[0]) == "Critical redis is gone 2m ago"
    assert text_of(items[1]) == "Resolved pool full  · lasted 1m 0s · SigNoz 15m ago"
    assert items[0].children[2].children[0].href == "/patterns/redis"
    assert "is-resolved" in items[1].className


def test_the_banner_fills_all_its_places() -> None:
    tree: Any = banner("x", [("a", "A"), ("b", "B")])
    stat = Stat(Measure.of(1, Unit.COUNT), "3× in 2 min", worse=True)
    props = banner_props("x", StatusWord(Status.UNHEALTHY), "System UNHEALTHY", "why", [("a", stat), ("b", stat)])
    apply(tree, props)
    assert set(props) == ids_of(tree)
    section: Any = components_of(tree)["x-banner"]
    assert section.className == "banner banner-unhealthy"
    assert "System UNHEALTHY" in text_of(tree)
    assert props["x-a-note"]["className"] == "note is-worse"


def test_properties_for_an_unknown_place_are_refused() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        apply(html.Div(id="here"), {"nowhere": {"children": "x"}})


def test_a_figure_is_left_to_the_browser() -> None:
    tree = html.Div([html.Div(id="slot")])
    apply(tree, {"slot": {"figure": {"data": []}}})
    assert "figure" not in tree.children[0].to_plotly_json()["props"]
