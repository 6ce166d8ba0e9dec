"""Tolerances 18 to 22: what is missing, what flaps, what must never be called, who may read, and other names."""

from __future__ import annotations

import ast
import json
import logging
import os
import random
import re
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from pydantic import SecretStr, ValidationError

import app
from aggregators.detection.detections import Detector
from aggregators.namespaces.namespaces import namespaces
from aggregators.patterns.health import pattern_health
from aggregators.requests.traffic import traffic
from aggregators.resources.control_plane import control_plane
from aggregators.series.source_rows import source_row, source_table
from collectors.admin.metrics import AdminMetricsCollector
from collectors.admin.namespaces import AdminCollector
from collectors.build import build_collectors
from collectors.check.report import check
from collectors.core.contract import Collector
from collectors.core.runner import AGAIN_SECONDS, SLOWEST_SECONDS, Runner
from collectors.core.scheduler import Scheduler
from collectors.core.source_states import SourceStates
from collectors.embedded import EmbeddedPrism
from collectors.patterns.launcher import LauncherCollector
from collectors.patterns.pattern import PatternCollector
from collectors.settings_report import reported
from model.access import Access
from model.settings import Aliases, Settings, SettingsError, SourceOptions, SourceTable
from model.settings_file import load_settings
from model.sources import ErrorKind
from model.status import Reading, Status
from pages.resources import page as resources
from pages.settings import page as settings
from pages.shared import page_shell
from proto import launcher_pb2, lifecycle_pb2
from store.reader import Reader
from store.snapshot import Snapshot
from store.writer import Writer
from tests.collectors.certificates import Certificates, behind_tls
from tests.collectors.conftest import Asked, Reply
from tests.collectors.fakes import FakeClock, FakeCollector, fails
from tests.tolerances.every_source import (
    CHECK,
    LAUNCHER,
    LIFECYCLE,
    NOW,
    OPTIONS,
    TIMEOUT,
    EverySource,
    Http,
    Rpc,
    Serve,
    booked,
    exposing,
    kinds,
    over_grpc,
    over_http,
    pattern,
    proxy,
    refusing,
    routes,
    saying,
    settings_of,
    status_of,
    values,
)
from web.hub_payload import encode

assert app.server, "importing the application registers its pages"

ROOT = Path(__file__).parent.parent.parent
NAMESPACES = {"/api/v1/namespaces": {"namespaces": [{"name": "shop"}]}}
HEALTHY = saying(lifecycle_pb2.HealthCheckResponse(status=lifecycle_pb2.HEALTH_STATUS_HEALTHY))
SERVING = saying(health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING))
NO_LEADER = "no leader elected"
TOKEN = "s3cr3t-t0ken"


def counting() -> Callable[[Asked], Reply]:
    """A proxy whose requests grow by ten with every read."""
    count = iter(range(0, 1_000_000, 10))
    return lambda asked: Reply(200, f'prism_requests_total{{status="success"}} {next(count)}\n'.encode())


# 18. Any source may be missing for the whole session.


@pytest.mark.parametrize("missing", ["signoz", "dex", "admin", "admin_metrics", "launcher", "otel", "alertmanager",
                                     "prometheus", "nats"])  # fmt: skip
def test_tolerance_18_a_source_that_is_missing_all_the_time_blanks_no_other(
    http: Http, grpc_server: Serve, dead_port: int, missing: str
) -> None:
    gone = [one for one in [*over_http(dead_port), *over_grpc(dead_port)] if one.source == missing]
    every_source = EverySource(proxy(http(counting())), pattern(grpc_server(Rpc({LIFECYCLE: HEALTHY}))), *gone)
    every_source.read(times=6)
    found = traffic(every_source.snapshot(), every_source.now)
    assert found.per_second.value == pytest.approx(10.0)
    assert found.success_ratio.value == 1.0
    assert [one.status for one in pattern_health(every_source.snapshot(), every_source.now)][-1] is Status.HEALTHY
    (row,) = [one for one in source_table(every_source.snapshot(), every_source.now) if one.source == missing]
    assert (row.word, row.never_reached, row.age_seconds) == ("down", True, None)
    every_source.close()


