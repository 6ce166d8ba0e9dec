"""The two gRPC health services that a pattern may offer, and what their failures mean (contracts 5.1 to 5.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from collectors.core.grpc_calls import GrpcCalls
from model.status import Status
from proto import lifecycle_pb2

LIFECYCLE = "prism.interfaces.LifecycleInterface"
STANDARD = "grpc.health.v1"

_LIFECYCLE_STATUS = {
    lifecycle_pb2.HEALTH_STATUS_HEALTHY: Status.HEALTHY,
    lifecycle_pb2.HEALTH_STATUS_DEGRADED: Status.DEGRADED,
    lifecycle_pb2.HEALTH_STATUS_UNHEALTHY: Status.UNHEALTHY,
}
_STANDARD_STATUS = {
    HealthCheckResponse.SERVING: Status.HEALTHY,
    HealthCheckResponse.NOT_SERVING: Status.UNHEALTHY,
}


@dataclass(frozen=True, slots=True)
class Health:
    """What a pattern says of itself. `service` is who said it."""

    status: Status
    service: str
    message: str = ""
    details: dict[str, str] = field(default_factory=dict)


class HealthCalls(GrpcCalls):
    """Read-only health calls to one target."""

    def lifecycle(self, names: Sequence[str] = (LIFECYCLE,)) -> Health:
        """Prism's own service, by the first of these names that is offered. Raises CallError."""
        answer = lifecycle_pb2.HealthCheckResponse()
        service = self.call_first(names, "HealthCheck", b"", answer)
        status = _LIFECYCLE_STATUS.get(answer.status, Status.UNKNOWN)
        return Health(status, service, answer.message, dict(answer.details))

    def standard(self, service: str, believed: bool = False) -> Health:
        """The standard service; "" asks for the server as a whole. Raises CallError.

        Of Prism's drivers the whole is SERVING from its first moment and stays so (contracts 5.2): that proves that
        somebody is there, not that the pattern is well, hence UNKNOWN unless the operator wants it `believed`.
        """
        answer = HealthCheckResponse()
        self.call(f"/{STANDARD}.Health/Check", HealthCheckRequest(service=service).SerializeToString(), answer)
        status = _STANDARD_STATUS.get(answer.status, Status.UNKNOWN)
        if service:
            return Health(status, f"{STANDARD}/{service}")
        if believed:
            return Health(status, STANDARD)
        if status is Status.HEALTHY:
            return Health(Status.UNKNOWN, STANDARD, "the server answers, but says nothing about this pattern")
        return Health(status, STANDARD)
