"""The simulated Prism's answers, byte for byte as its sockets send them, handed to the collectors without a socket.

The collectors' own clients stay: their sessions, deadlines, limits, parsers and typed errors. Only what opens a
connection is replaced.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import grpc
import requests
import urllib3
from requests.adapters import BaseAdapter

from bench.virtual.clock import VirtualClock
from collectors.core.probe import Speech
from simulator.faults import garbage
from simulator.prism import Prism, Source
from simulator.sockets.grpc_servers import GrpcSource
from simulator.sockets.http import HttpSource, Request, Response
from simulator.traffic.effects import Mode, Transport

ANSWER_SECONDS = 0.003
"""What an answer takes at the least: about what loopback and a small server take."""


class Wire:
    """Finds the source at an address, and lets it answer, refuse, dawdle or hang."""

    def __init__(self, prism: Prism, clock: VirtualClock) -> None:
        self.prism, self.clock = prism, clock
        self._by_port = {source.port: name for name, source in prism.sources.items()}
        self.once: dict[str, Transport] = {}
        """How a source treats its next read only: a blip."""

    def at(self, port: int) -> tuple[Source, Transport]:
        """The source on a port, and how it behaves. Raises ConnectionRefusedError."""
        name = self._by_port.get(port)
        if name is None:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        transport = self.once.pop(name, None) or self.prism.transport(name)
        if transport.mode is Mode.DOWN:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
        return self.prism.sources[name], transport

    def wait(self, transport: Transport, timeout: float) -> None:
        """Let an answer's time pass. Raises TimeoutError when it is more than the asker has."""
        seconds = ANSWER_SECONDS + (transport.seconds if transport.mode is Mode.SLOW else 0.0)
        if transport.mode is Mode.HANG or seconds > timeout:
            self.clock.elapsed += timeout
            raise TimeoutError("timed out")
        self.clock.elapsed += seconds


class _Adapter(BaseAdapter):
    """Where requests would open a connection."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self._wire = wire

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        try:
            source, transport = self._wire.at(urlsplit(request.url or "").port or 80)
            self._wire.wait(transport, float(options["timeout"]))
        except TimeoutError as error:
            raise requests.ReadTimeout(error) from error
        except OSError as error:
            refused = urllib3.exceptions.NewConnectionError(None, "cannot connect")  # type: ignore[arg-type]
            raise requests.ConnectionError(refused) from error
        assert isinstance(source, HttpSource)
        answer = source.app(_asked(request, transport))
        if transport.mode is Mode.GARBAGE:
            answer = _spoilt(transport.kind, answer)
        return _response(request, answer)

    def close(self) -> None:
        """Nothing is open."""


def _asked(request: requests.PreparedRequest, transport: Transport) -> Request:
    parts = urlsplit(request.url or "")
    headers = {key.lower(): str(value) for key, value in request.headers.items()}
    if transport.mode is Mode.GARBAGE:
        headers.pop("accept-encoding", None)
    body = request.body or b""
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Request(request.method or "", parts.path, query, headers, body.encode() if isinstance(body, str) else body)


def _spoilt(kind: str, answer: Response) -> Response:
    """Rubbish as an answer; what is no HTTP at all ends as a connection that broke."""
    if kind in ("binary", "grpc", "huge"):
        raise requests.ConnectionError(urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError()))
    status, content_type, body = garbage.bodies(kind, answer.body)
    return Response(body[: len(body) // 2] if kind == "truncated" else body, content_type, status)


def _response(request: requests.PreparedRequest, answer: Response) -> requests.Response:
    headers = {"Content-Type": answer.content_type, "Content-Length": str(len(answer.body)), **answer.headers}
    made = requests.Response()
    made.status_code, made.request, made.url = answer.status, request, request.url or ""
    made.headers.update(headers)
    made.raw = urllib3.HTTPResponse(io.BytesIO(answer.body), headers, answer.status, preload_content=False)
    return made


class _RpcError(grpc.RpcError):
    """A failed call."""

    def __init__(self, code: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self._code, self._details = code, details

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details


class _Context:
    """What a handler sees of its call. Who asks whether it still lives is one that would hang."""

    def __init__(self) -> None:
        self.hung = False

    def is_active(self) -> bool:
        self.hung = True
        return False

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise _RpcError(code, details)


class _Call(grpc.HandlerCallDetails):
    """The details by which a handler is found."""

    def __init__(self, method: str) -> None:
        self.method, self.invocation_metadata = method, ()


class _Channel:
    """A channel to one target."""

    def __init__(self, wire: Wire, target: str) -> None:
        self._wire, self._port = wire, int(target.rpartition(":")[2])

    def unary_unary(self, method: str, *_: Any) -> Callable[..., bytes]:
        """The call of a method."""

        def call(request: bytes, timeout: float, metadata: Any = ()) -> bytes:
            try:
                source, transport = self._wire.at(self._port)
                self._wire.wait(transport, timeout)
            except TimeoutError:
                raise _RpcError(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded") from None
            except OSError:
                raise _RpcError(grpc.StatusCode.UNAVAILABLE, "connection refused") from None
            if transport.mode is Mode.GARBAGE:
                raise _RpcError(grpc.StatusCode.UNAVAILABLE, "not HTTP/2")
            return self._answer(source, method, request, timeout)

        return call

    def _answer(self, source: Source, method: str, request: bytes, timeout: float) -> bytes:
        assert isinstance(source, GrpcSource)
        found = (one.service(_Call(method)) for one in source.handlers())
        handler: Any = next((one for one in found if one is not None), None)
        if handler is None:
            raise _RpcError(grpc.StatusCode.UNIMPLEMENTED, "Method not found!")
        context = _Context()
        answer = handler.unary_unary(handler.request_deserializer(request), context)
        if context.hung:
            self._wire.clock.elapsed += timeout
            raise _RpcError(grpc.StatusCode.DEADLINE_EXCEEDED, "Deadline Exceeded")
        return bytes(handler.response_serializer(answer))

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def connected(wire: Wire) -> Iterator[None]:
    """Whoever opens a connection meanwhile reaches the simulated Prism of `wire`."""

    def speech(host: str, port: int, timeout_seconds: float) -> Speech:
        try:
            source, transport = wire.at(port)
        except OSError:
            return Speech.NOBODY
        if transport.mode is Mode.GARBAGE:
            return Speech.OTHER
        return Speech.HTTP2 if isinstance(source, GrpcSource) else Speech.HTTP1

    with (
        mock.patch("collectors.http.fetch.TimedAdapter", lambda _: _Adapter(wire)),
        mock.patch("collectors.http.errors.listen_to", speech),
        mock.patch("collectors.core.grpc_calls.channel_to", lambda target, _: _Channel(wire, target)),
        mock.patch("collectors.core.grpc_calls.listen_to", speech),
    ):
        yield
