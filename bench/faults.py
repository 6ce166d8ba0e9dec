"""How long each fault of the simulator takes to be an alert of the dashboard in words, and to be gone after its end."""

from __future__ import annotations

import argparse
import json
import time
import urllib.request
from collections.abc import Callable
from functools import partial
from typing import Any

from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows

FAULTS = (
    ("pattern_crash", "redis", "pattern_down"),
    ("pattern_degraded", "memstore", "pattern_degraded"),
    ("pattern_unhealthy", "postgresql", "pattern_unhealthy"),
    ("pattern_hang", "redis", "pattern_hang"),
    ("restart_loop", "memstore", "pattern_restarted|restart_loop|pattern_down"),
    ("latency", "", "latency_p99"),
    ("error_burst", "", "error_ratio"),
    ("pool_exhaustion", "redis", "pool_use"),
    ("auth_failures", "", "auth_success"),
    ("source_down", "proxy", "source_lost"),
    ("source_garbage", "proxy", "source_lost"),
    ("source_hang", "proxy", "source_lost"),
)
"""Fault, target, and the rules that may speak of it."""

CALM = {("pattern_degraded", "nats")}
"""What fires in the default scenario."""
LONGEST_SECONDS = 60.0


def options(parser: argparse.ArgumentParser) -> None:
    """How long the dashboard watches before the first fault."""
    parser.add_argument("--before", type=float, default=30.0)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """One after the other, each from calm to calm."""
    rows: list[tuple[str, str]] = []
    seen, gone = [], []
    with simulated_prism() as addresses, dashboard(addresses) as (address, _):
        time.sleep(arguments.before)
        for fault, target, rules in FAULTS:
            _until(lambda: _firing(address) <= CALM)
            _ask(f"{addresses['control_url']}/faults", "POST", {"fault": fault, "target": target})
            spoken = partial(_spoken, address, set(rules.split("|")))
            seen.append(_until(spoken))
            time.sleep(6.0)
            _ask(f"{addresses['control_url']}/faults", "DELETE")
            gone.append(_until(partial(_silent, spoken)))
            rows.append((f"{fault} {target}", f"seen after {seen[-1]:5.1f} s, gone after {gone[-1]:5.1f} s"))
    return rows, {"faults": len(seen), "seen_max_seconds": max(seen), "gone_max_seconds": max(gone)}


def _firing(address: str) -> set[tuple[str, str]]:
    alerts = _ask(f"{address}/api/alerts")["alerts"]
    return {(one["rule"], one["component"]) for one in alerts if one["state"] == "firing" and "HUD" in one["open_in"]}


def _spoken(address: str, rules: set[str]) -> bool:
    return any(rule in rules for rule, _ in _firing(address) - CALM)


def _silent(spoken: Callable[[], bool]) -> bool:
    return not spoken()


def _until(true: Callable[[], Any]) -> float:
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > LONGEST_SECONDS:
            return float("inf")
        time.sleep(0.05)
    return time.monotonic() - began


def _ask(url: str, method: str = "GET", body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
