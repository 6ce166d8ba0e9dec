"""What a page that is left open for days does to its browser: memory, work, and what it keeps of pushes long gone.

Each page gets `--pushes` real frames, played back as fast as it draws them: full frames are asked of the hub a second
apart, and what changes from each to the next, and from the last to the first, is given to assets/live.js over and over.
Before and after, the browser is made to collect its garbage, and says how many nodes it holds that stand nowhere, and
how many listeners there are. A handful is the browser's own; what grows with the pushes is a leak.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from bench.pages import CHARTS, PATHS
from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows
from bench.viewers.page import DRAWN, SCREEN, chromium
from web.hub_delta import delta

QUICK_OPTIONS = ("--pushes", "300", "--pages", "/namespaces", "--watch", "10")
FRAMES = 6
"""Different ones, which are played in a round."""
WARM_ROUNDS = 5
PATIENCE_MS = 120_000
KEEP_SOCKET = (
    "window.WebSocket = class extends WebSocket { constructor(at) { super(at); window.benchSocket = this; } };"
)
ASK = """() => new Promise((done) => {
    const ask = () => {
        const socket = window.benchSocket;
        if (socket.readyState !== WebSocket.OPEN) { setTimeout(ask, 100); return; }
        const full = (message) => {
            if (!message.data.includes('"mode":"full"')) return;
            socket.removeEventListener("message", full);
            socket.removeEventListener("close", ask);
            done(message.data);
        };
        socket.addEventListener("message", full);
        socket.addEventListener("close", ask);
        socket.send('{"refresh":true}');
    };
    ask();
})"""
"""One full frame, as it came; asked for anew on the next connection when one is lost."""
PLAY = """async ([text, times]) => {
    const frames = JSON.parse(text);
    const hear = window.benchHear ||= window.benchSocket.onmessage;
    const empty = { view: frames[0].view, mode: "diff", props: {} };  // the hub's own frames belong to other figures
    window.benchSocket.onmessage = () => hear({ data: JSON.stringify({ ...empty, now: Date.now() / 1000 }) });
    for (let at = 0; at < times; at += 1) {
        const frame = frames[at % frames.length];
        frame.now = frame.sampled = Date.now() / 1000;
        hear({ data: JSON.stringify(frame) });
        await new Promise(requestAnimationFrame);
    }
    return window.benchSocket.readyState;
}"""
STANDING = """() => {
    const walk = document.createTreeWalker(document);
    let nodes = 1;
    while (walk.nextNode()) nodes += 1;
    return nodes;
}"""


@dataclass(frozen=True)
class Held:
    """What a page holds once its garbage is collected: nodes that stand in no document, listeners, bytes."""

    nodes: int
    listeners: int
    heap_bytes: float


def options(parser: argparse.ArgumentParser) -> None:
    """Which pages, how many pushes, how long each is watched at its own pace, and how large the Prism is."""
    parser.add_argument("--pages", nargs="+", default=list(PATHS))
    parser.add_argument("--pushes", type=int, default=10_000)
    parser.add_argument("--watch", type=float, default=30.0, help="seconds for the share of time that the page works")
    parser.add_argument("--namespaces", type=int, default=1000)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """The worst of all pages: `heap_bytes`, `busy_ratio`, `growth_nodes`, `growth_listeners`."""
    rows, worst = [], {"heap_bytes": 0.0, "busy_ratio": 0.0, "growth_nodes": 0, "growth_listeners": 0}
    prism = simulated_prism("--namespaces", str(arguments.namespaces))
    with prism as addresses, dashboard(addresses) as (address, _), chromium() as browser:
        for path in arguments.pages:
            found = _page(browser, address + path, arguments.pushes, arguments.watch)
            worst = {name: max(value, found[name]) for name, value in worst.items()}
            rows.append((path, f"heap {found['heap_bytes'] / 1e6:5.1f} MB  busy {found['busy_ratio']:6.1%}  grown by "
                               f"{found['growth_nodes']} nodes, {found['growth_listeners']} listeners"))  # fmt: skip
    return rows, {**worst, "pushes": arguments.pushes}


def _page(browser: Browser, address: str, pushes: int, watch: float) -> dict[str, float]:
    """One page of its own. Raises RuntimeError when its connection is lost meanwhile."""
    page = browser.new_page(viewport=SCREEN)
    page.add_init_script(KEEP_SOCKET)
    page.goto(address)
    for ready in (DRAWN, CHARTS):
        page.wait_for_function(ready, timeout=PATIENCE_MS)
    wire = page.context.new_cdp_session(page)
    busy = _busy(page, wire, watch)
    frames = _frames(page)
    _play(page, frames, WARM_ROUNDS * FRAMES)
    before = held(page, wire)
    _play(page, frames, -(-pushes // FRAMES) * FRAMES)
    after = held(page, wire)
    page.close()
    return {
        "heap_bytes": after.heap_bytes,
        "busy_ratio": round(busy, 4),
        "growth_nodes": after.nodes - before.nodes,
        "growth_listeners": after.listeners - before.listeners,
    }


def _busy(page: Page, wire: CDPSession, seconds: float) -> float:
    """The share of the time in which the page's main thread has a task, at the pace of the hub."""
    wire.send("Performance.enable")
    before, began = _worked(wire), time.monotonic()
    page.wait_for_timeout(1000 * seconds)
    return (_worked(wire) - before) / (time.monotonic() - began)


def _worked(wire: CDPSession) -> float:
    return metrics(wire)["TaskDuration"]


def metrics(wire: CDPSession) -> Mapping[str, float]:
    """What the browser measures of a page's main thread, by the name that it has there."""
    return {one["name"]: one["value"] for one in wire.send("Performance.getMetrics")["metrics"]}


def _frames(page: Page) -> list[dict[str, Any]]:
    """What changes from each full frame to the next, in a round; the page has the first when it begins."""
    whole = []
    for _ in range(FRAMES):
        whole.append(json.loads(page.evaluate(ASK)))
        page.wait_for_timeout(1000)
    page.evaluate(PLAY, [json.dumps([whole[0]]), 1])
    return [_change(one, following) for one, following in zip(whole, [*whole[1:], whole[0]], strict=True)]


def _change(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    changes = {name: delta(before["props"].get(name, {}), value) for name, value in after["props"].items()}
    return {**after, "mode": "diff", "props": {name: one for name, one in changes.items() if one is not None}}


def _play(page: Page, frames: list[dict[str, Any]], times: int) -> None:
    if page.evaluate(PLAY, [json.dumps(frames), times]) != 1:
        raise RuntimeError(f"{page.url} lost its connection")


def held(page: Page, wire: CDPSession) -> Held:
    """What it holds when nothing is left to collect."""
    page.wait_for_timeout(1500)
    for _ in range(3):
        wire.send("HeapProfiler.collectGarbage")
    said = wire.send("Memory.getDOMCounters")
    standing = int(page.evaluate(STANDING))
    return Held(said["nodes"] - standing, said["jsEventListeners"], metrics(wire)["JSHeapUsedSize"])
