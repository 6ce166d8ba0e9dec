"""Real servers on loopback: one says exactly the bytes it is asked to, one speaks HTTP, one speaks gRPC."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
import pytest
from hypothesis import settings

from bench.processes import free_port
from collectors.http.transport import tls_context
from model.access import Access
from tests.patience import until

settings.register_profile("steady", deadline=None)
settings.load_profile("steady")  # a busy machine is no defect

tls_context(Access())  # read once in a process, which none of the tests' short times for a read is to hold


Talk = Callable[[socket.socket], None]
"""What a raw server does with one connection after it has read a request's head."""


@dataclass
class Reply:
    """One HTTP answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any, status: int = 200) -> Reply:
        """JSON."""
        return cls(status, json.dumps(value).encode(), {"Content-Type": "application/json"})


@dataclass
class Asked:
    """One HTTP request as it arrived. `peer` tells connections apart."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: Any
    peer: tuple[str, int]


Answers = Callable[[Asked], Reply]


def _decoded(body: bytes) -> Any:
    """JSON where it is some; else what was sent (a form)."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")


class HttpServer:
    """Answers what `answers` says; remembers what was asked."""

    def __init__(self, answers: Answers) -> None:
        self.asked: list[Asked] = []
        self.answers = answers
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 5
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                path, _, query = self.path.partition("?")
                asked = Asked(
                    self.command, path, query, {k.lower(): v for k, v in self.headers.items()},
                    _decoded(body), self.client_address,
                )  # fmt: skip
                outer.asked.append(asked)
                reply = outer.answers(asked)
                self.send_response(reply.status)
                for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body)

            do_POST = do_GET  # noqa: N815 (the server looks for this name)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """A client that goes away is part of the test."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def http() -> Iterator[Callable[[Answers], HttpServer]]:
    """Start an HTTP server with these answers."""
    started: list[HttpServer] = []

    def start(answers: Answers) -> HttpServer:
        started.append(HttpServer(answers))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def raw() -> Iterator[Callable[[Talk], int]]:
    """Start a server of raw bytes; its port. Each connection gets `talk` once something has been asked."""
    started: list[socketserver.ThreadingTCPServer] = []

    def start(talk: Talk) -> int:
        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                try:
                    self.request.settimeout(10)
                    self.request.recv(65536)
                    talk(self.request)
                    self.request.shutdown(socket.SHUT_WR)
                    while self.request.recv(65536):  # so that closing does not reset what was said
                        pass
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        started.append(server)
        return int(server.server_address[1])

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@pytest.fixture
def grpc_server() -> Iterator[Callable[..., int]]:
    """Start a gRPC server with these generic handlers; its port (a given one, or any)."""
    started: list[grpc.Server] = []

    def start(*handlers: grpc.GenericRpcHandler[Any, Any], port: int = 0) -> int:
        server = grpc.server(futures.ThreadPoolExecutor(4), options=[("grpc.so_reuseport", 0)])
        if handlers:
            server.add_generic_rpc_handlers(handlers)
        found = server.add_insecure_port(f"127.0.0.1:{port}")
        server.start()
        started.append(server)
        return int(found)

    yield start
    for server in started:
        server.stop(0).wait(2)


@pytest.fixture
def dead_port() -> int:
    """A port where nobody listens."""
    return free_port()


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], float]:
    """Wait until something is true."""
    return until
