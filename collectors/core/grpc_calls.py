"""Unary gRPC calls to one target: one deadline for a read, typed errors, a connection made anew after each failure."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import grpc
from google.protobuf.message import DecodeError, Message

from collectors.core.answers import offer_message
from collectors.core.configured import KEPT_SECONDS
from collectors.core.encryption import failed_encryption
from collectors.core.probe import Speech, listen_to, split_target
from collectors.core.redact import redact
from model.access import Access
from model.sources import CollectError, ErrorKind

PROBE_SECONDS = 0.25
CLOCKS_SECONDS = 0.02
"""By which gRPC's clock may be before ours. Who says sooner that time was up has a time of its own, and answers."""
MAX_MESSAGE_BYTES = 1024 * 1024
DIRECT = Access()

_CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
    ("grpc.use_local_subchannel_pool", 1),  # a new channel means a new connection
)
_KINDS = {
    grpc.StatusCode.DEADLINE_EXCEEDED: ErrorKind.TIMED_OUT,  # a driver's, while it waits for its backend (contracts 12)
    grpc.StatusCode.UNAUTHENTICATED: ErrorKind.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED: ErrorKind.REFUSED,
    grpc.StatusCode.UNIMPLEMENTED: ErrorKind.NOT_OFFERED,
    grpc.StatusCode.UNAVAILABLE: ErrorKind.DOWN,
}
_NO_GRPC = re.compile(r"http2 header with status: (?!429|50[234])|Data frame with END_STREAM")
"""What gRPC says of a web server that answers it: another status than a gateway's, or none of gRPC's own."""
_ANSWERED = (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.NOT_FOUND)
"""Refusals of a server that is well: the connection is kept."""


class CallError(CollectError):
    """A failed call, with its gRPC status; `answered` when the server itself gave that."""

    def __init__(self, kind: ErrorKind, detail: str, code: grpc.StatusCode, answered: bool = False) -> None:
        super().__init__(kind, detail)
        self.code, self.answered = code, answered


