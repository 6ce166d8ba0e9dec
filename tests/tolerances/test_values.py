"""Tolerances 11 to 17: what the values may look like, and how far they may be believed."""

from __future__ import annotations

import json
import logging
import random
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dash
import grpc
import pytest
from dash import dcc, html
from dash.development.base_component import Component

import app
from aggregators.backends.backends import backends
from aggregators.backends.clients import Backend
from aggregators.backends.pools import Pool, pools
from aggregators.detection.detections import Detector
from aggregators.namespaces.detail import namespace_detail
from aggregators.overview.overall import overall
from aggregators.patterns.health import PatternHealth, pattern_health
from aggregators.resources.control_plane import control_plane
from aggregators.resources.processes import proxy_processes
from aggregators.security.jwks import jwks_cache
from aggregators.series.source_rows import source_row
from collectors.admin.metrics import AdminMetricsCollector
from collectors.admin.namespaces import AdminCollector
from collectors.core.timestamps import to_epoch
from collectors.otel.collector import OtelCollector
from collectors.patterns.launcher import LauncherCollector
from collectors.patterns.pattern import PatternCollector
from components import format as fmt
from components.lists.table import namespace_href, page_name, pattern_href
from model.catalogue.launcher import BY_PID, BY_UPTIME
from model.measure import Measure
from model.series import Scrape
from model.settings import Aliases
from model.sources import ErrorKind
from model.status import Phase, Reading, Status
from pages.backends import page as backends_page
from pages.namespace_detail import page as namespace_page
from pages.pattern_detail import page as pattern_page
from proto import launcher_pb2, lifecycle_pb2
from store.incoming import frames_of
from store.snapshot import Snapshot
from store.writer import Writer
from tests.collectors.conftest import Asked, Reply
from tests.tolerances.every_source import (
    LAUNCHER,
    LIFECYCLE,
    NOW,
    OPTIONS,
    EverySource,
    Http,
    Rpc,
    Serve,
    exposing,
    pattern,
    proxy,
    refusing,
    routes,
    saying,
    status_of,
    texts,
    values,
)
from web.hub_payload import encode

assert app.server, "importing the application registers its pages"

NAMESPACES = "/api/v1/namespaces"


def health(status: int, message: str = "", **details: str) -> dict[str, Any]:
    """A Lifecycle service that says this."""
    reported = lifecycle_pb2.HealthCheckResponse(status=status, message=message, details=details)  # type: ignore[arg-type]
    return {LIFECYCLE: saying(reported)}


def asked(grpc_server: Serve, name: str, status: int, message: str = "", **details: str) -> EverySource:
    """A desk that has read one pattern which says this."""
    every_source = EverySource(pattern(grpc_server(Rpc(health(status, message, **details))), name))
    every_source.read(times=2)
    every_source.close()
    return every_source


def pool_of(every_source: EverySource) -> Pool:
    (found,) = pools(every_source.snapshot(), every_source.now)
    return found


def backend_of(every_source: EverySource) -> Backend:
    (found,) = backends(every_source.snapshot(), every_source.now).backends
    return found


def process(name: str, state: int = 2, **more: Any) -> launcher_pb2.PatternInfo:
    """A process as today's launcher reports it: RUNNING and healthy, whatever it is."""
    reported: dict[str, Any] = {"process_id": "shared", "state": state, "healthy": True, "uptime_seconds": 100, **more}
    return launcher_pb2.PatternInfo(pattern_name=name, **reported)


