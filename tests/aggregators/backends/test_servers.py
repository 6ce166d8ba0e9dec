"""Backends' servers: their figures in the right state, and whether they are well."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.alerts.rules import BY_ID
from aggregators.alerts.verdict import Look
from aggregators.backends.backends import backends_verdict
from aggregators.backends.server import Server
from aggregators.backends.servers import backend_servers
from aggregators.detection.detections import Detector, evaluate
from model.series import Event, Severity, labels_of
from model.sources import ErrorKind, SourceState
from model.status import Reading, Status
from store.snapshot import Snapshot, snapshot_of
from tests.aggregators.servers import KINDS, NOW, REDIS, Reads, clock, snapshot


def only(reported: Snapshot) -> Server:
    (server,) = backend_servers(reported, NOW).all
    return server


def judged(reported: Snapshot) -> tuple[Status, str]:
    server = only(reported)
    return server.status, server.reason


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_answers_is_well(kind: str) -> None:
    reads = Reads(kind)
    reads.at(2.5)
    reads.at(0.5)
    assert judged(snapshot([reads])) == (Status.HEALTHY, "")
    assert only(snapshot([reads])).name == KINDS[kind].name


def test_nobody_is_configured_and_nothing_is_reported() -> None:
    assert backend_servers(snapshot_of([]), NOW).all == ()


@pytest.mark.parametrize(
    ("kind", "values", "words"),
    [
        ("redis", {"redis_server_loading": 1.0}, "it is loading its data, and answers nothing else"),
        ("redis", {"redis_server_replication_link_up": 0.0}, "it has lost its primary: the replication link is down"),
        ("redis", {"redis_server_cluster_up": 0.0}, "its cluster is down (cluster_state): it refuses commands"),
        ("postgres", {"backend_connections": 91.0, "backend_connections_max": 100.0},
         "91 % of its connections are in use: 91 of 100"),
    ],
)  # fmt: skip
def test_what_it_says_of_itself_is_trouble_in_words(kind: str, values: dict[str, float], words: str) -> None:
    reads = Reads(kind)
    reads.at(0.5, **values)
    assert judged(snapshot([reads])) == (Status.DEGRADED, words)


def test_connections_up_to_nine_tenths_are_no_trouble() -> None:
    reads = Reads("redis")
    reads.at(0.5, backend_connections=90.0, backend_connections_max=100.0)
    assert judged(snapshot([reads])) == (Status.HEALTHY, "")


@pytest.mark.parametrize(
    ("kind", "family", "words"),
    [
        ("redis", "backend_connections_rejected_total", "2 connections were turned away in the last minute"),
        ("nats", "nats_server_slow_consumers_total", "2 slow consumers were cut off in the last minute"),
        ("postgres", "postgres_server_deadlocks_total", "2 deadlocks in the last minute"),
    ],
)
def test_what_is_counted_is_trouble_while_it_is_news(kind: str, family: str, words: str) -> None:
    fresh, past = Reads(kind), Reads(kind)
    for ago, count in ((90.0, 5.0), (30.0, 5.0), (10.0, 7.0), (0.5, 7.0)):
        fresh.at(ago, **{family: count})
    for ago, count in ((110.0, 5.0), (90.0, 7.0), (70.0, 7.0), (0.5, 7.0)):
        past.at(ago, **{family: count})
    assert judged(snapshot([fresh])) == (Status.DEGRADED, words)
    assert judged(snapshot([past])) == (Status.HEALTHY, "")


def test_a_nats_server_that_calls_itself_ill_is_degraded_in_its_own_words() -> None:
    reads = Reads("nats")
    reads.at(0.5).info("nats_server_health_info", state="not ok", detail="JetStream is not current")
    assert judged(snapshot([reads])) == (Status.DEGRADED, "/healthz: not ok, JetStream is not current")


def lost(reads: Reads, error: ErrorKind, ago: float, detail: str = "") -> Snapshot:
    state = reads.state(error, detail, ago)
    return snapshot([reads], {state.key: state})


def test_a_server_whose_port_closed_is_down_and_its_last_figures_are_old() -> None:
    reads = Reads("redis")
    reads.at(22.0, redis_server_commands_total=10.0)
    reads.at(20.0, backend_connections=7.0, backend_connections_max=100.0, redis_server_commands_total=30.0)
    reported = lost(reads, ErrorKind.DOWN, 20.0, "connection refused")
    assert judged(reported) == (Status.UNHEALTHY, "down for 20 s: connection refused")
    (redis,) = backend_servers(reported, NOW).redis
    assert (redis.server.connections.reading, redis.server.connections.value) == (Reading.STALE, 7.0)
    assert (redis.commands.reading, redis.commands.value) == (Reading.STALE, 10.0)


def test_a_server_that_hangs_is_unknown_and_one_slow_read_is_no_hang() -> None:
    reads = Reads("postgres")
    reads.at(4.0)
    assert judged(lost(reads, ErrorKind.TIMED_OUT, 4.0)) == (Status.HEALTHY, "")
    reads = Reads("postgres")
    reads.at(9.0)
    assert judged(lost(reads, ErrorKind.TIMED_OUT, 9.0)) == (Status.UNKNOWN, "hangs: no answer for 9 s")


def test_a_server_never_reached_reports_no_figure_and_says_why() -> None:
    state = SourceState("redis@a:1", "redis", "a:1", "redis://a:1", 2.0)
    reported = snapshot_of([], sources=[state])
    assert judged(reported) == (Status.UNKNOWN, "not read yet")
    assert only(reported).connections.reading is Reading.ERROR


def test_an_exporter_that_is_gone_says_nothing_of_its_server() -> None:
    reads = Reads("redis", REDIS._replace(url="http://127.0.0.1:9121/metrics"), exporter=True)
    reads.at(20.0)
    reported = lost(reads, ErrorKind.DOWN, 20.0)
    assert judged(reported) == (Status.UNKNOWN, "its exporter: down for 20 s")
    assert only(reported).reported_by == "its exporter"


def test_an_exporter_that_answers_for_a_dead_server_is_believed() -> None:
    reads = Reads("postgres", REDIS._replace(url="http://127.0.0.1:9187/metrics"), exporter=True)
    reads.dead(0.5)
    reported = snapshot([reads])
    assert judged(reported) == (Status.UNHEALTHY, "its exporter cannot reach it")
    assert only(reported).connections.reading is Reading.NOT_REPORTED


def test_two_servers_of_a_kind_keep_their_figures_apart() -> None:
    one, other = Reads("redis"), Reads("redis", REDIS._replace(name="sessions", url="redis://127.0.0.1:6380"))
    one.at(0.5, backend_connections=3.0)
    other.at(0.5, backend_connections=50.0)
    found = {server.name: server.connections.value for server in backend_servers(snapshot([one, other]), NOW).all}
    assert found == {"cache": 3.0, "sessions": 50.0}


def test_a_restart_is_reported_of_the_server_that_was_started_again_and_of_no_other() -> None:
    one, other = Reads("redis"), Reads("nats")
    for ago, identity in ((6.0, "a"), (4.0, "a"), (2.0, "b")):
        one.words.started(one.at(ago), NOW - 100 if identity == "a" else NOW - 3, identity)
        other.words.started(other.at(ago), NOW - 100, "n")
    found = {server.name: server.restarted_at for server in backend_servers(snapshot([one, other]), NOW).all}
    assert found == {"cache": NOW - 2.0, "events": None}


@given(st.lists(st.floats(-1.9, 1.9), min_size=1, max_size=8))
def test_an_uptime_in_whole_seconds_is_never_a_restart(jitters: list[float]) -> None:
    reads = Reads("redis")
    for position, jitter in enumerate(jitters):
        reads.words.started(reads.at(60.0 - position), NOW - 1000.0 + jitter / 2)
    assert all(not scrape.events for scrape in reads.scrapes)


def test_a_mean_is_time_over_calls_and_nothing_called_is_no_traffic() -> None:
    reads = Reads("redis")
    for ago, calls, seconds in ((100.0, 0.0, 0.0), (50.0, 99.0, 0.99), (0.5, 100.0, 3.0)):
        reported = reads.at(ago)
        reported.counter("redis_server_command_calls_total", calls, command="get")
        reported.counter("redis_server_command_duration_seconds_total", seconds, command="get")
        reported.gauge("redis_server_command_latency_seconds", 0.25, command="get", quantile="0.99")
        reported.counter("redis_server_keyspace_hits_total", 4.0)
        reported.counter("redis_server_keyspace_misses_total", 1.0)
    (redis,) = backend_servers(snapshot([reads]), NOW).redis
    assert redis.command_mean.value == pytest.approx(0.03)
    assert (redis.command, redis.command_p99.value) == ("get", 0.25)
    assert redis.hits_ratio.reading is Reading.NO_TRAFFIC


def test_a_limit_of_nothing_is_no_limit() -> None:
    reads = Reads("redis")
    reads.at(0.5, redis_server_memory_used_bytes=5.0, redis_server_memory_max_bytes=0.0)
    (redis,) = backend_servers(snapshot([reads]), NOW).redis
    assert (redis.memory_used.value, redis.memory_max.value, redis.memory_ratio.value) == (5.0, None, None)


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=20))
def test_rates_are_never_negative_over_any_resets(values: list[int]) -> None:
    reads = Reads("nats")
    for position, value in enumerate(values):
        reported = reads.at(0.5 + 2.0 * (len(values) - 1 - position))
        reported.counter("nats_server_messages_total", value, direction="in")
    (nats,) = backend_servers(snapshot([reads]), NOW).nats
    assert nats.in_messages.value is not None
    assert nats.in_messages.value >= 0.0


def alerts(reported: Snapshot) -> list[tuple[str | None, str, str]]:
    """(rule, severity, words) of what one look of the detections raises."""
    events = Detector({}).step(reported, NOW)
    return [(one.label("rule"), one.severity.value, one.message) for one in events if one.kind == "alert"]


def test_a_server_that_is_down_is_one_critical_alert_and_no_lost_source() -> None:
    reads = Reads("redis")
    reads.at(20.0)
    assert alerts(lost(reads, ErrorKind.DOWN, 20.0, "connection refused")) == [
        ("backend_server", "critical", "Redis server cache: is down, connection refused")
    ]


def test_a_server_that_hangs_or_is_in_trouble_is_a_warning() -> None:
    reads = Reads("postgres")
    reads.at(30.0)
    assert alerts(lost(reads, ErrorKind.TIMED_OUT, 30.0)) == [
        ("backend_server", "warning", "PostgreSQL server orders: hangs, it takes connections and answers nothing")
    ]
    reads = Reads("redis")
    reads.at(0.5, redis_server_loading=1.0)
    assert alerts(snapshot([reads])) == [
        ("backend_server", "warning", "Redis server cache: it is loading its data, and answers nothing else")
    ]


def test_an_exporter_that_is_gone_is_a_lost_source_and_no_server_in_trouble() -> None:
    reads = Reads("redis", REDIS._replace(url="http://127.0.0.1:9121/metrics"), exporter=True)
    reads.at(20.0)
    assert [rule for rule, _, _ in alerts(lost(reads, ErrorKind.DOWN, 20.0))] == ["source_lost"]


def test_a_sentinel_says_of_a_primary_that_it_watches_that_it_is_down() -> None:
    reads = Reads("redis")
    reported = reads.words.scrape(clock(NOW - 0.5))
    reads.words.introduce(reported, "7.2.4", "sentinel")
    reported.gauge("redis_server_replication_link_up", 0.0)
    reads.scrapes.append(reported.scrape)
    assert judged(snapshot([reads])) == (Status.DEGRADED, "a primary that it watches is down")


def test_of_a_server_that_is_well_the_view_says_nothing() -> None:
    reads = Reads("redis")
    reads.at(0.5)
    assert backends_verdict(Look(snapshot([reads]), NOW)).reason == ""


def test_a_limit_of_none_is_no_limit_of_zero() -> None:
    reads = Reads("nats")
    reads.at(0.5, backend_connections=5.0, backend_connections_max=0.0)
    server = only(snapshot([reads]))
    assert (server.most_connections.value, server.most_connections.note) == (None, "there is no limit")


@pytest.mark.parametrize(("ahead", "uptime"), [(3600.0, None), (2.0, 0.0), (-60.0, 60.0)])
def test_a_start_that_is_yet_to_come_is_a_wrong_clock_and_no_uptime_of_zero(ahead: float, uptime: float | None) -> None:
    reads = Reads("nats")
    reads.at(0.5, backend_started_timestamp_seconds=NOW + ahead)
    assert only(snapshot([reads])).uptime.value == uptime


@pytest.mark.parametrize("kind", ["redis", "postgres"])
def test_a_server_is_no_better_than_the_alert_that_blames_it_which_calls_it_by_its_name(kind: str) -> None:
    reads = Reads(kind)
    for ago in (6.5, 4.5, 2.5, 0.5):
        values = {f"{kind}_server_replication_lag_seconds": 960.0, "backend_started_timestamp_seconds": NOW - 50}
        reads.at(ago, **values)
    known = snapshot([reads])
    (found,) = (one for one in evaluate(BY_ID["replication_lag"], known, NOW) if one.bad)
    labels = {"id": "x", "rule": "replication_lag", "component": found.component, "state": "firing"}
    event = Event(NOW - 2, "alert", Severity.CRITICAL, labels_of(labels), found.words)
    server = only(replace(known, events=(event,)))
    assert server.status is Status.UNHEALTHY
    assert server.reason.endswith(f"{KINDS[kind].name} is 16m behind its primary")
    assert server.uptime.value == 50.0
