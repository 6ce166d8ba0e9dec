"""How long viewers are blind while a process of the dashboard is reloaded, killed or hangs and is started again."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.hostile.viewer import Viewer
from bench.processes import ROOT, collector_command, free_port, procfile, simulated_prism, sources, tree, wait_ready
from bench.report import Metrics, Rows

RESTART_SECONDS = 0.1
"""What a process manager waits before it starts again what has ended (systemd's RestartSec)."""
SETTLED_SECONDS = 3.0
AGE = re.compile(r'^hud_source_age_seconds{[^}]*source="proxy"[^}]*} (\S+)$', re.MULTILINE)


class Kept:
    """A command that is started again whenever it ends, as a process manager does."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._closing = threading.Event()
        self.process = self._start()
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process's id just now."""
        return self.process.pid

    def close(self) -> None:
        """End it, and leave it ended."""
        self._closing.set()
        self.process.terminate()
        self._thread.join(20)

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT, env=dict(self._environment), stderr=subprocess.DEVNULL)

    def _keep(self) -> None:
        while True:
            self.process.wait()
            if self._closing.wait(RESTART_SECONDS):
                return
            self.process = self._start()


def options(parser: argparse.ArgumentParser) -> None:
    """How often each is tried, and how many look on."""
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--viewers", type=int, default=5)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """The longest time without a frame of any viewer, per kind of event."""
    worst: dict[str, float] = {}
    with simulated_prism() as addresses, _kept(sources(addresses)) as (address, web, collector):
        viewers = [Viewer(address) for _ in range(arguments.viewers)]
        for name, strike in _strikes(web, collector).items():
            worst[name] = max(_gap(viewers, address, name, strike) for _ in range(arguments.times))
        for one in viewers:
            one.close()
    kills = [value for name, value in worst.items() if name.startswith("kill") and name != "kill collector"]
    rows = [(f"blind: {name}", f"{value:6.2f} s") for name, value in worst.items()]
    return rows, {
        "reload_blind_seconds": round(worst["reload"], 3),
        "kill_blind_max_seconds": round(max(kills), 3),
        "hang_blind_seconds": round(worst["hang"], 3),
        "collector_stale_seconds": round(worst["kill collector"], 3),
    }


def _strikes(web: Kept, collector: Kept) -> dict[str, Callable[[], None]]:
    def worker() -> int:
        return min(tree([web.pid]) - {web.pid})

    return {
        "reload": lambda: os.kill(web.pid, signal.SIGHUP),
        "kill worker": lambda: os.kill(worker(), signal.SIGKILL),
        "kill parent": lambda: os.kill(web.pid, signal.SIGKILL),
        "terminate parent": lambda: os.kill(web.pid, signal.SIGTERM),
        "hang": lambda: os.kill(worker(), signal.SIGSTOP),
        "kill collector": lambda: os.kill(collector.pid, signal.SIGKILL),
    }


def _gap(viewers: list[Viewer], address: str, name: str, strike: Callable[[], None]) -> float:
    wait_ready(address)
    time.sleep(SETTLED_SECONDS)
    began = time.monotonic()
    strike()
    if name == "kill collector":
        return _stale(address, began)
    time.sleep(SETTLED_SECONDS + (10.0 if name == "hang" else 2.0))
    return max(one.longest_gap(began) for one in viewers)


def _stale(address: str, began: float) -> float:
    """How long until the proxy was read after `began` (monotonic seconds)."""
    while True:
        with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
            ages = AGE.findall(answer.read().decode())
        waited = time.monotonic() - began
        if ages and min(map(float, ages)) < waited:
            return waited
        time.sleep(0.05)


@contextmanager
def _kept(given: Mapping[str, str]) -> Iterator[tuple[str, Kept, Kept]]:
    """Web and collector, each under a manager; gives the dashboard's address and both."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as cache:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"HUD_PORT": str(port), "HUD_CACHE_DIR": cache, "HUD_SUPERVISE_COLLECTOR": "false"}
        environment = {**os.environ, "PATH": path, **given, **own}
        kept = [Kept(one, environment) for one in (procfile("web"), collector_command())]
        try:
            wait_ready(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}", kept[0], kept[1]
        finally:
            for one in kept:
                one.close()
