"""Alertmanager's alerts: what is open, silenced and inhibited; and every edge reported once, from our own memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from collectors.alerting.alert_transitions import LEARNS_SECONDS, UNSEEN
from collectors.alerting.alertmanager import AlertmanagerCollector
from collectors.core.timestamps import to_epoch
from model.catalogue import BY_NAME
from model.series import Event, Scrape, Severity
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

OPTIONS = SourceOptions(interval_seconds=2.0, timeout_seconds=20.0)
NOW = 1_800_000_000.0
BEGAN = "2027-01-15T07:50:00.000Z"
ACTIVE = {"state": "active", "silencedBy": [], "inhibitedBy": []}
Http = Callable[[Answers], HttpServer]


def reported(status: dict[str, Any] | None = None, **labels: str) -> dict[str, Any]:
    return {
        "annotations": {"summary": "words of it"},
        "labels": {"alertname": "PatternDown", "severity": "critical"} | labels,
        "startsAt": BEGAN, "endsAt": "2027-01-15T08:10:00.000Z", "updatedAt": BEGAN, "fingerprint": "5794b2508c6e328b",
        "receivers": [{"name": "none"}], "status": status or ACTIVE,
    }  # fmt: skip


class EverySource:
    """An Alertmanager that lists `alerts`."""

    def __init__(self, http: Http) -> None:
        self.alerts: Any = []
        self.started: Any = NOW - 3600
        self.server = http(self._answer)
        self.now = NOW

    def _answer(self, asked: Asked) -> Reply:
        if asked.path == "/api/v2/status":
            return Reply.of({"cluster": {"status": "disabled"}, "uptime": self.started})
        return self.alerts if isinstance(self.alerts, Reply) else Reply.of(self.alerts)

    @contextmanager
    def reading(self) -> Iterator[AlertmanagerCollector]:
        collector = AlertmanagerCollector(self.server.url, OPTIONS)
        yield collector
        collector.close()

    def read(self, collector: AlertmanagerCollector) -> Scrape:
        self.now += 2
        return collector.collect(lambda: self.now)


@pytest.fixture
def every_source(http: Http) -> EverySource:
    return EverySource(http)


def edges(events: list[Event]) -> list[tuple[str | None, float]]:
    return [(event.label("state"), event.time) for event in events]


def test_open_alerts_become_samples_without_secrets_and_in_the_catalogues_names(every_source: EverySource) -> None:
    every_source.alerts = [reported(pattern="redis", api_key="opensesame", instance="b:1")]
    with every_source.reading() as collector:
        scrape = every_source.read(collector)
    active, began, *_ = scrape.samples()
    labels = dict(active.series.labels)
    assert labels.items() >= {
        "alertname": "PatternDown", "severity": "critical", "pattern": "redis", "alert_state": "firing",
        "api_key": "[removed]", "exported_instance": "b:1", "instance": scrape.instance,
    }.items()  # fmt: skip
    assert began.value == to_epoch(BEGAN)
    assert {series.name for series in scrape.series} <= set(BY_NAME)
    assert [asked.path for asked in every_source.server.asked] == ["/api/v2/alerts"]


def test_what_vanishes_from_the_list_is_over_and_each_edge_is_reported_once(every_source: EverySource) -> None:
    every_source.alerts = [reported(pattern="redis")]
    with every_source.reading() as collector:
        (begun,) = every_source.read(collector).events
        assert (begun.kind, begun.severity, begun.message) == ("alertmanager_alert", Severity.CRITICAL, "words of it")
        assert (begun.label("state"), begun.time) == ("firing", to_epoch(BEGAN))
        assert every_source.read(collector).events == []
        every_source.alerts = []
        assert edges(every_source.read(collector).events) == [("resolved", every_source.now)]
        assert every_source.read(collector).events == []


@pytest.mark.parametrize(
    ("status", "alert_state"),
    [
        ({"state": "active", "silencedBy": [], "inhibitedBy": []}, "firing"),
        ({"state": "unprocessed"}, "firing"),
        ({"state": "suppressed", "silencedBy": ["f9c0"], "inhibitedBy": []}, "silenced"),
        ({"state": "suppressed", "silencedBy": [], "inhibitedBy": ["5794"]}, "inhibited"),
        ({"state": "suppressed", "silencedBy": ["f9c0"], "inhibitedBy": ["5794"]}, "silenced"),
        ({"state": "suppressed", "silencedBy": [], "inhibitedBy": [], "mutedBy": ["weekends"]}, "silenced"),
        ("odd", "firing"),
    ],
)
def test_silenced_and_inhibited_alerts_are_reported_as_such(
    every_source: EverySource, status: Any, alert_state: str
) -> None:
    every_source.alerts = [reported(status)]
    with every_source.reading() as collector:
        scrape = every_source.read(collector)
    assert [event.label("state") for event in scrape.events] == [alert_state]
    assert scrape.series[0].label("alert_state") == alert_state


def test_a_restarted_collector_reports_no_edge_again_and_an_end_in_between_as_unseen(every_source: EverySource) -> None:
    every_source.alerts = [reported(pattern="redis"), reported(pattern="nats")]
    with every_source.reading() as collector:
        begun = every_source.read(collector).events
    every_source.alerts = [reported(pattern="redis")]
    every_source.now += 600
    with every_source.reading() as again:
        again.restore(begun)
        (ended,) = every_source.read(again).events
    assert (ended.label("pattern"), ended.label("state"), ended.label("how")) == ("nats", "resolved", UNSEEN)


def test_a_source_that_cannot_be_read_resolves_nothing(every_source: EverySource) -> None:
    every_source.alerts = [reported()]
    with every_source.reading() as collector:
        every_source.read(collector)
        every_source.alerts = Reply(503, b"")
        with pytest.raises(CollectError):
            every_source.read(collector)
        every_source.alerts = [reported()]
        assert every_source.read(collector).events == []


def test_a_restarted_alertmanager_has_forgotten_what_fires_and_nothing_is_over_before_it_can_know(
    every_source: EverySource,
) -> None:
    every_source.alerts = [reported(pattern="redis"), reported(pattern="nats")]
    with every_source.reading() as collector:
        every_source.read(collector)
        every_source.alerts, every_source.started = [], every_source.now + 1
        assert every_source.read(collector).events == []
        every_source.alerts = [reported(pattern="redis")]
        assert every_source.read(collector).events == []
        every_source.alerts = []
        (over,) = every_source.read(collector).events
        assert (over.label("pattern"), over.label("state")) == ("redis", "resolved"), "it knew of that one again"
        every_source.now += LEARNS_SECONDS
        (over,) = every_source.read(collector).events
        assert (over.label("pattern"), over.label("how")) == ("nats", UNSEEN)
        assert every_source.read(collector).events == []


@pytest.mark.parametrize("started", [None, "a while", NOW - 1, [], {}])
def test_one_that_cannot_say_when_it_was_started_is_believed(every_source: EverySource, started: Any) -> None:
    every_source.alerts, every_source.started = [reported()], started
    with every_source.reading() as collector:
        every_source.read(collector)
        every_source.alerts = []
        assert edges(every_source.read(collector).events) == [("resolved", every_source.now)]


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Reply.of("bad matcher format: x", 400), ErrorKind.HTTP_ERROR, "HTTP 400: bad matcher format: x"),
        (Reply.of({"code": 404, "message": "path was not found"}, 404), ErrorKind.HTTP_ERROR, "HTTP 404: path was"),
        (Reply.of({"code": 422, "message": "no token=abcdef123"}, 422), ErrorKind.HTTP_ERROR, "no token=[removed]"),
        (Reply(500, b"oops"), ErrorKind.HTTP_ERROR, "oops"),
        (Reply(401, b""), ErrorKind.UNAUTHENTICATED, "HTTP 401"),
        (Reply.of({"status": "success", "data": []}), ErrorKind.WRONG_PROTOCOL, "not Alertmanager's API v2"),
        (Reply.of("alerts"), ErrorKind.WRONG_PROTOCOL, "not Alertmanager's API v2"),
        (Reply.of(None), ErrorKind.WRONG_PROTOCOL, "not Alertmanager's API v2"),
    ],
)
def test_what_is_refused_is_reported_in_its_words(
    every_source: EverySource, answer: Reply, kind: ErrorKind, words: str
) -> None:
    every_source.alerts = answer
    with every_source.reading() as collector, pytest.raises(CollectError) as caught:
        every_source.read(collector)
    assert caught.value.kind is kind
    assert words in caught.value.detail


@pytest.mark.parametrize("one", [{}, {"labels": 5, "status": [], "startsAt": "never", "annotations": None}, 5, None])
def test_an_alert_with_almost_nothing_is_still_one(every_source: EverySource, one: Any) -> None:
    every_source.alerts = [one]
    with every_source.reading() as collector:
        assert len(every_source.read(collector).events) == (1 if isinstance(one, dict) else 0)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "🦄", "x" * 300, "'\"", "\u202egnp"])
def test_hostile_names_are_carried_short_and_on_one_line(every_source: EverySource, name: str) -> None:
    every_source.alerts = [reported(alertname=name, pattern=name)]
    with every_source.reading() as collector:
        (event,) = every_source.read(collector).events
    for shown in (event.label("alertname"), event.label("pattern")):
        assert shown and len(shown) <= 120
        assert "\u202e" not in shown
