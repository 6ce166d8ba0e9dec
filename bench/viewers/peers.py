"""The same change beside Prometheus and Netdata, in one run: change at the source to changed pixel of each page.

All read once a second. Prometheus scrapes the proxy that the dashboard reads; its own page shows for ever what it did
when it was asked, so what is timed is how soon its API knows, which no page of its can beat. Debian's Netdata has no
collector for Prometheus' text: it is sent the same value as a statsd gauge at the instant of the change, and its page
is watched. Whoever is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from bench.browser import executable
from bench.freshness import POOL, WATCH, interval, put_active
from bench.processes import dashboard, free_port, simulated_prism
from bench.report import Metrics, Rows, quantile

QUICK_OPTIONS = ("--changes", "12")
SECONDS, STARTING_SECONDS, SEEN_SECONDS, ASKED_SECONDS = 1.0, 30.0, 20.0, 0.02
"""Between two reads; until a peer answers; until a change must be seen; between two questions to Prometheus."""
QUERY = 'max(prism_pool_connections_active{pattern="redis"})'
GAUGE, CHART, VALUE = "hud.pool", "statsd_hud.pool_gauge", ".netdata-legend-value"
NETDATA_PAGE = f"""<!DOCTYPE html><title>Netdata</title><script src="/dashboard.js"></script>
<div data-netdata="{CHART}" data-chart-library="dygraph" data-width="400px" data-height="150px" data-after="-60"></div>
"""
NETDATA = """[global]
 run as user = {user}
[directories]
 cache = {home}
 lib = {home}
 log = {home}
 config = {home}
[db]
 mode = ram
 update every = 1
[web]
 bind to = 127.0.0.1:{port}
 web files owner = root
 web files group = root
[statsd]
 bind to = udp:127.0.0.1:{udp}
[plugins]
 enable running new plugins = no
 proc = no
 diskspace = no
 cgroups = no
 idlejitter = no
 timex = no
[ml]
 enabled = no
[health]
 enabled = no
"""

Watched = Callable[[int, float], float]
"""Given a value and when it was set, in seconds since 1970: when the page showed it."""


def options(parser: argparse.ArgumentParser) -> None:
    """How many changes to time."""
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """P50 and P99 of each, and how many times as long as the dashboard a peer took (P99)."""
    lags = _measured(arguments.changes, random.Random(arguments.seed))
    metrics: dict[str, float] = {"changes": arguments.changes}
    for name, taken in lags.items():
        metrics |= {f"{name}_p50": quantile(taken, 0.5), f"{name}_p99": quantile(taken, 0.99)}
    for name in lags.keys() - {"hud_page"}:
        metrics[f"{name}_p99_over_hud"] = metrics[f"{name}_p99"] / metrics["hud_page_p99"]
    return [(name, f"{value:.3f}") for name, value in metrics.items()], metrics


def _measured(changes: int, chance: random.Random) -> dict[str, list[float]]:
    """Seconds from each change until it was seen, by who saw it."""
    with ExitStack() as stack:
        addresses = stack.enter_context(simulated_prism())
        config = stack.enter_context(interval(SECONDS))
        hud, _ = stack.enter_context(dashboard(addresses, HUD_CONFIG=config))
        asked = stack.enter_context(_prometheus(addresses["proxy_metrics_url"])) if _is_there("prometheus") else None
        netdata = stack.enter_context(_netdata()) if _is_there("netdata") else None
        browser = stack.enter_context(sync_playwright()).chromium.launch(
            executable_path=executable(), args=["--no-sandbox", "--disable-gpu"]
        )
        stack.callback(browser.close)
        pages: dict[str, Watched] = {"hud_page": _hud_page(browser, hud)}
        if netdata:
            pages["netdata_page"] = _netdata_page(browser, *netdata)
        threads = stack.enter_context(ThreadPoolExecutor(1))
        lags: dict[str, list[float]] = {}
        for number in range(changes):
            time.sleep(SECONDS + chance.random())
            value, since = 1 + number % 6, time.time()
            put_active(addresses["control_url"], value)
            if netdata:
                _send(netdata[1], value)
            known: Future[float] | None = threads.submit(_known_at, asked, value, since) if asked else None
            for name, seen_at in pages.items():
                lags.setdefault(name, []).append(seen_at(value, since) - since)
            if known is not None:
                lags.setdefault("prometheus_api", []).append(known.result() - since)
    return lags


def _is_there(program: str) -> bool:
    return shutil.which(program) is not None


def _hud_page(browser: Browser, address: str) -> Watched:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(address)
    page.wait_for_selector('html[data-live="live"]', timeout=60_000)
    return _watched(page, POOL, lambda value: f"{value} / 10")


def _netdata_page(browser: Browser, address: str, udp: int) -> Watched:
    """A page of one chart, made of Netdata's own script as its documentation says."""
    _send(udp, 9)  # a gauge has a chart once it has a value
    _until(lambda: _get(f"{address}/api/v1/chart?chart={CHART}"))
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.route("**/one-chart.html", _one_chart)
    page.goto(f"{address}/one-chart.html")
    return _watched(page, VALUE, lambda value: f"{value}.00")


