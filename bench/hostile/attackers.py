"""Strangers who do all at once what once took the dashboard down; from an address of their own, at a bounded pace.

Used by `python -m bench attack`, in a process of its own. Each attack is a thread that begins again whenever it is
thrown out, until the process is ended; how many bytes were sent is counted.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import quote

ADDRESS = "127.0.0.9"
"""Where they come from, as far as the dashboard sees."""
IDLE, HALF_SENT = 500, 200
PACE_SECONDS = 0.05
HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
KEY = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
VIEWS = ("performance", "system-health", "namespaces", "backends", "messaging", "security")


class Stranger:
    """Talks to the dashboard on `port`, and counts in `sent`, a multiprocessing.Value, how many bytes it says."""

    def __init__(self, port: int, sent: Any, seed: int) -> None:
        self._port, self._sent, self._random = port, sent, random.Random(seed)

    def junk(self, length: int) -> bytes:
        """Bytes of no meaning."""
        return self._random.randbytes(length)

    def word(self) -> str:
        """What no page has a name for."""
        return quote("".join(chr(self._random.randrange(33, 1200)) for _ in range(self._random.randrange(1, 60))))

    def connected(self) -> socket.socket:
        """A new connection. Raises OSError."""
        made = socket.create_connection(("127.0.0.1", self._port), timeout=5, source_address=(ADDRESS, 0))
        made.setblocking(True)
        made.settimeout(5)
        return made

    def say(self, sock: socket.socket, said: bytes) -> None:
        """Send it all. Raises OSError."""
        sock.sendall(said)
        with self._sent.get_lock():
            self._sent.value += len(said)

    def request(self, method: str, path: str, *headers: str, host: str = "localhost", body: bytes = b"") -> None:
        """One request on a connection of its own; what comes back is thrown away. Raises OSError."""
        head = "".join(f"{one}\r\n" for one in (f"{method} {path} HTTP/1.1", f"Host: {host}", *headers))
        with self.connected() as sock:
            self.say(sock, head.encode() + b"Connection: close\r\n\r\n" + body)
            while sock.recv(65_536):
                pass


def held(stranger: Stranger, many: int, first: bytes) -> Iterator[None]:
    """Connections that say `first` and no more, made anew when they are closed."""
    socks: list[socket.socket] = []
    while True:
        socks = [one for one in socks if _open(one)]
        while len(socks) < many:
            sock = stranger.connected()
            if first:
                stranger.say(sock, first)
            sock.setblocking(False)
            socks.append(sock)
        yield


def _open(sock: socket.socket) -> bool:
    try:
        alive = bool(sock.recv(4096))
    except BlockingIOError:
        return True
    except OSError:
        alive = False
    if not alive:
        sock.close()
    return alive


def large_bodies(stranger: Stranger) -> Iterator[None]:
    """Half a megabyte of what should be gigabytes, with and without a length."""
    while True:
        for how in ("Content-Length: 900000000", "Transfer-Encoding: chunked"):
            with suppress(OSError):
                chunk = b"80000\r\n" + b"x" * 0x80000 if how.startswith("T") else b"x" * 0x80000
                stranger.request("POST", "/_dash-update-component", how, "Content-Type: application/json", body=chunk)
            yield


def junk_callbacks(stranger: Stranger) -> Iterator[None]:
    """What asks for no callback of ours, and JSON that is none."""
    while True:
        for body in (b'{"output": "', b"{}", stranger.junk(200), b'{"output":"%b.x"}' % stranger.word().encode()):
            kind = ("Content-Type: application/json", f"Content-Length: {len(body)}")
            stranger.request("POST", "/_dash-update-component", *kind, body=body)
            yield


def polls(stranger: Stranger) -> Iterator[None]:
    """Answers to selections that nobody else asks for."""
    while True:
        for path in (f"/api/namespaces/{stranger.word()}", f"/api/performance?range={stranger.word()}",
                     f"/api/patterns/{stranger.word()}", f"/%C0%AF/{stranger.word()}"):  # fmt: skip
            stranger.request("GET", path)
            yield


def junk_views(stranger: Stranger) -> Iterator[None]:
    """Live connections to selections that there are not, and names of nothing; each stays a while."""
    kept: list[socket.socket] = []
    while True:
        place = f"{VIEWS[len(kept) % len(VIEWS)]}?range={stranger.word()}"
        path = place if len(kept) % 2 else f"namespace?name={stranger.word()}"
        sock = stranger.connected()
        stranger.say(sock, f"GET /ws/{path} HTTP/1.1\r\nHost: localhost\r\n{KEY}\r\n".encode())
        kept.append(sock)
        if len(kept) > 100:
            kept.pop(0).close()
        yield


def garbage_frames(stranger: Stranger) -> Iterator[None]:
    """Live connections on which no websocket is spoken."""
    while True:
        with stranger.connected() as sock:
            stranger.say(sock, f"GET /ws HTTP/1.1\r\nHost: localhost\r\n{KEY}\r\n".encode())
            sock.recv(4096)
            with suppress(OSError):
                for _ in range(8):
                    stranger.say(sock, stranger.junk(4096))
        yield


def other_hosts(stranger: Stranger) -> Iterator[None]:
    """Names that were made to point here."""
    while True:
        for path in ("/", "/api/health", "/simulated/faults", "/ws"):
            stranger.request("GET", path, "Origin: http://[::1", host=f"{stranger.word()[:40]}.evil.example")
            yield


ATTACKS: dict[str, tuple[int, Callable[[Stranger], Iterator[None]]]] = {
    "idle": (1, lambda one: held(one, IDLE, b"")),
    "half sent": (1, lambda one: held(one, HALF_SENT, HALF)),
    "large bodies": (2, large_bodies),
    "junk callbacks": (2, junk_callbacks),
    "polls": (4, polls),
    "junk views": (1, junk_views),
    "garbage frames": (2, garbage_frames),
    "other hosts": (2, other_hosts),
}
"""By name: how many threads of each, and what one does."""


def attack(port: int, sent: Any, names: list[str]) -> None:
    """Begin, and go on until the process ends."""
    threads = [
        threading.Thread(target=_again, args=(Stranger(port, sent, seed), ATTACKS[name][1]), daemon=True)
        for name in names
        for seed in range(ATTACKS[name][0])
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def _again(stranger: Stranger, does: Callable[[Stranger], Iterator[None]]) -> None:
    going = does(stranger)
    while True:
        try:
            next(going)
        except (OSError, StopIteration):
            going = does(stranger)
        time.sleep(PACE_SECONDS)
