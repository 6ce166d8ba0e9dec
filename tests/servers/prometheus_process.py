"""Debian's Prometheus and VictoriaMetrics, which scrape what they are asked to."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.processes import free_port
from tests.servers.process import Server


class Scraper(Server):
    """Answers Prometheus' API at `url`."""

    url: str

    def ask(self, query: str, **more: str) -> list[Any]:
        """The result of an instant query."""
        asked = urllib.parse.urlencode({"query": query, "nocache": "1", **more})
        with urllib.request.urlopen(f"{self.url}/api/v1/query?{asked}", timeout=10) as answer:
            return list(json.load(answer)["data"]["result"])

    def span(self, query: str, **more: object) -> list[Any]:
        """The result of a range query."""
        asked = urllib.parse.urlencode({"query": query, "nocache": "1", **more})
        with urllib.request.urlopen(f"{self.url}/api/v1/query_range?{asked}", timeout=10) as answer:
            return list(json.load(answer)["data"]["result"])

    def number(self, query: str, **more: str) -> float:
        """The one number that a query gives."""
        (found,) = self.ask(query, **more)
        return float(found["value"][1])

    def _answers(self) -> bool:
        try:
            self.ask("vector(1)")
        except OSError:
            return False
        return True


class PrometheusProcess(Scraper):
    """A Prometheus; blocks of the past may lie in `home`/data before it starts."""

    def __init__(self, home: Path, jobs: Mapping[str, Sequence[str]], seconds: float = 1.0) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = home / "prometheus.yml"
        self.config.write_text(config(jobs, seconds))
        command = ("prometheus", f"--config.file={self.config}", f"--storage.tsdb.path={home / 'data'}",
                   "--storage.tsdb.retention.time=30d", "--web.enable-lifecycle",
                   f"--web.listen-address=127.0.0.1:{self.port}")  # fmt: skip
        super().__init__(command, home, self._answers)

    def scrape(self, jobs: Mapping[str, Sequence[str]], seconds: float = 1.0) -> None:
        """Other targets from now on."""
        self.config.write_text(config(jobs, seconds))
        request = urllib.request.Request(f"{self.url}/-/reload", method="POST")
        urllib.request.urlopen(request, timeout=10).close()


class VictoriaMetricsProcess(Scraper):
    """VictoriaMetrics as a single node that scrapes by itself."""

    def __init__(self, home: Path, jobs: Mapping[str, Sequence[str]], seconds: float = 1.0) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        (home / "scrape.yml").write_text(config(jobs, seconds))
        command = ("victoria-metrics", f"-promscrape.config={home / 'scrape.yml'}", f"-storageDataPath={home / 'data'}",
                   f"-httpListenAddr=127.0.0.1:{self.port}", "-memory.allowedPercent=5",
                   "-search.disableCache")  # fmt: skip
        super().__init__(command, home, self._answers)

    def remember(self, exposition: str) -> None:
        """Lay a past in, reported in Prometheus' text format with times in milliseconds."""
        url = f"{self.url}/api/v1/import/prometheus"
        urllib.request.urlopen(urllib.request.Request(url, exposition.encode(), method="POST"), timeout=60).close()


def config(jobs: Mapping[str, Sequence[str]], seconds: float) -> str:
    """A settings file, JSON being YAML too. Targets are host:port."""
    scrapes = [
        {"job_name": job, "static_configs": [{"targets": list(targets)}]} for job, targets in jobs.items() if targets
    ]
    return json.dumps({"global": {"scrape_interval": f"{1000 * seconds:.0f}ms"}, "scrape_configs": scrapes})


def make_blocks(home: Path, exposition: str) -> None:
    """Lay a past, reported as OpenMetrics with times, into a Prometheus that has not been started yet."""
    text = home / "past.om"
    text.write_text(exposition)
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(text), str(home / "data")]
    subprocess.run(command, check=True, capture_output=True)
    text.unlink()
