"""JSON for programs: units in the names, unknown is null with a reason, one computation however many ask."""

from __future__ import annotations

import json
import time
from array import array
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from model.measure import Measure
from model.series import Kind, Scrape, Series, Unit
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Status
from store.snapshot import Snapshot, snapshot_of
from tests.web.fake_reader import FakeReader
from web.api import routes
from web.api.answers import Route
from web.api.json_answer import SUFFIX, measures, plain
from web.feed import StoreFeed
from web.lanes import Lanes
from web.replay.replays import Replays

NOW = 1_800_000_000.0


def pattern(name: str, status: str, at: float = NOW - 0.5) -> Scrape:
    labels = (("instance", f"{name}:1"), ("pattern", name), ("status", status))
    series = Series("prism_pattern_status", tuple(sorted(labels)), Kind.STATESET)
    return Scrape("patterns", f"{name}:1", at, [series], array("d", [1.0]))


def state(key: str, at: float = NOW - 0.5) -> SourceState:
    source, instance = key.split("@")
    return SourceState(key, source, instance, f"{instance.split(':')[0]} at {instance}", 1.0).succeeded(at, 0.01, 1)


def reader_of(held: Snapshot) -> FakeReader:
    return FakeReader(held, NOW)


def client_of(reader: FakeReader) -> FlaskClient:
    web = Flask("test")
    feed = StoreFeed(reader)
    replays = Replays(reader, clock=lambda: NOW)
    routes.register(web, lambda: feed, Lanes(), lambda: replays)
    return web.test_client()


def reported_by(held: Snapshot, path: str) -> Any:
    answer = client_of(reader_of(held)).get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    return json.loads(answer.data)


def test_without_sources_there_are_nulls_and_reasons_and_never_a_zero() -> None:
    reported = reported_by(snapshot_of([]), "/api/health")
    assert reported["status"] == "UNKNOWN"
    for name in ("success_ratio", "requests_per_second", "latency_p99_seconds", "auth_success_ratio"):
        assert reported[name] is None
        assert reported["states"][name]["reading"] in ("not reported", "error")
        assert reported["states"][name]["note"]


def test_the_worst_pattern_comes_first_and_sets_the_status() -> None:
    names = {"redis": "HEALTHY", "nats": "DEGRADED"}
    held = snapshot_of(
        [pattern(name, status, time.time() - 0.5) for name, status in names.items()],
        sources=[state(f"patterns@{name}:1", time.time() - 0.5) for name in names],
    )
    assert reported_by(held, "/api/health")["status"] == "DEGRADED"
    reported = reported_by(held, "/api/patterns")["patterns"]
    assert [(one["name"], one["status"]) for one in reported] == [("nats", "DEGRADED"), ("redis", "HEALTHY")]
    assert reported_by(held, "/api/patterns/redis")["health"]["status"] == "HEALTHY"


def test_a_source_in_trouble_is_reported_with_its_kind_of_error() -> None:
    lost = state("proxy@a:1").failed(NOW, 1.0, CollectError(ErrorKind.WRONG_PROTOCOL, "it speaks gRPC"))
    reported = reported_by(snapshot_of([], sources=[lost]), "/api/health")["sources"]
    assert [(one["key"], one["word"], one["detail"]) for one in reported] == [
        ("proxy@a:1", "wrong protocol", "it speaks gRPC")
    ]


def test_an_answer_is_worked_out_once_per_version_however_many_ask() -> None:
    reader = reader_of(snapshot_of([]))
    client = client_of(reader)
    bodies = {client.get("/api/alerts").data for _ in range(20)}
    assert len(bodies) == 1
    assert reader.loads == 1
    assert json.loads(bodies.pop())["alerts"] == []


@dataclass(frozen=True)
class Count:
    number: int


