"""Tolerances 1 to 6: what may answer on a port, and how."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable

import grpc
import pytest
from grpc_health.v1 import health_pb2

from aggregators.patterns.health import pattern_health
from aggregators.patterns.health_judgement import judged
from aggregators.series.source_rows import source_row
from collectors.admin.metrics import AdminMetricsCollector
from collectors.otel.collector import OtelCollector
from collectors.patterns.grpc_health import GrpcHealth
from model.settings import Aliases
from model.sources import ErrorKind
from model.status import Status
from proto import lifecycle_pb2
from tests.collectors.conftest import Asked, HttpServer, Reply, Talk
from tests.collectors.every_collector import HTML, SETTINGS_FRAME, say
from tests.patience import patience
from tests.tolerances.every_source import (
    CHECK,
    LIFECYCLE,
    NOW,
    OPTIONS,
    TIMEOUT,
    Answer,
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
    status_of,
    values,
)

METRICS = '# TYPE prism_requests_total counter\nprism_requests_total{status="success"} 7\n'
ADMIN = "# TYPE prism_admin_raft_state gauge\nprism_admin_raft_state 2\n"
UNSAID = refusing(grpc.StatusCode.UNIMPLEMENTED, "unknown service grpc.health.v1.Health")
UNSAID_BY_PYTHON = refusing(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")


def standard(**services: int) -> Answer:
    """grpc.health.v1 that knows these; "" is the server as a whole."""
    reported = {"" if name == "overall" else name: status for name, status in services.items()}

    def check(request: bytes, context: grpc.ServicerContext) -> bytes:
        name = health_pb2.HealthCheckRequest.FromString(request).service
        if name not in reported:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return bytes(health_pb2.HealthCheckResponse(status=reported[name]).SerializeToString())

    return check


def lifecycle(status: int, message: str = "", **details: str) -> Answer:
    return saying(lifecycle_pb2.HealthCheckResponse(status=status, message=message, details=details))  # type: ignore[arg-type]


def hanging(request: bytes, context: grpc.ServicerContext) -> bytes:
    gone = threading.Event()
    context.add_callback(gone.set)
    gone.wait(5)
    return b""


# 1. Port open, wrong protocol.


def test_tolerance_01_http_of_every_source_against_a_grpc_port_is_the_wrong_protocol(grpc_server: Serve) -> None:
    found = kinds(over_http(grpc_server()))
    assert found["proxy"] is None, "a proxy that answers gRPC only is up"
    assert {"proxy", "signoz", "admin", "admin_metrics", "otel", "dex", "prometheus", "nats"} <= found.keys()
    assert {kind for name, kind in found.items() if name != "proxy"} == {ErrorKind.WRONG_PROTOCOL}, found


def test_tolerance_01_a_status_line_of_raw_http2_settings_is_the_wrong_protocol(raw: Callable[[Talk], int]) -> None:
    found = kinds(over_http(raw(say(SETTINGS_FRAME))))
    assert {kind for name, kind in found.items() if name != "proxy"} == {ErrorKind.WRONG_PROTOCOL}, found


@pytest.mark.parametrize("body", [METRICS.encode(), HTML], ids=["metrics", "html"])
def test_tolerance_01_grpc_of_every_source_against_an_http_port_is_the_wrong_protocol(http: Http, body: bytes) -> None:
    found = kinds(over_grpc(http(lambda asked: Reply(200, body)).port))
    assert found == {"patterns": ErrorKind.WRONG_PROTOCOL, "launcher": ErrorKind.WRONG_PROTOCOL}


def test_tolerance_01_a_port_that_hangs_is_left_at_the_deadline(black_hole: int) -> None:
    found = kinds([*over_grpc(black_hole, TIMEOUT), *over_http(black_hole, TIMEOUT)])
    assert set(found.values()) == {ErrorKind.TIMED_OUT}, found


def test_tolerance_01_every_call_has_a_deadline(grpc_server: Serve) -> None:
    everything = Rpc({"*": lambda request, context: b""})
    kinds(over_grpc(grpc_server(everything), TIMEOUT))
    assert len(everything.given_seconds) == len(everything.called) >= 3
    assert max(everything.given_seconds) <= TIMEOUT + 0.1


def test_tolerance_01_wrong_protocol_is_said_and_not_down(grpc_server: Serve, http: Http) -> None:
    one, another = over_http(grpc_server())[:2]
    assert booked(one).error is None, "a proxy that answers gRPC only is up"
    wrong = booked(another)
    assert source_row(wrong, NOW).word == "wrong protocol"
    assert wrong.detail == "speaks HTTP/2 (gRPC), not HTTP/1"
    state = booked(pattern(http(exposing(METRICS)).port))
    assert (source_row(state, NOW).word, state.detail) == ("wrong protocol", "speaks HTTP/1, not gRPC")
    assert judged(state, Status.HEALTHY, NOW)[0] is Status.UNKNOWN


# 2. UNIMPLEMENTED means "not offered".


@pytest.mark.parametrize("unsaid", [None, UNSAID, UNSAID_BY_PYTHON], ids=["no handler", "Go's words", "Python's words"])
def test_tolerance_02_a_service_that_is_not_there_is_not_offered_whatever_the_words(
    grpc_server: Serve, unsaid: Answer | None
) -> None:
    port = grpc_server(Rpc({"*": unsaid} if unsaid else {}))
    assert kinds(over_grpc(port)) == {"patterns": ErrorKind.NOT_OFFERED, "launcher": ErrorKind.NOT_OFFERED}


def test_tolerance_02_not_offered_is_never_unhealthy(grpc_server: Serve) -> None:
    every_source = EverySource(pattern(grpc_server(Rpc())))
    every_source.read(times=5)
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert (found.status, found.source_error) == (Status.UNKNOWN, ErrorKind.NOT_OFFERED)
    assert "not offered" in found.reason
    assert source_row(next(iter(every_source.source_states.states.values())), every_source.now).word == "not offered"
    every_source.close()


def test_tolerance_02_without_lifecycle_the_standard_service_reports(grpc_server: Serve) -> None:
    server = Rpc({LIFECYCLE: UNSAID, CHECK: standard(redis=1, overall=1)})
    every_source = EverySource(pattern(grpc_server(server)))
    assert status_of(every_source.read()) == "HEALTHY"
    every_source.close()


def test_tolerance_02_reflection_is_never_needed(grpc_server: Serve) -> None:
    server = Rpc({"*": lambda request, context: b""})
    kinds(over_grpc(grpc_server(server)))
    assert not [method for method in server.called if "reflection" in method]


# 3. NOT_FOUND of grpc.health.v1.


def test_tolerance_03_a_service_that_is_not_registered_yet_is_unknown_until_it_is(grpc_server: Serve) -> None:
    server = Rpc({CHECK: standard(overall=1)})
    every_source = EverySource(pattern(grpc_server(server)))
    assert status_of(every_source.read()) == "UNKNOWN"
    server.methods[CHECK] = standard(overall=1, redis=1)
    assert status_of(every_source.read()) == "HEALTHY"
    every_source.close()


def test_tolerance_03_a_wrong_service_string_is_not_offered(grpc_server: Serve) -> None:
    port = grpc_server(Rpc({CHECK: standard(overall=1)}))
    state = booked(pattern(port, "cart", "/shop.Cart"))
    assert (state.error, state.detail) == (ErrorKind.NOT_OFFERED, "its health service knows no 'shop.Cart'")
    assert booked(pattern(grpc_server(Rpc({CHECK: standard()})))).error is ErrorKind.NOT_OFFERED


def test_tolerance_03_the_whole_that_is_always_serving_makes_nothing_healthy(grpc_server: Serve) -> None:
    every_source = EverySource(pattern(grpc_server(Rpc({CHECK: standard(overall=1)}))))
    every_source.read()
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert (found.status, found.message) == (
        Status.UNKNOWN, "the server answers, but says nothing about this pattern"
    )  # fmt: skip
    every_source.close()


def test_tolerance_03_service_unknown_is_unknown_and_watch_is_never_called(grpc_server: Serve) -> None:
    server = Rpc({CHECK: standard(redis=health_pb2.HealthCheckResponse.SERVICE_UNKNOWN)})
    every_source = EverySource(pattern(grpc_server(server)))
    assert status_of(every_source.read()) == "UNKNOWN"
    assert not [method for method in server.called if method.endswith("/Watch")]
    every_source.close()


# 4. A driver whose Health blocks, or answers OK with bad news.


def test_tolerance_04_a_health_call_that_blocks_on_its_backend_hangs_and_is_not_down(grpc_server: Serve) -> None:
    server = Rpc({LIFECYCLE: lifecycle(1)})
    one = pattern(grpc_server(server))
    assert isinstance(one._health, GrpcHealth)
    one._health._calls._timeout = TIMEOUT  # no longer than the test needs
    every_source = EverySource(one)
    every_source.read()
    server.methods[LIFECYCLE] = hanging
    began = time.monotonic()
    every_source.read(times=3)
    assert time.monotonic() - began < 15 * TIMEOUT * patience()
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert (found.status, found.source_error) == (Status.UNKNOWN, ErrorKind.TIMED_OUT)
    assert found.reason.startswith("hangs: its health call has had no answer")
    server.methods[LIFECYCLE] = lifecycle(1)
    assert status_of(every_source.read()) == "HEALTHY"
    every_source.close()


def test_tolerance_04_deadline_exceeded_from_the_server_is_a_timeout(grpc_server: Serve) -> None:
    port = grpc_server(Rpc({LIFECYCLE: refusing(grpc.StatusCode.DEADLINE_EXCEEDED, "context deadline exceeded")}))
    assert booked(pattern(port)).error is ErrorKind.TIMED_OUT


def test_tolerance_04_an_ok_answer_with_only_an_error_detail_is_unhealthy_and_says_why(grpc_server: Serve) -> None:
    server = Rpc({LIFECYCLE: lifecycle(3, error="dial tcp 10.0.0.1:6379: i/o timeout")})
    every_source = EverySource(pattern(grpc_server(server)))
    every_source.read()
    (found,) = pattern_health(every_source.snapshot(), every_source.now)
    assert (found.status, found.source_error) == (Status.UNHEALTHY, None)
    assert found.details["error"] == found.message == "dial tcp 10.0.0.1:6379: i/o timeout"
    every_source.close()


# 5. Statuses and bodies that are not about what was asked.


@pytest.mark.parametrize("path", ["/metrics", "/health", "/", "/anything"])
def test_tolerance_05_prism_admins_metrics_are_read_at_any_path(http: Http, path: str) -> None:
    every_source = EverySource(AdminMetricsCollector(http(exposing(ADMIN)).url + path, OPTIONS, Aliases()))
    assert list(values(every_source.read(), "prism_admin_raft_state").values()) == [2.0]
    every_source.close()


def test_tolerance_05_200_with_metrics_proves_nothing_where_something_else_was_asked_for(http: Http) -> None:
    found = kinds(over_http(http(exposing(ADMIN)).port))
    asked_json = {"signoz", "admin", "alertmanager", "prometheus", "dex", "nats"}
    assert {found[name] for name in asked_json} == {ErrorKind.WRONG_PROTOCOL}, found
    assert found["admin_metrics"] is None


def test_tolerance_05_gos_404_is_an_error_with_its_words_and_no_metrics(http: Http) -> None:
    state = booked(proxy(http(routes({})), "/wrong"))
    assert (state.error, state.detail) == (ErrorKind.HTTP_ERROR, "HTTP 404 Not Found: 404 page not found")


def test_tolerance_05_503_is_reported_with_its_reason(http: Http) -> None:
    server = http(lambda asked: Reply(503, b"unhealthy: no process runs", {"Content-Type": "text/plain"}))
    state = booked(proxy(server))
    assert state.error is ErrorKind.HTTP_ERROR
    assert "503" in state.detail
    assert "unhealthy: no process runs" in state.detail


def test_tolerance_05_metrics_where_a_health_check_was_asked_for_are_no_good_health(http: Http) -> None:
    url = http(exposing(ADMIN)).url
    every_source = EverySource(OtelCollector(f"{url}/metrics", f"{url}/health", OPTIONS, Aliases()))
    reported = {
        one.label("state"): one.label("detail")
        for one in every_source.read().series
        if one.name == "otelcol_health_info"
    }
    assert reported == {"no answer": "wrong protocol: answered metrics text, not a health check"}
    every_source.close()


# 6. Types, encodings and last newlines.


def typed(body: bytes, content_type: str | None, packed: bool) -> Callable[[Asked], Reply]:
    headers = {} if content_type is None else {"Content-Type": content_type}
    if packed:
        body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
    return lambda asked: Reply(200, body, headers)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "text/plain; charset=utf-8", "text/plain; version=0.0.4; charset=utf-8; escaping=values",
     "application/octet-stream", "text/html"],
)  # fmt: skip
def test_tolerance_06_metrics_of_any_type_are_read(http: Http, content_type: str | None, packed: bool) -> None:
    every_source = EverySource(proxy(http(typed(METRICS.encode(), content_type, packed))))
    assert list(values(every_source.read(), "prism_requests_total").values()) == [7.0]
    every_source.close()


@pytest.mark.parametrize("content_type", [None, "text/plain; charset=utf-8", "application/json"])
def test_tolerance_06_json_of_any_type_is_read(http: Http, content_type: str | None) -> None:
    server: HttpServer = http(typed(b'{"namespaces": [{"name": "shop"}]}', content_type, True))
    (admin,) = [one for one in over_http(server.port) if one.source == "admin"]
    every_source = EverySource(admin)
    assert list(values(every_source.read(), "prism_namespace_info", "namespace")) == ["shop"]
    every_source.close()


@pytest.mark.parametrize("body", [METRICS.strip(), METRICS + "a 1", METRICS + "\n\n# EOF"])
def test_tolerance_06_a_last_line_without_its_newline_counts(http: Http, body: str) -> None:
    every_source = EverySource(proxy(http(exposing(body))))
    scrape = every_source.read()
    assert list(values(scrape, "prism_requests_total").values()) == [7.0]
    assert len(values(scrape, "a")) == body.endswith("a 1")
    every_source.close()