def test_tolerance_18_one_source_that_fails_or_hangs_is_stored_beside_the_others(
    http: Http, grpc_server: Serve, dead_port: int, black_hole: int, tmp_path: Path
) -> None:
    hung = settings_of(TIMEOUT, signoz_api_url=f"http://127.0.0.1:{black_hole}")
    collectors: list[Collector] = [
        proxy(http(counting())), pattern(grpc_server(Rpc({LIFECYCLE: HEALTHY}))), *build_collectors(hung),
        AdminCollector(f"http://127.0.0.1:{dead_port}", OPTIONS),
    ]  # fmt: skip
    clock, writer = FakeClock(NOW), Writer.open(tmp_path / "store")
    scheduler = Scheduler(
        collectors,
        writer,
        source_states=SourceStates(collectors),
        detect=lambda now: (),
        meta={},
        stop=threading.Event(),
        now=clock.now,
        monotonic=clock.monotonic,
        chance=random.Random(1),
    )
    scheduler.begin()
    for _ in range(4):
        clock.at += 1
        for runner in scheduler.runners:
            runner.step()
        scheduler.step(0.0)
    reader = Reader(tmp_path / "store")
    snapshot: Snapshot = reader.snapshot()
    words = {one.source: one.word for one in source_table(snapshot, clock.now())}
    assert words == {"proxy": "ok", "patterns": "ok", "signoz": "timed out", "admin": "down"}
    assert traffic(snapshot, clock.now()).per_second.value == pytest.approx(10.0)
    assert pattern_health(snapshot, clock.now())[0].status is Status.HEALTHY
    reader.close()
    writer.close()
    for one in collectors:
        one.close()


def test_tolerance_18_the_age_of_every_source_is_shown(http: Http, dead_port: int) -> None:
    server = http(routes(NAMESPACES))
    every_source = EverySource(proxy(http(counting())), AdminCollector(server.url, OPTIONS),
                *(one for one in over_http(dead_port) if one.source == "signoz"))  # fmt: skip
    every_source.read(times=2)
    server.answers = lambda asked: Reply(500, b"no")
    every_source.read(times=20)
    ages = {one.source: one.age_seconds for one in source_table(every_source.snapshot(), every_source.now)}
    assert ages == {"proxy": 0.0, "admin": 20.0, "signoz": None}
    rows = settings.update(every_source.snapshot(), every_source.now)["st-sources-data"]["data"]["rows"]
    shown = {row["id"].partition("@")[0]: row["age"].get("n") for row in rows}
    assert shown == {"proxy": "0 s", "admin": "20 s", "signoz": "–"}
    assert "20 s" in encode(page_shell.shell_props(every_source.snapshot(), every_source.now)).decode(), (
        "in the bar above every page"
    )
    every_source.close()


# 19. Flapping, leader changes, no leader.


def test_tolerance_19_children_that_flap_once_a_minute_under_green_rpcs_are_reported(grpc_server: Serve) -> None:
    now = {"at": 0}

    def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
        row = launcher_pb2.PatternInfo(
            pattern_name="redis", process_id="shared", state="STATE_RUNNING", healthy=True,
            uptime_seconds=now["at"] % 60 + 1,
        )  # fmt: skip
        reported = launcher_pb2.HealthResponse(healthy=True, total_processes=1, running_processes=1, processes=[row])
        return bytes(reported.SerializeToString())

    every_source = EverySource(LauncherCollector(f"127.0.0.1:{grpc_server(Rpc({LAUNCHER: answer}))}", OPTIONS))
    detector = Detector()
    for _ in range(72):
        now["at"] += 5
        every_source.read(5.0)
        for later in (0.3, 0.8, 2.0):
            every_source.events += detector.step(every_source.snapshot(), every_source.now + later)
    restarts = [event for event in every_source.events if event.kind == "restart"]
    assert 5 <= len(restarts) <= 6
    assert {event.label("how") for event in restarts} == {"inferred: its uptime fell back"}
    assert ("restart_loop", "redis") in {key for key, one in detector.watches.items() if one.stage.value == "firing"}
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert found.restarts.count.value == len(restarts)
    assert found.status is Status.UNKNOWN, "green RPCs prove nothing"
    every_source.close()


