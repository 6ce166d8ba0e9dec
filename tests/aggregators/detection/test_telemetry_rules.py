"""Spans that do not arrive, items that a collector turns away, traces that are not whole."""

from __future__ import annotations

import pytest

from aggregators.alerts.rules import BY_ID
from aggregators.detection.condition import Condition
from aggregators.detection.detections import evaluate
from model.series import Kind, Scrape, Severity
from tests.aggregators.detection.reads import judged, reads_of
from tests.aggregators.telemetry import NOW, PARTS, Telemetry

SILENT = {"prism-proxy": 2.0, "prism-plugin-redis": 400.0, "prism-plugin-postgres": 4.0}
FAULTS: dict[str, tuple[str, dict[str, object], str]] = {
    "no spans of the proxy": (
        "telemetry_hop", {"newest": SILENT | {"prism-proxy": 400.0}}, "although there are requests"),
    "no spans of any pattern": (
        "telemetry_hop", {"newest": {"prism-proxy": 2.0, "prism-plugin-redis": 400.0}}, "although there are requests"),
    "the collector sends nothing": (
        "telemetry_collector", {"stops_at": 200.0, "queued": 0.0}, "nothing sent for 3m, although there are requests"),
    "items are refused": ("receiver_refused", {"refused": 60_000.0}, "refuses"),
    "backends stop to send spans": ("spans_missing", {"lacking": 90.0}, "15 % of the newest traces of patterns lack"),
    "more of the backends stop to send spans": (
        "spans_missing", {"lacking": 300.0, "always_lacking": 200.0}, "usually 33.3 %"),
    "traces without backends": (
        "coverage_low", {"parts": PARTS | {"backend_missing": 4000.0}}, "lack spans of the backend"),
}  # fmt: skip


def found(rule: str, **reported: object) -> dict[str, Condition]:
    world = Telemetry(**reported).snapshot()  # type: ignore[arg-type]
    return {one.component: one for one in evaluate(BY_ID[rule], world, NOW)}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_pipeline_is_found_and_is_good_again(name: str) -> None:
    rule, reported, words = FAULTS[name]
    bad = [one for one in found(rule, **reported).values() if one.bad]
    assert bad and any(words in one.words for one in bad)
    calm = found(rule)
    assert not any(one.bad for one in calm.values())
    assert all(calm[one.component].good for one in bad)


def _exporter(second: int, scrape: Scrape, stops: int, queues: int) -> None:
    labels = {"exporter": "otlp"}
    scrape.add("otelcol_exporter_sent_spans_total", 100.0 * (1000 + min(second, stops)), Kind.COUNTER, **labels)
    scrape.add("otelcol_exporter_queue_size", 1.0 + 2.0 * max(0, second - queues), data_type="traces", **labels)
    scrape.add("otelcol_exporter_queue_capacity", 1000.0, data_type="traces", **labels)


@pytest.mark.parametrize(("stops", "queues", "bad"), [(-8, -8, True), (0, -8, False), (-8, 0, False), (-3, -3, False)])
def test_a_queue_that_grows_while_nothing_is_sent_is_said_before_it_holds_much(
    stops: int, queues: int, bad: bool
) -> None:
    world = reads_of(60, otel=lambda second, scrape: _exporter(second, scrape, stops, queues))
    (one,) = judged("telemetry_exporter", world).values()
    assert one.bad is bad
    assert ("its queue grows and it sends nothing" in one.words) is bad


@pytest.mark.parametrize("lost", [(), ("signoz",)])
@pytest.mark.parametrize("queued", [12.0, 1000.0])
def test_a_collector_that_is_not_available_is_said_whatever_else_is_wrong(queued: float, lost: tuple[str, ...]) -> None:
    health = ("not available", "503: Server not available")
    (one,) = found("telemetry_collector", health=health, queued=queued, lost=lost).values()
    assert one.bad and "503: Server not available" in one.words
    assert (one.component, one.severity) == ("service OTLP Collector", Severity.CRITICAL)


def test_a_collector_whose_exporter_alone_is_in_trouble_has_one_alert() -> None:
    assert all(one.good and not one.bad for one in found("telemetry_collector", queued=1000.0).values())
    assert any(one.bad for one in found("telemetry_exporter", queued=1000.0).values())


@pytest.mark.parametrize("always", [0.0, 200.0])
def test_patterns_that_never_had_a_backend_lack_no_spans(always: float) -> None:
    (one,) = found("spans_missing", always_lacking=always, lacking=always + 12.0).values()
    assert one.good and not one.bad


@pytest.mark.parametrize(
    "rule", ["telemetry_hop", "telemetry_collector", "receiver_refused", "spans_missing", "coverage_low"]
)
@pytest.mark.parametrize("kinds", [("proxy",), ("proxy", "otel"), ("proxy", "signoz")])
def test_what_is_not_read_raises_nothing(rule: str, kinds: tuple[str, ...]) -> None:
    assert not any(one.bad for one in found(rule, kinds=kinds).values())
