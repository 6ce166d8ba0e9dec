"""A TCP listener that really closes, with every connection it holds, and really opens again on the same port."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable

Handle = Callable[[socket.socket], None]
REOPEN_SECONDS = 2.0


class PortInUseError(Exception):
    """Somebody else listens there. The message names the source and the port."""


class Listener:
    """Accepts on host:port and runs `handle` for each connection on a daemon thread. Port 0 picks a free one, once."""

    def __init__(self, name: str, host: str, port: int, handle: Handle) -> None:
        self.name, self.host, self.port = name, host, port
        self._handle = handle
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._wake: socket.socket | None = None
        self._connections: set[socket.socket] = set()

    @property
    def is_open(self) -> bool:
        """Whether it accepts connections."""
        return self._socket is not None

    def open(self) -> None:
        """Start to listen. Raises PortInUseError."""
        listening = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self.host, self.port))
            listening.listen(128)
        except OSError as error:
            listening.close()
            raise PortInUseError(f"{self.name}: cannot listen on {self.host}:{self.port}: {error.strerror}") from None
        self.port = listening.getsockname()[1]
        listening.setblocking(False)
        wake, woken = socket.socketpair()
        self._socket, self._wake = listening, wake
        threading.Thread(target=self._accept, args=(listening, woken), name=self.name, daemon=True).start()

    def close(self) -> None:
        """Stop to listen and cut every connection."""
        listening, self._socket = self._socket, None
        if listening is None or self._wake is None:
            return
        self._wake.close()
        listening.close()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket, woken: socket.socket) -> None:
        with selectors.DefaultSelector() as selector, woken:
            selector.register(listening, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while self._socket is listening:
                selector.select()
                try:
                    connection, _ = listening.accept()
                except BlockingIOError:
                    continue
                except OSError:
                    return
                with self._lock:
                    self._connections.add(connection)
                threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(30.0)
            self._handle(connection)
        except OSError:
            pass  # the peer went away: its own business
        finally:
            with self._lock:
                self._connections.discard(connection)
            connection.close()


def peer_gone(connection: socket.socket) -> bool:
    """Whether the other side has closed; nothing is consumed."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
