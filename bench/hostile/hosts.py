"""Two hosts behind nginx on one Redis: how long viewers see nothing while each kind of process is killed at random.

Everything is started as the Procfile, deploy/nginx.conf and Debian's Redis do it, each kept by a process manager.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise
from pathlib import Path

from bench.fronts import nginx, replaced
from bench.hostile.restart import Kept
from bench.hostile.viewer import Viewer
from bench.processes import ROOT, collector_command, free_port, procfile, simulated_prism, sources, tree, wait_ready
from bench.report import Metrics, Rows

QUICK_OPTIONS = ("--times", "1", "--viewers", "50")
SETTLED_SECONDS, WATCHED_SECONDS = 5.0, 7.0
STOP_SECONDS = 20.0
READS = (
    "import hud, json; print(json.dumps([one.timestamp() for one in hud.frame('prism_requests_total', '1h').index]))"
)


def options(parser: argparse.ArgumentParser) -> None:
    """How often each kind is killed, how many look on, and the order of the kills."""
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """The longest time without a frame of any viewer by what was killed; minutes without a read; who wrote."""
    rng, worst = random.Random(arguments.seed), dict.fromkeys(KINDS, 0.0)
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as home, _site(Path(home)) as site:
        viewers = [Viewer(site.front) for _ in range(arguments.viewers)]
        began = time.time()
        time.sleep(SETTLED_SECONDS)
        kills = [kind for kind in KINDS for _ in range(arguments.times)]
        rng.shuffle(kills)
        for kind in kills:
            worst[kind] = max(worst[kind], _gap(viewers, lambda kind=kind: site.kill(kind, rng)))  # type: ignore[misc]
        ended = time.time()
        reads, elections = site.reads(), site.elections()
        blind = sum(not one.frames for one in viewers)
        for one in viewers:
            one.close()
    minutes = range(int(began // 60) + 1, int(ended // 60))
    lost = len(set(minutes) - {int(one // 60) for one in reads})
    rows = [(f"blind: {kind}", f"{value:6.2f} s") for kind, value in worst.items()]
    return rows, {
        "viewers": arguments.viewers,
        "kills": len(kills),
        "viewer_gap_max": round(max(worst.values()), 3),
        "viewers_without_a_frame": blind,
        "minutes_lost": lost,
        "read_gap_max": round(max((after - one for one, after in pairwise(reads)), default=0.0), 3),
        "elections": elections,
    }


KINDS = ("web worker", "web parent", "leading collector", "waiting collector", "redis", "nginx")


class Site:
    """Every process, by name; `front` is where viewers come in."""

    def __init__(self, kept: Mapping[str, Kept], front: str, redis: int, environment: Mapping[str, str]) -> None:
        self._kept, self.front, self._redis, self._environment = kept, front, redis, environment

    def kill(self, kind: str, rng: random.Random) -> None:
        """One process of that kind ends at once; nginx with its workers, as the unit that it is to systemd."""
        pid = self._pid(kind, rng.choice(("one", "two")))
        for one in tree([pid]) if kind == "nginx" else {pid}:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)

    def _pid(self, kind: str, host: str) -> int:
        if kind.startswith("web"):
            parent = self._kept[f"web {host}"].pid
            return parent if kind == "web parent" else min(tree([parent]) - {parent}, default=parent)
        if kind.endswith("collector"):
            leads = self._redis_says("GET", "{hud}:leader")
            ours = {self._kept[f"collector {one}"].pid for one in ("one", "two")}
            leading = {pid for pid in ours if f"pid {pid} " in leads} or ours
            return min(leading if kind.startswith("leading") else (ours - leading or ours))
        return self._kept[kind].pid

    def elections(self) -> int:
        """How often a collector was elected."""
        return int(self._redis_says("GET", "{hud}:elections") or 0)

    def reads(self) -> list[float]:
        """When the proxy was read, of what the store holds."""
        done = subprocess.run(
            [sys.executable, "-c", READS],
            cwd=ROOT,
            env=dict(self._environment),
            capture_output=True,
            text=True,
            check=True,
        )
        return [float(one) for one in json.loads(done.stdout.splitlines()[-1])]

    def _redis_says(self, *command: str) -> str:
        asked = ["redis-cli", "-p", str(self._redis), *command]
        return subprocess.run(asked, capture_output=True, text=True, check=False, timeout=30).stdout.strip()


def _gap(viewers: list[Viewer], kill: Callable[[], None]) -> float:
    began = time.monotonic()
    kill()
    time.sleep(WATCHED_SECONDS)
    return max(one.longest_gap(began) for one in viewers)


@contextmanager
def _site(home: Path) -> Iterator[Site]:
    for name in ("redis-server", "redis-cli", "nginx"):
        if shutil.which(name) is None:
            raise SystemExit(f"bench hosts needs {name}")
    redis, front, ports = free_port(), free_port(), {"one": free_port(), "two": free_port()}
    with ExitStack() as closing:
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            **sources(closing.enter_context(simulated_prism())),
            "HUD_STORE": f"redis://127.0.0.1:{redis}/0",
            "HUD_TRUSTED_PROXIES": "127.0.0.1",
            "HUD_URL_PREFIX": "/hud/",
        }
        kept: dict[str, Kept] = {}

        def keep(name: str, command: list[str], **extra: str) -> None:
            kept[name] = Kept(command, environment | extra)
            closing.callback(kept[name].close)

        keep("redis", ["redis-server", "--bind", "127.0.0.1", "--port", str(redis), "--save", "", "--appendonly", "yes",
                       "--dir", str(home), "--logfile", str(home / "redis.log")])  # fmt: skip
        for host, port in ports.items():
            own = {"HUD_PORT": str(port), "HUD_CACHE_DIR": str(home / host), "HUD_SUPERVISE_COLLECTOR": "false"}
            keep(f"web {host}", procfile("web"), **own)
            keep(f"collector {host}", collector_command("--wait"), **own)
        keep("nginx", nginx(home, _front(front, list(ports.values()))))
        for port in ports.values():
            wait_ready(f"http://127.0.0.1:{port}/hud", 2 * STOP_SECONDS)
        yield Site(kept, f"http://127.0.0.1:{front}/hud", redis, environment)


def _front(front: int, ports: list[int]) -> str:
    """deploy/nginx.conf without its certificate, in front of both hosts."""
    text = replaced(ROOT / "deploy" / "nginx.conf", {
        "server 127.0.0.1:8095;": " ".join(f"server 127.0.0.1:{port};" for port in ports),
        "listen 443 ssl http2;": f"listen 127.0.0.1:{front};", "hud.example.com": "localhost",
    })  # fmt: skip
    return "\n".join(line for line in text.splitlines() if "ssl_certificate" not in line)
