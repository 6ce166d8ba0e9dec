from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from proto import launcher_pb2, lifecycle_pb2
from simulator.prism import Prism
from tests.patience import until

SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


def call(target: str, method: str, request: Message, answer: Any, timeout: float = 3.0) -> Any:
    with grpc.insecure_channel(target) as channel:
        invoke = channel.unary_unary(
            method, request_serializer=type(request).SerializeToString, response_deserializer=answer.FromString
        )
        return invoke(request, timeout=timeout)


def health(prism: Prism, pattern: str, timeout: float = 3.0) -> lifecycle_pb2.HealthCheckResponse:
    answer: lifecycle_pb2.HealthCheckResponse = call(
        prism.addresses()["patterns"][pattern],
        "/prism.interfaces.LifecycleInterface/HealthCheck",
        lifecycle_pb2.HealthCheckRequest(),
        lifecycle_pb2.HealthCheckResponse,
        timeout,
    )
    return answer


def serving(prism: Prism, pattern: str, service: str) -> int:
    answer: health_pb2.HealthCheckResponse = call(
        prism.addresses()["patterns"][pattern],
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest(service=service),
        health_pb2.HealthCheckResponse,
    )
    return int(answer.status)


def processes(prism: Prism) -> dict[str, launcher_pb2.PatternInfo]:
    answer: launcher_pb2.HealthResponse = call(
        prism.addresses()["launcher"],
        "/prism.launcher.PatternLauncher/Health",
        launcher_pb2.HealthRequest(include_processes=True),
        launcher_pb2.HealthResponse,
    )
    return {one.pattern_name: one for one in answer.processes}


def failure(attempt: Callable[[], object]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        attempt()
    code: grpc.StatusCode = caught.value.code()
    return code


@pytest.mark.parametrize(
    ("pattern", "status", "keys"),
    [
        ("memstore", 1, {"keys", "max_keys"}),
        ("redis", 1, {"total_conns", "idle_conns", "pool_size"}),
        ("nats", 2, set()),
        ("postgresql", 1, {"acquired", "max", "idle"}),
    ],
)
def test_each_pattern_reports_its_health_with_its_drivers_details(
    prism: Prism, pattern: str, status: int, keys: set[str]
) -> None:
    answer = health(prism, pattern)
    assert (answer.status, set(answer.details)) == (status, keys)
    assert all(value.isdigit() for value in answer.details.values())


def test_redis_counts_idle_connections_among_all(prism: Prism) -> None:
    assert dict(health(prism, "redis").details) == {"total_conns": "8", "idle_conns": "1", "pool_size": "10"}
    assert health(prism, "nats").message.startswith("reconnecting")


def test_a_connected_nats_counts_messages(prism: Prism) -> None:
    prism.board.add({"fault": "pattern_healthy", "target": "nats"})
    answer = health(prism, "nats")
    assert answer.status == lifecycle_pb2.HEALTH_STATUS_HEALTHY
    assert set(answer.details) == {"subscriptions", "in_msgs", "out_msgs", "in_bytes", "out_bytes"}
    assert answer.details["subscriptions"] == "21"
    assert "nats://" in answer.message


def test_a_degraded_pattern_keeps_its_details(prism: Prism) -> None:
    prism.board.add({"fault": "pattern_degraded", "target": "redis"})
    answer = health(prism, "redis")
    assert answer.status == lifecycle_pb2.HEALTH_STATUS_DEGRADED
    assert set(answer.details) == {"total_conns", "idle_conns", "pool_size"}


def test_standard_health_knows_the_driver_and_hides_what_is_yellow(prism: Prism) -> None:
    assert serving(prism, "nats", "") == SERVING
    assert serving(prism, "nats", "nats") == SERVING
    assert serving(prism, "postgresql", "postgres") == SERVING
    assert failure(lambda: serving(prism, "postgresql", "postgresql")) is grpc.StatusCode.NOT_FOUND
    prism.board.add({"fault": "pattern_unhealthy", "target": "postgresql"})
    assert serving(prism, "postgresql", "postgres") == NOT_SERVING
    assert serving(prism, "postgresql", "") == SERVING
    answer = health(prism, "postgresql")
    assert (answer.status, dict(answer.details)) == (3, {"error": "connection refused"})


def test_a_watch_reports_the_change(prism: Prism) -> None:
    with grpc.insecure_channel(prism.addresses()["patterns"]["memstore"]) as channel:
        watch: Any = channel.unary_stream(
            "/grpc.health.v1.Health/Watch",
            request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
            response_deserializer=health_pb2.HealthCheckResponse.FromString,
        )(health_pb2.HealthCheckRequest(service="memstore"), timeout=10)
        assert next(watch).status == SERVING
        prism.board.add({"fault": "pattern_unhealthy", "target": "memstore"})
        assert next(watch).status == NOT_SERVING
        watch.cancel()


@pytest.mark.parametrize(
    ("where", "services"),
    [
        ("redis", {"prism.interfaces.LifecycleInterface", "grpc.health.v1.Health"}),
        ("launcher", {"prism.launcher.PatternLauncher"}),
    ],
)
def test_reflection_lists_the_services_and_their_messages(prism: Prism, where: str, services: set[str]) -> None:
    addresses = prism.addresses()
    with grpc.insecure_channel(addresses["patterns"].get(where, addresses["launcher"])) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert services <= set(database.get_services())
        for service in services:
            assert database.FindFileContainingSymbol(service).message_type


def test_what_is_not_offered_is_unimplemented(prism: Prism) -> None:
    target = prism.addresses()["launcher"]
    answer = failure(
        lambda: call(
            target,
            "/prism.interfaces.LifecycleInterface/HealthCheck",
            lifecycle_pb2.HealthCheckRequest(),
            lifecycle_pb2.HealthCheckResponse,
        )
    )
    assert answer is grpc.StatusCode.UNIMPLEMENTED


def test_a_crash_closes_the_port_and_shows_in_launcher_and_books_until_it_restarts(prism: Prism) -> None:
    before = processes(prism)["memstore"]
    assert (before.state, before.restart_count, before.healthy) == (launcher_pb2.STATE_RUNNING, 0, True)
    assert before.address == prism.addresses()["patterns"]["memstore"]
    fault = prism.board.add({"fault": "pattern_crash", "target": "memstore"})
    host, port = before.address.split(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)), timeout=3)
    assert failure(lambda: health(prism, "memstore")) is grpc.StatusCode.UNAVAILABLE
    down = processes(prism)["memstore"]
    assert (down.state, down.healthy, down.pid) == (launcher_pb2.STATE_FAILED, False, 0)
    assert "memstore" in down.last_error
    prism.board.remove(fault.id)
    assert health(prism, "memstore").status == 1
    after = processes(prism)["memstore"]
    assert (after.restart_count, after.uptime_seconds) == (1, 0)
    assert after.pid not in (0, before.pid)
    assert failure(lambda: serving(prism, "memstore", "memstore")) is grpc.StatusCode.NOT_FOUND


