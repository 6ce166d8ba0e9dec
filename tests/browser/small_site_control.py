"""Starts, kills and breaks the little live site."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from bench.processes import free_port
from tests.patience import LONG_SECONDS, until_served

ROOT = Path(__file__).parent.parent.parent


class SmallSite:
    """The site on one port, which it keeps when it is started again."""

    def __init__(self) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        script = str(Path(__file__).parent / "small_site.py")
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen([sys.executable, script, str(self.port)], env=environment)
        until_served(self.address, self._process)

    def control(self, wish: str) -> None:
        """Let something go wrong, or right again."""
        request = urllib.request.Request(f"{self.address}control?{wish}", b"", method="POST")
        urllib.request.urlopen(request, timeout=LONG_SECONDS).close()

    def kill(self) -> None:
        """As if the machine were gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Whatever its state."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