def test_tolerance_19_leader_changes_are_counted_and_one_who_follows_is_no_trouble(http: Http) -> None:
    reported = iter([(2, 4), (2, 4), (0, 5), (1, 5), (2, 6), (2, 6)])

    def answer(asked: Asked) -> Reply:
        state, changes = next(reported)
        return Reply(200, f"prism_admin_raft_state {state}\nprism_admin_raft_leader_changes_total {changes}\n".encode())

    every_source = EverySource(AdminMetricsCollector(http(answer).url, OPTIONS, Aliases()))
    roles = []
    for _ in range(6):
        every_source.read(5.0)
        found = control_plane(every_source.snapshot(), every_source.now)
        roles.append((found.role, found.status))
    assert roles[1:] == [
        ("leader", Status.HEALTHY), ("follower", Status.HEALTHY), ("candidate", Status.DEGRADED),
        ("leader", Status.HEALTHY), ("leader", Status.HEALTHY),
    ]  # fmt: skip
    assert found.leader_changes.value == 2.0
    every_source.close()


def test_tolerance_19_a_cluster_without_a_leader_is_reported_in_its_words_and_blanks_nothing(
    http: Http,
) -> None:
    api, metrics = http(routes(NAMESPACES)), http(exposing("prism_admin_raft_state 1\n"))
    every_source = EverySource(AdminCollector(api.url, OPTIONS), AdminMetricsCollector(metrics.url, OPTIONS, Aliases()),
                proxy(http(counting())))  # fmt: skip
    every_source.read(times=3)
    api.answers = lambda asked: Reply.of({"error": NO_LEADER}, 503)
    every_source.read(times=5)
    plane = control_plane(every_source.snapshot(), every_source.now)
    assert (plane.status, plane.reason) == (Status.DEGRADED, "an election goes on: nobody leads yet")
    (row,) = [one for one in source_table(every_source.snapshot(), every_source.now) if one.source == "admin"]
    assert (row.error, row.age_seconds) == (ErrorKind.HTTP_ERROR, 5.0)
    assert NO_LEADER in row.detail
    found = namespaces(every_source.snapshot(), every_source.now)
    assert [one.name for one in found.rows] == ["shop"], "the last list stands, with its age"
    assert found.active.reading is Reading.STALE
    assert traffic(every_source.snapshot(), every_source.now).per_second.value == pytest.approx(10.0)
    every_source.close()


def test_tolerance_19_unavailable_keeps_its_words_and_ends_with_the_first_good_answer(grpc_server: Serve) -> None:
    server = Rpc({LAUNCHER: refusing(grpc.StatusCode.UNAVAILABLE, NO_LEADER)})
    every_source = EverySource(LauncherCollector(f"127.0.0.1:{grpc_server(server)}", OPTIONS))
    every_source.read()
    (state,) = every_source.source_states.states.values()
    assert (state.error, state.detail) == (ErrorKind.DOWN, f"unavailable: {NO_LEADER}")
    server.methods[LAUNCHER] = saying(launcher_pb2.HealthResponse(healthy=True))
    every_source.read()
    (state,) = every_source.source_states.states.values()
    assert state.error is None
    every_source.close()


# 20. Read-only, gently, and unseen by the launcher.

READS = {LIFECYCLE, CHECK, LAUNCHER}
WRITES = (
    "Initialize", "Drain", "LaunchPattern", "TerminatePattern", "ManagePattern", "RegisterProxy", "AssignNamespace",
    "CreateNamespace", "Heartbeat", "RevokeNamespace", "RegisterLauncher", "AssignProcess", "LauncherHeartbeat",
    "RevokeProcess", "ControlPlane", "ProxyControlPlane",
)  # fmt: skip
QUERIES = re.compile(r"/api/v[1-5]/(query|query_range|services|service/\w+|rules/[\w-]+/history/\w+)$")
"""What is asked with POST because the question is too long for an address."""


def answering_everything(request: bytes, context: grpc.ServicerContext) -> bytes:
    return b""


@pytest.mark.parametrize(
    "methods",
    [{"*": answering_everything}, {}, {"*": refusing(grpc.StatusCode.NOT_FOUND, "unknown service")},
     {"*": refusing(grpc.StatusCode.INTERNAL, "no")}, {CHECK: SERVING}, {LIFECYCLE: HEALTHY}],
    ids=["offers everything", "offers nothing", "knows nobody", "fails", "standard health", "lifecycle"],
)  # fmt: skip
def test_tolerance_20_whatever_is_offered_only_reading_methods_are_ever_called(
    grpc_server: Serve, methods: dict[str, Callable[[bytes, grpc.ServicerContext], bytes]]
) -> None:
    server = Rpc(methods)
    port = grpc_server(server)
    every_source = EverySource(*over_grpc(port))
    every_source.read(times=4)
    every_source.close()
    target = f"127.0.0.1:{port}"
    check(settings_of(pattern_health_targets=[f"redis={target}", f"n={target}/"], launcher_targets=[target]))
    assert server.called
    assert set(server.called) <= READS


