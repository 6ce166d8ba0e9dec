"""Debian's node exporter: thousands of foreign bytes, read by our parser as Prometheus reads them; no proxy of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collectors.check.report import check
from collectors.exposition.naming import Naming
from collectors.exposition.parser import ExpositionCache, parse_exposition
from collectors.proxy.metrics import ProxyCollector
from model.settings import Aliases, Settings, SourceOptions
from model.sources import ErrorKind
from tests.patience import until
from tests.servers.exporter_process import ExporterProcess, node_exporter
from tests.servers.process import running
from tests.servers.prometheus_process import PrometheusProcess
from tests.servers.watch import watched

pytestmark = pytest.mark.server

CONSTANT = ("node_boot_time_seconds", "node_memory_MemTotal_bytes", "node_exporter_build_info", "node_uname_info",
            "node_filefd_maximum", "node_network_mtu_bytes", "node_network_transmit_queue_length",
            "process_max_fds", "go_info")  # fmt: skip
"""Families whose values do not change while the machine runs."""
Reported = dict[tuple[tuple[str, str], ...], float]


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExporterProcess]:
    with running(node_exporter(tmp_path_factory.mktemp("node"))) as server:
        yield server


@pytest.fixture(scope="module")
def prometheus(exporter: ExporterProcess, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusProcess]:
    jobs = {"node": [f"127.0.0.1:{exporter.port}"]}
    with running(PrometheusProcess(tmp_path_factory.mktemp("prometheus"), jobs)) as server:
        until(lambda: bool(server.ask("node_boot_time_seconds")))
        yield server


def parsed(exporter: ExporterProcess) -> tuple[Reported, int]:
    """What we read of it, and how many lines we could not."""
    found = parse_exposition(exporter.text(), ExpositionCache(Naming("node", Aliases())))
    named = ((("__name__", one.name), *(pair for pair in one.labels if pair[0] != "instance")) for one in found.series)
    return {tuple(sorted(one)): value for one, value in zip(named, found.values, strict=True)}, found.skipped


def scraped(prometheus: PrometheusProcess, name: str) -> Reported:
    """What Prometheus read of it."""
    return {
        tuple(sorted((key, text) for key, text in one["metric"].items() if key not in ("job", "instance"))): float(
            one["value"][1]
        )
        for one in prometheus.ask(name)
    }


def test_we_read_as_many_series_as_prometheus_does(exporter: ExporterProcess, prometheus: PrometheusProcess) -> None:
    assert parsed(exporter)[1] == 0
    # Devices come and go: equal at some instant.
    until(lambda: prometheus.number("scrape_samples_scraped") == len(parsed(exporter)[0]))


def test_what_is_constant_has_the_value_that_prometheus_read(
    exporter: ExporterProcess, prometheus: PrometheusProcess
) -> None:
    ours, _ = parsed(exporter)
    constant = {key: value for key, value in ours.items() if dict(key)["__name__"] in CONSTANT}
    assert len(constant) >= len(CONSTANT) - 2, "not every machine has every one"

    def theirs() -> Reported:
        return {key: value for name in CONSTANT for key, value in scraped(prometheus, name).items()}

    until(lambda: theirs() == constant, lambda: f"{theirs()} instead of {constant}")  # a scrape may fail once


def test_the_check_says_what_it_is_and_takes_nothing_of_it_for_a_proxys(exporter: ExporterProcess) -> None:
    found = check(Settings(proxy_metrics_url=[exporter.url], signoz_api_url="", admin_api_url=""))
    row = next(line for line in found.lines if line.startswith("proxy"))
    assert "HTTP, of something else" in row
    assert "process_cpu_seconds_total" not in row
    assert "prism_requests_total" not in row
    assert any("node exporter" in line for line in found.lines), found.lines
    assert found.lines[-1] != "Next: all set: make dashboard-run"


def test_killed_paused_and_restarted_it_is_reported_in_time(exporter: ExporterProcess) -> None:
    one = ProxyCollector(exporter.url, SourceOptions(interval_seconds=1.0, timeout_seconds=1.0), Aliases())
    with watched(one) as watch:
        watch.until(one, None)
        exporter.pause()
        watch.until(one, ErrorKind.TIMED_OUT)
        exporter.resume()
        watch.until(one, None)
        exporter.kill()
        watch.until(one, ErrorKind.DOWN)
        exporter.start()
        watch.until(one, None)
        assert watch.events == []
