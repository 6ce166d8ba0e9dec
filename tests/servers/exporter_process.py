"""Debian's Prometheus exporters of Redis, PostgreSQL and the machine."""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path

import pytest

from bench.processes import free_port
from tests.servers.process import Server, listens


class ExporterProcess(Server):
    """One exporter, reported by its environment what to read."""

    def __init__(self, home: Path, command: tuple[str, ...], environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/metrics"
        whole = ("env", *(f"{name}={value}" for name, value in environment.items()), *command,
                 f"--web.listen-address=127.0.0.1:{self.port}")  # fmt: skip
        super().__init__(whole, home, lambda: listens(self.port))

    def text(self) -> str:
        """What it exposes."""
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            return str(answer.read().decode())


def redis_exporter(home: Path, redis_url: str) -> ExporterProcess:
    return ExporterProcess(home, ("prometheus-redis-exporter",), {"REDIS_ADDR": redis_url, "PATH": os.environ["PATH"]})


def postgres_exporter(home: Path, postgres_url: str) -> ExporterProcess:
    source = {"DATA_SOURCE_NAME": f"{postgres_url}?sslmode=disable", "PATH": os.environ["PATH"]}
    return ExporterProcess(home, ("prometheus-postgres-exporter",), source)


def node_exporter(home: Path) -> ExporterProcess:
    """Fails where /sys is not mounted, as in a bare root: without it the exporter ends at its start or when read."""
    if not Path("/sys/class").is_dir():
        pytest.fail("the node exporter reads /sys, and it is not mounted here: mount -t sysfs sysfs /sys")
    return ExporterProcess(home, ("prometheus-node-exporter",), {"PATH": os.environ["PATH"]})
