"""gRPC sources: a server that really closes, reopens on its port, or turns into something that is no gRPC at all."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

import grpc
from grpc_reflection.v1alpha import reflection

from simulator.faults import garbage
from simulator.sockets.listener import Listener, PortInUseError, peer_gone
from simulator.traffic.effects import Mode, Transport

WORKERS = 16
PATIENCE_SECONDS = 2.0
_OPTIONS = (("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", 1024 * 1024))

Handler: TypeAlias = "grpc.GenericRpcHandler[Any, Any]"
HandlersOf = Callable[["GrpcSource"], Sequence[Handler]]


class GrpcSource:
    """Serves `handlers` on host:port with reflection of `services`, and behaves as `apply` last said."""

    def __init__(self, name: str, host: str, port: int, handlers: HandlersOf, services: Sequence[str]) -> None:
        self.name, self.host, self.port = name, host, port
        self.transport = Transport()
        self.released = threading.Event()
        self._handlers, self._services = handlers, services
        self._server: grpc.Server | None = None
        self._raw = Listener(name, host, port, self._misbehave)

    def open(self) -> None:
        """Start to serve. Raises PortInUseError."""
        server = grpc.server(ThreadPoolExecutor(WORKERS, thread_name_prefix=self.name), options=_OPTIONS)
        server.add_generic_rpc_handlers(self.handlers())
        reflection.enable_server_reflection((*self._services, reflection.SERVICE_NAME), server)
        try:
            self.port = server.add_insecure_port(f"{self.host}:{self.port}")
        except RuntimeError:
            raise PortInUseError(f"{self.name}: cannot listen on {self.host}:{self.port}: already in use") from None
        server.start()
        self._server = server
        self._raw.port = self.port

    def handlers(self) -> Sequence[Handler]:
        """What answers the calls."""
        return self._handlers(self)

    def close(self) -> None:
        """Stop, and cut every connection."""
        self.released.set()
        self._raw.close()
        self._stop()

    def _stop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.stop(None).wait(PATIENCE_SECONDS)

    def apply(self, transport: Transport) -> None:
        """Behave like this from now on. Raises PortInUseError when the port was taken in the meantime."""
        if transport != self.transport:
            self.transport = transport
            self.released.set()
            self.released = threading.Event()
        raw = transport.mode in (Mode.GARBAGE, Mode.HANG)
        if transport.mode is Mode.DOWN or raw:
            self._stop()
        if not raw:
            self._raw.close()
        if transport.mode is Mode.DOWN:
            return
        if raw and not self._raw.is_open:
            self._raw.open()
        elif not raw and self._server is None:
            self.open()

    def pause(self, context: grpc.ServicerContext, hang: Callable[[], bool]) -> None:
        """Delay an answer as the faults want it: for so many seconds, or for as long as `hang` says."""
        if self.transport.mode is Mode.SLOW:
            self._wait(context, time.monotonic() + self.transport.seconds, lambda: True)
        self._wait(context, float("inf"), hang)

    def _wait(self, context: grpc.ServicerContext, until: float, wanted: Callable[[], bool]) -> None:
        released = self.released
        while wanted() and context.is_active() and not released.is_set() and time.monotonic() < until:
            released.wait(min(0.05, max(0.0, until - time.monotonic())))

    def _misbehave(self, connection: socket.socket) -> None:
        """What answers on the port instead of gRPC; kind html and http500 speak HTTP/1.1."""
        transport, released = self.transport, self.released
        if transport.mode is Mode.HANG:
            while not released.wait(0.1) and not peer_gone(connection):
                pass
            return
        connection.settimeout(1.0)
        with contextlib.suppress(TimeoutError):
            connection.recv(4096)
        kind = "binary" if transport.kind in ("random", "utf8", "grpc") else transport.kind
        for chunk in garbage.chunks(kind, garbage.HTML, "text/html; charset=utf-8", transport.size):
            connection.sendall(chunk)
        garbage.drain(connection)
