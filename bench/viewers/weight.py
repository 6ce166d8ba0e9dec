"""Bytes and requests of an opened page as they come over the wire, with an empty and with a filled browser cache."""

from __future__ import annotations

import argparse
import time

from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows
from bench.viewers.page import LIVE_CHART, SCREEN, Watched, chromium

QUICK_OPTIONS = ("--settle", "5", "--paths", "/", "/messaging")
PATHS = ("/", "/performance", "/backends", "/messaging", "/namespaces", "/security", "/observability", "/resources")
LIVE = """() => document.documentElement.dataset.live === "live" """
LATER_SECONDS = 3.0
"""What a page fetches after its first chart counts too."""


def options(parser: argparse.ArgumentParser) -> None:
    """Which pages."""
    parser.add_argument("--paths", nargs="+", default=list(PATHS))
    parser.add_argument("--settle", type=float, default=20.0, help="seconds that the dashboard collects before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Compressed bytes with their headers; frames of the live connection are not among them (`bench bytes`)."""
    rows: list[tuple[str, str]] = []
    cold: dict[str, tuple[int, int]] = {}
    warm: dict[str, tuple[int, int]] = {}
    with simulated_prism() as addresses, dashboard(addresses) as (address, _), chromium() as browser:
        time.sleep(arguments.settle)
        for path in arguments.paths:
            context = browser.new_context(viewport=SCREEN)
            for name, into in (("cold", cold), ("warm", warm)):
                page = Watched(context)
                page.open(address + path, LIVE_CHART if path == "/" else LIVE)
                page.page.wait_for_timeout(LATER_SECONDS * 1000)
                into[path] = page.bytes, page.requests
                rows.append((f"{path}, {name}", f"{page.bytes / 1000:8.1f} kB in {page.requests} requests"))
                page.page.close()
            context.close()
    metrics = {
        "cold_bytes": cold.get("/", (0, 0))[0],
        "messaging_bytes": cold.get("/messaging", (0, 0))[0],
        "warm_bytes": warm.get("/", (0, 0))[0],
        "requests": cold.get("/", (0, 0))[1],
        "most_bytes": max(size for size, _ in cold.values()),
    }
    return rows, metrics