def test_tolerance_20_http_sources_are_read_with_get_and_asked_with_queries_only(http: Http) -> None:
    server = http(lambda asked: Reply.of({"status": "success", "data": {}}))
    every_source = EverySource(*over_http(server.port))
    every_source.read(30.0, times=12)
    every_source.close()
    assert len(server.asked) > 50
    assert {one.method for one in server.asked} <= {"GET", "POST"}
    posted = {one.path for one in server.asked if one.method == "POST"}
    assert [path for path in posted if not QUERIES.match(path)] == []


def test_tolerance_20_no_writing_method_is_even_named_where_sources_are_read() -> None:
    for path in (ROOT / "collectors").glob("*.py"):
        found = re.findall(rf"\b(?:{'|'.join(WRITES)})\b|/(?:Start|Stop)\b", path.read_text(encoding="utf-8"))
        assert found == [], path.name
        imported = [one.module or "" for one in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                    if isinstance(one, ast.ImportFrom)]  # fmt: skip
        assert not [name for name in imported if name.endswith("_grpc")], "a generated client has every method"
    known = {service.name: set(service.methods_by_name)
             for module in (launcher_pb2, lifecycle_pb2)
             for service in module.DESCRIPTOR.services_by_name.values()}  # fmt: skip
    assert known == {
        "PatternLauncher": {"ListPatterns", "Health", "GetProcessStatus"}, "LifecycleInterface": {"HealthCheck"},
    }  # fmt: skip


def test_tolerance_20_a_read_of_a_pattern_or_a_launcher_is_one_call(grpc_server: Serve) -> None:
    server = Rpc({"*": answering_everything})
    port = grpc_server(server)
    every_source = EverySource(pattern(port), LauncherCollector(f"127.0.0.1:{port}", OPTIONS))
    every_source.read(times=5)
    assert server.called == [LIFECYCLE, LAUNCHER] * 5
    every_source.close()


def test_tolerance_20_nothing_is_read_more_often_than_every_second_and_a_failing_source_less_often() -> None:
    table = SourceTable()
    cadences = {name: getattr(table, name) for name in SourceTable.model_fields}
    assert min(one.interval_seconds for one in cadences.values()) >= 1.0
    clock = FakeClock()
    for name, one in cadences.items():
        source = FakeCollector(clock, name, interval_seconds=one.interval_seconds, does=fails())
        runner = Runner(source, lambda attempt: None, now=clock.now, monotonic=clock.monotonic, chance=random.Random(1))
        pauses = []
        for _ in range(20):
            runner.step()
            pauses.append(runner.pause())
        assert pauses[0] >= 0.9 * min(one.interval_seconds, AGAIN_SECONDS), name
        assert min(pauses[1:]) >= 0.9 * one.interval_seconds, name
        assert pauses[-1] >= 0.9 * max(one.interval_seconds, SLOWEST_SECONDS), name
        assert len(set(pauses)) > 1, "jittered"


@pytest.mark.server
def test_tolerance_20_no_process_of_ours_has_a_pattern_name_in_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = ("collectors", "pages", "components", "simulator", "store")
    written = [path for room in rooms for path in (ROOT / room).glob("*.py")]
    starters = [ROOT / name for name in ("Procfile", "Makefile", "gunicorn.conf.py", "app.py")]
    for path in (*starters, *filter(Path.is_file, (ROOT / ".ci").iterdir()), *written):
        assert "PATTERN_NAME" not in path.read_text(encoding="utf-8"), path
    monkeypatch.delenv("PATTERN_NAME", raising=False)
    script = (
        "import json, os, sys\nopen(sys.argv[1], 'w').write(json.dumps(dict(os.environ)))\n"
        "print(json.dumps({'proxy_metrics_url': 'http://127.0.0.1:1/metrics', 'patterns': {}}), flush=True)\n"
        "sys.stdin.read()\n"
    )
    stop, seen = threading.Event(), tmp_path / "environment"
    prism = EmbeddedPrism(stop, command=(sys.executable, "-c", script, str(seen)))
    prism.start()
    environment = json.loads(seen.read_text())
    stop.set()
    prism.close()
    assert "PATH" in environment
    assert "PATTERN_NAME" not in environment
    assert "PATTERN_NAME" not in os.environ


