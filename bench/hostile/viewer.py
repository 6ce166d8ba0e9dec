"""A viewer as a browser is one: holds a live connection, comes back when it is lost, and notes when something came."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from itertools import pairwise
from urllib.parse import urlsplit

RETRY_SECONDS = 0.2
"""assets/live.js's first wait; its connections that are refused again and again wait up to a second."""
SILENCE_SECONDS = 2.5
"""So long without a frame is a lost connection, for live.js too."""
PONG_SECONDS = 20.0
PONG = b"\x8a\x80\x00\x00\x00\x00"
"""Masked, unasked and empty: says that somebody is there (RFC 6455 section 5.5.3)."""


class Viewer:
    """Looks at one view from the moment it is made until `close`. What comes is not read, only that it comes."""

    def __init__(self, address: str, view: str = "system-health") -> None:
        parts = urlsplit(address)
        assert parts.hostname
        assert parts.port
        self._place = parts.hostname, parts.port
        self._asked = (
            f"GET {parts.path}/ws/{view} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        ).encode()
        self._heard: list[float] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._look, name="viewer", daemon=True)
        self._thread.start()

    @property
    def frames(self) -> int:
        """How many times something came so far."""
        return len(self._heard)

    def longest_gap(self, since: float) -> float:
        """The longest time without a frame from `since` (monotonic seconds) until now."""
        heard = list(self._heard)
        before = max((one for one in heard if one <= since), default=since)
        times = [before, *(one for one in heard if one > since), time.monotonic()]
        return max(after - one for one, after in pairwise(times))

    def close(self) -> None:
        """Go away."""
        self._closing.set()
        self._thread.join(2 * SILENCE_SECONDS)

    def _look(self) -> None:
        while not self._closing.is_set():
            with suppress(OSError), socket.create_connection(self._place, timeout=SILENCE_SECONDS) as connection:
                connection.sendall(self._asked)
                self._stay(connection)
            self._closing.wait(RETRY_SECONDS)

    def _stay(self, connection: socket.socket) -> None:
        if not connection.recv(4096).startswith(b"HTTP/1.1 101"):
            return
        said = time.monotonic()
        while not self._closing.is_set() and connection.recv(65_536):
            self._heard.append(time.monotonic())
            if self._heard[-1] - said > PONG_SECONDS:
                said = self._heard[-1]
                connection.sendall(PONG)
