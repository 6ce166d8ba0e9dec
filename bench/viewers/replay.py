"""Instants of the past, asked for one after another as a page asks for them, and what a live page notices of it."""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import simple_websocket

from bench.processes import dashboard, dashboard_with_past, pss_bytes, simulated_prism, tree
from bench.report import Metrics, Rows, quantile
from store.past import DAY_SECONDS

QUICK_OPTIONS = ("--past", "30", "--instants", "80")
VIEWS = ("system-health", "performance", "backends", "messaging", "alerts", "resources", "namespaces", "settings")
MARGIN_SECONDS = 90
"""The first minute and the last one are not whole."""


def options(parser: argparse.ArgumentParser) -> None:
    """How long the dashboard watches, after how many hours that it has loaded, and how many instants are asked for."""
    parser.add_argument("--past", type=float, default=120.0, help="seconds that it watches itself")
    parser.add_argument("--hours", type=float, default=24.0, help="that a Prometheus remembers before; 0 for none")
    parser.add_argument("--instants", type=int, default=200)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Milliseconds, and bytes of all processes of the dashboard together."""
    start = dashboard_with_past if arguments.hours else dashboard
    with simulated_prism("--past", f"{arguments.hours:g}") as addresses, start(addresses) as (address, pids):
        began = time.time() - arguments.hours * 3600.0
        time.sleep(arguments.past / 2)
        with _watching(address) as alone:
            time.sleep(arguments.past / 2)
        callbacks, before = _callbacks(address), _memory(pids)
        with _watching(address) as beside:
            took, busy = _replayed(address, callbacks, began, arguments.instants)
        growth = _memory(pids) - before
    figures = {
        "instant_p50": quantile(took, 0.5) * 1e3,
        "instant_p99": quantile(took, 0.99) * 1e3,
        "live_p99": quantile(alone, 0.99) * 1e3,
        "live_p99_while_replaying": quantile(beside, 0.99) * 1e3,
    }
    rows = [(name, f"{value:8.1f} ms") for name, value in figures.items()]
    rows += [("memory growth", f"{growth / 1e6:8.1f} MB"), ("told to come again", f"{busy:8d}")]
    return rows, {**{name: round(value, 1) for name, value in figures.items()}, "memory_growth_bytes": growth}


def _memory(pids: list[int]) -> int:
    return sum(pss_bytes(pid) for pid in tree(pids))


@contextmanager
def _watching(address: str) -> Iterator[list[float]]:
    """How long after the instant of its figures each frame of a live System Health arrives, in seconds."""
    socket = simple_websocket.Client(address.replace("http", "ws", 1) + "/ws/system-health")
    ages: list[float] = [0.0]

    def listen() -> None:
        try:
            while True:
                frame = json.loads(socket.receive())
                if "version" in frame:
                    ages.append(time.time() - frame["now"])
        except simple_websocket.ConnectionClosed:
            return

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    yield ages
    socket.close()
    listening.join(5.0)


def _callbacks(address: str) -> dict[str, dict[str, Any]]:
    """By view, what a page's clock asks."""
    with urllib.request.urlopen(address + "/_dash-dependencies") as answer:
        known = json.load(answer)
    found = {}
    for one in known:
        if (
            one["inputs"]
            and one["inputs"][0]["id"].endswith("-clock")
            and one["inputs"][0]["property"] == "n_intervals"
        ):
            found[one["inputs"][0]["id"].removesuffix("-clock")] = one
    return found


def _replayed(
    address: str, callbacks: dict[str, dict[str, Any]], began: float, instants: int
) -> tuple[list[float], int]:
    chance, took, busy = random.Random(1), list[float](), 0
    for turn in range(instants):
        view = VIEWS[turn % len(VIEWS)]
        first, last = max(began, time.time() - DAY_SECONDS), time.time()
        margin = min(MARGIN_SECONDS, (last - first) / 4)
        at = chance.uniform(first + margin, last - margin)
        start = time.monotonic()
        try:
            _ask(address, callbacks[view], view, at)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            busy += 1
            continue
        took.append(time.monotonic() - start)
    return took, busy


def _ask(address: str, one: dict[str, Any], view: str, at: float) -> None:
    """What the browser sends for an instant of a view."""
    names = [part.rpartition(".") for part in one["output"].strip(".").split("...")]
    body = {
        "output": one["output"],
        "outputs": [{"id": name, "property": prop} for name, _, prop in names],
        "inputs": [{"id": f"{view}-clock", "property": "n_intervals", "value": 1}],
        "state": [{"id": f"{view}-selection", "property": "data", "value": {"at": _iso(at)}}],
        "changedPropIds": [f"{view}-clock.n_intervals"],
    }
    request = urllib.request.Request(
        address + "/_dash-update-component", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