# 21. No encryption or identity today, both tomorrow.


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("papers"))


@pytest.fixture
def guarded(certificates: Certificates) -> Iterator[tuple[str, Rpc, list[str]]]:
    """A gRPC server that asks for certificates; its target, its methods, and the tokens that it was sent."""
    tokens: list[str] = []

    def healthy(request: bytes, context: grpc.ServicerContext) -> bytes:
        tokens.append(str(dict(context.invocation_metadata()).get("authorization", "")))
        return HEALTHY(request, context)

    rpc = Rpc({LIFECYCLE: healthy})
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((rpc,))
    chain = b"".join(one.bytes() for one in certificates.server.cert_chain_pems)
    keys = [(certificates.server.private_key_pem.bytes(), chain)]
    port = server.add_secure_port(
        "127.0.0.1:0", grpc.ssl_server_credentials(keys, certificates.authority.cert_pem.bytes(), True)
    )
    server.start()
    yield f"localhost:{port}", rpc, tokens
    server.stop(None).wait()


def test_tolerance_21_without_any_setting_there_is_neither_encryption_nor_identity(
    http: Http, grpc_server: Serve
) -> None:
    plain = Access()
    assert not (plain.tls or plain.ca_file or plain.cert_file or plain.token or plain.username)
    server, metadata = http(lambda asked: Reply(404)), []

    def healthy(request: bytes, context: grpc.ServicerContext) -> bytes:
        metadata.append(dict(context.invocation_metadata()))
        return HEALTHY(request, context)

    kinds(over_http(server.port))
    kinds(over_grpc(grpc_server(Rpc({"*": healthy}))))
    assert server.asked
    assert metadata
    assert not [one for one in server.asked if "authorization" in one.headers]
    assert not [one for one in metadata if "authorization" in one]


def test_tolerance_21_an_authority_a_certificate_and_a_token_are_configuration(
    http: Http, certificates: Certificates, guarded: tuple[str, Rpc, list[str]]
) -> None:
    target, _, tokens = guarded
    known = {"ca_file": certificates.ca, "cert_file": certificates.client, "bearer_token": SecretStr(TOKEN)}
    options = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0, tls=True, **known)  # type: ignore[arg-type]
    assert booked(PatternCollector("redis", target, options)).error is None
    assert tokens == [f"Bearer {TOKEN}"]
    web = behind_tls(http(counting()), certificates, asks=True)
    table = SourceTable(proxy=SourceOptions(interval_seconds=1.0, timeout_seconds=2.0, **known))  # type: ignore[arg-type]
    (reader,) = build_collectors(settings_of(sources=table, proxy_metrics_url=[f"{web.url}/metrics"]))
    assert booked(reader).error is None
    assert [one.headers["authorization"] for one in web.asked] == [f"Bearer {TOKEN}"]


def test_tolerance_21_no_credential_is_logged_shown_or_kept(
    http: Http, caplog: pytest.LogCaptureFixture, guarded: tuple[str, Rpc, list[str]]
) -> None:
    caplog.set_level(logging.INFO)
    server = http(lambda asked: Reply(401, f"no: {asked.headers.get('authorization', '')}".encode()))
    table = SourceTable()
    for kind in SourceTable.model_fields:
        setattr(table, kind, getattr(table, kind).model_copy(update={"bearer_token": SecretStr(TOKEN)}))
    url = f"http://hud:{TOKEN}@127.0.0.1:{server.port}"
    given = settings_of(
        sources=table, signoz_api_key=TOKEN, signoz_api_url=f"http://127.0.0.1:{server.port}",
        proxy_metrics_url=[f"{url}/metrics?token={TOKEN}"], pattern_health_targets=[f"redis={guarded[0]}"],
    )  # fmt: skip
    every_source = EverySource(*build_collectors(given))
    every_source.read(times=3)
    shown = encode(settings.update(every_source.snapshot(), every_source.now)).decode()
    kept = repr(
        (every_source.source_states.states, every_source.scrapes, every_source.events, given, reported(given, given))
    )
    assert every_source.source_states.states
    assert TOKEN not in kept + shown + caplog.text
    every_source.close()


