"""A pattern's two health services: LifecycleInterface/HealthCheck and grpc.health.v1 (contracts 5.2 to 5.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import grpc
from grpc_health.v1 import health_pb2

from model.status import Status
from proto import lifecycle_pb2
from simulator.sockets.grpc_servers import GrpcSource, Handler
from simulator.traffic.nats import nats_client
from simulator.traffic.patterns import MOST_KEYS, PatternProcess
from simulator.traffic.traffic_model import TrafficModel

LIFECYCLE = "prism.interfaces.LifecycleInterface"
STANDARD = "grpc.health.v1.Health"
FIRST_ENTRY_SECONDS = 5.0
WATCH_SECONDS = 0.5
BEHIND_SECONDS = 0.05
"""So old may the figures be that a driver reports: with 200 patterns each answer would step the books of all of them
otherwise, 72 % of a core. What a fault does is there at once.
"""
_STATUSES = {
    Status.HEALTHY: lifecycle_pb2.HEALTH_STATUS_HEALTHY,
    Status.DEGRADED: lifecycle_pb2.HEALTH_STATUS_DEGRADED,
    Status.UNHEALTHY: lifecycle_pb2.HEALTH_STATUS_UNHEALTHY,
}
_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
_SERVICE_UNKNOWN = health_pb2.HealthCheckResponse.SERVICE_UNKNOWN


class PatternHealth:
    """Answers for one pattern from the books."""

    def __init__(self, pattern: str, traffic_model: TrafficModel, clock: Callable[[], float]) -> None:
        self._pattern, self._traffic_model, self._clock = pattern, traffic_model, clock

    def handlers(self, source: GrpcSource) -> Sequence[Handler]:
        """Both services, as generic handlers."""

        return self._lifecycle_handler(source), self._standard_handler(source)

    def _lifecycle_handler(self, source: GrpcSource) -> Handler:
        def check(
            _: lifecycle_pb2.HealthCheckRequest, context: grpc.ServicerContext
        ) -> lifecycle_pb2.HealthCheckResponse:
            source.pause(context, lambda: self._process.effect.hang)
            return self.lifecycle(self._clock())

        method = grpc.unary_unary_rpc_method_handler(
            check, lifecycle_pb2.HealthCheckRequest.FromString, lifecycle_pb2.HealthCheckResponse.SerializeToString
        )
        return grpc.method_handlers_generic_handler(LIFECYCLE, {"HealthCheck": method})

    def _standard_handler(self, source: GrpcSource) -> Handler:
        def check(
            request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext
        ) -> health_pb2.HealthCheckResponse:
            source.pause(context, lambda: False)
            status = self.standard(request.service, self._clock())
            if status == _SERVICE_UNKNOWN:
                context.abort(grpc.StatusCode.NOT_FOUND, "unknown service")
            return health_pb2.HealthCheckResponse(status=status)

        def watch(
            request: health_pb2.HealthCheckRequest, context: grpc.ServicerContext
        ) -> Iterator[health_pb2.HealthCheckResponse]:
            reported = None
            while context.is_active():
                status = self.standard(request.service, self._clock())
                if status != reported:
                    yield health_pb2.HealthCheckResponse(status=status)
                    reported = status
                source.released.wait(WATCH_SECONDS)

        wire = health_pb2.HealthCheckRequest.FromString, health_pb2.HealthCheckResponse.SerializeToString
        methods = {
            "Check": grpc.unary_unary_rpc_method_handler(check, *wire),
            "Watch": grpc.unary_stream_rpc_method_handler(watch, *wire),
        }
        return grpc.method_handlers_generic_handler(STANDARD, methods)

    @property
    def _process(self) -> PatternProcess:
        return self._traffic_model.processes[self._pattern]

    def lifecycle(self, now: float) -> lifecycle_pb2.HealthCheckResponse:
        """Status, words and the details that this driver gives in this state."""
        with self._traffic_model.lock:
            self._traffic_model.advance(now, BEHIND_SECONDS)
            status = Status(self._traffic_model.status(self._pattern))
            pool = self._traffic_model.pools.get(self._pattern)
            message = self._process.message(status, pool is not None and pool.strained)
            details = self._details(status)
        return lifecycle_pb2.HealthCheckResponse(status=_STATUSES[status], message=message, details=details)

    def standard(self, service: str, now: float) -> health_pb2.HealthCheckResponse.ServingStatus.ValueType:
        """Overall always SERVING; the driver's name from its first tick on, where DEGRADED is SERVING too."""
        if service == "":
            return _SERVING
        with self._traffic_model.lock:
            self._traffic_model.advance(now, BEHIND_SECONDS)
            young = now - self._process.started < FIRST_ENTRY_SECONDS
            if service != self._process.spec.driver or young:
                return _SERVICE_UNKNOWN
            unhealthy = self._traffic_model.status(self._pattern) == Status.UNHEALTHY
        return _NOT_SERVING if unhealthy else _SERVING

    def _details(self, status: Status) -> dict[str, str]:
        spec, pool = self._process.spec, self._traffic_model.pools.get(self._pattern)
        if status is Status.UNHEALTHY:
            return {"error": "connection refused"} if spec.driver in ("redis", "postgres") else {}
        if spec.driver == "redis" and pool:
            numbers = {"total_conns": pool.active + pool.idle, "idle_conns": pool.idle, "pool_size": pool.maximum}
        elif spec.driver == "postgres" and pool:
            numbers = {"acquired": pool.active, "max": pool.maximum, "idle": pool.idle}
        elif spec.driver == "memstore":
            numbers = {"keys": self._traffic_model.memstore_keys, "max_keys": MOST_KEYS}
        elif status is Status.HEALTHY:
            numbers = self._messages()
        else:
            numbers = {}
        return {key: str(value) for key, value in numbers.items()}

    def _messages(self) -> dict[str, int]:
        """What a connected NATS client counts."""
        client = nats_client(self._traffic_model)
        return {
            "subscriptions": client.subscriptions,
            "in_msgs": client.in_messages,
            "out_msgs": client.out_messages,
            "in_bytes": client.in_bytes,
            "out_bytes": client.out_bytes,
        }
