"""What samples show when an alert fires is kept as events, with the time at which each figure left its range."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from aggregators.incidents.dependencies import Component, Kind
from aggregators.incidents.observer import KIND, EvidenceObserver, stored_departures
from model.series import Event, Scrape, Severity, labels_of
from model.series import Kind as Behaviour
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_700_000_000.0
FULL_AT, SLOW_AT = NOW - 14.0, NOW - 10.0
EDGES = {"0.001": 1.0, "0.01": 1.0, "0.1": 1.0, "+Inf": 1.0}
SLOW = {"0.001": 0.2, "0.01": 0.3, "0.1": 1.0, "+Inf": 1.0}


def reads(seconds: int = 260) -> Iterable[Scrape]:
    """A proxy, second by second: its pool fills and requests wait at FULL_AT, they are slow from SLOW_AT on."""
    counts = dict.fromkeys(EDGES, 0.0)
    for second in range(seconds):
        at = NOW - seconds + 1 + second
        scrape = Scrape("proxy", "p:8980", at)
        full = at >= FULL_AT
        labels = {"backend": "redis", "pattern": "redis"}
        scrape.add("prism_pool_connections_active", 10 if full else 3, **labels)
        scrape.add("prism_pool_connections_max", 10, **labels)
        scrape.add("prism_pool_waiting", 12 if full else 0, **labels)
        for edge, share in (SLOW if at >= SLOW_AT else EDGES).items():
            counts[edge] += 100 * share
            scrape.add("prism_request_duration_seconds_bucket", counts[edge], Behaviour.HISTOGRAM,
                       le=edge, operation="Get", pattern="redis", namespace="payments")  # fmt: skip
        yield scrape


def fired(rule: str = "latency_p99", component: str = "redis") -> Event:
    labels = {"id": "a", "rule": rule, "component": component, "state": "firing", "since": f"{NOW - 4:.3f}"}
    return Event(NOW, "alert", Severity.WARNING, labels_of(labels), "P99 of requests to redis is 80 ms")


@pytest.fixture(scope="module")
def held() -> Snapshot:
    state = SourceState("proxy@p:8980", "proxy", "p:8980", "p:8980", 1.0).succeeded(NOW, 0.01, 9)
    return snapshot_of(reads(), sources=[state], meta={"collector_alive_at": NOW})


def test_the_figures_of_what_fires_and_of_what_it_rests_on_are_looked_at(held: Snapshot) -> None:
    events = EvidenceObserver().step(held, NOW, [fired()])
    found = {one.component: one for one in stored_departures(events, NOW)}
    assert set(found) == {Component(Kind.POOL, "redis"), Component(Kind.PATTERN, "redis")}
    pool, pattern = found[Component(Kind.POOL, "redis")], found[Component(Kind.PATTERN, "redis")]
    assert FULL_AT <= pool.at <= FULL_AT + 2.0 < SLOW_AT <= pattern.at <= SLOW_AT + 4.0
    assert pool.words == "pool redis: requests waiting rose from 0 to 12"
    assert pattern.words.startswith("redis: P99 rose from 1 ms to 9")


def test_nothing_is_looked_at_until_something_fires_nor_twice_in_a_row(held: Snapshot) -> None:
    observer = EvidenceObserver()
    pending = replace(fired(), labels=labels_of(dict(fired().labels) | {"state": "pending"}))
    assert observer.step(held, NOW, [pending]) == []
    assert {one.kind for one in observer.step(held, NOW, [fired()])} == {KIND}
    assert observer.step(held, NOW + 1, [fired(rule="error_ratio")]) == []


def test_a_component_whose_figures_stay_as_they_were_has_no_evidence(held: Snapshot) -> None:
    assert EvidenceObserver().step(held, NOW, [fired(component="nats")]) == []
