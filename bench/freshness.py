"""How long a change at the source takes to be seen on the page: metric change to painted frame, in a real browser."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.browser import executable
from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows, quantile

# The text is watched in the page itself; the time is taken in the frame after the change has been painted.
WATCH = """
(selector) => {
  window.__seen = [];
  const note = () => {
    const node = document.querySelector(selector);
    const text = node ? node.textContent : null;
    if (text === window.__last) return;
    window.__last = text;
    requestAnimationFrame(() => requestAnimationFrame(() => window.__seen.push([text, Date.now() / 1000])));
  };
  new MutationObserver(note).observe(document.body, {subtree: true, childList: true, characterData: true});
  note();
}
"""

QUICK_OPTIONS = ("--changes", "12", "--intervals", "0.25", "1")
INTERVALS = {0.25: "interval_025"}
"""Where a metric's name is not the number."""
POOL = '#sh-pools li:has(.name[title="redis"]) .pool-use'
"""The element whose text is the Redis pool's `active / max`."""


def options(parser: argparse.ArgumentParser) -> None:
    """How many changes to time."""
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--intervals", type=float, nargs="*", default=[1.0], help="seconds between reads of the proxy")
    parser.add_argument("--seed", type=int, default=1)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Once for each interval that is said in the settings, and once with the defaults."""
    metrics: dict[str, float] = {}
    with simulated_prism() as addresses:
        for seconds in arguments.intervals:
            with interval(seconds) as config:
                lags = _measure(addresses, arguments, HUD_CONFIG=config)
            _add(metrics, INTERVALS.get(seconds, f"interval_{seconds:g}"), lags)
        _add(metrics, "default", _measure(addresses, arguments))
    rows = [(name, f"{value:.3f} s") for name, value in metrics.items()]
    return rows, {**metrics, "changes": arguments.changes}


@contextmanager
def interval(seconds: float) -> Iterator[str]:
    """A settings file by which the proxy is read that often."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write(f"[sources.proxy]\ninterval_seconds = {seconds}\ntimeout_seconds = {seconds}\n")
        config.flush()
        yield config.name


def _add(metrics: dict[str, float], name: str, lags: list[float]) -> None:
    metrics |= {f"{name}_p50": quantile(lags, 0.5), f"{name}_p99": quantile(lags, 0.99)}


def _measure(addresses: dict[str, Any], arguments: argparse.Namespace, **settings: str) -> list[float]:
    chance = random.Random(arguments.seed)
    with dashboard(addresses, **settings) as (address, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector(POOL, timeout=60_000)
        page.wait_for_selector('html[data-live="live"]', timeout=60_000)
        page.evaluate(WATCH, POOL)
        control = addresses["control_url"]
        lags = [_one_change(page, control, 1 + number % 6, chance) for number in range(arguments.changes)]
        browser.close()
    return lags


def _one_change(page: Page, control: str, active: int, chance: random.Random) -> float:
    """Set the Redis pool's active connections at a random instant, and wait for the page to show them."""
    time.sleep(1.0 + chance.random())
    changed = time.time()
    put_active(control, active)
    wanted = f"{active} / 10"
    shown = "([wanted, since]) => window.__seen.some(([text, at]) => text === wanted && at >= since)"
    page.wait_for_function(shown, arg=[wanted, changed], timeout=10_000)
    seen = page.evaluate("() => window.__seen")
    page.evaluate("() => { window.__seen = []; }")
    return float(min(at for text, at in seen if text == wanted and at >= changed)) - changed


def put_active(control: str, active: int) -> None:
    """Have the simulated Redis pool use so many connections."""
    body = json.dumps({"fault": "pool_active", "target": "redis", "value": active}).encode()
    request = urllib.request.Request(f"{control}/faults", body, {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request) as answer:
        answer.read()
