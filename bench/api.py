"""How long each route under /api takes on a running dashboard, over 15 and over 1,000 namespaces.

At fifty requests a second answers are worked out ahead of them. What the first ones take, which are not, is `first`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import time
from urllib.parse import urlsplit

from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows, quantile

QUICK_OPTIONS = ("--requests", "40", "--settle", "8")
TARGET_SECONDS = 0.1
WARMING = 4
NAMED = {
    "/api/patterns/{name}": "/api/patterns/redis",
    "/api/namespaces/{name}": "/api/namespaces/user-platform",
    "/api/follow/{figure}": "/api/follow/sh-rps",
}


def options(parser: argparse.ArgumentParser) -> None:
    """How many requests to time on each route, and over how many namespaces."""
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two requests")
    parser.add_argument("--namespaces", type=int, nargs="+", default=[15, 1000])
    parser.add_argument("--settle", type=float, default=20.0, help="seconds that the dashboard collects before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """P50 and P99 of every route, with each number of namespaces; `p99`, `p99_1000`, `first`: of the slowest."""
    rows: list[tuple[str, str]] = []
    metrics: dict[str, float] = {}
    for namespaces in arguments.namespaces:
        with simulated_prism("--namespaces", str(namespaces)) as addresses, dashboard(addresses) as (address, _):
            time.sleep(arguments.settle)
            first = max(map(max, _routes(address, WARMING, arguments.pause).values()))
            rows.append((f"the first ones, {namespaces} namespaces", f"at most {first * 1000:.0f} ms"))
            metrics[f"first, {namespaces} namespaces"] = first
            for path, taken in _routes(address, arguments.requests, arguments.pause).items():
                p50, p99 = quantile(taken, 0.5), quantile(taken, 0.99)
                verdict = "" if p99 < TARGET_SECONDS else "  over the target"
                label = f"{path}, {namespaces} namespaces"
                rows.append((label, f"P50 {p50 * 1000:6.1f} ms  P99 {p99 * 1000:6.1f} ms{verdict}"))
                metrics[f"{label}: p99"] = p99
                worst = "p99" if namespaces == min(arguments.namespaces) else f"p99_{namespaces}"
                metrics[worst] = max(metrics.get(worst, 0.0), p99)
    return rows, metrics


def _routes(address: str, requests: int, pause: float) -> dict[str, list[float]]:
    """Seconds per request of every route, all routes in turn, over one kept connection as a program would."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    described = json.loads(_get(connection, "/api/openapi.json", ""))["paths"]
    gets = (NAMED.get(path, path) for path, said in described.items() if "get" in said)
    paths = [path for path in gets if "{" not in path]
    taken: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(requests):
        for path in paths:
            began = time.perf_counter()
            _get(connection, path)
            taken[path].append(time.perf_counter() - began)
        time.sleep(pause)
    connection.close()
    return taken


def _get(connection: http.client.HTTPConnection, path: str, encoding: str = "gzip") -> bytes:
    connection.request("GET", path, headers={"Accept-Encoding": encoding})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}: {body[:200]!r}")
    return body
