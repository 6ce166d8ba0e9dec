"""What an open page costs on the wire: websocket bytes a second for each view, on a simulated Prism at its defaults."""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from simple_websocket import Client, ConnectionClosed

from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows

HOME = "system-health"
VIEWS = (
    HOME, "pattern?name=redis", "performance", "backends", "messaging", "namespaces", "namespace?name=user-platform",
    "security", "observability", "resources", "alerts", "settings",
)  # fmt: skip
QUICK_OPTIONS = ("--seconds", "20", "--settle", "10")
HEADER_BYTES = 4
"""Of a websocket message between 126 bytes and 64 kB."""
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
        self._named: Counter[str] = Counter()
        self._address = f"{address.replace('http', 'ws', 1)}/ws/{view}"

    def listen(self, seconds: float) -> None:
        """For that long, or until the server hangs up."""
        socket = Client(self._address)
        try:
            socket.receive(timeout=10)
            until = time.monotonic() + seconds
            while (left := until - time.monotonic()) > 0:
                text = socket.receive(timeout=left)
                if text is not None:
                    self._count(text)
        except ConnectionClosed:
            pass
        finally:
            socket.close()

    def _count(self, text: str) -> None:
        self.pushes += 1
        self.bytes += len(text.encode()) + HEADER_BYTES
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
