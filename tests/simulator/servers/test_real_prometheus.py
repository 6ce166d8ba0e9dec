"""A real Prometheus scrapes the simulated proxy, and agrees with the simulator's own books."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bench.processes import free_port, simulated_prism
from tests.patience import until

CONFIG = """
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: prism
    static_configs: [{targets: ['%s']}]
"""


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    with simulated_prism() as addresses:
        (tmp_path / "prometheus.yml").write_text(CONFIG % urlsplit(addresses["proxy_metrics_url"]).netloc)
        port = free_port()
        process = subprocess.Popen(
            ["prometheus", "--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}"],
            cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}", addresses
        finally:
            process.terminate()
            process.wait(timeout=20)


def ask(address: str, query: str) -> list[Any]:
    """The answer to an instant query; empty while the server is starting."""
    try:
        found = fetch(f"{address}/api/v1/query?{urllib.parse.urlencode({'query': query})}")["data"]["result"]
    except OSError:
        return []
    return list(found)


def ask_until(address: str, query: str) -> list[Any]:
    found: list[Any] = []

    def answered() -> bool:
        found[:] = ask(address, query)
        return bool(found)

    until(answered, lambda: f"{query} has no answer", pause=0.1)
    return found


@pytest.mark.server
def test_a_real_prometheus_scrapes_the_simulator(prometheus: tuple[str, dict[str, Any]]) -> None:
    address, _ = prometheus
    assert ask_until(address, "up == 1")
    # The first seconds of a rate are low, since the window is not yet covered.
    (total,) = ask_until(address, "sum(rate(prism_requests_total[4s])) > 6000")
    assert float(total["value"][1]) < 12_000
    assert not ask(address, "sum(prism_request_duration_seconds_count) != sum(prism_requests_total)")