def _one_chart(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body=NETDATA_PAGE)


def _watched(page: Page, selector: str, words: Callable[[int], str]) -> Watched:
    page.wait_for_selector(selector, timeout=60_000, state="attached")
    page.evaluate(WATCH, selector)
    shown = "([wanted, since]) => window.__seen.some(([text, at]) => text === wanted && at >= since)"

    def seen_at(value: int, since: float) -> float:
        page.wait_for_function(shown, arg=[words(value), since], timeout=SEEN_SECONDS * 1000)
        seen = page.evaluate("() => window.__seen.splice(0)")
        return float(min(at for text, at in seen if text == words(value) and at >= since))

    return seen_at


@contextmanager
def _prometheus(target: str) -> Iterator[str]:
    """A Prometheus that scrapes `target` as often as the dashboard; gives the address of its API."""
    at = urllib.parse.urlsplit(target)
    job = {"job_name": "prism", "metrics_path": at.path, "static_configs": [{"targets": [at.netloc]}]}
    pace = {"scrape_interval": f"{SECONDS:g}s", "scrape_timeout": f"{SECONDS:g}s"}
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as home:
        config = Path(home) / "prometheus.yml"
        config.write_text(json.dumps({"global": pace, "scrape_configs": [job]}))  # JSON is YAML
        command = ("prometheus", f"--config.file={config}", f"--storage.tsdb.path={home}/data",
                   f"--web.listen-address=127.0.0.1:{port}")  # fmt: skip
        with _running(command, f"http://127.0.0.1:{port}", "/-/ready") as address:
            yield address


@contextmanager
def _netdata() -> Iterator[tuple[str, int]]:
    """A Netdata that hears statsd alone; gives its address and the port where it hears."""
    port, udp = free_port(), free_port()
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as home:
        config = Path(home) / "netdata.conf"
        config.write_text(NETDATA.format(home=home, port=port, udp=udp, user=Path(home).owner()))
        command = ("netdata", "-D", "-c", str(config))
        with _running(command, f"http://127.0.0.1:{port}", "/api/v1/info") as address:
            yield address, udp


@contextmanager
def _running(command: tuple[str, ...], address: str, path: str) -> Iterator[str]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: _get(address + path))
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _send(udp: int, value: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(f"{GAUGE}:{value}|g".encode(), ("127.0.0.1", udp))


def _known_at(address: str, value: int, since: float) -> float:
    """When Prometheus' API first says the value."""
    query = urllib.parse.urlencode({"query": QUERY})
    while time.time() - since < SEEN_SECONDS:
        found: Any = json.loads(_get(f"{address}/api/v1/query?{query}") or b"{}").get("data", {}).get("result", [])
        if found and float(found[0]["value"][1]) == value:
            return time.time()
        time.sleep(ASKED_SECONDS)
    raise RuntimeError(f"Prometheus did not know {value} within {SEEN_SECONDS:.0f} s")


def _get(url: str) -> bytes:
    """The answer; nothing when there is none yet."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bytes(answer.read())
    except OSError:
        return b""


def _until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise RuntimeError(f"a peer did not answer within {STARTING_SECONDS:.0f} s")
        time.sleep(0.1)
