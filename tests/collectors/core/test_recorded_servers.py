"""What real servers answered to our own questions, byte for byte, read as our collectors read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest

from collectors.alerting.alertmanager import AlertmanagerCollector
from collectors.core.timestamps import to_epoch
from collectors.patterns.pattern import PatternCollector
from collectors.prometheus.api import PrometheusApi
from collectors.prometheus.collector import PrometheusCollector
from collectors.prometheus.query import STAMP
from collectors.prometheus.range_rows import STEP_SECONDS, Part, RangeRows
from collectors.prometheus.target_discovery import TargetDiscovery
from collectors.prometheus.target_kinds import KINDS
from model.prometheus import PrometheusOptions
from model.settings import Aliases, SourceOptions
from model.sources import CollectError, ErrorKind
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

RECORDED = Path(__file__).parents[1] / "recorded"
OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=5.0)
SERVERS = ("prometheus", "victoria_metrics")
Http = Callable[[Answers], HttpServer]


def answer(name: str) -> Reply:
    return Reply(200, (RECORDED / name).read_bytes(), {"Content-Type": "application/json"})


def result(name: str) -> Any:
    """The series of a recorded answer."""
    return json.loads((RECORDED / name).read_bytes())["data"]["result"]


def api(http: Http, reply: Reply) -> PrometheusApi:
    one = PrometheusApi(http(lambda _: reply).url, timeout_seconds=5.0, max_bytes=10**7, headers={}, access=OPTIONS)
    one.begin()
    return one


@pytest.mark.parametrize("server", SERVERS)
def test_every_target_is_known_for_what_it_is_and_its_values_are_those_in_the_answer(http: Http, server: str) -> None:
    series = result(f"{server}_query.json")

    def replay(asked: Asked) -> Reply:
        return answer(f"{server}_targets.json" if asked.path == "/api/v1/targets" else f"{server}_query.json")

    collector = PrometheusCollector(
        http(replay).url, OPTIONS, PrometheusOptions(history_hours=0), KINDS, Aliases()
    )  # fmt: skip
    own = collector.collect(lambda: float(series[0]["value"][0]))
    collector.close()
    counts = {one.series.label("kind"): one.value for one in own.samples()}
    assert counts == {"proxy": 2.0, "otel": 1.0, "dex": 1.0, "admin_metrics": 0.0}
    reported = {one.state.source: one for one in collector.reported() if one.scrape is not None}
    (down,) = [one.state for one in collector.reported() if one.scrape is None]
    assert (down.source, down.error) == ("proxy", ErrorKind.DOWN)
    assert "connection refused" in down.detail
    proxy = reported["proxy"]
    assert proxy.scrape is not None
    assert proxy.scrape.time == pytest.approx(proxy.state.last_success)
    assert _values(proxy.scrape.samples(), proxy.state.instance) == _reported(series, "prism_")
    assert {source: one.state.samples for source, one in reported.items()} == {"proxy": 9, "otel": 24, "dex": 3}


def _values(samples: Any, instance: str) -> dict[str, float]:
    return {
        _key(one.series.name, dict(one.series.labels)): one.value
        for one in samples
        if one.series.label("instance") == instance and one.series.name.startswith("prism_")
    }


def _reported(series: Any, prefix: str) -> dict[str, float]:
    metrics = ((one["metric"], one["value"][1]) for one in series)
    return {
        _key(metric["__name__"], metric): float(value)
        for metric, value in metrics
        if metric.get("__name__", "").startswith(prefix)
    }


def _key(name: str, labels: dict[str, str]) -> str:
    own = {key: value for key, value in labels.items() if key not in ("__name__", "job", "instance")}
    return f"{name}{sorted(own.items())}"


@pytest.mark.parametrize("server", SERVERS)
def test_the_past_is_reported_at_the_times_of_the_scrapes_and_a_restart_stays_one(http: Http, server: str) -> None:
    name = f"{server}_query_range.json"
    steps = [point[0] for one in result(name) for point in one["values"]]
    part = Part(min(steps), int((max(steps) - min(steps)) / STEP_SECONDS) + 1)
    found = api(http, answer(name)).span("", part.start, part.end, STEP_SECONDS)
    ((place, rows),) = RangeRows(TargetDiscovery(KINDS, Aliases()), 0.0).rows(found, part)
    stamps = next(one["values"] for one in result(name) if one["metric"].get(STAMP) == "up")
    assert rows.times.tolist() == [float(value) for _, value in stamps]
    assert len(rows.times) == part.steps
    values = rows.values.to_numpy()
    for position, slot in enumerate(place.slots):
        assert values[:, position].tolist() == [float(value) for _, value in found.points[slot]]
    (requests,) = [slot for slot, one in enumerate(place.series) if one.label("status") == "success"]
    falls = [row for row in range(1, len(rows.times)) if values[row, requests] < values[row - 1, requests]]
    assert len(falls) == 1


@pytest.mark.parametrize(
    ("server", "status", "words"),
    [("prometheus", 400, "unclosed left parenthesis"), ("victoria_metrics", 422, "unexpected token")],
)
def test_a_refused_question_is_reported_in_the_servers_words(http: Http, server: str, status: int, words: str) -> None:
    reply = answer(f"{server}_refusal.json")
    reply.status = status
    with pytest.raises(CollectError, match=f"HTTP {status}.*{words}") as caught:
        api(http, reply).instant("sum(")
    assert caught.value.kind is ErrorKind.HTTP_ERROR


def test_alertmanagers_alerts_fire_are_silenced_and_inhibited(http: Http) -> None:
    recorded = json.loads((RECORDED / "alertmanager_alerts.json").read_bytes())
    began = sorted(to_epoch(one["startsAt"]) or 0.0 for one in recorded)
    collector = AlertmanagerCollector(http(lambda _: answer("alertmanager_alerts.json")).url, OPTIONS)
    scrape = collector.collect(lambda: began[-1] + 60.0)
    collector.close()
    assert {event.label("alertname"): event.label("state") for event in scrape.events} == {
        "PatternDown": "firing", "QueueLong": "silenced", "PatternSlow": "inhibited"
    }  # fmt: skip
    assert {event.message for event in scrape.events} == {one["annotations"]["summary"] for one in recorded}
    assert sorted(event.time for event in scrape.events) == began


def test_alertmanager_says_since_when_it_is_up_in_words_that_we_read(http: Http) -> None:
    server = http(lambda _: answer("alertmanager_alerts.json"))
    collector = AlertmanagerCollector(server.url, OPTIONS)
    up = to_epoch(json.loads((RECORDED / "alertmanager_status.json").read_bytes())["uptime"])
    assert up is not None
    collector.collect(lambda: up - 1)
    server.answers = lambda asked: answer("alertmanager_status.json") if asked.path.endswith("status") else Reply.of([])
    assert collector.collect(lambda: up + 1).events == []
    assert len(collector.collect(lambda: up + 1000).events) == 3
    collector.close()


def test_alertmanagers_refusal_is_reported_in_its_words(http: Http) -> None:
    reply = answer("alertmanager_refusal.json")
    reply.status = 400
    collector = AlertmanagerCollector(http(lambda _: reply).url, OPTIONS)
    with pytest.raises(CollectError, match="HTTP 400: bad matcher format: x"):
        collector.collect(lambda: 0.0)
    collector.close()


class Recorded(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Answers every health check with the same bytes."""

    def __init__(self, name: str) -> None:
        self._body = (RECORDED / name).read_bytes()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[bytes, bytes] | None:
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._body)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("etcd_health.bin", "HEALTHY"),
        ("grpc_health_serving.bin", "HEALTHY"),
        ("grpc_health_not_serving.bin", "UNHEALTHY"),
    ],
)
def test_a_health_servers_answer_is_its_status(grpc_server: Callable[..., int], name: str, status: str) -> None:
    collector = PatternCollector("redis", f"127.0.0.1:{grpc_server(Recorded(name))}/redis", OPTIONS)
    scrape = collector.collect(lambda: 100.0)
    collector.close()
    reported = {one.series.label("status") for one in scrape.samples() if one.value == 1.0}
    assert status in reported
    assert not reported & {"HEALTHY", "UNHEALTHY", "DEGRADED", "UNKNOWN"} - {status}
