"""A pattern's health, over whichever service it offers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent import futures
from contextlib import closing, suppress

import grpc
import pytest
from grpc_health.v1 import health_pb2

from collectors.core.amounts import figure
from collectors.patterns.pattern import SETTLE_SECONDS, PatternCollector
from model.series import Kind, Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from proto import lifecycle_pb2
from tests.patience import patience

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=1.0)
Start = Callable[..., int]


class Lifecycle(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Prism's own service; `answer` may be changed while it runs."""

    def __init__(self, status: int, message: str = "", details: Mapping[str, str] | None = None) -> None:
        self.answer = lifecycle_pb2.HealthCheckResponse(status=status, message=message, details=details)  # type: ignore[arg-type]
        self.calls: list[str] = []

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        self.calls.append(details.method)
        if details.method != "/prism.interfaces.LifecycleInterface/HealthCheck":
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self.answer.SerializeToString())


class Standard(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """grpc.health.v1 with these services."""

    def __init__(self, **services: int) -> None:
        self.services = {"" if name == "overall" else name: status for name, status in services.items()}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        if details.method != "/grpc.health.v1.Health/Check":
            return None
        return grpc.unary_unary_rpc_method_handler(self._check)

    def _check(self, request: bytes, context: grpc.ServicerContext) -> bytes:
        name = health_pb2.HealthCheckRequest.FromString(request).service
        if name not in self.services:
            context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
        return bytes(health_pb2.HealthCheckResponse(status=self.services[name]).SerializeToString())


def pattern(port: int, name: str = "redis") -> PatternCollector:
    return PatternCollector(name, f"127.0.0.1:{port}", OPTIONS)


def read(collector: PatternCollector, at: float = 100.0) -> Scrape:
    return collector.collect(lambda: at)


def status(scrape: Scrape) -> tuple[str | None, str | None]:
    """(status, service) of the one status that is 1."""
    ((found, service),) = [
        (sample.series.label("status"), sample.series.label("service"))
        for sample in scrape.samples()
        if sample.series.name == "prism_pattern_status" and sample.value == 1.0
    ]
    return found, service


def named(scrape: Scrape, name: str, label: str) -> dict[str | None, float]:
    return {s.series.label(label): s.value for s in scrape.samples() if s.series.name == name}


@pytest.mark.parametrize(
    ("reported", "wanted"), [(0, "UNKNOWN"), (1, "HEALTHY"), (2, "DEGRADED"), (3, "UNHEALTHY"), (9, "UNKNOWN")]
)
def test_the_lifecycle_service_reports_the_status(grpc_server: Start, reported: int, wanted: str) -> None:
    scrape = read(pattern(grpc_server(Lifecycle(reported))))
    assert status(scrape) == (wanted, "prism.interfaces.LifecycleInterface")
    assert sum(named(scrape, "prism_pattern_status", "status").values()) == 1.0
    assert len(named(scrape, "prism_pattern_status", "status")) == 4
    (duration,) = named(scrape, "prism_pattern_check_duration_seconds", "pattern").values()
    assert 0 < duration < 1
    assert {series.label("pattern") for series in scrape.series} == {"redis"}
    assert {series.label("instance") for series in scrape.series} == {scrape.instance}


def test_details_are_numbers_or_words_and_never_secrets(grpc_server: Start) -> None:
    details = {
        "pool_size": "10", "running": "true", "lag": "NaN", "odd": "", "in_msgs": "1e3", "password": "opensesame",
        "api_key": "12345", "error": "dial redis://u:opensesame@db\nrefused", "k" * 500: "v",
    }  # fmt: skip
    scrape = read(pattern(grpc_server(Lifecycle(3, "bad: password=opensesame", details))))
    assert named(scrape, "prism_pattern_detail", "key") == {"pool_size": 10.0, "in_msgs": 1000.0}
    words = {s.label("key"): s.label("value") for s in scrape.series if s.name == "prism_pattern_detail_info"}
    assert words["running"] == "true"
    assert words["error"] == "dial redis://[removed]@db refused"
    assert words["password"] == words["api_key"] == "[removed]"
    assert (words["lag"], words["odd"]) == ("NaN", "")
    assert named(scrape, "prism_pattern_message_info", "message") == {"bad: password=[removed]": 1.0}
    assert {s.kind for s in scrape.series if s.name.endswith("_info")} == {Kind.INFO}
    assert "opensesame" not in repr(scrape)


def test_no_detail_is_reported_twice_and_long_keys_that_begin_alike_are_two(grpc_server: Start) -> None:
    details = {"idle": "5s", "idle_seconds": "5", "k" * 500 + "1": "1", "k" * 500 + "2": "2"}
    scrape = read(pattern(grpc_server(Lifecycle(1, "", details))))
    found = [one.label("key") for one in scrape.series if one.name == "prism_pattern_detail"]
    assert (len(found), len(set(found))) == (3, 3)


def test_too_many_details_are_cut(grpc_server: Start) -> None:
    scrape = read(pattern(grpc_server(Lifecycle(1, "", {f"k{n}": str(n) for n in range(500)}))))
    assert len(named(scrape, "prism_pattern_detail", "key")) == 64


def test_of_too_many_details_those_are_kept_that_a_page_has_a_place_for(grpc_server: Start) -> None:
    pool = {"total_conns": "7", "pool_size": "10", "in_bytes": "5"}
    scrape = read(pattern(grpc_server(Lifecycle(1, "", {f"a{n}": str(n) for n in range(500)} | pool))))
    found = named(scrape, "prism_pattern_detail", "key")
    assert len(found) == 64
    assert {name: found.get(name) for name in pool} == {"total_conns": 7.0, "pool_size": 10.0, "in_bytes": 5.0}


@pytest.mark.parametrize(("reported", "wanted"), [(1, "HEALTHY"), (2, "UNHEALTHY"), (0, "UNKNOWN"), (3, "UNKNOWN")])
def test_the_standard_service_is_asked_by_the_drivers_name(grpc_server: Start, reported: int, wanted: str) -> None:
    scrape = read(pattern(grpc_server(Standard(redis=reported, overall=1))))
    assert status(scrape) == (wanted, "grpc.health.v1/redis")


def test_a_pattern_may_be_called_otherwise_than_its_driver(grpc_server: Start) -> None:
    scrape = read(pattern(grpc_server(Standard(postgres=1, overall=1)), "postgresql"))
    assert status(scrape) == ("HEALTHY", "grpc.health.v1/postgres")


def test_a_server_that_is_serving_as_a_whole_proves_nothing_about_the_pattern(grpc_server: Start) -> None:
    assert status(read(pattern(grpc_server(Standard(overall=1))))) == ("UNKNOWN", "grpc.health.v1")
    assert status(read(pattern(grpc_server(Standard(overall=2))))) == ("UNHEALTHY", "grpc.health.v1")


@pytest.mark.parametrize("handlers", [(), (Standard(),)], ids=["no service", "knows nobody"])
def test_a_server_without_health_offers_nothing_and_is_not_unhealthy(
    grpc_server: Start, handlers: tuple[Standard, ...]
) -> None:
    with pytest.raises(CollectError) as caught:
        read(pattern(grpc_server(*handlers)))
    assert caught.value.kind is ErrorKind.NOT_OFFERED


def test_once_known_each_read_is_one_call(grpc_server: Start) -> None:
    service = Lifecycle(1)
    collector = pattern(grpc_server(service, Standard(redis=1)))
    for _ in range(3):
        read(collector)
    assert service.calls == ["/prism.interfaces.LifecycleInterface/HealthCheck"] * 3


def test_only_read_only_methods_are_ever_called(grpc_server: Start) -> None:
    service = Lifecycle(1)
    without = Lifecycle(1)
    without.service = lambda details: without.calls.append(details.method)  # type: ignore[method-assign]
    read(pattern(grpc_server(service)))
    with pytest.raises(CollectError):
        read(pattern(grpc_server(without)))
    assert set(service.calls + without.calls) == {
        "/prism.interfaces.LifecycleInterface/HealthCheck", "/grpc.health.v1.Health/Check",
    }  # fmt: skip


def test_words_that_change_with_every_answer_do_not_become_a_series_each(grpc_server: Start) -> None:
    service = Lifecycle(1, "up 1s", {"pool": "1"})
    collector = pattern(grpc_server(service))
    first = read(collector, 100.0)
    service.answer.message, service.answer.details["pool"] = "up 2s", "2"
    second = read(collector, 101.0)
    assert second.series == first.series
    assert named(second, "prism_pattern_detail", "key") == {"pool": 2.0}
    later = read(collector, 100.0 + SETTLE_SECONDS)
    assert named(later, "prism_pattern_message_info", "message") == {"up 2s": 1.0}
    service.answer.message, service.answer.status = "down", lifecycle_pb2.HEALTH_STATUS_UNHEALTHY
    assert named(read(collector, 101.0 + SETTLE_SECONDS), "prism_pattern_message_info", "message") == {"down": 1.0}


def test_a_killed_pattern_is_noticed_and_a_returning_one_read_at_once(dead_port: int) -> None:
    collector = pattern(dead_port)
    for _ in range(2):
        server = grpc.server(futures.ThreadPoolExecutor(2))
        server.add_generic_rpc_handlers((Lifecycle(1),))
        server.add_insecure_port(f"127.0.0.1:{dead_port}")
        server.start()
        assert status(read(collector))[0] == "HEALTHY"
        server.stop(0).wait(2)
        for _ in range(5):  # however often it failed before
            with pytest.raises(CollectError) as caught:
                read(collector)
            assert caught.value.kind is ErrorKind.DOWN
    collector.close()


def test_a_pattern_that_comes_back_as_another_build_is_asked_anew(dead_port: int, grpc_server: Start) -> None:
    collector = pattern(dead_port)
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((Standard(redis=1),))
    server.add_insecure_port(f"127.0.0.1:{dead_port}")
    server.start()
    assert status(read(collector)) == ("HEALTHY", "grpc.health.v1/redis")
    server.stop(0).wait(2)
    with pytest.raises(CollectError):
        read(collector)
    grpc_server(Lifecycle(2), port=dead_port)
    assert status(read(collector)) == ("DEGRADED", "prism.interfaces.LifecycleInterface")


def test_a_pattern_that_hangs_does_so_for_its_timeout_only(grpc_server: Start) -> None:
    class Hanging(grpc.GenericRpcHandler):  # type: ignore[type-arg]
        def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes]:
            return grpc.unary_unary_rpc_method_handler(lambda request, context: _until_gone(context))

    collector = PatternCollector("redis", f"127.0.0.1:{grpc_server(Hanging())}", OPTIONS)
    began = time.monotonic()
    with pytest.raises(CollectError) as caught:
        read(collector)
    assert caught.value.kind is ErrorKind.TIMED_OUT
    assert time.monotonic() - began < 1.5 * patience()