class Counting:
    """An answer that counts how often it is worked out."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, snapshot: Snapshot, now: float, size: str = "") -> Count:
        self.times += 1
        return Count(self.times)


def route_of(answer: Counting, refresh_seconds: float) -> Route:
    return Route("count", "/api/count", answer, refresh_seconds, "", ("size",))


def test_an_answer_follows_its_pages_beat_but_never_misses_a_source_that_is_lost() -> None:
    counting, answers, reader = (
        Counting(),
        routes.Answers(Lanes()),
        reader_of(snapshot_of([], sources=[state("proxy@a:1")])),
    )
    feed, route = StoreFeed(reader), route_of(counting, 10.0)

    def reported(after: float) -> int:
        reader.held = replace(reader.held, version=reader.held.version + 1)
        return int(json.loads(answers.body(route, (), feed, NOW + after))["number"])

    assert [reported(after) for after in (0.0, 0.5, 1.0, 9.0)] == [
        1,
        1,
        1,
        2,
    ]  # the source is stale from its third second
    assert reported(9.5) == 2
    lost = state("proxy@a:1").failed(NOW + 9.6, 1.0, CollectError(ErrorKind.DOWN, "refused"))
    reader.held = replace(reader.held, sources={lost.key: lost})
    assert reported(9.7) == 3
    assert reported(21.0) == 4


def test_each_selection_has_an_answer_of_its_own_and_only_so_many_are_kept() -> None:
    counting, answers, feed = Counting(), routes.Answers(Lanes()), StoreFeed(reader_of(snapshot_of([])))
    route = route_of(counting, 5.0)

    def reported(size: int) -> int:
        return int(json.loads(answers.body(route, (("size", str(size)),), feed, NOW))["number"])

    many = routes.KEPT_SELECTIONS + 1
    assert [reported(size) for size in range(many)] == list(range(1, many + 1))
    assert reported(many - 1) == many
    assert reported(0) == many + 1


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/api/health?colour=red", 400, "unknown_parameter"),
        ("GET", "/api/patterns/oracle", 404, "not_found"),
        ("GET", "/api/patterns/..%2F..%2Fetc%2Fpasswd", 404, "not_found"),
        ("GET", f"/api/patterns/{'n' * 1001}", 400, "unknown_parameter"),
        ("GET", "/api/nothing/here", 404, "not_found"),
        ("POST", "/api/health", 405, "method_not_allowed"),
        ("DELETE", "/api/patterns/redis", 405, "method_not_allowed"),
    ],
)
def test_a_request_without_an_answer_is_reported_why(method: str, path: str, status: int, error: str) -> None:
    answer = client_of(reader_of(snapshot_of([]))).open(path, method=method)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    reported = json.loads(answer.data)
    assert reported.keys() == {"error", "message"}
    assert reported["error"] == error
    assert reported["message"]


def test_before_the_collector_has_written_there_is_no_answer_yet() -> None:
    answer = client_of(reader_of(Snapshot())).get("/api/health")
    assert (answer.status_code, json.loads(answer.data)["error"]) == (503, "no_data_yet")
    assert int(answer.headers["Retry-After"]) > 0


def test_an_answer_that_fails_shows_no_trace_of_how() -> None:
    class Broken(FakeReader):
        def snapshot(self) -> Snapshot:
            raise RuntimeError("secret place")

    answer = client_of(Broken(snapshot_of([]))).get("/api/health")
    assert (answer.status_code, json.loads(answer.data)["error"]) == (500, "internal")
    assert b"secret" not in answer.data


@dataclass(frozen=True)
class Answer:
    uptime: Measure
    check_seconds: Measure
    status: Status
    since: float
    parts: tuple[int, ...] = ()


def test_a_figure_says_its_unit_and_what_it_is_when_it_is_no_value() -> None:
    reported = plain(
        Answer(Measure.of(3.0, Unit.SECONDS), Measure.not_reported(Unit.SECONDS, "why"), Status.HEALTHY, 5.0, (1,))
    )
    assert reported == {
        "uptime_seconds": 3.0,
        "check_seconds": None,
        "status": "HEALTHY",
        "since_timestamp_seconds": 5.0,
        "parts": [1],
        "states": {"check_seconds": {"reading": "not reported", "note": "why"}},
    }


def test_a_stale_figure_keeps_its_value_and_reports_its_age() -> None:
    reported = measures({"p99": Measure.of(0.1, Unit.SECONDS, bound=">").stale(7.0)})
    assert reported == {
        "p99_seconds": 0.1,
        "states": {"p99_seconds": {"reading": "stale", "bound": ">", "age_seconds": 7.0}},
    }


@given(
    st.sampled_from(list(Unit)),
    st.floats(allow_nan=False, allow_infinity=False),
    st.from_regex("[a-z]{1,9}", fullmatch=True),
)
def test_every_unit_is_in_the_name(unit: Unit, value: float, name: str) -> None:
    reported = measures({name: Measure.of(value, unit)})
    assert list(reported.values()) == [value]
    assert next(iter(reported)).endswith(SUFFIX[unit])
