"""What many proxies cost: processor time of all processes by what they do, their memory, and the pages."""

from __future__ import annotations

import argparse
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import simple_websocket

from bench.collecting.cost import VIEWERS, core_ratio
from bench.processes import dashboard, pss_bytes, simulated_prism, tree
from bench.report import Metrics, Rows
from bench.viewers.page import slowest_page

QUICK_OPTIONS = ("--seconds", "10", "--settle", "20")
NAMESPACES_FOR_2500 = 37
"""A simulated proxy among twenty exposes about 2,500 series when so many namespaces have traffic."""


def options(parser: argparse.ArgumentParser) -> None:
    """How many proxies of what size, and how long to watch."""
    parser.add_argument("--proxies", type=int, default=20)
    parser.add_argument("--namespaces", type=int, default=NAMESPACES_FOR_2500)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--settle", type=float, default=120.0, help="seconds that the dashboard collects before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Of one core, by the processes' own processor time: what else runs on the machine does not count."""
    size = ("--proxies", str(arguments.proxies), "--namespaces", str(arguments.namespaces))
    site, apart = simulated_prism(*size), {"HUD_SUPERVISE_COLLECTOR": "false"}
    with site as addresses, dashboard(addresses, **apart) as (address, pids):
        time.sleep(arguments.settle)
        series = [_series(url) for url in addresses["proxy_metrics_url"].split(",")]
        web, collector = _ratios(pids, arguments.seconds)
        sockets = [simple_websocket.Client(f"{address.replace('http', 'ws', 1)}/ws/{view}") for view in VIEWERS]
        watched = sum(_ratios(pids, arguments.seconds))
        for one in sockets:
            one.close()
        memory = [sum(map(pss_bytes, tree([pid]))) for pid in pids]
        pages = slowest_page(address)
    mean = sum(series) / len(series)
    metrics = {
        f"core_ratio_{arguments.proxies}x2500": web + collector,
        "web_core_ratio": web,
        "collector_core_ratio": collector,
        "ten_viewers_core_ratio": watched,
        "pss_bytes": sum(memory),
        "series_per_proxy": mean,
        "slowest_page": pages.seconds,
        "most_nodes": pages.nodes,
    }
    rows = [
        (f"{len(series)} proxies of {mean:.0f} series", f"{web + collector:.1%} of a core"),
        ("of it web", f"{web:.1%}"),
        ("of it the collector", f"{collector:.1%}"),
        ("all with ten viewers", f"{watched:.1%}"),
        ("memory (PSS)", f"web {memory[0] / 1e6:.0f} MB, collector {memory[1] / 1e6:.0f} MB"),
        ("slowest page", f"{pages.path} {pages.seconds:.2f} s, at most {pages.nodes} nodes"),
    ]
    return rows, metrics


def _ratios(pids: list[int], seconds: float) -> list[float]:
    """Processor seconds per second of each of these processes with its descendants, at the same time."""
    with ThreadPoolExecutor(len(pids)) as beside:
        return list(beside.map(lambda pid: core_ratio([pid], seconds), pids))


def _series(url: str) -> int:
    """How many samples a page of metrics has."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return sum(line[:1] not in (b"#", b"\n", b"") for line in answer)