def test_a_hung_pattern_never_answers_and_its_standard_health_stays_as_it_was(prism: Prism) -> None:
    prism.board.add({"fault": "pattern_hang", "target": "redis"})
    assert failure(lambda: health(prism, "redis", timeout=0.3)) is grpc.StatusCode.DEADLINE_EXCEEDED
    assert serving(prism, "redis", "redis") == SERVING
    prism.board.clear()
    assert health(prism, "redis").status == 1


@pytest.mark.parametrize(
    ("fault", "params", "code"),
    [
        ("source_down", {}, grpc.StatusCode.UNAVAILABLE),
        ("source_hang", {}, grpc.StatusCode.DEADLINE_EXCEEDED),
        ("source_slow", {"seconds": 5}, grpc.StatusCode.DEADLINE_EXCEEDED),
        ("source_garbage", {"kind": "binary"}, grpc.StatusCode.UNAVAILABLE),
        ("source_garbage", {"kind": "html"}, grpc.StatusCode.UNAVAILABLE),
    ],
)
def test_a_patterns_port_may_misbehave_and_recover(
    prism: Prism, fault: str, params: dict[str, object], code: grpc.StatusCode
) -> None:
    prism.board.add({"fault": fault, "target": "pattern:redis", "params": params})
    assert failure(lambda: health(prism, "redis", timeout=0.5)) is code
    assert prism.traffic_model.processes["redis"].up
    prism.board.clear()
    assert health(prism, "redis").status == 1


def test_a_restart_loop_goes_on_by_itself(prism: Prism) -> None:
    prism.board.add({"fault": "restart_loop", "target": "postgresql"})
    process, seen = prism.traffic_model.processes["postgresql"], set()

    def restarted() -> bool:
        seen.add(process.up)
        return process.restarts >= 1

    until(restarted)
    assert False in seen
    assert processes(prism)["postgresql"].restart_count == 1


def test_the_launcher_finds_processes_by_name_and_id(prism: Prism) -> None:
    target = prism.addresses()["launcher"]
    listed = call(
        target,
        "/prism.launcher.PatternLauncher/ListPatterns",
        launcher_pb2.ListPatternsRequest(pattern_name="nats"),
        launcher_pb2.ListPatternsResponse,
    )
    assert ([one.restart_count for one in listed.patterns], listed.total_count) == ([2], 4)
    for id_, missing in ((listed.patterns[0].process_id, False), ("nobody", True)):
        found = call(
            target,
            "/prism.launcher.PatternLauncher/GetProcessStatus",
            launcher_pb2.GetProcessStatusRequest(process_id=id_),
            launcher_pb2.GetProcessStatusResponse,
        )
        assert found.not_found is missing
