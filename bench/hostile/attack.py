"""How the dashboard stands while strangers do everything at once that ever took it down, and fifty people look at it.

The Procfile's processes, with no proxy in front. Strangers (bench/hostile/attackers.py) hold 500 idle and 200 half-sent
connections, send large bodies, junk to callbacks, `/api` and live connections, and ask by names that are not ours.
Meanwhile `/healthz` is asked twenty times a second and what a new page needs once a second, on new connections; and
viewers note when something came. Goals: `/healthz` p99 within 50 ms, a new page within 2 s, no viewer's gap over 2 s.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from ctypes import c_double
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.hostile.attackers import ATTACKS, attack
from bench.hostile.viewer import Viewer
from bench.processes import dashboard, rss_bytes, simulated_prism, tree
from bench.report import Metrics, Rows, quantile

QUICK_OPTIONS = ("--seconds", "10", "--viewers", "20")
SETTLED_SECONDS = 5.0
HEALTH_SECONDS = 0.05
PAGE_EVERY = 20
PAGE = ("/", "/_dash-layout", "/_dash-dependencies")
"""What stands between an address and a page; the rest is files, which browsers keep."""
LONGEST_SECONDS = 20.0


def options(parser: argparse.ArgumentParser) -> None:
    """For how long, who looks on, and which attacks."""
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--attacks", nargs="+", choices=tuple(ATTACKS), default=list(ATTACKS))


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Before and under attack: latencies, the longest gap of any viewer; what the log took, and memory."""
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as folder, ExitStack() as stack:
        log = Path(folder) / "log"
        address, pids = stack.enter_context(dashboard(stack.enter_context(simulated_prism()), log))
        viewers = [stack.enter_context(closing(Viewer(address))) for _ in range(arguments.viewers)]
        time.sleep(SETTLED_SECONDS)
        calm = _watched(address, viewers, arguments.seconds / 3)
        before = log.stat().st_size
        with _attackers(address, arguments.attacks) as sent:
            time.sleep(SETTLED_SECONDS / 2)
            attacked = _watched(address, viewers, arguments.seconds)
            said, logged = sent.value, log.stat().st_size - before
        memory = max(map(rss_bytes, tree(pids)))
    rows = [*_rows("calm", calm), *_rows("attacked", attacked), ("sent by strangers", f"{said / 1e6:,.1f} MB"),
            ("log", f"{logged:,} bytes"), ("largest process", f"{memory / 1e6:,.0f} MB")]  # fmt: skip
    metrics = {
        "healthz_p99_calm": quantile(calm["healthz"], 0.99),
        "healthz_p99_under_attack": quantile(attacked["healthz"], 0.99),
        "page_max_under_attack": max(attacked["page"]),
        "viewer_gap_max": max(attacked["gap"]),
        "log_bytes_per_request_byte": logged / max(1.0, said),
    }
    return rows, {**{name: round(value, 6) for name, value in metrics.items()}, "memory_bytes": memory}


@contextmanager
def _attackers(address: str, names: Sequence[str]) -> Iterator[Any]:
    """The strangers' process; gives how many bytes they sent."""
    spawn = multiprocessing.get_context("spawn")
    sent = spawn.Value(c_double, 0.0)
    process = spawn.Process(target=attack, args=(urlsplit(address).port, sent, list(names)), daemon=True)
    process.start()
    try:
        yield sent
    finally:
        process.kill()
        process.join()


def _watched(address: str, viewers: Sequence[Viewer], seconds: float) -> dict[str, list[float]]:
    """Seconds that each answer took, and each viewer's longest gap."""
    found: dict[str, list[float]] = {"healthz": [], "page": []}
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        turn = time.monotonic()
        found["healthz"].append(_took(address, ("/healthz",)))
        if len(found["healthz"]) % PAGE_EVERY == 1:
            found["page"].append(_took(address, PAGE))
        time.sleep(max(0.0, HEALTH_SECONDS - (time.monotonic() - turn)))
    return {**found, "gap": [one.longest_gap(began) for one in viewers]}


def _took(address: str, paths: Sequence[str]) -> float:
    """Until all is there, on a new connection; LONGEST_SECONDS where it does not come."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=LONGEST_SECONDS)
    try:
        for path in paths:
            connection.request("GET", path)
            answer = connection.getresponse()
            if answer.status != http.client.OK or not answer.read():
                return LONGEST_SECONDS
    except (OSError, http.client.HTTPException):
        return LONGEST_SECONDS
    finally:
        connection.close()
    return time.monotonic() - began


def _rows(when: str, found: dict[str, list[float]]) -> Rows:
    healthz, page, gap = found["healthz"], found["page"], found["gap"]
    p50, p99 = (f"{1000 * quantile(healthz, q):.0f} ms" for q in (0.5, 0.99))
    return [
        (f"{when}: /healthz", f"p50 {p50}, p99 {p99}, longest {1000 * max(healthz):.0f} ms of {len(healthz)}"),
        (f"{when}: a new page", f"p50 {quantile(page, 0.5):.2f} s, longest {max(page):.2f} s of {len(page)}"),
        (f"{when}: longest gap", f"{max(gap):.2f} s of {len(gap)} viewers"),
    ]
