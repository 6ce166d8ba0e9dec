"""PSS of all dashboard processes as the Procfile starts them, with one and two web workers, under a little load, with
24 hours in the store.
"""

from __future__ import annotations

import argparse
import time
import urllib.request
from pathlib import Path

import simple_websocket

from bench.processes import dashboard_with_past, pss_bytes, simulated_prism, tree
from bench.report import Metrics, Rows

QUICK_OPTIONS = ("--seconds", "15")


def options(parser: argparse.ArgumentParser) -> None:
    """How long to watch, and how many live connections."""
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=5)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """The highest total seen, so that nothing hides between two looks."""
    rows: list[tuple[str, str]] = []
    totals: dict[int, int] = {}
    with simulated_prism("--past", "24") as addresses:
        for workers in (1, 2):
            with dashboard_with_past(addresses, WEB_CONCURRENCY=str(workers)) as (address, pids):
                totals[workers], parts = _watch(address, pids, arguments.seconds, arguments.clients)
            rows.extend((f"{workers} worker(s): {name}", f"{size / 1e6:8.1f} MB") for name, size in parts)
            rows.append((f"{workers} worker(s): all", f"{totals[workers] / 1e6:8.1f} MB"))
    return rows, {"pss_bytes": totals[1], "pss_two_workers_bytes": totals[2]}


def _watch(address: str, pids: list[int], seconds: float, clients: int) -> tuple[int, list[tuple[str, int]]]:
    socket_address = address.replace("http", "ws", 1) + "/ws/system-health"
    sockets = [simple_websocket.Client(socket_address) for _ in range(clients)]
    highest, parts = 0, [("", 0)]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for path in ("/", "/_dash-layout", "/api/health", "/metrics"):
            with urllib.request.urlopen(address + path) as answer:
                answer.read()
        sizes = [(_name(pid), size) for pid in sorted(tree(pids)) if (size := pss_bytes(pid))]
        if sum(size for _, size in sizes) > highest:
            highest, parts = sum(size for _, size in sizes), sizes
        time.sleep(1.0)
    for one in sockets:
        one.close()
    return highest, parts


def _name(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return "ended"
    return " ".join(Path(word).name for word in words[:3] if word)
