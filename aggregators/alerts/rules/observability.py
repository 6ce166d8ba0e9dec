"""The telemetry pipeline."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, WARNING, Blamed, Rule
from model.series import Unit

OBSERVABILITY: tuple[Rule, ...] = (
    Rule(
        "telemetry_exporter", "Telemetry exporter in trouble", "telemetry_exporter",
        "otelcol_exporter_sent, _send_failed and _enqueue_failed of the last reads, otelcol_exporter_queue_size over "
        "_capacity",
        ("otel",), "telemetry", WARNING, 0.0, 1.0, 0.0, FACT, 3.0,
        "what an exporter gives up is missing from traces, metrics and logs for good; a filling queue loses next",
        "exporter {exporter} of the collector at {collector}: {reason}", "/observability",
        blames=Blamed.COLLECTOR, every_seconds=0.5,
    ),
    Rule(
        "telemetry_hop", "Telemetry does not arrive", "telemetry_hop",
        "the newest spans that SigNoz holds of the proxy and of each pattern",
        ("signoz",), "telemetry", WARNING, 0.0, 1.0, 0.0, FACT, 5.0,
        "there are requests, so there should be spans: as the pipeline on Observability is judged",
        "{hop}: {reason}", "/observability",
        blames=Blamed.SERVICE, every_seconds=4.0,
    ),
    Rule(
        "telemetry_collector", "The collector passes nothing on", "telemetry_collector",
        "the collector's health check, and the counters of what it sent",
        ("otel",), "telemetry", WARNING, 0.0, 1.0, 0.0, FACT, 5.0,
        "what is handed to a collector that is not available is lost, whatever SigNoz answers meanwhile",
        "{hop}: {reason}", "/observability",
        blames=Blamed.SERVICE, every_seconds=2.0,
    ),
    Rule(
        "receiver_refused", "Telemetry is turned away", "receiver_refused",
        "otelcol_receiver_refused over it and _accepted; of the last 15 s",
        ("otel",), "telemetry", WARNING, 15.0, 0.01, 0.001, FACT, 5.0,
        "what is refused must be sent again, or is lost; one in a hundred is more than a hiccup",
        "receiver {receiver} of the collector at {collector} refuses {percent} of the {items} that it gets",
        "/observability",
        unit=Unit.RATIO, blames=Blamed.COLLECTOR, every_seconds=2.0,
    ),
    Rule(
        "spans_missing", "Backends' spans are missing", "spans_missing",
        "signoz_pattern_traces of ten seconds; those without a span of their backend over all, and the median of 5 min",
        ("signoz",), "telemetry", WARNING, 300.0, 0.05, 0.02, FACT, 3.0,
        "twenty in a hundred lack theirs where a pattern has no backend, and always do: five more are a client that "
        "stopped to send. A backend's span comes with its pattern's, so nobody need wait until traces are whole",
        "{percent} of the newest traces of patterns lack the spans of their backend, usually {usual}",
        "/observability",
        unit=Unit.RATIO, blames=Blamed.SERVICE,
    ),
    Rule(
        "coverage_low", "Traces are incomplete", "coverage_low",
        "signoz_trace_coverage_traces; complete ones over all of the last window that was counted",
        ("signoz",), "telemetry", WARNING, 0.0, 0.95, 0.97, FACT, 5.0,
        "RFC view 7: nearly all traces are whole; below it a part of Prism has stopped to send its spans",
        "only {percent} of traces are complete, most of the others lack spans of {part}", "/observability",
        unit=Unit.RATIO, blames=Blamed.SERVICE, every_seconds=5.0,
    ),
)  # fmt: skip
