"""How late and how completely one web worker's pushes reach thousands of viewers on the same machine."""

from __future__ import annotations

import argparse
import resource
import selectors
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import orjson

from bench.processes import cpu_seconds, dashboard, rss_bytes, simulated_prism, tree
from bench.report import Metrics, Rows, quantile
from bench.viewers.floor import send_seconds

VIEW = "system-health"
QUICK_OPTIONS = ("--viewers", "500", "--seconds", "8", "--settle", "5")
LATEST_SECONDS = 3.0
"""So long after the end a frame of before may still arrive."""
BATCH = 50
"""Connections that are opened at a time."""
TEXT, PING, PONG = 0x81, 0x89, b"\x8a\x80\0\0\0\0"
REQUEST = (
    "GET /ws/{view} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def options(parser: argparse.ArgumentParser) -> None:
    """How many viewers, and for how long."""
    parser.add_argument("--viewers", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--settle", type=float, default=20.0, help="seconds that the dashboard collects before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Delay from a frame's `now`, when the worker began to work it out, to its last byte at each viewer.

    `floor_core_ratio` is what a bare loop takes that sends as many bytes as often to as many connections.
    """
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    places = str(2 * arguments.viewers + 100)  # the last tenth is not for one address alone
    own = {"HUD_MAX_SOCKETS": places, "HUD_SUPERVISE_COLLECTOR": "false"}
    with simulated_prism() as addresses, dashboard(addresses, **own) as (address, pids):
        time.sleep(arguments.settle)
        web = tree(pids[:1])
        before = sum(map(rss_bytes, web))
        crowd = Crowd(address, arguments.viewers)
        used = sum(map(cpu_seconds, web))
        seconds = crowd.listen(arguments.seconds)
        used = sum(map(cpu_seconds, web)) - used
        growth = sum(map(rss_bytes, web)) - before
        crowd.close()
    pushes = crowd.pushes / arguments.seconds
    floor = send_seconds(len(crowd.viewers), crowd.frame_bytes) * len(crowd.viewers) * pushes
    metrics: dict[str, float | int] = {
        "viewers": len(crowd.viewers),
        "p50": quantile(crowd.delays, 0.5),
        "p99": quantile(crowd.delays, 0.99),
        "cpu_core_ratio": used / seconds,
        "floor_core_ratio": floor,
        "pushes_per_second": pushes,
        "frame_bytes": crowd.frame_bytes,
        "rss_growth_bytes": growth,
        "delivered_ratio": crowd.delivered_ratio,
    }
    return [(name, f"{value:,.4g}") for name, value in metrics.items()], metrics


@dataclass(slots=True)
class Viewer:
    """One connection, and what came of a frame that is not whole yet."""

    sock: socket.socket
    rest: bytearray = field(default_factory=bytearray)
    frames: int = 0


class Crowd:
    """Many viewers of one page, in one thread."""

    def __init__(self, address: str, number: int) -> None:
        self.delays: list[float] = []
        self._published: dict[float, int] = {}
        self._span = 0.0, float("inf")
        self._known: dict[bytes, float] = {}
        self._selector = selectors.DefaultSelector()
        parts = urlsplit(address)
        self._place, self._request = (parts.hostname, parts.port), REQUEST.format(view=VIEW, host=parts.netloc).encode()
        self.viewers: list[Viewer] = []
        while len(self.viewers) < number:
            self._join(min(BATCH, number - len(self.viewers)))
            self._serve(0.02)
        self._settle()

    def _join(self, number: int) -> None:
        fresh = [Viewer(socket.create_connection(self._place, timeout=30)) for _ in range(number)]
        for viewer in fresh:
            viewer.sock.sendall(self._request)
        for viewer in fresh:
            while b"\r\n\r\n" not in viewer.rest:
                viewer.rest += viewer.sock.recv(65_536)
            head, _, rest = bytes(viewer.rest).partition(b"\r\n\r\n")
            if b" 101 " not in head:
                raise RuntimeError(f"no live connection: {head.decode(errors='replace')[:200]}")
            viewer.rest = bytearray(rest)
            viewer.sock.setblocking(False)
            self._selector.register(viewer.sock, selectors.EVENT_READ, viewer)
        self.viewers += fresh

    def _settle(self) -> None:
        """Until everybody has had the first, full frame."""
        until = time.monotonic() + 60
        while any(not one.frames for one in self.viewers) and time.monotonic() < until:
            self._serve(0.1)

    def listen(self, seconds: float) -> float:
        """Count the frames of so many seconds from here, each to its last viewer; how many seconds that took."""
        self.delays.clear()
        self._published.clear()
        for viewer in self.viewers:
            viewer.frames = 0
        began = time.time()
        self._span = began, began + seconds
        while time.time() < self._span[1] or (
            self.delivered_ratio < 1.0 and time.time() < self._span[1] + LATEST_SECONDS
        ):
            self._serve(0.1)
        return time.time() - began

    @property
    def pushes(self) -> int:
        """How many different frames there were."""
        return len(self._published)

    @property
    def frame_bytes(self) -> int:
        """How long a frame was on average."""
        return sum(self._published.values()) // max(1, self.pushes)

    @property
    def delivered_ratio(self) -> float:
        """Of the frames that anybody received, times the viewers."""
        wanted = self.pushes * len(self.viewers)
        return sum(one.frames for one in self.viewers) / wanted if wanted else 0.0

    def _serve(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            viewer: Viewer = key.data
            data = viewer.sock.recv(262_144)
            if not data:
                raise RuntimeError("the server hung up on a viewer")
            now = time.time()
            viewer.rest += data
            self._take(viewer, now)

    def _take(self, viewer: Viewer, now: float) -> None:
        while (frame := _frame(viewer.rest)) is not None:
            kind, payload = frame
            if kind == PING:
                viewer.sock.send(PONG)
            elif kind == TEXT:
                sent = self._sent(payload)
                if self._span[0] <= sent < self._span[1]:
                    self._published[sent] = len(payload)
                    self.delays.append(now - sent)
                    viewer.frames += 1

    def _sent(self, payload: bytes) -> float:
        """The time in a frame, which no other has; all viewers get the same bytes, which are read once."""
        known = self._known.get(payload)
        if known is None:
            if len(self._known) > 64:
                self._known.clear()
            known = self._known[payload] = float(orjson.loads(payload)["now"])
        return known

    def close(self) -> None:
        """Leave."""
        for viewer in self.viewers:
            viewer.sock.close()


def _frame(rest: bytearray) -> tuple[int, bytes] | None:
    """The first whole frame (RFC 6455 section 5.2), taken out of `rest`; a server masks none."""
    if len(rest) < 2:
        return None
    size, head = rest[1], 2
    if size >= 126:
        head = 4 if size == 126 else 10
        if len(rest) < head:
            return None
        size = int.from_bytes(rest[2:head], "big")
    if len(rest) < head + size:
        return None
    kind, payload = rest[0], bytes(rest[head : head + size])
    del rest[: head + size]
    return kind, payload