class Launcher:
    """A launcher whose processes may be changed from read to read."""

    def __init__(self, grpc_server: Serve, *processes: launcher_pb2.PatternInfo) -> None:
        self.processes = list(processes)
        self.every_source = EverySource(
            LauncherCollector(f"127.0.0.1:{grpc_server(Rpc({LAUNCHER: self._answer}))}", OPTIONS)
        )

    def _answer(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        return bytes(launcher_pb2.HealthResponse(healthy=True, processes=self.processes).SerializeToString())

    def read(self, *processes: launcher_pb2.PatternInfo, seconds: float = 5.0) -> Scrape:
        self.processes = list(processes) or self.processes
        return self.every_source.read(seconds)

    def patterns(self) -> dict[str, PatternHealth]:
        return {one.name: one for one in pattern_health(self.every_source.snapshot(), self.every_source.now)}

    def restarts(self) -> list[str | None]:
        return [event.label("how") for event in self.every_source.events if event.kind == "restart"]


def admin(http: Http, *entries: object) -> EverySource:
    """A desk that has read an Admin API which lists these namespaces."""
    every_source = EverySource(AdminCollector(http(routes({NAMESPACES: {"namespaces": list(entries)}})).url, OPTIONS))
    every_source.read()
    every_source.close()
    return every_source


# 11. Details are texts.


def test_tolerance_11_all_details_are_texts_and_numbers_among_them_are_found(grpc_server: Serve) -> None:
    every_source = asked(grpc_server, "redis", 1, total_conns="7", idle_conns="4", pool_size="10")
    found = pool_of(every_source)
    assert (found.active.value, found.idle.value, found.maximum.value) == (3.0, 4.0, 10.0)


def test_tolerance_11_keys_vary_by_driver(grpc_server: Serve) -> None:
    postgres = pool_of(asked(grpc_server, "postgres", 1, acquired="9", max="10", idle="1"))
    assert (postgres.active.value, postgres.maximum.value) == (9.0, 10.0)
    store = backend_of(asked(grpc_server, "memstore", 1, keys="20", max_keys="100"))
    assert (store.stored.value, store.most_stored.value, store.stored_ratio.value) == (20.0, 100.0, 0.2)
    assert backend_of(asked(grpc_server, "memstore", 1, keys="20")).most_stored.reading is Reading.NOT_REPORTED
    nats = backend_of(asked(grpc_server, "nats", 1, subscriptions="3", in_msgs="5"))
    assert (nats.subscriptions.value, nats.in_messages.value, nats.out_messages.reading) == (
        3.0, 5.0, Reading.NOT_REPORTED,
    )  # fmt: skip


def test_tolerance_11_keys_vary_by_state_of_health(grpc_server: Serve) -> None:
    server = Rpc(health(1, "connected", subscriptions="3", in_msgs="5"))
    every_source = EverySource(pattern(grpc_server(server), "nats"))
    every_source.read(times=2)
    assert backend_of(every_source).subscriptions.value == 3.0
    server.methods.update(health(2, "reconnecting"))
    every_source.read()
    found = backend_of(every_source)
    assert found.status is Status.DEGRADED
    assert {found.subscriptions.reading, found.in_messages.reading} == {Reading.NOT_REPORTED}, "not the last good ones"
    every_source.close()
    kafka = asked(grpc_server, "kafka", 2, queue_length="20000")
    assert backend_of(kafka).details == {"queue_length": "20000"}


def test_tolerance_11_details_may_be_empty(grpc_server: Serve) -> None:
    (found,) = pattern_health(asked(grpc_server, "multicast_registry", 1).snapshot(), NOW + 2)
    assert (found.status, found.details) == (Status.HEALTHY, {})
    (odd,) = pattern_health(asked(grpc_server, "sqlite", 1, database="", table="kv").snapshot(), NOW + 2)
    assert odd.details == {"database": "", "table": "kv"}


def test_tolerance_11_unknown_drivers_and_extra_keys_pass_through_to_the_screen(grpc_server: Serve) -> None:
    every_source = asked(grpc_server, "cassandra", 1, ring="eu-west", nodes="12", running="true")
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert found.details == {"ring": "eu-west", "nodes": "12", "running": "true"}
    own = encode(pattern_page.update(every_source.snapshot(), every_source.now, "cassandra")).decode()
    shown = encode(backends_page.update(every_source.snapshot(), every_source.now)).decode()
    for words in (own, shown):
        assert "eu-west" in words
        assert "12" in words
    redis = backend_of(asked(grpc_server, "redis", 1, total_conns="7", idle_conns="4", pool_size="10", shard="b"))
    assert redis.details == {"shard": "b"}


@pytest.mark.parametrize("odd", ["", "many", "NaN", "Infinity", "0x10", "10 of 20", "1,5", "９"])
def test_tolerance_11_text_where_a_number_was_crashes_nothing(grpc_server: Serve, odd: str) -> None:
    every_source = asked(grpc_server, "redis", 1, total_conns=odd, idle_conns=odd, pool_size=odd)
    assert pattern_health(every_source.snapshot(), every_source.now)[0].status is Status.HEALTHY
    for one in pools(every_source.snapshot(), every_source.now):
        assert one.status in Status
    assert backends_page.update(every_source.snapshot(), every_source.now)


@pytest.mark.parametrize("size", ["0", "0.0", "-1"])
def test_tolerance_11_a_pool_size_of_0_divides_nothing(grpc_server: Serve, size: str) -> None:
    found = pool_of(asked(grpc_server, "redis", 1, total_conns="5", idle_conns="0", pool_size=size))
    assert (found.utilization_ratio.value, found.utilization_ratio.reading) == (None, Reading.NOT_REPORTED)


# 12. What is said of oneself.


def test_tolerance_12_redis_counts_its_idle_connections_among_all_and_so_is_not_full(grpc_server: Serve) -> None:
    every_source = asked(
        grpc_server, "redis", 2, "pool near capacity", total_conns="10", idle_conns="10", pool_size="10"
    )
    found = pool_of(every_source)
    assert (found.active.value, found.utilization_ratio.value) == (0.0, 0.0)
    assert found.status is Status.HEALTHY, "the pool is idle"
    assert pattern_health(every_source.snapshot(), every_source.now)[0].status is Status.DEGRADED, (
        "which is what Redis' driver says"
    )


def test_tolerance_12_a_healthy_kafka_with_a_dead_broker_does_not_make_the_whole_healthy(
    http: Http, grpc_server: Serve
) -> None:
    count = iter(range(0, 100_000, 100))

    def failing(asked: Asked) -> Reply:
        failed = next(count)
        lines = f'prism_requests_total{{pattern="kafka",namespace="a",status="error"}} {failed}\n'
        lines += f'prism_requests_total{{pattern="kafka",namespace="a",status="success"}} {failed}\n'
        return Reply(200, lines.encode())

    port = grpc_server(Rpc(health(1, "healthy", producer_queue="0", topic="orders")))
    every_source, detector = EverySource(pattern(port, "kafka"), proxy(http(failing))), Detector()
    for _ in range(12):
        every_source.read()
        every_source.events += detector.step(every_source.snapshot(), every_source.now)
    assert pattern_health(every_source.snapshot(), every_source.now)[0].status is Status.HEALTHY
    found = overall(every_source.snapshot(), every_source.now)
    assert found.status is not Status.HEALTHY
    assert "fail" in found.reason
    every_source.close()


def test_tolerance_12_a_launcher_that_calls_dead_children_healthy_makes_none_healthy(grpc_server: Serve) -> None:
    launcher = Launcher(grpc_server, process("redis"), process("nats"))
    launcher.read()
    assert {one.status for one in launcher.patterns().values()} == {Status.UNKNOWN}
    assert overall(launcher.every_source.snapshot(), launcher.every_source.now).status is Status.UNKNOWN
    launcher.every_source.close()


def test_tolerance_12_freshness_is_our_own_observation_and_not_a_reported_status(
    http: Http, grpc_server: Serve
) -> None:
    port = grpc_server(Rpc(health(1, "healthy")))
    server = http(exposing("prism_admin_raft_state 2\n"))
    every_source = EverySource(pattern(port), AdminMetricsCollector(server.url, OPTIONS, Aliases()))
    every_source.read(times=2)
    fresh = (
        pattern_health(every_source.snapshot(), every_source.now)[0],
        control_plane(every_source.snapshot(), every_source.now),
    )
    assert (fresh[0].status, fresh[1].status) == (Status.HEALTHY, Status.HEALTHY)
    later = every_source.now + 60.0
    stale = pattern_health(every_source.snapshot(), later)[0], control_plane(every_source.snapshot(), later)
    assert (stale[0].status, stale[0].reason) == (Status.UNKNOWN, "no news for 1m")
    assert (stale[1].status, stale[1].role) == (Status.UNKNOWN, "leader")
    every_source.close()


def test_tolerance_12_a_namespace_is_not_healthy_because_the_admin_api_says_so(http: Http) -> None:
    every_source = admin(http, {"name": "shop", "status": "healthy"})
    found = namespace_detail(every_source.snapshot(), every_source.now, "shop")
    assert (found.admin_status, found.namespace.status) == ("healthy", Status.UNKNOWN)


# 13. Instants.


@pytest.mark.parametrize("absent", [0, "0", None, "", "0001-01-01T00:00:00Z", {}, {"seconds": "0"}, -1])
def test_tolerance_13_a_zero_or_absent_instant_is_unknown_and_not_1970(http: Http, absent: object) -> None:
    assert to_epoch(absent) is None
    every_source = admin(http, {"name": "shop", "created_at": absent}, {"name": "search"})
    assert values(every_source.scrapes[-1], "prism_namespace_created_timestamp_seconds") == {}
    for name in ("shop", "search"):
        created = namespace_detail(every_source.snapshot(), every_source.now, name).created
        assert created.reading is Reading.NOT_REPORTED
    assert "1970" not in encode(namespace_page.update(every_source.snapshot(), every_source.now, "shop")).decode()


def test_tolerance_13_instants_of_0_in_metrics_are_unknown_too(http: Http) -> None:
    text = (
        'prism_pattern_start_time_seconds{pattern="redis"} 0\nprocess_start_time_seconds 0\n'
        "prism_jwks_last_refresh_timestamp_seconds 0\nprism_jwks_next_refresh_timestamp_seconds 0\n"
        'prism_requests_total{pattern="redis",status="success"} 1\n'
    )
    every_source = EverySource(proxy(http(exposing(text))))
    every_source.read(times=3)
    snapshot, now = every_source.snapshot(), every_source.now
    (found,) = pattern_health(snapshot, now)
    (running,) = proxy_processes(snapshot, now)
    keys = jwks_cache(snapshot, now)
    reported = (found.uptime, running.uptime, keys.last_refresh, keys.next_refresh)
    assert [one.reading for one in reported] == [Reading.NOT_REPORTED] * 4
    assert (found.started_at, keys.overdue) == (None, None)
    every_source.close()


@pytest.mark.parametrize(
    "reported",
    [
        1762506000, "1762506000", 1762506000000, "1762506000000", 1762506000000000000, "1762506000000000000",
        "2025-11-07 09:00:00", "2025-11-07T09:00:00Z", {"seconds": "1762506000", "nanos": 0},
    ],
    ids=["s", "s text", "ms", "ms text", "ns", "ns text", "SQLite, UTC without a zone", "RFC 3339", "Timestamp"],
)  # fmt: skip
def test_tolerance_13_seconds_milliseconds_nanoseconds_and_sqlites_texts_are_one_instant(
    http: Http, reported: object
) -> None:
    every_source = admin(http, {"name": "shop", "created_at": reported})
    assert values(every_source.scrapes[-1], "prism_namespace_created_timestamp_seconds") != {}
    assert namespace_detail(every_source.snapshot(), every_source.now, "shop").created.value == 1762506000.0


def test_tolerance_13_clocks_that_disagree_make_no_age_negative(http: Http) -> None:
    text = (
        f'prism_pattern_start_time_seconds{{pattern="redis"}} {NOW + 30}\nprocess_start_time_seconds {NOW + 30}\n'
        'prism_requests_total{pattern="redis",status="success"} 1\n'
    )
    every_source = EverySource(proxy(http(exposing(text))))
    every_source.read()
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    (running,) = proxy_processes(every_source.snapshot(), every_source.now)
    assert (found.uptime.value, running.uptime.value) == (0.0, 0.0)
    (state,) = every_source.source_states.states.values()
    assert state.age_seconds(every_source.now - 100.0) == 0.0
    assert source_row(state, every_source.now - 100.0).age_seconds == 0.0
    assert (fmt.age(-5.0), fmt.ago(-5.0), fmt.duration(-5.0)) == ("0 s old", "just now", "0 s")
    every_source.close()


# 14. JSON as proto3 writes it, and enums.


def test_tolerance_14_int64_comes_as_text(http: Http) -> None:
    every_source = admin(http, {"name": "shop", "max_rps": "5000", "created_at": "1762506000"})
    found = namespace_detail(every_source.snapshot(), every_source.now, "shop")
    assert (found.all_requests.limit_per_second.value, found.created.value) == (5000.0, 1762506000.0)


@pytest.mark.parametrize("answer", [{}, {"namespaces": None}, {"namespaces": []}, {"totalCount": "0"}])
def test_tolerance_14_fields_left_out_because_they_are_0_are_no_error(http: Http, answer: object) -> None:
    every_source = EverySource(AdminCollector(http(routes({NAMESPACES: Reply.of(answer)})).url, OPTIONS))
    every_source.read()
    (state,) = every_source.source_states.states.values()
    wanted = ErrorKind.MALFORMED if answer == {"totalCount": "0"} else None
    assert state.error is wanted
    every_source.close()


@pytest.mark.parametrize(("reported", "word"), [(0, "UNKNOWN"), (9, "UNKNOWN"), (-1, "UNKNOWN"), (2, "DEGRADED")])
def test_tolerance_14_an_unknown_or_unspecified_status_is_unknown(grpc_server: Serve, reported: int, word: str) -> None:
    assert status_of(asked(grpc_server, "redis", reported).scrapes[-1]) == word


@pytest.mark.parametrize("reported", [0, 77])
def test_tolerance_14_an_unknown_or_unspecified_process_state_is_unknown(grpc_server: Serve, reported: int) -> None:
    launcher = Launcher(grpc_server, process("redis", state=reported))
    scrape = launcher.read()
    assert values(scrape, "launcher_process_state", "state")["unknown"] == 1.0
    found = launcher.patterns()["redis"]
    assert (found.status, found.phase) == (Status.UNKNOWN, None)
    launcher.every_source.close()


@pytest.mark.parametrize(("reported", "state"), [('"true"', "available"), ('"false"', "not available"),
                                             ("true", "available"), ("false", "not available")])  # fmt: skip
def test_tolerance_14_a_boolean_may_be_written_as_text(http: Http, reported: str, state: str) -> None:
    server = http(lambda asked: Reply(200, f'{{"healthy": {reported}}}'.encode()))
    every_source = EverySource(OtelCollector("", f"{server.url}/health", OPTIONS, Aliases()))
    assert values(every_source.read(), "otelcol_health_info", "state") == {state: 1.0}
    every_source.close()


def test_tolerance_14_a_boolean_among_the_details_stays_the_word_that_it_is(grpc_server: Serve) -> None:
    every_source = asked(grpc_server, "consumer", 2, running="false", topic="orders")
    assert pattern_health(every_source.snapshot(), every_source.now)[0].details == {
        "running": "false",
        "topic": "orders",
    }


# 15. Processes as the launcher reports them.


def test_tolerance_15_an_empty_address_and_a_pid_of_0_are_not_reported(grpc_server: Serve) -> None:
    launcher = Launcher(grpc_server, process("redis", address="", pid=0))
    launcher.read()
    found = launcher.patterns()["redis"]
    assert not {"launcher address", "launcher pid"} & found.details.keys()
    assert found.phase is Phase.RUNNING
    launcher.every_source.close()


def test_tolerance_15_process_ids_without_the_patterns_name_are_distinguished_by_it(grpc_server: Serve) -> None:
    launcher = Launcher(grpc_server, process("redis"), process("nats"), process("", process_id="ns:shop"))
    launcher.read()
    assert set(launcher.patterns()) == {"redis", "nats", "ns:shop"}
    launcher.every_source.close()


def test_tolerance_15_duplicate_vanishing_and_shuffled_rows_are_no_news(grpc_server: Serve) -> None:
    rows = [process(name, pid=7, uptime_seconds=1000) for name in ("redis", "nats", "kafka", "redis")]
    launcher, chance = Launcher(grpc_server, *rows), random.Random(1)
    seen = []
    for read in range(12):
        reported = rows[:2] if read % 3 == 2 else list(rows)
        for one in reported:
            one.uptime_seconds += 5
        chance.shuffle(reported)
        scrape = launcher.read(*reported)
        seen.append(len(values(scrape, "launcher_process_healthy", "pattern")))
    assert set(seen) == {2, 3}
    assert launcher.restarts() == []
    launcher.every_source.close()


def test_tolerance_15_an_uptime_that_goes_backwards_is_no_restart_while_the_pid_is_the_same(grpc_server: Serve) -> None:
    launcher = Launcher(grpc_server)
    for uptime in (1000, 1005, 2, 7, 0, 5):
        launcher.read(process("redis", pid=4711, uptime_seconds=uptime))
    assert launcher.restarts() == []
    launcher.every_source.close()


@pytest.mark.parametrize(
    ("reported", "how"),
    [([(1, 100), (2, 5)], BY_PID), ([(0, 100), (0, 2)], BY_UPTIME), ([(0, 100), (0, 0), (0, 3)], None)],
    ids=["pid", "uptime", "an uptime of 0 reports nothing"],
)
def test_tolerance_15_restarts_are_inferred_and_labelled_so(
    grpc_server: Serve, reported: list[tuple[int, int]], how: str | None
) -> None:
    launcher = Launcher(grpc_server)
    for pid, uptime in reported:
        launcher.read(process("redis", pid=pid, uptime_seconds=uptime, restart_count=0))
    assert launcher.restarts() == ([how] if how else [])
    found = launcher.patterns()["redis"].restarts
    assert (found.count.value, found.how.startswith("inferred: ")) == (float(how is not None), True)
    words = encode(pattern_page.update(launcher.every_source.snapshot(), launcher.every_source.now, "redis")).decode()
    assert "inferred" in words
    launcher.every_source.close()


def test_tolerance_15_a_start_time_that_moved_is_a_restart_and_labelled_so(http: Http) -> None:
    started = {"at": NOW - 500}

    def answer(asked: Asked) -> Reply:
        lines = f'prism_pattern_start_time_seconds{{pattern="redis"}} {started["at"]}\n'
        return Reply(200, f'{lines}prism_requests_total{{pattern="redis",status="success"}} 1\n'.encode())

    every_source, detector = EverySource(proxy(http(answer))), Detector()
    for moved in (0, 0, 0, 490, 490, 490):
        started["at"] = NOW - 500 + moved
        every_source.read()
        every_source.events += detector.step(every_source.snapshot(), every_source.now)
    hows = [event.label("how") for event in every_source.events if event.kind == "restart"]
    assert hows == ["inferred: its start time changed"]
    every_source.close()


# 16. Names and messages from outside.

NAMES = (
    "$admin-logs", "two words", "Ünïcode 🦄 名前", "x" * 400, "<script>alert(1)</script>", '"><img src=x onerror=a()>',
    "../../etc/passwd", "..", "a/b?c=d#e&f%20g", "=cmd|' /C calc'!A0", "\u202egnp.exe", "javascript:alert(1)",
    "</script><script>", "{component}", "%s%n", "`${1}`", "'; DROP TABLE namespaces; --",
)  # fmt: skip
SECRET = "hunter2hunter2"
RAW = ("dangerouslySetInnerHTML", "dangerously_allow_html", "srcDoc", "srcdoc", "innerHTML")


def quoted(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


@pytest.fixture
def hostile(http: Http, grpc_server: Serve) -> Iterator[EverySource]:
    """Every source reports patterns, namespaces and topics with such names."""
    lines = []
    for at, name in enumerate(NAMES):
        labels = f'pattern="{quoted(name)}",namespace="{quoted(name)}",operation="{quoted(name)}"'
        lines += [f'prism_requests_total{{{labels},status="{word}"}} COUNT' for word in ("success", "error")]
        lines += [f'prism_request_duration_seconds_bucket{{{labels},le="{le}"}} COUNT' for le in ("0.01", "+Inf")]
        own = f'pattern="{quoted(name)}"'
        lines += [
            f'prism_pool_connections_active{{{own},backend="{quoted(name)}"}} {at}',
            f'prism_pool_connections_max{{{own},backend="{quoted(name)}"}} 10',
            f'prism_pubsub_published_total{{topic="{quoted(name)}"}} COUNT',
            f'prism_pubsub_delivered_total{{topic="{quoted(name)}"}} COUNT',
            f'prism_pubsub_subscriber_received_total{{topic="{quoted(name)}",subscriber="{quoted(name)}"}} COUNT',
            f'prism_auth_requests_total{{result="failure",reason="{quoted(name)}"}} COUNT',
        ]
    text, reads = "\n".join(lines) + "\n", iter(range(100, 100_000, 100))
    server = http(lambda asked: Reply(200, text.replace("COUNT", str(next(reads))).encode()))
    listed = [{"name": name, "owner": name, "patterns": [name], "status": name} for name in NAMES]
    api = http(routes({NAMESPACES: {"namespaces": listed}}))
    port = grpc_server(Rpc(health(3, f"{NAMES[4]} {NAMES[5]}", **{"<b>": NAMES[4]})))
    target = f"127.0.0.1:{port}"
    every_source = EverySource(
        proxy(server), AdminCollector(api.url, OPTIONS),
        PatternCollector(NAMES[0], f"{target}/", OPTIONS), PatternCollector(NAMES[4], target, OPTIONS),
    )  # fmt: skip
    detector = Detector()
    for _ in range(4):
        every_source.read()
        every_source.events += detector.step(every_source.snapshot(), every_source.now)
    yield every_source
    every_source.close()


def all_props(snapshot: Snapshot, now: float) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What every page says, those of a name once for each name."""
    for page in (one for one in dash.page_registry.values() if "view" in one):
        path = page["path_template"] or page["path"]
        for selection in [{"name": name} for name in NAMES] if "<name>" in path else [{}]:
            yield path, page["update"](snapshot, now, **selection)


def components_in(value: Any) -> Iterator[Component]:
    """Every component in a nest of properties."""
    if isinstance(value, Component):
        yield value
        yield from (part for part in value._traverse() if isinstance(part, Component))
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from components_in(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from components_in(part)


def test_tolerance_16_names_are_text_on_every_page_and_never_markup(hostile: EverySource) -> None:
    seen = drawn = 0
    for path, props in all_props(hostile.snapshot(), hostile.now):
        for one in components_in(props):
            assert not isinstance(one, html.Script | html.Iframe | html.Embed | html.ObjectEl | dcc.Markdown), path
            assert not set(RAW) & set(one.to_plotly_json()["props"]), path
            seen += 1
        words = encode(props).decode()
        assert json.loads(words) is not None
        for diagram in (one["data"] for one in props.values() if "wide" in one.get("data", {})):
            for text in (diagram[width]["text"] for width in ("wide", "narrow")):
                labels = "".join(re.findall(r'\["(.*)"\]', text)).replace("<br/>", "")
                assert not set("<>\"'`=;&(){}#$") & set(labels), labels
                drawn += 1
    assert seen > 1000
    assert drawn > 0


def test_tolerance_16_a_name_in_an_address_is_quoted_and_comes_back_whole(hostile: EverySource) -> None:
    for name in NAMES:
        for href in (pattern_href(name), namespace_href(name)):
            assert re.fullmatch(r"/(patterns|namespaces)/[A-Za-z0-9._~%-]+", href), href
            assert page_name(urlsplit(href).path.rpartition("/")[2]) == name
    followed = 0
    for path, props in all_props(hostile.snapshot(), hostile.now):
        links = [getattr(one, "href", None) for one in components_in(props)]
        links += [cell["h"] for cell in cells(props) if "h" in cell]
        for href in filter(None, links):
            assert href.startswith("/"), (path, href)
            assert not href.startswith("//"), (path, href)
            assert not re.search(r"[\s\"'<>]", href), (path, href)
            followed += 1
    assert followed > 2 * len(NAMES)


def cells(props: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every cell of every table."""
    rows = [row for one in props.values() for row in one.get("data", {}).get("rows", [])]
    return [cell for row in rows for cell in row.values() if isinstance(cell, dict)]


def test_tolerance_16_every_name_has_a_page_that_says_it_as_it_is(hostile: EverySource) -> None:
    snapshot, now = hostile.snapshot(), hostile.now
    known = {one.name for one in pattern_health(snapshot, now)}
    assert set(NAMES) <= known
    for name in NAMES:
        assert pattern_page.view_model(snapshot, now, name).known
        assert namespace_page.view_model(snapshot, now, name).reported.known
        assert pattern_page.tree(name).to_plotly_json()


def test_tolerance_16_the_layout_is_json_in_which_markup_is_a_string() -> None:
    tree = pattern_page.tree(NAMES[4])
    reported = json.loads(encode(tree))
    assert NAMES[4] in texts(reported)
    assert json.loads(json.loads(encode(tree))["props"]["data-selection"]) == {"name": NAMES[4]}


def test_tolerance_16_no_file_of_the_store_and_no_export_is_named_after_what_came_in(
    hostile: EverySource, tmp_path: Path
) -> None:
    directory = tmp_path / "store"
    writer = Writer.open(directory)
    for scrape in hostile.scrapes:
        writer.commit(
            scrape.time, frames_of([scrape]), hostile.source_states.states, hostile.events, {"namespace": NAMES[6]}
        )
    writer.close()
    files = [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")]
    assert len(files) > 2
    assert all(re.fullmatch(r"[\w./-]+", name) and ".." not in name for name in files), files
    exports = set()
    for source in (Path(app.__file__).parent / "pages").rglob("*.py"):
        exports |= set(re.findall(r"csv=([^,)\n]+)", source.read_text(encoding="utf-8")))
    assert len(exports) > 8
    assert all(re.fullmatch(r'"[a-z-]+"', name) for name in exports), exports


MESSAGES = (
    f"dial redis://prism:{SECRET}@cache:6379: refused", f"postgres://u:{SECRET}@db/x: timeout", f"password={SECRET}",
    f"nats: Authorization Violation, token={SECRET}", f"Authorization: Bearer {SECRET}",
)  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES)
def test_tolerance_16_credentials_in_health_messages_details_and_errors_are_removed(
    http: Http, grpc_server: Serve, caplog: pytest.LogCaptureFixture, message: str
) -> None:
    caplog.set_level(logging.DEBUG)
    reported = Rpc(health(3, message, error=message, password=SECRET, url=message))
    refused = Rpc({LIFECYCLE: refusing(grpc.StatusCode.INTERNAL, message)})
    launched = saying(launcher_pb2.HealthResponse(processes=[process("redis", last_error=message, address=message)]))
    every_source = EverySource(
        pattern(grpc_server(reported)), pattern(grpc_server(refused), "nats"),
        proxy(http(lambda asked: Reply(500, message.encode()))),
        LauncherCollector(f"127.0.0.1:{grpc_server(Rpc({LAUNCHER: launched}))}", OPTIONS),
        AdminCollector(http(routes({NAMESPACES: [{"name": "a", "owner": message, "status": message}]})).url, OPTIONS),
    )  # fmt: skip
    detector = Detector()
    for _ in range(3):
        every_source.read()
        every_source.events += detector.step(every_source.snapshot(), every_source.now)
    pages = [encode(props).decode() for _, props in all_props(every_source.snapshot(), every_source.now)]
    kept = f"{every_source.scrapes!r} {every_source.events!r} {every_source.source_states.states!r} {caplog.text}"
    assert SECRET not in kept + "".join(pages)
    assert "[removed]" in kept
    every_source.close()


# 17. Namespaces, of which little is reported.


def test_tolerance_17_limit_owner_and_patterns_may_be_absent_and_are_said_to_be(http: Http) -> None:
    every_source = admin(http, {"name": "shop"}, "search")
    for name in ("shop", "search"):
        found = namespace_detail(every_source.snapshot(), every_source.now, name)
        assert (found.known, found.owner, found.patterns) == (True, "", ())
        allowed: tuple[Measure, ...] = tuple(
            one.limit_per_second for one in (found.all_requests, found.reads, found.writes)
        )
        assert [(one.reading, one.note) for one in allowed] == [
            (Reading.NOT_REPORTED, "the Admin API does not report it")
        ] * 3


@pytest.mark.parametrize(
    ("entry", "owner"),
    [
        ({"team": "checkout-core"}, "checkout-core"), ({"owner": "checkout-core"}, "checkout-core"),
        ({"access": {"owners": [{"team": "checkout-core"}]}}, "checkout-core"), ({"created_by": "bob"}, "bob"),
        ({"owner": "a@example.com"}, "a@example.com"),
    ],
)  # fmt: skip
def test_tolerance_17_an_owner_may_be_a_team_and_no_address(http: Http, entry: dict[str, object], owner: str) -> None:
    every_source = admin(http, {"name": "shop", **entry})
    assert namespace_detail(every_source.snapshot(), every_source.now, "shop").owner == owner
    words = encode(namespace_page.update(every_source.snapshot(), every_source.now, "shop")).decode()
    assert owner in words
    assert "mailto:" not in words


@pytest.mark.parametrize(
    "entry",
    [{"max_read_rps": 300, "max_write_rps": 100}, {"needs": {"read_rps": "300", "write_rps": "100"}},
     {"limits": {"estimated_read_rps": 300, "estimated_write_rps": 100}}],
)  # fmt: skip
def test_tolerance_17_limits_of_reads_and_writes_may_be_separate(http: Http, entry: dict[str, object]) -> None:
    every_source = admin(http, {"name": "shop", **entry})
    found = namespace_detail(every_source.snapshot(), every_source.now, "shop")
    reported = [one.limit_per_second.value for one in (found.reads, found.writes, found.all_requests)]
    assert reported == [300.0, 100.0, 400.0]


def test_tolerance_17_there_is_no_paging_today(http: Http) -> None:
    server = http(routes({NAMESPACES: {"namespaces": [{"name": f"n{at}"} for at in range(300)]}}))
    every_source = EverySource(AdminCollector(server.url, OPTIONS))
    assert len(values(every_source.read(), "prism_namespace_info", "namespace")) == 300
    assert [one.query for one in server.asked] == [""]
    every_source.close()


@pytest.mark.parametrize("field", ["next_page_token", "nextPageToken"])
def test_tolerance_17_page_tokens_are_followed_to_the_end(http: Http, field: str) -> None:
    def answer(asked: Asked) -> Reply:
        at = int(unquote(asked.query).partition("=p ")[2] or 0) if asked.query else 0
        token = {} if at == 2 else {field: f"p {at + 1}"}
        return Reply.of({"namespaces": [{"name": f"n{at}"}], "total_count": "3", **token})

    server = http(lambda asked: answer(Asked(asked.method, asked.path, asked.query.replace("+", " "), asked.headers,
                                             asked.body, asked.peer)))  # fmt: skip
    every_source = EverySource(AdminCollector(server.url, OPTIONS))
    assert set(values(every_source.read(), "prism_namespace_info", "namespace")) == {"n0", "n1", "n2"}
    assert len(server.asked) == 3
    every_source.close()