def _until_gone(context: grpc.ServicerContext) -> bytes:
    gone = threading.Event()
    context.add_callback(gone.set)
    gone.wait(5)
    return b""


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), ("-0.5", -0.5), ("true", None), ("", None), ("inf", None), ("nan", None)]
)
def test_only_finite_numbers_are_numbers(text: str, value: float | None) -> None:
    assert figure(text) == value


@pytest.mark.parametrize(
    ("service", "services", "reported"),
    [
        ("", {"overall": 1}, ("HEALTHY", "grpc.health.v1")),
        ("", {"overall": 2}, ("UNHEALTHY", "grpc.health.v1")),
        ("shop.Cart", {"overall": 1, "shop.Cart": 2}, ("UNHEALTHY", "grpc.health.v1/shop.Cart")),
        ("shop.Cart", {"overall": 2, "shop.Cart": 1}, ("HEALTHY", "grpc.health.v1/shop.Cart")),
    ],
)
def test_a_named_service_is_asked_for_and_its_word_taken(
    grpc_server: Start, service: str, services: dict[str, int], reported: tuple[str, str]
) -> None:
    lifecycle = Lifecycle(lifecycle_pb2.HEALTH_STATUS_DEGRADED)
    port = grpc_server(Standard(**services), lifecycle)
    one = PatternCollector("cart", f"127.0.0.1:{port}/{service}", OPTIONS)
    assert status(read(one)) == reported
    one.close()
    assert one.instance == f"127.0.0.1:{port}/{service}".rstrip("/")
    assert lifecycle.calls == []


