from __future__ import annotations

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from simulator.prism import Prism
from simulator.servers.dex import DexTelemetry
from simulator.servers.otel import OtelMetrics
from simulator.traffic.effects import Effects, Mode, Transport
from simulator.traffic.timestamps import duration_words, rfc3339
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


def values(text: bytes) -> dict[str, float]:
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_the_collector_sends_what_it_accepts_two_spans_a_request(traffic_model: TrafficModel) -> None:
    reported = values(OtelMetrics(traffic_model, lambda: START + 60).text())
    assert reported["otelcol_receiver_accepted_spans_total"] == 2 * traffic_model.requests().sum()
    for signal in ("spans", "metric_points", "log_records"):
        gone = (
            reported[f"otelcol_exporter_sent_{signal}_total"] + reported[f"otelcol_exporter_send_failed_{signal}_total"]
        )
        assert reported[f"otelcol_receiver_accepted_{signal}_total"] == gone > 0
    assert reported["otelcol_process_uptime_seconds_total"] == 60


def test_its_queue_fills_while_the_backend_is_down(traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(transports={"signoz": Transport(Mode.DOWN)}), START)
    text = OtelMetrics(traffic_model, lambda: START + 60).text().decode()
    queue = next(
        line for line in text.splitlines() if line.startswith("otelcol_exporter_queue_size") and "traces" in line
    )
    assert float(queue.split()[-1]) > 100
    capacity = next(line for line in text.splitlines() if line.startswith("otelcol_exporter_queue_capacity"))
    assert capacity.endswith(" 1000")


def test_its_health_says_since_when(prism: Prism) -> None:
    reported = requests.get(prism.addresses()["otel_health_url"] + "/", timeout=5).json()
    assert reported["status"] == "Server available"
    assert reported["upSince"] == rfc3339(prism.traffic_model.started)


def test_discovery_names_its_own_issuer_and_a_key_to_check_with(prism: Prism) -> None:
    issuer = prism.addresses()["dex_issuer"]
    found = requests.get(issuer + "/.well-known/openid-configuration", timeout=5).json()
    assert found["issuer"] == issuer
    answer = requests.get(found["jwks_uri"], timeout=5)
    assert answer.headers["Cache-Control"] == "max-age=600, must-revalidate"
    (key,) = answer.json()["keys"]
    assert (key["kty"], key["alg"], len(key["n"])) == ("RSA", "RS256", 342)
    assert requests.get(issuer + "/healthz", timeout=5).text == "Health check passed"
    assert requests.post(issuer + "/token", timeout=5).status_code == 404


def test_dex_telemetry_is_healthy_and_counts_the_refreshes(prism: Prism, traffic_model: TrafficModel) -> None:
    url = prism.addresses()["dex_telemetry_url"]
    assert requests.get(url + "/healthz?type=short", timeout=5).json() == {"storage": "PASS"}
    assert requests.get(url + "/healthz/ready", timeout=5).json()["storage"]["contiguousFailures"] == 0
    assert requests.get(url + "/healthz/live", timeout=5).text == "ok"
    text = DexTelemetry(traffic_model, lambda: START + 600).text().decode()
    assert f'handler="/token",method="post"}} {traffic_model.auth.refreshes}\n' in text
    assert traffic_model.auth.refreshes > 0


def test_otel_and_dex_go_down_with_both_their_listeners(prism: Prism) -> None:
    reported = prism.addresses()
    for target, keys in (
        ("otel", ("otel_metrics_url", "otel_health_url")),
        ("dex", ("dex_issuer", "dex_telemetry_url")),
    ):
        prism.board.add({"fault": "source_down", "target": target})
        for key in keys:
            with pytest.raises(requests.ConnectionError):
                requests.get(reported[key], timeout=5)


@pytest.mark.parametrize(
    ("seconds", "words"), [(2.31, "2.3s"), (62.0, "1m2.0s"), (3600.0, "1h0m0.0s"), (90061.5, "25h1m1.5s")]
)
def test_durations_are_worded_as_go_does(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words
