"""Processor time of all dashboard processes at the default intervals, and what they ask of each source."""

from __future__ import annotations

import argparse
import json
import time
import urllib.request
from collections.abc import Sequence

import simple_websocket

from bench.processes import cpu_seconds, dashboard, simulated_prism, tree
from bench.report import Metrics, Rows

QUICK_OPTIONS = ("--seconds", "15", "--settle", "15")
VIEWERS = (
    "system-health", "system-health", "system-health", "performance", "backends", "messaging", "namespaces",
    "security", "observability", "resources",
)  # fmt: skip


def options(parser: argparse.ArgumentParser) -> None:
    """How long, after how long."""
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--settle", type=float, default=330.0, help="seconds until the windows are full")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Of one core, without viewers and with ten; and HTTP requests a second that each source received meanwhile."""
    with simulated_prism() as addresses, dashboard(addresses) as (address, pids):
        time.sleep(arguments.settle)
        before = _requests(addresses["control_url"])
        idle = core_ratio(pids, arguments.seconds)
        after = _requests(addresses["control_url"])
        sockets = [simple_websocket.Client(f"{address.replace('http', 'ws', 1)}/ws/{view}") for view in VIEWERS]
        watched = core_ratio(pids, arguments.seconds)
        for one in sockets:
            one.close()
    asked = {name: (after[name] - before[name]) / arguments.seconds for name in sorted(after)}
    metrics = {
        "idle_core_ratio": idle,
        "ten_viewers_core_ratio": watched,
        **{f"{name}_requests_per_second": rate for name, rate in asked.items()},
    }
    rows = [
        ("no viewer", f"{idle:.1%} of a core"),
        ("ten viewers", f"{watched:.1%} of a core"),
        *((name, f"{rate:.2f} requests/s") for name, rate in asked.items()),
    ]
    return rows, metrics


def core_ratio(pids: Sequence[int], seconds: float) -> float:
    """Processor seconds per second of these processes and their descendants."""
    used = sum(map(cpu_seconds, tree(list(pids))))
    time.sleep(seconds)
    return (sum(map(cpu_seconds, tree(list(pids)))) - used) / seconds


def _requests(control: str) -> dict[str, int]:
    with urllib.request.urlopen(f"{control}/requests", timeout=5) as answer:
        found: dict[str, int] = json.load(answer)
        return found
