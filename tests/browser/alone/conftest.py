"""One dashboard without any setting for all tests of this folder: it reads the simulated Prism beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.processes import free_port
from tests.patience import until_served

ROOT = Path(__file__).parents[3]
SOURCES = ("PROXY_METRICS_URL", "SIGNOZ_API_URL", "ADMIN_API_URL", "PATTERN_HEALTH_TARGETS", "OTEL_METRICS_URL",
           "OTEL_HEALTH_URL", "DEX_ISSUER_URL", "DEX_TELEMETRY_URL", "ALERTMANAGER_URL")  # fmt: skip


@pytest.fixture(scope="package")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`python app.py` without any source configured."""
    port, home = free_port(), tmp_path_factory.mktemp("alone")
    environment = {name: value for name, value in os.environ.items() if name not in SOURCES} | {
        "HUD_PORT": str(port),
        "HUD_CACHE_DIR": str(home / "store"),
    }
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        until_served(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)
