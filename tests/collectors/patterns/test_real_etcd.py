"""A real etcd as a foreign health server: read as a pattern's target, visited by --check, killed, paused, restarted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collectors.check.report import check
from collectors.patterns.launcher import LauncherCollector
from collectors.patterns.pattern import PatternCollector
from model.series import Scrape
from model.settings import Settings, SourceOptions
from model.sources import CollectError, ErrorKind
from tests.servers.etcd_process import EtcdProcess
from tests.servers.process import running
from tests.servers.watch import watched

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=1.0)
PATIENT = SourceOptions(interval_seconds=1.0, timeout_seconds=10.0)
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def etcd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdProcess]:
    with running(EtcdProcess(tmp_path_factory.mktemp("etcd"))) as server:
        yield server


def status_of(scrape: Scrape) -> tuple[str | None, str | None]:
    """The status that holds, and the service that reported it."""
    return next(
        (one.series.label("status"), one.series.label("service"))
        for one in scrape.samples()
        if one.series.name == "prism_pattern_status" and one.value == 1.0
    )


def read(target: str) -> Scrape:
    one = PatternCollector("etcd", target, PATIENT)
    try:
        return one.collect(lambda: 1_790_000_000.0)
    finally:
        one.close()


def test_a_server_that_knows_only_itself_is_there_but_says_nothing_of_the_pattern(etcd: EtcdProcess) -> None:
    assert status_of(read(etcd.target)) == ("UNKNOWN", "grpc.health.v1")


def test_where_the_settings_name_the_whole_its_word_is_taken(etcd: EtcdProcess) -> None:
    assert status_of(read(f"{etcd.target}/")) == ("HEALTHY", "grpc.health.v1")


def test_a_service_that_it_does_not_know_is_not_offered(etcd: EtcdProcess) -> None:
    with pytest.raises(CollectError) as caught:
        read(f"{etcd.target}/etcdserverpb.KV")
    assert caught.value.kind is ErrorKind.NOT_OFFERED
    assert "etcdserverpb.KV" in caught.value.detail


def test_it_is_no_launcher(etcd: EtcdProcess) -> None:
    one = LauncherCollector(etcd.target, PATIENT)
    with pytest.raises(CollectError) as caught:
        one.collect(lambda: 1_790_000_000.0)
    one.close()
    assert caught.value.kind is ErrorKind.NOT_OFFERED


def test_the_check_reads_it_too(etcd: EtcdProcess) -> None:
    found = check(Settings(proxy_metrics_url=[], signoz_api_url="", admin_api_url="",
                           pattern_health_targets=[f"etcd={etcd.target}/"]))  # fmt: skip
    row = next(line for line in found.lines if line.startswith("patterns"))
    assert f"etcd at {etcd.target}/" in row
    assert "gRPC (grpc.health.v1)" in row
    assert (found.status, found.lines[-1]) == (0, "Next: all set: make dashboard-run")


def test_metrics_of_another_program_fill_nothing_of_a_proxy(etcd: EtcdProcess) -> None:
    found = check(Settings(proxy_metrics_url=[f"http://{etcd.target}/metrics"], signoz_api_url="", admin_api_url=""))
    missing = "\n".join(found.lines)
    assert "Success rate" in missing
    assert "Proxy memory" in missing


def test_killed_paused_and_restarted_its_state_is_right_in_time_and_others_are_left_alone(
    etcd: EtcdProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with running(EtcdProcess(tmp_path_factory.mktemp("other"))) as calm:
        one, other = (
            PatternCollector("etcd", f"{etcd.target}/", OPTIONS),
            PatternCollector("calm", calm.target, OPTIONS),
        )
        with watched(one, other) as watch:
            watch.until(one, None)
            etcd.pause()
            watch.until(one, ErrorKind.TIMED_OUT)
            etcd.resume()
            watch.until(one, None)
            etcd.kill()
            watch.until(one, ErrorKind.DOWN)
            etcd.start()
            watch.until(one, None)
            assert status_of(watch.scrapes[f"patterns@{etcd.target}"]) == ("HEALTHY", "grpc.health.v1")
            watch.until(other, None)
            assert watch.events == []
