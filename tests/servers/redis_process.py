"""A real redis-server."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bench.processes import free_port
from tests.servers.process import Server, listens, program


class RedisProcess(Server):
    """Without persistence. `options` are of its command line, `at` is its file of settings, which a Sentinel wants."""

    def __init__(self, home: Path, *options: str, at: Path | None = None) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        first = ("redis-server", *([str(at)] if at else []))
        command = (*first, "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", *options)
        super().__init__(command, home, lambda: listens(self.port))

    def cli(self, *arguments: str) -> str:
        """What redis-cli answers."""
        command = [program("redis-cli"), "-p", str(self.port), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout

    def info(self) -> dict[str, str]:
        """What `redis-cli INFO all` says."""
        pairs = (line.partition(":") for line in self.cli("INFO", "all").splitlines())
        return {name: value.strip() for name, colon, value in pairs if colon}
