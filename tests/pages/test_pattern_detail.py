"""A pattern's page reports that pattern only, and an unknown name is a page too."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import dash
import pytest

from aggregators.alerts.verdict import Look
from aggregators.incidents.dependencies import Kind
from aggregators.overview.map_parts import parts_of
from aggregators.patterns.restarts import Restart
from components import format as fmt
from components import ids
from components.lists.table import page_name, pattern_href
from components.props import ids_of
from model.series import Event, Severity, labels_of
from model.status import Reading, Status
from pages.pattern_detail import page as pattern_detail
from pages.pattern_detail import text
from store.snapshot import Snapshot
from tests.pages.trees import said
from web.hub_payload import encode

Build = Callable[..., Snapshot]
NAMES = ("redis", "a/b c", "🦄", "..", "100%25", "x" * 300, "<script>alert(1)</script>")


def status_event(time: float, pattern: str, status: str, words: str) -> Event:
    severity = {"HEALTHY": Severity.INFO, "UNKNOWN": Severity.INFO, "DEGRADED": Severity.WARNING}[status]
    return Event(time, "status", severity, labels_of({"pattern": pattern, "status": status, "before": ""}), words)


def test_its_figures_are_its_own(prism: Build, now: float) -> None:
    view = pattern_detail.view_model(prism(), now, "redis")
    rps, success, p50, p99, uptime, restarts = view.stats
    assert fmt.words(rps.measure) == "100 /s"
    assert fmt.words(success.measure) == "99.00 %"
    assert (fmt.words(p50.measure), fmt.words(p99.measure)) == ("< 0.5 ms", "0.995 ms")
    assert (fmt.words(uptime.measure, uptime.style), uptime.note) == ("2h 15m", "running")
    assert (fmt.words(restarts.measure), restarts.note) == ("0", "reported")
    assert view.known


def test_it_says_how_it_is_and_in_whose_words(prism: Build, now: float) -> None:
    view = pattern_detail.view_model(prism(), now, "nats")
    assert view.status.status is Status.DEGRADED
    assert view.reason == "DEGRADED: reconnecting to its server"
    assert ("total_conns", "12") in view.details
    assert dict(view.details)["health service"] == "lifecycle"


def test_it_is_never_greener_than_an_alert_that_blames_it_as_on_the_service_map(prism: Build, now: float) -> None:
    labels = {"id": "a", "rule": "error_ratio", "component": "nats", "state": "firing", "page": "/patterns/nats"}
    held = prism(events=[Event(now - 9, "alert", Severity.CRITICAL, labels_of(labels), "5 % of requests to nats fail")])
    view, (part,) = (
        pattern_detail.view_model(held, now, "nats"),
        [
            one
            for one in parts_of(Look(held, now))
            if one.component.kind is Kind.PATTERN and one.component.name == "nats"
        ],
    )
    assert (view.status.status, part.status) == (Status.UNHEALTHY, Status.UNHEALTHY)
    assert view.reason == ("UNHEALTHY: 5 % of requests to nats fail; it reports DEGRADED: reconnecting to its server")
    assert pattern_detail.view_model(held, now, "redis").status.status is Status.HEALTHY


def test_its_errors_are_the_newest_first_and_of_no_other_pattern(prism: Build, now: float) -> None:
    events = [
        status_event(now - 300, "nats", "UNKNOWN", "not asked yet"),
        status_event(now - 290, "nats", "DEGRADED", "lost its server"),
        status_event(now - 200, "redis", "DEGRADED", "pool full"),
        status_event(now - 100, "nats", "UNKNOWN", "hangs"),
        status_event(now - 90, "nats", "HEALTHY", "nats is HEALTHY"),
    ]
    view = pattern_detail.view_model(prism(events=events), now, "nats")
    assert [(line.words, line.word) for line in view.errors] == [("hangs", "UNKNOWN"), ("lost its server", "DEGRADED")]


def test_restarts_that_only_figures_show_are_listed_once(now: float) -> None:
    labels = labels_of({"pattern": "nats", "how": "reported"})
    event = Event(now - 60, "restart", Severity.INFO, labels, "nats restarted")
    counted = [Restart("nats", now - 7200, 2, "reported"), Restart("nats", now - 59, 1, "reported")]
    lines = text.restarts([event], counted)
    assert [(line.time, line.words, line.word) for line in lines] == [
        (now - 60, "nats restarted", "reported"),
        (now - 7200, "nats restarted 2 times", "reported"),
    ]


def test_its_restarts_say_how_they_are_known(prism: Build, now: float) -> None:
    labels = labels_of({"pattern": "nats", "how": "inferred: its start time changed", "count": "1"})
    events = [Event(now - 60, "restart", Severity.INFO, labels, "nats restarted")]
    line = pattern_detail.view_model(prism(events=events), now, "nats").restarts[0]
    assert (line.words, line.word, line.origin) == ("nats restarted", "inferred", "inferred: its start time changed")


def test_its_day_is_reported_in_words_and_the_rest_as_not_read(prism: Build, now: float) -> None:
    view = pattern_detail.view_model(prism(), now, "nats")
    assert view.day == "DEGRADED 5m 0s; not read for 23h 55m"
    strip = dict(view.charts)["pd-day-chart"]
    assert [trace["name"] for trace in strip["data"]] == ["DEGRADED"]


def test_a_name_that_nobody_reports_of_is_a_designed_page(prism: Build, now: float) -> None:
    view = pattern_detail.view_model(prism(), now, "no such")
    props = pattern_detail.render(view)
    assert props["pd-known"] == {"hidden": True}
    assert props["pd-unknown"] == {"hidden": False}
    assert all(stat.measure.reading is Reading.NOT_REPORTED for stat in view.stats)
    assert "no such" in said(pattern_detail.tree("no such"))


@pytest.mark.parametrize("name", NAMES)
def test_the_address_of_a_pattern_leads_to_its_page(prism: Build, now: float, name: str) -> None:
    quoted = pattern_href(name).removeprefix("/patterns/")
    tree: Any = pattern_detail.tree(page_name(quoted))
    attributes = tree.to_plotly_json()["props"]
    assert json.loads(attributes["data-selection"]) == {"name": name}
    props = pattern_detail.update(prism(patterns={name: "HEALTHY"}), now, name=name)
    assert props["pd-known"] == {"hidden": False}
    assert name in said(props["pd-status"]["children"])
    assert encode(dict(props))


def test_everything_said_has_a_place(prism: Build, now: float) -> None:
    props = pattern_detail.update(prism(), now, name="nats")
    places = {name for name in ids_of(pattern_detail.tree("nats")) if not name.endswith(("-title", "-hint"))} - {
        ids.PAGE
    }
    assert {name for name in props if name.startswith("pd-")} == places


def test_it_is_a_page_with_a_view_of_its_own() -> None:
    page = next(one for one in dash.page_registry.values() if one.get("view") == "pattern")
    assert page["path_template"] == "/patterns/<name>"
    assert page["update"] is pattern_detail.update
