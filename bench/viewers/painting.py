"""What a push costs the page's main thread by the way it is put there: assets/paint.js and others.

The frames of a large Prism are recorded once. Then each way is played the very same ones, in a browser whose socket is
a stand-in, while nothing else of ours runs: at the pace at which they came for the share of time, as fast as they are
drawn for what stays behind. Times are the thread's processor time, which other work on the machine does not touch.
The libraries are npm's, whose client has to be there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from bench.pages import CHARTS, SIZES
from bench.processes import dashboard, simulated_prism
from bench.report import Metrics, Rows
from bench.viewers.browser import PATIENCE_MS, held, metrics
from bench.viewers.bytes import Listener
from bench.viewers.page import DRAWN, SCREEN, chromium
from web.hub_delta import apply, delta

SCRIPT = Path(__file__).with_suffix(".js")
VIEWS = {"/": "system-health", "/namespaces": "namespaces", "/messaging": "messaging"}
LIBRARIES = {"morphdom": ("2.7.8", "dist/morphdom-umd.min.js"), "idiomorph": ("0.8.0", "dist/idiomorph.min.js")}
WAYS = ("nothing", "paint", "set_props", "deep_set_props", *LIBRARIES)
QUICK_OPTIONS = ("--pages", "/", "--seconds", "5", "--rounds", "1", "--settle", "10")


@dataclass(frozen=True)
class Reel:
    """What a view's socket said: the first frame, whole, and those that followed, each with the seconds before it.

    The last makes of what was said last what was said first, so that it can be played in a round.
    """

    whole: str
    changes: list[tuple[float, str]]


def options(parser: argparse.ArgumentParser) -> None:
    """Which pages and ways, and how long."""
    parser.add_argument("--pages", nargs="+", choices=tuple(VIEWS), default=list(VIEWS))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--seconds", type=float, default=20.0, help="how much of the frames is recorded and played")
    parser.add_argument("--rounds", type=int, default=3, help="how often they are played fast for what stays behind")
    parser.add_argument("--settle", type=float, default=30.0, help="seconds that the large Prism is read before")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """By page and way: the main thread's share, a push, the longest task, heap, nodes and what was lost."""
    reels = _record(arguments.pages, arguments.settle, arguments.seconds)
    rows, found = [], dict[str, float]()
    scripts = _scripts(arguments.ways)
    with simulated_prism() as small, dashboard(small) as (address, _), chromium() as browser:
        for path in arguments.pages:
            for way in arguments.ways:
                one = _measured(browser, address + path, scripts[way], reels[path], arguments.rounds)
                rows.append((f"{path} {way}", "  ".join(f"{name} {value:g}" for name, value in one.items())))
                found |= {f"{path} {way}: {name}": value for name, value in one.items()}
    return rows, found


def _record(paths: list[str], settle: float, seconds: float) -> dict[str, Reel]:
    with simulated_prism(*SIZES["large"]) as addresses, dashboard(addresses) as (address, _):
        time.sleep(settle)
        listeners = {path: Listener(address, VIEWS[path]) for path in paths}
        threads = [threading.Thread(target=one.listen, args=(seconds,)) for one in listeners.values()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return {path: _reel(one.messages) for path, one in listeners.items()}


def _reel(messages: list[tuple[float, str]]) -> Reel:
    """Of what was heard when."""
    times, frames = [at for at, _ in messages], [json.loads(text) for _, text in messages]
    first = last = frames[0]["props"]
    for frame in frames[1:]:
        last = {**last, **{name: apply(last.get(name, {}), change) for name, change in frame["props"].items()}}
    back = {name: delta(last[name], value) for name, value in first.items()}
    frames.append({**frames[-1], "props": {name: one for name, one in back.items() if one is not None}})
    waits = [after - before for before, after in pairwise(times)]
    texts = [_undated(frame) for frame in frames]
    return Reel(texts[0], list(zip([*waits, 0.0], texts[1:], strict=True)))


def _undated(frame: dict[str, Any]) -> str:
    """As JSON, with a word where the page is told the time, for the stand-in to put it there."""
    return json.dumps({name: "@now" if name in ("now", "sampled") else value for name, value in frame.items()})


def _scripts(ways: list[str]) -> Mapping[str, str]:
    """What a page runs before its own scripts, by way."""
    return {way: "\n".join((_library(way), f"window.benchWay = '{way}';", SCRIPT.read_text())) for way in ways}


def _library(way: str) -> str:
    """The script of a library, fetched by npm; nothing for a way that needs none."""
    if way not in LIBRARIES:
        return ""
    version, path = LIBRARIES[way]
    with tempfile.TemporaryDirectory() as folder:
        command = ("npm", "pack", "--silent", f"{way}@{version}")
        packed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        with tarfile.open(Path(folder, packed.stdout.strip())) as archive:
            archive.extractall(folder, filter="data")
        return Path(folder, "package", path).read_text(encoding="utf-8")


def _measured(browser: Browser, address: str, script: str, reel: Reel, rounds: int) -> dict[str, float]:
    with closing(browser.new_page(viewport=SCREEN)) as page:
        page.add_init_script(f"window.benchWhole = {json.dumps(reel.whole)};\n{script}")
        page.goto(address)
        for ready in (DRAWN, CHARTS):
            page.wait_for_function(ready, timeout=PATIENCE_MS)
        wire = page.context.new_cdp_session(page)
        wire.send("Performance.enable", {"timeDomain": "threadTicks"})
        found = _share(page, wire, reel)
        page.evaluate("benchHold()")
        _play(page, reel, 1)
        lost = page.evaluate("benchLost()")
        before = held(page, wire)
        _play(page, reel, rounds)
        after = held(page, wire)
    heap = {"heap_mb": round(after.heap_bytes / 1e6, 1), "grown_nodes": after.nodes - before.nodes}
    return {**found, **heap, **{name: float(value) for name, value in lost.items()}}


def _play(page: Page, reel: Reel, rounds: float, paced: bool = False) -> int:
    times = round(rounds * len(reel.changes))
    return int(
        page.evaluate("([changes, times, paced]) => benchPlay(changes, times, paced)", [reel.changes, times, paced])
    )


def _share(page: Page, wire: CDPSession, reel: Reel) -> dict[str, float]:
    """How much of the time the main thread works, and for how long for a push, at the pace of the record."""
    before, began = metrics(wire), time.monotonic()
    pushes = _play(page, reel, 1, paced=True)
    seconds, after = time.monotonic() - began, metrics(wire)
    worked = {name: after[f"{name}Duration"] - before[f"{name}Duration"] for name in ("Task", "Script", "Layout")}
    return {
        "busy_ratio": round(worked["Task"] / seconds, 4),
        "pushes_per_second": round(pushes / seconds, 2),
        **{f"{name.lower()}_ms": round(1000 * value / max(pushes, 1), 1) for name, value in worked.items()},
        "longest_task_ms": float(page.evaluate("Math.round(benchLongest)")),
    }
