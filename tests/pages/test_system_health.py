"""System Health says what a snapshot holds: values, zero, not reported, stale and error, each as itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aggregators.incidents.incidents import known_incidents
from components import format as fmt
from components import ids
from components.charts import kinds as charts
from components.props import apply, ids_of
from model.measure import Measure
from model.series import Event, Severity, Unit, labels_of
from model.status import Reading, Status
from pages.shared import page_shell
from pages.system_health import page as system_health
from store.snapshot import Snapshot
from tests.pages.trees import said
from web.hub_payload import encode

Build = Callable[..., Snapshot]


def figure_of(view: system_health.SystemHealthView, name: str) -> Measure:
    return next(measure for one, measure, _ in view.figures if one == name)


def test_the_figures_are_those_of_the_snapshot(prism: Build, now: float) -> None:
    view = system_health.view_model(prism(), now)
    success, rps, p99, auth, active, namespaces = (fmt.words(stat.measure) for stat in view.stats)
    assert (success, rps, auth) == ("99.00 %", "300 /s", "99.80 %")
    assert p99 == "0.995 ms"
    assert (active, namespaces) == ("3", "2")
    assert view.stats[4].note == "of 3 known"
    assert fmt.words(figure_of(view, "sh-thr-read")) == "180 /s"
    assert fmt.words(figure_of(view, "sh-thr-write")) == "120 /s"
    assert fmt.words(figure_of(view, "sh-err-ratio")) == "1.00 %"


def test_a_degraded_pattern_makes_the_banner_yellow_and_comes_first(prism: Build, now: float) -> None:
    view = system_health.view_model(prism(), now)
    assert view.headline == "System DEGRADED"
    assert "nats" in view.reason
    assert "reconnecting to its server" in view.reason
    assert [line.name for line in view.patterns] == ["nats", "memstore", "redis"]
    assert view.patterns[0].says == "reconnecting to its server"
    assert (fmt.words(view.patterns[0].restarts), view.patterns[0].phase) == ("2", "running")


@pytest.mark.parametrize(
    ("statuses", "headline"),
    [
        ({"a": "HEALTHY", "b": "HEALTHY"}, "System HEALTHY"),
        ({"a": "HEALTHY", "b": "UNHEALTHY", "c": "DEGRADED"}, "System UNHEALTHY"),
        ({}, "System UNKNOWN"),
    ],
)
def test_the_whole_is_as_bad_as_the_worst_pattern(
    prism: Build, now: float, statuses: dict[str, str], headline: str
) -> None:
    view = system_health.view_model(prism(patterns=statuses), now)
    assert view.headline == headline
    assert view.reason


def test_a_healthy_prism_says_so_calmly(prism: Build, now: float) -> None:
    view = system_health.view_model(prism(patterns={"a": "HEALTHY", "b": "HEALTHY"}), now)
    assert view.reason == "All 2 patterns are healthy"


@pytest.mark.parametrize(
    ("family", "places"),
    [
        ("prism_requests_total", ("sh-success", "sh-rps", "sh-thr-read", "sh-err-ratio", "sh-err-count")),
        ("prism_request_duration_seconds_bucket", ("sh-p99", "sh-lat-p50", "sh-lat-p999")),
        ("prism_auth_requests_total", ("sh-auth",)),
    ],
)
def test_a_family_that_is_not_there_is_not_reported_and_neither_0_nor_100_percent(
    prism: Build, now: float, family: str, places: tuple[str, ...]
) -> None:
    props = system_health.update(prism(absent=(family,)), now)
    for place in places:
        assert "is-unreported" in props[place]["className"], place
        assert said(props[place]["children"]).startswith("– not reported"), place
        assert family.removesuffix("_bucket") in props[place]["title"], place
    hints = {"prism_requests_total": "sh-thr-hint", "prism_request_duration_seconds_bucket": "sh-lat-hint"}
    if family in hints:
        assert props[hints[family]]["children"] == "not reported"


def test_errors_above_what_the_detection_bears_are_red(prism: Build, now: float) -> None:
    figure = dict(system_health.view_model(prism(), now).charts)["sh-err-chart"]
    bars = figure["data"][0]
    drawn = {colour for value, colour in zip(bars["y"], bars["marker"]["color"], strict=True) if value}
    assert drawn == {charts.RED}  # 1 % fail, 0.3 % raise the alert
    assert "Alert above 0.30 %" in [note["text"] for note in figure["layout"]["annotations"]]


def test_with_no_family_at_all_patterns_and_sources_are_still_reported(prism: Build, now: float) -> None:
    families = {one.name for one in _series(prism(), now, "proxy")}
    view = system_health.view_model(prism(absent=tuple(families)), now)
    assert all(stat.measure.reading is Reading.NOT_REPORTED for stat in view.stats[:4])
    assert [line.status.status for line in view.patterns] == [Status.DEGRADED, Status.HEALTHY, Status.HEALTHY]
    assert all(line.uptime.reading is Reading.NOT_REPORTED for line in view.patterns)
    assert all(line.restarts_origin == "inferred" for line in view.patterns)
    text = said([one for values in system_health.render(view).values() for one in values.get("children") or []])
    assert "100 %" not in text
    assert "nan" not in text.lower().split()


def _series(snapshot: Snapshot, now: float, source: str) -> list[Any]:
    return [
        one
        for part in snapshot.load(now - 60, now, now - 60)
        if part.source.startswith(source)
        for one in part.table.series
    ]


def test_a_lost_proxy_leaves_its_figures_old_and_named(prism: Build, now: float) -> None:
    view = system_health.view_model(prism(lost=("proxy",)), now)
    assert view.stats[1].measure.reading is Reading.STALE
    assert view.stats[1].note == "14 s old"
    props = system_health.render(view)
    assert props["sh-thr-hint"] == {"children": "14 s old", "className": "hint is-stale"}
    assert view.sources[0].name == "proxy p:8980"
    assert view.sources[0].words == "down for 14 s"
    assert view.sources[0].kind == "unhealthy"
    assert [line.status.status for line in view.patterns][1:] == [Status.HEALTHY, Status.HEALTHY]


def test_recent_alerts_link_to_where_to_look_next(prism: Build, now: float) -> None:
    labels = {
        "id": "restart_loop:nats",
        "rule": "restart_loop",
        "component": "nats",
        "state": "firing",
        "page": "/patterns/nats",
    }
    event = Event(now - 130, "alert", Severity.WARNING, labels_of(labels), "nats restarted twice in 4 minutes")
    snapshot = prism(events=[event])
    view = system_health.view_model(snapshot, now)
    (incident,) = known_incidents(snapshot, now)
    assert [(line.head.words, line.head.href, line.head.ended) for line in view.incidents] == [
        ("nats restarted twice in 4 minutes", incident.path, None)
    ]
    assert incident.cause.page == "/patterns/nats"


def test_everything_said_has_a_place_and_every_place_is_filled(prism: Build, now: float) -> None:
    props = system_health.update(prism(), now)
    tree = system_health.tree()
    still = {"sh-grid-hint", "sh-alerting-hint", "sh-source-hint", "sh-map-hint"}
    titles = {
        f"{card}-title"
        for card in (
            "sh-compare",
            "sh-grid",
            "sh-alerting",
            "sh-map",
            "sh-lat",
            "sh-thr",
            "sh-err",
            "sh-pool",
            "sh-source",
            "sh-changed",
        )
    }
    assert set(props) == ids_of(tree) - titles - still - {ids.PAGE}


def test_the_first_paint_holds_the_figures_and_no_chart(prism: Build, now: float) -> None:
    props = system_health.update(prism(), now)
    page = apply(system_health.tree(), props)
    assert "99.00" in said(page)
    assert "System DEGRADED" in said(page)
    assert b'"figure"' not in encode(page)


def test_the_simulated_badge_shows_only_on_a_simulated_prism(prism: Build, now: float) -> None:
    assert page_shell.shell_props(prism(), now)[ids.TOP_SIMULATED] == {"hidden": True}
    assert page_shell.shell_props(prism(simulated=True), now)[ids.TOP_SIMULATED] == {"hidden": False}


def test_the_announcement_does_not_change_while_only_ages_do(prism: Build, now: float) -> None:
    snapshot = prism(patterns={"nats": "DEGRADED"})
    heard = {encode(page_shell.shell_props(snapshot, now + later)[ids.ANNOUNCE]) for later in (0, 0.5, 1)}
    assert heard == {b'{"children":"System DEGRADED: nats DEGRADED"}'}


def test_an_empty_store_is_a_page_too(now: float) -> None:
    view = system_health.view_model(Snapshot(), now)
    assert view.headline == "System UNKNOWN"
    assert encode(dict(system_health.render(view)))
    assert view.stats[4].measure == Measure.of(0, Unit.COUNT)


NASTY = ("<script>alert(1)</script>", "🦄 emoji", "quo\"te's", "x" * 300, "a/b", "‮evil")


@pytest.mark.parametrize("name", NASTY)
def test_untrusted_names_are_carried_as_text(prism: Build, now: float, name: str) -> None:
    view = system_health.view_model(prism(patterns={name: "DEGRADED", "redis": "HEALTHY"}), now)
    assert view.patterns[0].name == name
    rows = system_health.render(view)["sh-patterns-rows"]["children"]
    assert said(rows[0].children[0]) == name
    assert encode(rows)


def test_namespaces_that_the_admin_api_does_not_report_say_who_counts_them(prism: Build, now: float) -> None:
    assert system_health.update(prism(), now)["sh-namespaces-note"]["children"] == "active"
    reported = system_health.update(prism(lost=["admin"]), now)
    assert reported["sh-namespaces-note"]["children"] == "seen in traffic"
