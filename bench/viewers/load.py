"""How long System Health takes from the navigation to its first live, painted chart: cold, warm, and on a slow line."""

from __future__ import annotations

import argparse
import time

from playwright.sync_api import Browser

from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows, quantile
from bench.viewers.page import SCREEN, Watched, chromium

QUICK_OPTIONS = ("--times", "3", "--settle", "8")
SLOW_BITS, SLOW_DELAY = 20e6, 0.02
"""20 Mbit/s and 20 ms."""


def options(parser: argparse.ArgumentParser) -> None:
    """How often each way."""
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--settle", type=float, default=20.0, help="seconds that the dashboard collects before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Medians in seconds."""
    with simulated_prism() as addresses, dashboard(addresses) as (address, _), chromium() as browser:
        time.sleep(arguments.settle)
        _opened(browser, address)  # the first to come warms the server
        visits = [_opened(browser, address) for _ in range(arguments.times)]
        slow = [_opened(browser, address, slow=True)[0] for _ in range(arguments.times)]
    metrics = {
        "cold": quantile([cold for cold, _ in visits], 0.5),
        "warm": quantile([warm for _, warm in visits], 0.5),
        "slow_network": quantile(slow, 0.5),
    }
    return [(name, f"{value:.3f} s") for name, value in metrics.items()], metrics


def _opened(browser: Browser, address: str, slow: bool = False) -> tuple[float, float]:
    """Seconds of a first visit with nothing cached, and of the next one with the same cache."""
    context = browser.new_context(viewport=SCREEN)
    taken = []
    for _ in range(2):
        page = Watched(context)
        if slow:
            page.slow(SLOW_BITS, SLOW_DELAY)
        taken.append(page.open(address))
        page.page.close()
    context.close()
    return taken[0], taken[1]
