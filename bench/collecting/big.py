"""What a large site costs: the collector's memory and processor time by the number of namespaces, and the pages."""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.collecting.cost import core_ratio
from bench.processes import dashboard, pss_bytes, simulated_prism, tree
from bench.report import Metrics, Rows
from bench.viewers.page import slowest_page
from model.settings import Settings

QUICK_OPTIONS = ("--namespaces", "200", "1000", "--seconds", "20", "--settle", "20")
SITE = ("--patterns", "200", "--topics", "100")
SETTINGS = """[sources.proxy]
interval_seconds = {0.interval_seconds}
timeout_seconds = {0.timeout_seconds}
max_bytes = 134217728
"""
"""A proxy of 5,000 namespaces answers with 45 MB, more than is taken where nobody says so; the rest is the default."""


def options(parser: argparse.ArgumentParser) -> None:
    """How large, and how long to watch."""
    parser.add_argument("--namespaces", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settle", type=float, default=120.0, help="seconds that the dashboard collects before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """`exponent`: processor time grows as the number of namespaces to this power, between the two largest sites.

    The pages are those of the largest.
    """
    rows: list[tuple[str, str]] = []
    metrics: dict[str, float] = {}
    used: dict[int, float] = {}
    for namespaces in sorted(arguments.namespaces):
        with _site(namespaces) as (at, pids):
            time.sleep(arguments.settle)
            used[namespaces] = core_ratio(pids[1:], arguments.seconds)
            size = sum(map(pss_bytes, tree(pids[1:])))
            if namespaces == max(arguments.namespaces):
                pages = slowest_page(at)
        rows.append((f"{namespaces} namespaces", f"{size / 1e6:.0f} MB, {used[namespaces]:.1%} of a core"))
        metrics[f"collector_bytes_{namespaces}"] = size
        metrics[f"collector_core_ratio_{namespaces}"] = used[namespaces]
    if len(used) > 1:
        smaller, larger = sorted(used)[-2:]
        metrics["exponent"] = math.log(used[larger] / used[smaller]) / math.log(larger / smaller)
    rows.append(("slowest page", f"{pages.path} {pages.seconds:.2f} s, at most {pages.nodes} nodes"))
    return rows, {**metrics, "slowest_page": pages.seconds, "most_nodes": pages.nodes}


@contextmanager
def _site(namespaces: int) -> Iterator[tuple[str, list[int]]]:
    """A dashboard on a site of this size: its address, the web's pid and the collector's."""
    with (
        tempfile.NamedTemporaryFile("w", suffix=".toml") as config,
        simulated_prism("--namespaces", str(namespaces), *SITE) as addresses,
    ):
        config.write(SETTINGS.format(Settings().sources.proxy))
        config.flush()
        with dashboard(addresses, HUD_CONFIG=config.name, HUD_SUPERVISE_COLLECTOR="false") as running:
            yield running