def test_tolerance_21_a_wrong_address_is_refused_without_the_password_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_API_URL", f"htp://hud:{TOKEN}@admin:8090")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).startswith("setting ADMIN_API_URL: what is given is not an http:// or https:// address")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "status", "kind", "word"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, 401, ErrorKind.UNAUTHENTICATED, "unauthenticated"),
        (grpc.StatusCode.PERMISSION_DENIED, 403, ErrorKind.REFUSED, "refused"),
    ],
)
def test_tolerance_21_who_is_not_let_in_is_distinguished_from_what_is_down(
    http: Http, grpc_server: Serve, code: grpc.StatusCode, status: int, kind: ErrorKind, word: str
) -> None:
    server = Rpc({LIFECYCLE: HEALTHY})
    every_source = EverySource(pattern(grpc_server(server)))
    every_source.read()
    server.methods[LIFECYCLE] = refusing(code, "token expired")
    every_source.read(times=4)
    (state,) = every_source.source_states.states.values()
    assert (state.error, source_row(state, every_source.now).word) == (kind, word)
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert found.status is Status.UNKNOWN
    assert word in found.reason
    every_source.close()
    web = kinds(over_http(http(lambda asked: Reply(status, b"token expired")).port))
    assert set(web.values()) == {kind}, web


# 22. Names will change.


def test_tolerance_22_metrics_and_labels_of_other_names_are_mapped_in_the_settings(http: Http) -> None:
    text = 'px_calls{tenant="shop",outcome="success"} 7\npx_latency_ms_bucket{tenant="shop",le="10"} 5\n'
    aliases = Aliases(
        metrics={"px_calls": "prism_requests_total", "px_latency_ms": "prism_request_duration_seconds"},
        labels={"tenant": "namespace", "outcome": "status"},
    )
    every_source = EverySource(proxy(http(exposing("# TYPE px_latency_ms histogram\n" + text)), aliases=aliases))
    scrape = every_source.read()
    assert values(scrape, "prism_requests_total", "namespace") == {"shop": 7.0}
    assert values(scrape, "prism_requests_total", "status") == {"success": 7.0}
    assert values(scrape, "prism_request_duration_seconds_bucket", "le") == {"0.01": 5.0}
    every_source.close()


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ('prism_namespace_requests_total{namespace="shop"} 7', "prism_requests_total", 7.0),
        ('prism_requests_total{tenant_id="shop"} 7', "prism_requests_total", 7.0),
        ('prism_connection_pool_active{tenant_id="shop",backend="r"} 3', "prism_pool_connections_active", 3.0),
        ('prism_connection_pool_max{tenant_id="shop",backend="r"} 9', "prism_pool_connections_max", 9.0),
    ],
)
def test_tolerance_22_known_rival_names_are_accepted_without_any_setting(
    http: Http, line: str, name: str, value: float
) -> None:
    every_source = EverySource(proxy(http(exposing(line + "\n"))))
    assert values(every_source.read(), name, "namespace") == {"shop": value}
    every_source.close()


def test_tolerance_22_a_name_that_is_there_itself_is_not_counted_twice(http: Http) -> None:
    text = 'prism_namespace_requests_total{namespace="a"} 7\nprism_requests_total{namespace="a",status="success"} 7\n'
    every_source = EverySource(proxy(http(exposing(text))))
    assert values(every_source.read(), "prism_requests_total", "namespace") == {"a": 7.0}
    every_source.close()


@pytest.mark.parametrize(("name", "driver"), [("postgresql", "postgres"), ("postgres", "postgresql"),
                                              ("in-memory", "memstore"), ("memory", "memstore")])  # fmt: skip
def test_tolerance_22_a_driver_may_be_called_otherwise_than_its_pattern(
    grpc_server: Serve, name: str, driver: str
) -> None:
    def known(request: bytes, context: grpc.ServicerContext) -> bytes:
        if health_pb2.HealthCheckRequest.FromString(request).service != driver:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return SERVING(request, context)

    every_source = EverySource(pattern(grpc_server(Rpc({CHECK: known})), name))
    assert status_of(every_source.read()) == "HEALTHY"
    every_source.close()


