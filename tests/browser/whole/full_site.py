"""The whole dashboard on a simulated Prism of its own, with handles to break it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.processes import free_port, sources
from tests.patience import LONG_SECONDS, until_served

ROOT = Path(__file__).parents[3]


class Whole:
    """`python app.py` beside `python -m simulator`."""

    def __init__(self, cache: Path) -> None:
        self._ending = ExitStack()
        self.addresses: dict[str, Any] = {}
        self.simulator = self._simulate("--ports", "free")
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self._environment = {
            **os.environ,
            **sources(self.addresses),
            "HUD_PORT": str(self.port),
            "HUD_CACHE_DIR": str(cache),
        }
        self.start()

    def start(self) -> None:
        """Start the dashboard, and wait until it is ready."""
        self.web = self._run([sys.executable, "app.py"], env=self._environment)
        until_served(f"{self.address}readyz", self.web)
        self.ready_at = time.time()

    def start_simulator(self) -> None:
        """Start the simulated Prism again, where it was."""
        self.simulator = self._simulate("--ports-from", json.dumps(self.addresses))

    def fault(self, **wish: Any) -> None:
        """Inject a fault."""
        body = json.dumps(wish).encode()
        request = urllib.request.Request(
            f"{self.addresses['control_url']}/faults", body, {"Content-Type": "application/json"}, method="POST"
        )
        urllib.request.urlopen(request, timeout=LONG_SECONDS).close()

    def clear(self) -> None:
        """Clear all faults."""
        request = urllib.request.Request(f"{self.addresses['control_url']}/faults", method="DELETE")
        urllib.request.urlopen(request, timeout=LONG_SECONDS).close()

    def collector(self) -> int:
        """The process id of the collector that the dashboard looks after; 0 while there is none."""
        children = Path(f"/proc/{self.web.pid}/task").glob("*/children")
        return next((int(pid) for file in children for pid in file.read_text().split()), 0)

    def stop(self) -> None:
        """End every process."""
        self._ending.close()

    def _simulate(self, *options: str) -> subprocess.Popen[str]:
        process = self._run([sys.executable, "-m", "simulator", "--past", "0", *options], stdout=subprocess.PIPE)
        assert process.stdout is not None
        self.addresses = json.loads(process.stdout.readline())
        return process

    def _run(self, command: list[str], **options: Any) -> subprocess.Popen[str]:
        process: subprocess.Popen[str] = subprocess.Popen(command, cwd=ROOT, text=True, **options)

        def end() -> None:
            process.send_signal(signal.SIGTERM)
            process.wait(15)
            if process.stdout is not None:
                process.stdout.close()

        self._ending.callback(end)
        return process
