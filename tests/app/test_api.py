"""JSON for programs: units in the names, unknown is null with a reason, one computation however many ask."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from model.measure import Measure
from model.series import Kind, Scrape, Series, Unit
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Status
from pages import api
from pages.feed import StoreFeed
from pages.plain import SUFFIX, measures, plain
from store.snapshot import Snapshot, snapshot_of
from store.status import StoreStatus

NOW = 1_800_000_000.0


class Shelf:
    """A reader of one prepared snapshot that counts how often it is loaded."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.held = snapshot
        self.loads = 0

    def version(self) -> int:
        return self.held.version

    def snapshot(self) -> Snapshot:
        self.loads += 1
        return self.held

    def status(self) -> StoreStatus:
        return StoreStatus(alive_at=NOW, pid=1)


def pattern(name: str, status: str, time: float = NOW - 0.5) -> Scrape:
    labels = (("instance", f"{name}:1"), ("pattern", name), ("status", status))
    series = Series("prism_pattern_status", tuple(sorted(labels)), Kind.STATESET)
    return Scrape("patterns", f"{name}:1", time, [series], array("d", [1.0]))


def state(key: str) -> SourceState:
    source, instance = key.split("@")
    return SourceState(key, source, instance, f"{instance.split(':')[0]} at {instance}", 1.0).succeeded(
        NOW - 0.5, 0.01, 1
    )


def test_an_empty_store_answers_with_nulls_and_reasons_and_never_with_zero() -> None:
    told = api.health(Snapshot(), NOW)
    assert told["status"] == "UNKNOWN"
    for name in ("success_ratio", "requests_per_second", "latency_p99_seconds", "auth_success_ratio"):
        assert told[name] is None
        assert told["states"][name]["reading"] in ("not reported", "error")
        assert told["states"][name]["note"]
    assert json.loads(json.dumps(told)) == told


def test_the_worst_pattern_comes_first_and_sets_the_status() -> None:
    names = {"redis": "HEALTHY", "nats": "DEGRADED"}
    held = snapshot_of(
        [pattern(*one) for one in names.items()], sources=[state(f"patterns@{name}:1") for name in names]
    )
    assert api.health(held, NOW)["status"] == "DEGRADED"
    told = api.patterns(held, NOW)["patterns"]
    assert [(one["name"], one["status"]) for one in told] == [("nats", "DEGRADED"), ("redis", "HEALTHY")]


def test_a_source_in_trouble_is_told_with_its_kind_of_error() -> None:
    lost = state("proxy@a:1").failed(NOW, 1.0, CollectError(ErrorKind.WRONG_PROTOCOL, "it speaks gRPC"))
    told = api.health(snapshot_of([], sources=[lost]), NOW)["sources"]
    assert [(one["key"], one["word"], one["detail"]) for one in told] == [
        ("proxy@a:1", "wrong protocol", "it speaks gRPC")
    ]


def test_an_answer_is_worked_out_once_per_version_however_many_ask() -> None:
    shelf = Shelf(snapshot_of([]))
    web = Flask("test")
    api.register(web, lambda: StoreFeed(shelf))
    client = web.test_client()
    bodies = {client.get("/api/alerts").data for _ in range(20)}
    assert len(bodies) == 1
    assert shelf.loads == 1
    assert client.get("/api/alerts").mimetype == "application/json"
    assert json.loads(bodies.pop())["alerts"] == []


@dataclass(frozen=True)
class Answer:
    uptime: Measure
    check_seconds: Measure
    status: Status
    since: float
    parts: tuple[int, ...] = ()


def test_a_figure_says_its_unit_and_what_it_is_when_it_is_no_value() -> None:
    told = plain(
        Answer(Measure.of(3.0, Unit.SECONDS), Measure.not_reported(Unit.SECONDS, "why"), Status.HEALTHY, 5.0, (1,))
    )
    assert told == {
        "uptime_seconds": 3.0,
        "check_seconds": None,
        "status": "HEALTHY",
        "since_timestamp_seconds": 5.0,
        "parts": [1],
        "states": {"check_seconds": {"reading": "not reported", "note": "why"}},
    }


def test_a_stale_figure_keeps_its_value_and_tells_its_age() -> None:
    told = measures({"p99": Measure.of(0.1, Unit.SECONDS, bound=">").stale(7.0)})
    assert told == {
        "p99_seconds": 0.1,
        "states": {"p99_seconds": {"reading": "stale", "bound": ">", "age_seconds": 7.0}},
    }


@given(
    st.sampled_from(list(Unit)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.from_regex("[a-z]{1,9}", fullmatch=True),
)
def test_every_unit_is_in_the_name(unit: Unit, value: float, name: str) -> None:
    told = measures({name: Measure.of(value, unit)})
    assert list(told.values()) == [value]
    assert next(iter(told)).endswith(SUFFIX[unit])
