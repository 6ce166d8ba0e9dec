from __future__ import annotations

import gzip
import shutil
import subprocess

import pytest
import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from model.catalogue import CATALOGUE
from simulator.prism import Prism
from simulator.servers.proxy import ProxyMetrics
from simulator.sockets.exposition import BucketLines, Exposition, escaped
from simulator.traffic.effects import Effects
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in parse_text(text)
        for sample in family.samples
    }


def total(samples: Samples, name: str, **labels: str) -> float:
    wanted = labels.items()
    return sum(value for (own, has), value in samples.items() if own == name and wanted <= set(has))


@pytest.fixture
def metrics(traffic_model: TrafficModel) -> ProxyMetrics:
    return ProxyMetrics(traffic_model, lambda: START + 30)


def test_every_family_that_the_catalogue_names_for_the_proxy_is_served(metrics: ProxyMetrics) -> None:
    text = metrics.text(START + 30).decode()
    for family in CATALOGUE:
        # hud_ and the probe's are those that the collector adds itself, prism_namespace_ those of a proxy that counts
        # by namespace only
        if family.source == "proxy" and not family.name.startswith(("hud_", "prism_proxy_probe_", "prism_namespace_")):
            assert f"# TYPE {family.name} " in text
            assert f"# HELP {family.name} " in text


def test_labels_are_those_of_the_catalogue(metrics: ProxyMetrics) -> None:
    known = {family.name: set(family.labels) for family in CATALOGUE}
    for family in parse_text(metrics.text(START + 30).decode()):
        for sample in family.samples:
            name = sample.name if sample.name in known else sample.name.rsplit("_", 1)[0]
            if name in known:
                assert set(sample.labels) - {"le"} == known[name]


def test_a_histograms_count_is_the_number_of_requests_and_its_inf_bucket(metrics: ProxyMetrics) -> None:
    samples = read(metrics.text(START + 30).decode())
    counts = {
        labels: value for (name, labels), value in samples.items() if name == "prism_request_duration_seconds_count"
    }
    assert len(counts) == 40
    for labels, count in counts.items():
        requested = total(samples, "prism_requests_total", **dict(labels))
        infinite = samples[("prism_request_duration_seconds_bucket", labels | {("le", "+Inf")})]
        assert count == requested == infinite > 0


def test_the_exposition_reports_what_the_books_hold(metrics: ProxyMetrics, traffic_model: TrafficModel) -> None:
    samples = read(metrics.text(START + 30).decode())
    assert total(samples, "prism_requests_total", status="error") == traffic_model.failed.sum()
    assert total(samples, "prism_authz_decisions_total", decision="allowed") == total(samples, "prism_requests_total")
    assert total(samples, "prism_auth_requests_total") == traffic_model.auth.attempts
    assert total(samples, "prism_pattern_restarts_total", pattern="nats") == 2
    assert total(samples, "prism_pattern_phase", phase="running") == 4
    assert total(samples, "process_start_time_seconds") == START


def test_published_times_subscribers_is_delivered_dropped_or_pending(metrics: ProxyMetrics) -> None:
    samples = read(metrics.text(START + 30).decode())
    for topic in ("events.user", "events.system", "logs.application", "alerts.critical"):
        due = total(samples, "prism_pubsub_published_total", topic=topic) * total(
            samples, "prism_pubsub_subscribers", topic=topic
        )
        reported = ("delivered_total", "dropped_total", "pending")
        assert due == sum(total(samples, f"prism_pubsub_{one}", topic=topic) for one in reported) > 0
        received = total(samples, "prism_pubsub_subscriber_received_total", topic=topic)
        assert received == total(samples, "prism_pubsub_delivered_total", topic=topic)
        assert received == total(samples, "prism_pubsub_delivery_duration_seconds_count", topic=topic)


def test_openmetrics_holds_the_same_figures(metrics: ProxyMetrics) -> None:
    text = read(metrics.text(START + 30).decode())
    open_text = metrics.text(START + 30, openmetrics=True).decode()
    samples = {
        (
            sample.name,
            frozenset((k, f"{float(v):g}" if k == "le" else v) for k, v in sample.labels.items()),
        ): sample.value
        for family in parse_openmetrics(open_text)  # type: ignore[no-untyped-call]
        for sample in family.samples
    }
    plain = {
        (name, frozenset((k, f"{float(v):g}" if k == "le" else v) for k, v in labels)): value
        for (name, labels), value in text.items()
    }
    assert samples == plain


def test_absent_families_leave_neither_samples_nor_help(metrics: ProxyMetrics, traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(absent=("prism_auth", "prism_request_duration")), START)
    text = metrics.text(START + 30).decode()
    assert "prism_auth" not in text
    assert "prism_request_duration" not in text
    assert "prism_requests_total{" in text


def test_label_values_are_escaped() -> None:
    assert escaped('a"b\\c\nd') == 'a\\"b\\\\c\\nd'
    out = Exposition(False, (), BucketLines())
    out.family("x", "gauge", "words", [({"name": 'quo"te\n'}, 1)])
    ((sample,),) = (family.samples for family in parse_text(out.text().decode()))
    assert sample.labels == {"name": 'quo"te\n'}


def test_format_and_compression_follow_the_request(prism: Prism) -> None:
    url = prism.addresses()["proxy_metrics_url"]
    plain = requests.get(url, headers={"Accept-Encoding": "identity"}, timeout=5)
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert "Content-Encoding" not in plain.headers
    packed = requests.get(url, headers={"Accept-Encoding": "gzip"}, timeout=5, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert b"prism_requests_total" in gzip.decompress(packed.raw.read())
    opened = requests.get(url, headers={"Accept": "application/openmetrics-text; version=1.0.0"}, timeout=5)
    assert opened.headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert opened.text.endswith("# EOF\n")
    assert requests.get(url.replace("/metrics", "/other"), timeout=5).status_code == 404


@pytest.mark.server
@pytest.mark.parametrize("key", ["proxy_metrics_url", "otel_metrics_url", "dex_telemetry_url"])
def test_promtool_finds_nothing_to_say(prism: Prism, key: str) -> None:
    promtool = shutil.which("promtool")
    assert promtool is not None, "promtool comes with Debian's prometheus"
    url = prism.addresses()[key]
    text = requests.get(url if url.endswith("/metrics") else f"{url}/metrics", timeout=5).content
    checked = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, timeout=30, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
