"""How long a change at the source takes to be seen on the page: metric change to painted frame, in a real browser."""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
import urllib.request
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

POOL = '#sh-pools li:has(.name[title="redis"]) .pool-use'
"""The element whose text is the Redis pool's `active / max`."""


def options(parser: argparse.ArgumentParser) -> None:
    """How many changes to time."""
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Once with the proxy scraped every second, said so in the settings, and once with the defaults."""
    with simulated_prism() as addresses, tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
        config.write("[sources.proxy]\ninterval_seconds = 1.0\ntimeout_seconds = 1.0\n")
        config.flush()
        each_second = _measure(addresses, arguments, HUD_CONFIG=config.name)
        default = _measure(addresses, arguments)
    metrics = {
        "interval_1_p50": quantile(each_second, 0.5),
        "interval_1_p99": quantile(each_second, 0.99),
        "default_p50": quantile(default, 0.5),
        "default_p99": quantile(default, 0.99),
        "changes": len(each_second),
    }
    rows = [(name, f"{value:.3f} s" if name != "changes" else str(value)) for name, value in metrics.items()]
    return rows, metrics


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
    body = json.dumps({"fault": "pool_active", "target": "redis", "value": active}).encode()
    request = urllib.request.Request(f"{control}/faults", body, {"Content-Type": "application/json"}, method="POST")
    with urllib.request.urlopen(request) as answer:
        answer.read()
    wanted = f"{active} / 10"
    shown = "([wanted, since]) => window.__seen.some(([text, at]) => text === wanted && at >= since)"
    page.wait_for_function(shown, arg=[wanted, changed], timeout=10_000)
    seen = page.evaluate("() => window.__seen")
    page.evaluate("() => { window.__seen = []; }")
    return float(min(at for text, at in seen if text == wanted and at >= changed)) - changed
