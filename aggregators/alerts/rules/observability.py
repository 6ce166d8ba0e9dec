"""The telemetry pipeline."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, WARNING, Blamed, Rule

OBSERVABILITY: tuple[Rule, ...] = (
    Rule(
        "telemetry_exporter", "Telemetry exporter in trouble", "telemetry_exporter",
        "otelcol_exporter_sent, _send_failed and _enqueue_failed of the last reads, otelcol_exporter_queue_size over "
        "_capacity",
        ("otel",), "telemetry", WARNING, 0.0, 1.0, 0.0, FACT, 3.0,
        "what an exporter gives up is missing from traces, metrics and logs for good; a filling queue loses next",
        "exporter {exporter} of the collector at {collector}: {reason}", "/observability",
        blames=Blamed.COLLECTOR,
    ),
)  # fmt: skip