class GrpcCalls:
    """Read-only calls to one target. The connection is made anew after each failure, so that a server that comes back
    is seen at the next call instead of after gRPC's own growing waits.
    """

    def __init__(self, target: str, timeout_seconds: float, access: Access = DIRECT) -> None:
        self._target = target
        self._timeout = timeout_seconds
        self._access = access
        self._channel: grpc.Channel | None = None
        self._kept = False
        self._until = 0.0
        self._opened_at = time.monotonic()

    def begin(self) -> None:
        """Start a read: all calls until the next `begin` share its time."""
        now = time.monotonic()
        self._until = now + self._timeout
        if now - self._opened_at > KEPT_SECONDS:
            self.close()
            self._opened_at = now

    def call(self, method: str, request: bytes, answer: Message) -> None:
        """Ask `/service/Method` and fill `answer`. Raises CallError.

        A connection may have been closed by the server since, or be about to be (GOAWAY, as on each rolling restart):
        that one case is asked again, on a new one.
        """
        try:
            data = self._asked(method, request)
        except grpc.RpcError as error:
            if not self._worth_another(error):
                raise self._given_up(error) from None
            self.close()
            try:
                data = self._asked(method, request)
            except grpc.RpcError as again:
                raise self._given_up(again) from None
        self._kept = True
        try:
            answer.ParseFromString(data)
        except DecodeError as error:
            detail = redact(f"not the answer that was asked for: {error}")
            raise CallError(ErrorKind.MALFORMED, detail, grpc.StatusCode.INTERNAL) from None
        offer_message(method, answer)

    def call_first(self, services: Sequence[str], method: str, request: bytes, answer: Message) -> str:
        """Ask the first of these services that is offered, and return its name. Raises CallError."""
        *others, last = services
        for service in others:
            try:
                self.call(f"/{service}/{method}", request, answer)
            except CallError as error:
                if error.code is not grpc.StatusCode.UNIMPLEMENTED:
                    raise
            else:
                return service
        self.call(f"/{last}/{method}", request, answer)
        return last

    def close(self) -> None:
        """Close the connection; a call in progress ends."""
        channel, self._channel, self._kept = self._channel, None, False
        if channel is not None:
            channel.close()

    def _asked(self, method: str, request: bytes) -> bytes:
        """The answer's bytes; a damaged message is then ours to word. Raises RpcError and CallError."""
        channel, token = self._connected()
        left = self._until - time.monotonic()
        metadata = (("authorization", f"Bearer {token}"),) if token else ()
        try:
            data: bytes = channel.unary_unary(method, None, None)(request, timeout=max(left, 0.001), metadata=metadata)
        except ValueError:  # closed while in use: the process is ending
            raise CallError(ErrorKind.DOWN, "closed", grpc.StatusCode.CANCELLED) from None
        return data

    def _worth_another(self, error: grpc.RpcError) -> bool:
        went_away = self._kept or "goaway" in (error.details() or "").lower()
        return error.code() is grpc.StatusCode.UNAVAILABLE and went_away and time.monotonic() < self._until

    def _given_up(self, error: grpc.RpcError) -> CallError:
        failure = self._failure(error)
        if failure.code in _ANSWERED:
            self._kept = True
        else:
            self.close()
        return failure

    def _connected(self) -> tuple[grpc.Channel, str]:
        """The channel, and the token to send. Files are read anew for a new connection, since they are rotated."""
        try:
            if self._channel is None:
                self._channel = channel_to(self._target, self._access)
            return self._channel, self._access.token
        except OSError as error:
            what = redact(f"what gives access cannot be used: {error.strerror or error}")
            raise CallError(ErrorKind.UNAUTHENTICATED, what, grpc.StatusCode.UNAUTHENTICATED) from None

    def _failure(self, error: grpc.RpcError) -> CallError:
        code: grpc.StatusCode = error.code()
        said = redact(error.details() or "")
        if _NO_GRPC.search(said):
            words = f"speaks HTTP/2, but not gRPC: {said}"
            return CallError(ErrorKind.WRONG_PROTOCOL, words, grpc.StatusCode.UNKNOWN)
        if code is grpc.StatusCode.UNAVAILABLE:
            return self._unavailable(said)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED and time.monotonic() >= self._until - CLOCKS_SECONDS:
            return CallError(ErrorKind.TIMED_OUT, f"no answer within {self._timeout:g} s", code)
        if code is grpc.StatusCode.RESOURCE_EXHAUSTED and "larger than max" in said:
            return CallError(ErrorKind.TOO_LARGE, f"more than {MAX_MESSAGE_BYTES / 1e6:.1f} MB", code)
        return CallError(_KINDS.get(code, ErrorKind.HTTP_ERROR), f"gRPC {code.name}: {said}", code, answered=True)

    def _unavailable(self, said: str) -> CallError:
        """Nobody there, or somebody who speaks something else: the first bytes report."""
        host, port = split_target(self._target)
        code = grpc.StatusCode.UNAVAILABLE
        if self._access.tls and ("ssl" in said.lower() or "tls" in said.lower() or "certificate" in said.lower()):
            failed = failed_encryption(said)
            return CallError(failed.kind, failed.detail, code)
        speech = listen_to(host, port, PROBE_SECONDS)
        if speech is Speech.HTTP1:
            return CallError(ErrorKind.WRONG_PROTOCOL, "speaks HTTP/1, not gRPC", code)
        if speech is Speech.TLS:
            return CallError(ErrorKind.WRONG_PROTOCOL, "speaks TLS: tls = true is wanted for it", code)
        if speech is Speech.OTHER:
            return CallError(ErrorKind.WRONG_PROTOCOL, "does not speak gRPC", code)
        if speech is Speech.HTTP2:
            return CallError(ErrorKind.DOWN, f"unavailable: {said}", code)
        return CallError(ErrorKind.DOWN, speech.value, code)


def channel_to(target: str, access: Access) -> grpc.Channel:
    """A plain or an encrypted channel, not connected yet. Raises OSError when a certificate cannot be read."""
    if not access.tls:
        return grpc.insecure_channel(target, options=_CHANNEL_OPTIONS)
    trusted = access.ca_file.read_bytes() if access.ca_file else None
    chain = access.cert_file.read_bytes() if access.cert_file else None
    key_file = access.key_file or access.cert_file
    key = key_file.read_bytes() if key_file else None
    named = (("grpc.ssl_target_name_override", access.server_name),) if access.server_name else ()
    credentials = grpc.ssl_channel_credentials(trusted, key, chain)
    return grpc.secure_channel(target, credentials, options=(*_CHANNEL_OPTIONS, *named))
