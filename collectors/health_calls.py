"""The two gRPC health services that a pattern may offer, and what their failures mean (contracts 5.1 to 5.3)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from collectors.probe import Speech, listen_to, split_target
from collectors.redact import redact
from model.sources import CollectError, ErrorKind
from model.status import Status
from proto import lifecycle_pb2

LIFECYCLE = "prism.interfaces.LifecycleInterface"
STANDARD = "grpc.health.v1"
PROBE_SECONDS = 0.25
MAX_MESSAGE_BYTES = 1024 * 1024

_CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),  # a new channel means a new connection
)

_LIFECYCLE_STATUS = {
    lifecycle_pb2.HEALTH_STATUS_HEALTHY: Status.HEALTHY,
    lifecycle_pb2.HEALTH_STATUS_DEGRADED: Status.DEGRADED,
    lifecycle_pb2.HEALTH_STATUS_UNHEALTHY: Status.UNHEALTHY,
}
_STANDARD_STATUS = {
    HealthCheckResponse.SERVING: Status.HEALTHY,
    HealthCheckResponse.NOT_SERVING: Status.UNHEALTHY,
}
_KINDS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: ErrorKind.TIMED_OUT,
    grpc.StatusCode.UNAUTHENTICATED: ErrorKind.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED: ErrorKind.REFUSED,
    grpc.StatusCode.UNIMPLEMENTED: ErrorKind.NOT_OFFERED,
    grpc.StatusCode.UNAVAILABLE: ErrorKind.DOWN,
    grpc.StatusCode.CANCELLED: ErrorKind.DOWN,
}


@dataclass(frozen=True, slots=True)
class Health:
    """What a pattern says of itself. `service` is who said it."""

    status: Status
    service: str
    message: str = ""
    details: dict[str, str] = field(default_factory=dict)


class CallError(CollectError):
    """A failed call, with its gRPC status."""

    def __init__(self, kind: ErrorKind, detail: str, code: grpc.StatusCode) -> None:
        super().__init__(kind, detail)
        self.code = code


class HealthCalls:
    """Read-only health calls to one target. The connection is made anew after each failure, so that a pattern that
    comes back is seen at the next call instead of after gRPC's own growing waits.
    """

    def __init__(self, target: str, timeout_seconds: float) -> None:
        self._target = target
        self._timeout = timeout_seconds
        self._channel: grpc.Channel | None = None
        self._until = 0.0

    def begin(self) -> None:
        """Start a read: all calls until the next `begin` share its time."""
        self._until = time.monotonic() + self._timeout

    def lifecycle(self) -> Health:
        """Prism's own service. Raises CallError."""
        answer = lifecycle_pb2.HealthCheckResponse()
        self._call(f"/{LIFECYCLE}/HealthCheck", b"", answer)
        status = _LIFECYCLE_STATUS.get(answer.status, Status.UNKNOWN)
        return Health(status, LIFECYCLE, answer.message, dict(answer.details))

    def standard(self, service: str) -> Health:
        """The standard service; "" asks for the server as a whole. Raises CallError.

        The whole is SERVING from its first moment and stays so (contracts 5.2): that proves that somebody is there,
        not that the pattern is well, hence UNKNOWN.
        """
        answer = HealthCheckResponse()
        self._call(f"/{STANDARD}.Health/Check", HealthCheckRequest(service=service).SerializeToString(), answer)
        status = _STANDARD_STATUS.get(answer.status, Status.UNKNOWN)
        if service:
            return Health(status, f"{STANDARD}/{service}")
        if status is Status.HEALTHY:
            return Health(Status.UNKNOWN, STANDARD, "the server answers, but says nothing about this pattern")
        return Health(status, STANDARD)

    def close(self) -> None:
        """Close the connection; a call in progress ends."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()

    def _call(self, method: str, request: bytes, answer: Message) -> None:
        if self._channel is None:
            self._channel = grpc.insecure_channel(self._target, options=_CHANNEL_OPTIONS)
        left = self._until - time.monotonic()
        try:
            # Bytes in and out: a damaged message is then ours to word.
            data: bytes = self._channel.unary_unary(method, None, None)(request, timeout=max(left, 0.001))
        except grpc.RpcError as error:
            failure = self._failure(error)
            if failure.code not in (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.NOT_FOUND):
                self.close()
            raise failure from None
        except ValueError:  # closed while in use: the process is ending
            raise CallError(ErrorKind.DOWN, "closed", grpc.StatusCode.CANCELLED) from None
        try:
            answer.ParseFromString(data)
        except DecodeError as error:
            detail = redact(f"not a health answer: {error}")
            raise CallError(ErrorKind.MALFORMED, detail, grpc.StatusCode.INTERNAL) from None

    def _failure(self, error: grpc.RpcError) -> CallError:
        code: grpc.StatusCode = error.code()
        said = redact(error.details() or "")
        if code is grpc.StatusCode.UNAVAILABLE:
            return self._unavailable(said)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED:
            return CallError(ErrorKind.TIMED_OUT, f"no answer within {self._timeout:g} s", code)
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in said:
            return CallError(ErrorKind.TOO_LARGE, f"more than {MAX_MESSAGE_BYTES / 1e6:.1f} MB", code)
        return CallError(_KINDS.get(code, ErrorKind.HTTP_ERROR), f"gRPC {code.name}: {said}", code)

    def _unavailable(self, said: str) -> CallError:
        """Nobody there, or somebody who speaks something else: the first bytes tell."""
        host, port = split_target(self._target)
        speech = listen_to(host, port, PROBE_SECONDS)
        code = grpc.StatusCode.UNAVAILABLE
        if speech is Speech.HTTP1:
            return CallError(ErrorKind.WRONG_PROTOCOL, "speaks HTTP/1, not gRPC", code)
        if speech is Speech.OTHER:
            return CallError(ErrorKind.WRONG_PROTOCOL, "does not speak gRPC", code)
        if speech is Speech.HTTP2:
            return CallError(ErrorKind.DOWN, f"unavailable: {said}", code)
        return CallError(ErrorKind.DOWN, speech.value, code)
