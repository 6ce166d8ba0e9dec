"""Metrics of another program than the one that was named are said to be its, wherever they are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collectors.build import build_collectors
from model.settings import Settings
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, HttpServer, Reply

Http = Callable[[Answers], HttpServer]
METRICS = {
    "a Prometheus": "prometheus_tsdb_head_series 1",
    "prism-admin": "prism_admin_raft_term 1",
    "an OTel Collector": "otelcol_process_uptime 1",
    "an exporter of PostgreSQL": "pg_up 1",
    "another Prism HUD": "hud_source_success 1",
    "Grafana": "grafana_build_info 1\ncortex_experimental_features_in_use_total 0",
    "Promtail": "promtail_targets_active_total 1\ncortex_experimental_features_in_use_total 0",
    "a VictoriaMetrics": "vm_rows 1\nvm_app_version 1",
    "vmagent": "vm_app_version 1\nvmagent_remotewrite_conns 1",
    "vmalert": "vm_app_version 1\nvmalert_config_last_reload_successful 1",
    "a Prometheus in agent mode": "prometheus_agent_active_series 1\nprometheus_build_info 1",
    "CockroachDB": "liveness_livenodes 3\nsys_uptime 5",
    "Dragonfly": "dragonfly_connected_clients 5",
    "Thanos": "prometheus_tsdb_head_series 1\nthanos_build_info 1",
    "an exporter of PgBouncer": "pgbouncer_up 1",
    "a Pushgateway": "pushgateway_build_info 1\npush_time_seconds 1",
}
OWN = {
    "proxy_metrics_url": "",
    "admin_metrics_url": "prism-admin",
    "otel_metrics_url": "an OTel Collector",
    "redis_exporter_urls": "",
    "postgres_exporter_urls": "an exporter of PostgreSQL",
}
MANY = ("proxy_metrics_url", "redis_exporter_urls", "postgres_exporter_urls")


def refused(setting: str, url: str) -> CollectError:
    given = {"proxy_metrics_url": [], "signoz_api_url": "", "admin_api_url": ""}
    (one,) = build_collectors(Settings(**{**given, setting: [url] if setting in MANY else url}))
    with pytest.raises(CollectError) as caught:
        one.collect(lambda: 100.0)
    one.close()
    return caught.value


@pytest.mark.parametrize("setting", OWN)
def test_whose_metrics_they_are_is_said_whichever_setting_names_them(http: Http, setting: str) -> None:
    text = ""
    server = http(lambda asked: Reply(200, text.encode()))
    for who, line in METRICS.items():
        if who != OWN[setting]:
            text = f"process_resident_memory_bytes 5\ngo_goroutines 3\n{line}\n"
            error = refused(setting, f"{server.url}/metrics")
            assert error.kind is ErrorKind.WRONG_PROTOCOL
            assert f"these are the metrics of {who}" in error.detail


@pytest.mark.parametrize("setting", [one for one in OWN if one != "proxy_metrics_url"])
def test_metrics_of_nobody_known_are_said_to_be_of_something_else(http: Http, setting: str) -> None:
    server = http(lambda asked: Reply(200, b"process_resident_memory_bytes 5\nshop_orders_total 3\n"))
    error = refused(setting, f"{server.url}/metrics")
    assert error.kind is ErrorKind.WRONG_PROTOCOL
    assert error.detail.startswith("metrics of something else: ")
