"""SigNoz's alerts: every shape of the list and of the history, and every edge reported once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from collectors.core.contract import PartialReadError
from model.series import Event, Scrape, Severity
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Reply
from tests.collectors.signoz_fake import NOW, V3_FIGURES, Http, Signoz, alert, figures, item, read


def actives(scrape: Scrape) -> list[dict[str, str]]:
    return [dict(series.labels) for series in scrape.series if series.name == "signoz_alert_active"]


def test_open_alerts_become_samples_with_their_useful_labels(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert(pattern="redis", password="opensesame", value="9", instance="b:1")]
    scrape = read(signoz.collector())
    (labels,) = actives(scrape)
    assert labels.items() >= {
        "alertname": "Pool full", "severity": "critical", "pattern": "redis", "alert_state": "firing", "value": "9",
        "exported_instance": "b:1", "instance": scrape.instance, "password": "[removed]",
    }.items()  # fmt: skip
    assert "ruleSource" not in labels
    starts = [s for s in scrape.samples() if s.series.name == "signoz_alert_starts_at_seconds"]
    assert [(s.series.label("fingerprint"), s.value) for s in starts] == [(labels["fingerprint"], NOW - 600)]


@pytest.mark.parametrize("wrap", [lambda data: data, lambda data: json.dumps({"status": "success", "data": data})])
def test_the_list_of_alerts_may_be_encoded_twice(http: Http, wrap: Callable[[Any], Any]) -> None:
    signoz = Signoz(http)
    signoz.alerts = wrap([alert()])
    assert len(actives(read(signoz.collector()))) == 1


@pytest.mark.parametrize("alerts", [5, "not json", {"data": 5}])
def test_a_list_of_alerts_that_is_none_is_malformed(http: Http, alerts: Any) -> None:
    signoz = Signoz(http)
    signoz.alerts = alerts
    with pytest.raises(CollectError) as caught:
        read(signoz.collector())
    assert caught.value.kind is ErrorKind.MALFORMED


@pytest.mark.parametrize("one", [{}, {"labels": None, "startsAt": 5, "status": "x"}, {"labels": {"a": None}}, 5, None])
def test_an_alert_with_almost_nothing_is_still_one(http: Http, one: Any) -> None:
    signoz = Signoz(http)
    signoz.alerts = [one]
    assert len(actives(read(signoz.collector()))) == (1 if isinstance(one, dict) else 0)


def edges(events: list[Event]) -> list[tuple[str | None, float]]:
    return [(event.label("state"), event.time) for event in events]


def test_each_edge_is_reported_once(http: Http) -> None:
    signoz = Signoz(http)
    collector = signoz.collector()
    assert read(collector).events == []
    signoz.alerts = [alert(pattern="redis")]
    (begun,) = read(collector, NOW + 1).events
    assert (begun.kind, begun.severity, begun.time) == ("signoz_alert", Severity.CRITICAL, NOW - 600)
    assert begun.message == "words of it"
    assert begun.label("pattern") == "redis"
    assert read(collector, NOW + 2).events == []
    signoz.alerts = []
    assert edges(read(collector, NOW + 3).events) == [("resolved", NOW + 3)]
    assert read(collector, NOW + 4).events == []
    signoz.alerts = [alert(pattern="redis")]
    assert edges(read(collector, NOW + 5).events) == [("firing", NOW + 5)]


def test_beginning_end_and_sample_share_one_fingerprint(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert(pattern="redis")]
    signoz.history = [item("firing", NOW - 600)]
    collector = signoz.collector()
    first = read(collector)
    signoz.alerts = []
    events = [*first.events, *read(collector, NOW + 1).events]
    assert edges(events) == [("firing", NOW - 600), ("resolved", NOW + 1)]
    assert {event.label("fingerprint") for event in events} == {actives(first)[0]["fingerprint"]}


def test_a_source_that_cannot_be_read_resolves_nothing(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert()]
    collector = signoz.collector()
    read(collector)
    signoz.alerts = Reply(500, b"")
    with pytest.raises(CollectError):
        read(collector, NOW + 1)
    signoz.alerts = [alert()]
    assert read(collector, NOW + 2).events == []


def test_the_history_of_the_last_day_is_read_once(http: Http) -> None:
    signoz = Signoz(http)
    signoz.history = [
        item("inactive", NOW - 900), item("firing", NOW - 1320), item("pending", NOW - 1400),
        item("firing", NOW - 1000, stateChanged=False), item("firing", 0),
    ]  # fmt: skip
    collector = signoz.collector()
    assert edges(read(collector).events) == [("firing", NOW - 1320), ("resolved", NOW - 900)]
    assert read(collector, NOW + 1).events == []
    bodies = [asked.body for asked in signoz.server.asked if asked.path.endswith("timeline")]
    assert [(body["start"], body["end"]) for body in bodies] == [(int((NOW - 86400) * 1000), int(NOW * 1000))]


def test_after_a_gap_the_history_reports_what_happened_meanwhile(http: Http) -> None:
    signoz = Signoz(http)
    collector = signoz.collector()
    read(collector)
    signoz.history = [item("firing", NOW + 100), item("inactive", NOW + 200)]
    assert edges(read(collector, NOW + 1000).events) == [("firing", NOW + 100), ("resolved", NOW + 200)]


def test_an_edge_that_both_history_and_list_report_is_one(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert(pattern="redis")]
    signoz.history = [item("firing", NOW - 595)]
    assert edges(read(signoz.collector()).events) == [("firing", NOW - 595)]


def test_a_restarted_collector_reports_no_edge_again(http: Http) -> None:
    signoz = Signoz(http)
    signoz.history = [item("firing", NOW - 3000), item("inactive", NOW - 2000), item("firing", NOW - 600)]
    signoz.alerts = [alert(pattern="redis")]
    reported = read(signoz.collector()).events
    assert len(reported) == 3
    again = signoz.collector()
    again.restore(reported)
    assert read(again, NOW + 30).events == []
    signoz.alerts = []
    assert edges(read(again, NOW + 60).events) == [("resolved", NOW + 60)]


def test_the_newer_history_route_and_shape_are_understood(http: Http) -> None:
    signoz = Signoz(http)
    del signoz.routes["POST", "/api/v1/rules/7/history/timeline"], signoz.routes["GET", "/api/v1/rules"]
    signoz.routes["GET", "/api/v2/rules"] = lambda asked: [{"id": "7", "alert": "Pool full", "labels": None}]
    labels = [{"key": {"name": "pattern"}, "value": "redis"}, {"key": {"name": "severity"}, "value": "info"}, 5]
    signoz.routes["GET", "/api/v2/rules/7/history/timeline"] = lambda asked: {
        "items": [item("firing", NOW - 50, labels=labels)], "nextCursor": "",
    }  # fmt: skip
    (event,) = read(signoz.collector()).events
    assert (event.label("pattern"), event.severity, event.message) == ("redis", Severity.INFO, "Pool full")


def test_a_version_without_history_has_none(http: Http) -> None:
    signoz = Signoz(http, "v0.39.0")
    del signoz.routes["POST", "/api/v1/rules/7/history/timeline"]
    assert figures(read(signoz.collector())) == V3_FIGURES


def test_a_history_that_fails_does_not_hide_the_alerts(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert()]
    signoz.routes["GET", "/api/v1/rules"] = lambda asked: Reply(500, b"no")
    collector = signoz.collector()
    reported = read(collector)
    assert edges(reported.events) == [("firing", NOW - 600)]
    asked = {one.label("question"): one.label("state") for one in reported.series if one.name == "signoz_question_info"}
    assert asked["alert history"] == "failed"
    assert "signoz_operation_duration_seconds" in {one.name for one in reported.series}


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_list_of_alerts_that_is_refused_costs_no_operation_and_ends_no_alert(http: Http, status: int) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert()]
    collector = signoz.collector()
    read(collector)
    for path in ("/api/v1/alerts", "/api/v2/alerts"):
        signoz.routes["GET", path] = lambda asked: Reply(status, b"no")
    with pytest.raises(PartialReadError) as caught:
        read(collector)
    assert "signoz_operation_duration_seconds" in {one.name for one in caught.value.scrape.series}
    assert caught.value.scrape.events == []
