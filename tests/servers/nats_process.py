"""A real nats-server with monitoring, and clients that speak NATS' own text protocol."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.processes import free_port
from tests.servers.process import Server, listens


class NatsProcess(Server):
    """With monitoring (-m) and JetStream (-js)."""

    def __init__(self, home: Path, config: str = "") -> None:
        self.port, self.monitor_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.monitor_port}"
        (home / "nats.conf").write_text(config)
        command = ("nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-m", str(self.monitor_port),
                   "-js", "-sd", str(home / "js"), "-c", str(home / "nats.conf"))  # fmt: skip
        super().__init__(command, home, lambda: listens(self.port) and listens(self.monitor_port))

    def json(self, path: str) -> Any:
        """What its monitoring answers."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=5) as answer:
            return json.load(answer)

    def client(self, name: str, **login: str) -> NatsClient:
        """A connected client."""
        return NatsClient(self.port, name, login)


class NatsClient:
    """A client that reads only when it is asked to."""

    def __init__(self, port: int, name: str, login: Mapping[str, str] | None = None) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 5)
        self._buffer = b""
        self._line()  # INFO
        options: dict[str, Any] = {
            "verbose": False,
            "pedantic": False,
            "name": name,
            "lang": "test",
            "version": "1",
            **(login or {}),
        }
        self.socket.sendall(b"CONNECT " + json.dumps(options).encode() + b"\r\n")
        self.ping()

    def subscribe(self, subject: str, number: int = 1, queue: str = "") -> None:
        self.socket.sendall(f"SUB {subject} {queue + ' ' if queue else ''}{number}\r\n".encode())
        self.ping()

    def publish(self, subject: str, payload: bytes, times: int = 1) -> None:
        self.socket.sendall((f"PUB {subject} {len(payload)}\r\n".encode() + payload + b"\r\n") * times)

    def request(self, subject: str, payload: Any) -> Any:
        """Ask, as JetStream's own interface is asked; the answer as JSON."""
        inbox = "_INBOX.test"
        self.subscribe(inbox, 9)
        body = json.dumps(payload).encode()
        self.socket.sendall(f"PUB {subject} {inbox} {len(body)}\r\n".encode() + body + b"\r\n")
        size = int(self._line().rsplit(b" ", 1)[1])
        return json.loads(self._bytes(size + 2))

    def ping(self) -> None:
        """Wait until the server has taken all that was sent."""
        self.socket.sendall(b"PING\r\n")
        while self._line() != b"PONG":
            pass

    def close(self) -> None:
        self.socket.close()

    def _line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._receive()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _bytes(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._receive()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _receive(self) -> None:
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionError("the server closed the connection")
        self._buffer += more
