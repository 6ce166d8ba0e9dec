"""Real web servers in processes of their own, and a websocket client that can be slow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.patience import until_served

ROOT = Path(__file__).parent.parent.parent
HERE = Path(__file__).parent
WORKER = "web.processes.gunicorn_worker.Worker"


def get_json(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=5) as answer:
        return json.load(answer)


class Site:
    """A server process and its address."""

    def __init__(self, command: list[str], port: int, folder: Path = HERE, **extra: str) -> None:
        self.port = port
        self.settings = extra
        self.address = f"http://127.0.0.1:{port}"
        path = os.pathsep.join([str(ROOT), str(HERE)])
        self.process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": path, **extra}, stderr=subprocess.PIPE, text=True
        )

    def wait(self, path: str = "/stats") -> None:
        until_served(self.address + path, self.process)

    def stop(self) -> float:
        """SIGTERM; how many seconds it took to leave."""
        began = time.monotonic()
        self.process.terminate()
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        return time.monotonic() - began


def alone(port: int) -> list[str]:
    return [sys.executable, str(HERE / "fake_site.py"), str(port)]


def gunicorn(port: int, workers: int = 1, threads: int = 4) -> list[str]:
    return [
        *(sys.executable, "-OO", "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", WORKER),
        *("--workers", str(workers), "--threads", str(threads), "--no-control-socket", "--preload"),
        *("--log-level", "warning", "--graceful-timeout", "1", "fake_site:server"),
    ]
