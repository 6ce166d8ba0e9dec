"""What an open page costs on the wire: websocket bytes a second for each view, on a simulated Prism at its defaults.

Messages are compressed, as a browser asks for; `--names` says of what they consist, uncompressed.
"""

from __future__ import annotations

import argparse
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import CloseConnection, Event, Message, Ping, Request
from wsproto.extensions import PerMessageDeflate

from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows

HOME = "system-health"
VIEWS = (
    HOME, "pattern?name=redis", "performance", "backends", "messaging", "namespaces", "namespace?name=user-platform",
    "security", "observability", "resources", "alerts", "settings",
)  # fmt: skip
QUICK_OPTIONS = ("--seconds", "20", "--settle", "10")
MOST_NAMED = 12


def options(parser: argparse.ArgumentParser) -> None:
    """How long to listen, and after how long."""
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--settle", type=float, default=330.0, help="seconds until the charts' windows are full")
    parser.add_argument("--views", nargs="+", default=list(VIEWS))
    parser.add_argument("--names", action="store_true", help="report which properties take the most")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Bytes and pushes a second of each view, without the full frame that comes first."""
    with simulated_prism() as addresses, dashboard(addresses) as (address, _):
        time.sleep(arguments.settle)
        listeners = [Listener(address, view) for view in arguments.views]
        threads = [threading.Thread(target=one.listen, args=(arguments.seconds,)) for one in listeners]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    rates = {one.view: one.bytes / arguments.seconds for one in listeners}
    rows = [row for one in listeners for row in one.rows(arguments.seconds, arguments.names)]
    metrics = {
        "system_health_bytes_per_second": rates.get(HOME, 0.0),
        "system_health_pushes_per_second": sum(one.pushes for one in listeners if one.view == HOME) / arguments.seconds,
        "others_max_bytes_per_second": max((rate for view, rate in rates.items() if view != HOME), default=0.0),
    }
    return rows, metrics


class Listener:
    """One browser's socket: how many messages came after the first, how large they were, and what for."""

    def __init__(self, address: str, view: str) -> None:
        self.view = view
        self.bytes = 0
        self.pushes = 0
        self.messages: list[tuple[float, str]] = []
        """Each as it came, uncompressed, and when by the monotonic clock."""
        self._named: Counter[str] = Counter()
        self._place = urlsplit(address)
        self._text = ""
        self._began = False

    def listen(self, seconds: float) -> None:
        """For that long after the first message, or until the server hangs up."""
        wire = WSConnection(ConnectionType.CLIENT)
        asked = Request(host=self._place.netloc, target=f"/ws/{self.view}", extensions=[PerMessageDeflate()])
        with socket.create_connection((self._place.hostname, self._place.port), timeout=10) as sock:
            sock.sendall(wire.send(asked))
            until = float("inf")
            while time.monotonic() < until:
                try:
                    data = sock.recv(65_536)
                except TimeoutError:
                    continue
                if self._began:
                    self.bytes += len(data)
                wire.receive_data(data or None)
                for event in wire.events():
                    if isinstance(event, CloseConnection):
                        return
                    if isinstance(event, Ping):
                        sock.sendall(wire.send(event.response()))
                    self._take(event)
                if self._began and until == float("inf"):
                    until = time.monotonic() + seconds
                    sock.settimeout(0.2)

    def _take(self, event: Event) -> None:
        if not isinstance(event, Message):
            return
        self._text += event.data
        if event.message_finished:
            self.messages.append((time.monotonic(), self._text))
            if self._began:
                self._count(self._text)
            self._began, self._text = True, ""

    def _count(self, text: str) -> None:
        self.pushes += 1
        frame: dict[str, Any] = json.loads(text)
        rest = {name: value for name, value in frame.items() if not isinstance(value, dict)}
        self._named["(head)"] += len(json.dumps(rest))
        for part in (value for value in frame.values() if isinstance(value, dict)):
            for name, value in part.items():
                self._named[name] += len(json.dumps(value, separators=(",", ":"))) + len(name) + 4

    def rows(self, seconds: float, names: bool) -> Sequence[tuple[str, str]]:
        """The view's line of the table, and those of what it consists of."""
        said = [(self.view, f"{self.bytes / seconds:,.0f} bytes/s in {self.pushes / seconds:.1f} pushes/s")]
        if names:
            said += [(f"  {name}", f"{size / seconds:,.0f}") for name, size in self._named.most_common(MOST_NAMED)]
        return said