def test_a_named_service_that_is_not_known_is_not_offered(grpc_server: Start) -> None:
    one = PatternCollector("cart", f"127.0.0.1:{grpc_server(Standard(overall=1))}/shop.Cart", OPTIONS)
    with pytest.raises(CollectError) as caught:
        read(one)
    one.close()
    assert (caught.value.kind, caught.value.detail) == (
        ErrorKind.NOT_OFFERED, "its health service knows no 'shop.Cart'"
    )  # fmt: skip


class Refusing(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Prism's own service, which reports nothing to us."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self.code = code

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        if "LifecycleInterface" not in details.method:
            return None
        return grpc.unary_unary_rpc_method_handler(lambda request, context: context.abort(self.code, "not for you"))


REFUSALS = [grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED]


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize(("reported", "wanted"), [(1, "HEALTHY"), (2, "UNHEALTHY"), (0, "UNKNOWN")])
@pytest.mark.parametrize("service", ["redis", "overall"])
def test_where_lifecycle_refuses_the_standard_services_word_counts(
    grpc_server: Start, code: grpc.StatusCode, reported: int, wanted: str, service: str
) -> None:
    port = grpc_server(Refusing(code), Standard(**{service: reported}))
    assert status(read(pattern(port)))[0] == wanted


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_stays_one_where_nothing_else_answers(grpc_server: Start, code: grpc.StatusCode) -> None:
    for port in (grpc_server(Refusing(code)), grpc_server(Refusing(code), Standard(other=1))):
        with pytest.raises(CollectError) as caught:
            read(pattern(port))
        assert caught.value.detail.endswith("not for you")


class GoingAway:
    """A way to a gRPC server, of which the first connections are sent away as a call begins, before it is looked at."""

    def __init__(self, behind: int, times: int) -> None:
        self.behind, self.times, self.connections = behind, times, 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            serve = self._send_away if self.connections <= self.times else self._relay
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def _send_away(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            connection.sendall(bytes.fromhex("000000 04 00 00000000 000000 04 01 00000000"))  # SETTINGS, and their ACK
            seen = b""
            while b"\x01\x04\0\0\0\x01" not in seen and (data := connection.recv(65536)):  # HEADERS of stream 1
                seen += data
            connection.sendall(bytes.fromhex("000008 07 00 00000000 00000000 00000000"))  # GOAWAY: none was seen
            while seen and connection.recv(65536):
                pass

    def _relay(self, connection: socket.socket) -> None:
        inside = socket.create_connection(("127.0.0.1", self.behind))
        threading.Thread(target=_pump, args=(inside, connection), daemon=True).start()
        _pump(connection, inside)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError), source, sink:
        while data := source.recv(65536):
            sink.sendall(data)


def test_a_call_that_meets_goaway_is_asked_once_more(grpc_server: Start) -> None:
    lifecycle = Lifecycle(1)
    with closing(GoingAway(grpc_server(lifecycle), times=1)) as way:
        assert status(read(pattern(way.port)))[0] == "HEALTHY"
        assert (way.connections, len(lifecycle.calls)) == (2, 1)


def test_a_server_that_only_says_goaway_is_down(grpc_server: Start) -> None:
    with closing(GoingAway(grpc_server(Lifecycle(1)), times=99)) as way:
        with pytest.raises(CollectError) as caught:
            read(pattern(way.port))
        assert caught.value.kind is ErrorKind.DOWN