def test_tolerance_22_services_of_another_name_and_many_on_one_port_are_named_in_the_target(grpc_server: Serve) -> None:
    well = {"prism.v1.KeyValueService": 1, "prism.v1.PubSubService": 2}

    def known(request: bytes, context: grpc.ServicerContext) -> bytes:
        service = health_pb2.HealthCheckRequest.FromString(request).service
        return bytes(health_pb2.HealthCheckResponse(status=well[service]).SerializeToString())

    target = f"127.0.0.1:{grpc_server(Rpc({CHECK: known}))}"
    targets = [f"keyvalue={target}/prism.v1.KeyValueService", f"pubsub={target}/prism.v1.PubSubService"]
    every_source = EverySource(*build_collectors(settings_of(pattern_health_targets=targets)))
    every_source.read(times=2)
    reported = {one.name: one.status for one in pattern_health(every_source.snapshot(), every_source.now)}
    assert reported == {"keyvalue": Status.HEALTHY, "pubsub": Status.UNHEALTHY}
    every_source.close()


def test_tolerance_22_services_of_another_name_are_mapped_in_the_settings(grpc_server: Serve) -> None:
    lifecycle, launcher = "prism.v1.LifecycleService", "prism.v1.LauncherService"
    row = launcher_pb2.PatternInfo(pattern_name="nats", process_id="shared", state="STATE_RUNNING", healthy=True)
    server = Rpc({f"/{lifecycle}/HealthCheck": HEALTHY,
                  f"/{launcher}/Health": saying(launcher_pb2.HealthResponse(processes=[row]))})  # fmt: skip
    target = f"127.0.0.1:{grpc_server(server)}"
    services = {"prism.v0.Gone": LIFECYCLE.split("/")[1], lifecycle: LIFECYCLE.split("/")[1],
                launcher: LAUNCHER.split("/")[1]}  # fmt: skip
    given = settings_of(
        aliases={"services": services}, pattern_health_targets=[f"redis={target}"], launcher_targets=[target]
    )
    every_source = EverySource(*build_collectors(given))
    every_source.read(times=3)
    reported = {one.name: one.status for one in pattern_health(every_source.snapshot(), every_source.now)}
    assert reported == {"redis": Status.HEALTHY, "nats": Status.UNKNOWN}
    assert server.called.count("/prism.v0.Gone/HealthCheck") == 1, "a name that is known is asked alone"
    server.methods = {LIFECYCLE: HEALTHY, LAUNCHER: server.methods[f"/{launcher}/Health"]}
    every_source.read(times=2)
    assert {one.error for one in every_source.source_states.states.values()} == {None}, (
        "another build came, with the old names"
    )
    every_source.close()


@pytest.mark.parametrize("port", [50051, 7070, 8982, 9092, 1, 65535])
def test_tolerance_22_every_address_is_a_setting(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    for name, value in {"PROXY_METRICS_URL": f"http://a:{port}/m", "ADMIN_API_URL": f"http://b:{port}",
                        "SIGNOZ_API_URL": "", "ADMIN_METRICS_URL": f"http://d:{port}/metrics",
                        "LAUNCHER_TARGETS": f"prism-launcher:{port},pattern-launcher:{port}",
                        "PATTERN_HEALTH_TARGETS": f"redis=e:{port}"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    found = build_collectors(Settings())
    assert {(one.source, one.instance) for one in found} == {
        ("proxy", f"a:{port}"), ("admin", f"b:{port}"), ("admin_metrics", f"d:{port}"), ("patterns", f"e:{port}"),
        ("launcher", f"prism-launcher:{port}"), ("launcher", f"pattern-launcher:{port}"),
    }  # fmt: skip
    for one in found:
        one.close()


def test_tolerance_22_the_names_of_spans_and_their_attributes_are_settings() -> None:
    given = settings_of(auth_spans={"name": "prism.v1.auth", "reason": ["why", "error.type"]})
    assert (given.auth_spans.name, given.auth_spans.reason) == ("prism.v1.auth", ["why", "error.type"])
    with pytest.raises(ValidationError):
        settings_of(auth_spans={"name": "x' OR 1=1"})


def test_tolerance_22_on_the_pages_no_figure_hangs_on_a_default_name(http: Http) -> None:
    text = "prism_raft_state 2\n"
    aliases = Aliases(metrics={"prism_raft_state": "prism_admin_raft_state"})
    every_source = EverySource(AdminMetricsCollector(http(exposing(text)).url, OPTIONS, aliases))
    every_source.read()
    assert control_plane(every_source.snapshot(), every_source.now).role == "leader"
    assert "leader" in encode(resources.update(every_source.snapshot(), every_source.now)).decode()
    every_source.close()
