"""How long each page takes to open in a real browser, over a small and over a large Prism of hostile names."""

from __future__ import annotations

import argparse
import time

from playwright.sync_api import Page, sync_playwright

from app import rail
from bench.browser import executable
from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows, quantile
from bench.viewers.page import DRAWN

PATHS = (*(item.href for item in rail()), "/patterns/redis", "/namespaces/user-platform")
SIZES = {
    "small": (),
    "large": (
        "--namespaces", "1000", "--topics", "100", "--patterns", "50", "--failed-logins", "5000", "--hostile-names",
    ),
}  # fmt: skip
QUICK_OPTIONS = ("--times", "1", "--sizes", "small", "--settle", "8")
TARGET_SECONDS = 2.0
CHARTS = """() => Array.from(document.querySelectorAll(".chart")).every(
    slot => slot.dataset.drawn || slot.getBoundingClientRect().top > innerHeight)"""


def options(parser: argparse.ArgumentParser) -> None:
    """How often to open each page, and on which Prism."""
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--sizes", nargs="+", choices=tuple(SIZES), default=list(SIZES))
    parser.add_argument("--settle", type=float, default=20.0, help="seconds that the dashboard collects before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Median and worst time until figures and tables, and until the charts on the screen, with a warm server."""
    rows, metrics = [], {}
    for size in arguments.sizes:
        with simulated_prism(*SIZES[size]) as addresses, dashboard(addresses) as (address, _):
            time.sleep(arguments.settle)
            for path, taken in _measure(address, arguments.times).items():
                figures, charts = [one for one, _ in taken], [one for _, one in taken]
                worst = max(figures)
                verdict = "" if worst < TARGET_SECONDS else "  over the target"
                label = f"{path}, {size}"
                rows.append(
                    (
                        label,
                        f"figures {quantile(figures, 0.5):.2f} s, worst {worst:.2f} s; "
                        f"charts {quantile(charts, 0.5):.2f} s{verdict}",
                    )
                )
                metrics[f"{label}: figures p50"] = quantile(figures, 0.5)
                metrics[f"{label}: figures worst"] = worst
                metrics[f"{label}: charts p50"] = quantile(charts, 0.5)
    return rows, metrics


def _measure(address: str, times: int) -> dict[str, list[tuple[float, float]]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        taken = {}
        for path in PATHS:
            _open(page, address + path)  # the first to come warms server and browser
            taken[path] = [_open(page, address + path) for _ in range(times)]
        browser.close()
    return taken


def _open(page: Page, address: str) -> tuple[float, float]:
    page.goto(address)
    return _until(page, DRAWN), _until(page, CHARTS)


def _until(page: Page, true: str) -> float:
    page.wait_for_function(true, timeout=120_000)
    return float(page.evaluate("performance.now()")) / 1000
