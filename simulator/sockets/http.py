"""One HTTP/1.1 source: a function from request to response behind a listener that may also misbehave."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from simulator.faults import garbage
from simulator.sockets.listener import Listener, peer_gone
from simulator.traffic.effects import Mode, Transport

MAX_BODY_BYTES = 1024 * 1024
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One answer."""

    body: bytes
    content_type: str = TEXT
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


App = Callable[[Request], Response]


def json_response(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(value, separators=(",", ":")).encode(), "application/json", status)


NOT_FOUND = Response(b"404 page not found\n", status=404)


class HttpSource:
    """Serves `app` on host:port and behaves as `apply` last said."""

    def __init__(self, name: str, host: str, port: int, app: App) -> None:
        self.app = app
        self.transport = Transport()
        self.asked = 0
        """Requests that arrived, whatever became of them."""
        self.released = threading.Event()
        self.listener = Listener(name, host, port, self._serve)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self.listener.port

    def open(self) -> None:
        """Start to listen. Raises PortInUseError."""
        self.listener.open()

    def close(self) -> None:
        """Stop, and cut every connection."""
        self.released.set()
        self.listener.close()

    def apply(self, transport: Transport) -> None:
        """Behave like this from now on. Raises PortInUseError when the port was taken in the meantime."""
        if transport != self.transport:
            self.transport = transport
            self.released.set()
            self.released = threading.Event()
        if transport.mode is Mode.DOWN:
            self.listener.close()
        elif not self.listener.is_open:
            self.listener.open()

    def _serve(self, connection: socket.socket) -> None:
        _Handler(connection, self)


class _Handler(BaseHTTPRequestHandler):
    """Parses requests of one connection and writes each answer in one piece."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def __init__(self, connection: socket.socket, source: HttpSource) -> None:
        self.source = source
        super().__init__(connection, ("", 0), None)  # type: ignore[arg-type]

    def _answer(self) -> None:
        self.source.asked += 1
        transport, released = self.source.transport, self.source.released
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_BODY_BYTES:
            self.close_connection = True
            return self._write(Response(b"request too large\n", status=413))
        body = self.rfile.read(int(length))
        if transport.mode is Mode.HANG:
            while not released.wait(0.1) and not peer_gone(self.connection):
                pass
            self.close_connection = True
            return None
        if transport.mode is Mode.SLOW:
            released.wait(transport.seconds)
        parts = urlsplit(self.path)
        headers = {key.lower(): value for key, value in self.headers.items()}
        if transport.mode is Mode.GARBAGE:
            headers.pop("accept-encoding", None)  # half of a readable answer is the better rubbish
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        response = self.source.app(Request(self.command, parts.path, query, headers, body))
        if transport.mode is Mode.GARBAGE:
            return self._rubbish(transport, response)
        return self._write(response)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _answer  # noqa: N815 (http.server's names)

    def _rubbish(self, transport: Transport, real: Response) -> None:
        self.close_connection = True
        for chunk in garbage.chunks(transport.kind, real.body, real.content_type, transport.size):
            self.connection.sendall(chunk)
        garbage.drain(self.connection)

    def _write(self, response: Response) -> None:
        self.send_response_only(response.status, HTTPStatus(response.status).phrase)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        for key, value in response.headers.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are not logged."""
