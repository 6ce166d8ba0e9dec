"""prism-admin's metrics: the names' traps, and answers of something else on its port."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from collectors.admin.metrics import AdminMetricsCollector
from collectors.admin.namespaces import AdminCollector
from model.catalogue import BY_NAME
from model.series import Kind, Scrape
from model.settings import Aliases, SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, HttpServer, Reply

Http = Callable[[Answers], HttpServer]
OPTIONS = SourceOptions(interval_seconds=5.0, timeout_seconds=2.0)
RECORDED = (Path(__file__).parents[1] / "recorded" / "prism_admin.txt").read_bytes()


def read(url: str, aliases: Aliases | None = None) -> Scrape:
    one = AdminMetricsCollector(url, OPTIONS, aliases or Aliases())
    try:
        return one.collect(lambda: 1_790_000_000.0)
    finally:
        one.close()


def answered(body: bytes) -> Answers:
    return lambda asked: Reply(200, body, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8; escaping=values"})


def values(scrape: Scrape) -> dict[str, float]:
    return {one.series.name: one.value for one in scrape.samples() if len(one.series.labels) == 1}


@pytest.mark.parametrize("path", ["/metrics", "", "/health", "/anything"])
def test_it_is_read_at_any_path_since_it_answers_them_all_alike(http: Http, path: str) -> None:
    reported = values(read(http(answered(RECORDED)).url + path))
    assert reported["prism_admin_raft_state"] == 2.0
    assert reported["prism_admin_admin_namespaces_total"] == 15.0


def test_a_gauge_named_total_stays_a_gauge(http: Http) -> None:
    kinds = {series.name: series.kind for series in read(http(answered(RECORDED)).url).series}
    assert kinds["prism_admin_admin_namespaces_total"] is Kind.GAUGE
    assert kinds["prism_admin_fsm_commands_total"] is Kind.COUNTER
    assert kinds["prism_admin_fsm_command_duration_seconds_bucket"] is Kind.HISTOGRAM


def test_its_process_is_never_taken_for_the_proxys(http: Http) -> None:
    scrape = read(http(answered(RECORDED)).url)
    reported = values(scrape)
    assert reported["prism_admin_process_resident_memory_bytes"] == 3.1301632e07
    assert reported["prism_admin_go_goroutines"] == 24.0
    proxys = {name for name, family in BY_NAME.items() if family.source == "proxy"}
    assert not {series.name for series in scrape.series} & proxys
    assert {series.label("instance") for series in scrape.series} == {scrape.instance}


def test_a_runtimes_other_families_are_left_out(http: Http) -> None:
    more = b'go_gc_duration_seconds_count 7\npromhttp_metric_handler_requests_total{code="200"} 9\n'
    names = {series.name for series in read(http(answered(RECORDED + more)).url).series}
    assert all(name.startswith("prism_admin_") for name in names)
    assert not any("gc_duration" in name or "promhttp" in name for name in names)


def test_a_name_of_another_version_is_mapped_in_the_settings(http: Http) -> None:
    body = RECORDED.replace(b"prism_admin_raft_state", b"prism_raft_state")
    aliases = Aliases(metrics={"prism_raft_state": "prism_admin_raft_state"})
    assert values(read(http(answered(body)).url, aliases))["prism_admin_raft_state"] == 2.0


def test_metrics_of_something_else_on_its_port_are_the_wrong_ones(http: Http) -> None:
    server = http(answered(b"go_goroutines 7\nprocess_open_fds 3\nprometheus_tsdb_head_series 1\n"))
    with pytest.raises(CollectError) as caught:
        read(server.url)
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL
    assert "the metrics of a Prometheus; its address belongs in PROMETHEUS_URL" in caught.value.detail


def test_its_metrics_are_no_admin_api_though_every_path_answers_200(http: Http) -> None:
    api = AdminCollector(http(answered(RECORDED)).url, OPTIONS)
    with pytest.raises(CollectError) as caught:
        api.collect(lambda: 1_790_000_000.0)
    api.close()
    assert (caught.value.kind, caught.value.detail) == (
        ErrorKind.WRONG_PROTOCOL, "answered metrics text, not JSON"
    )  # fmt: skip
