"""The OTel Collector's own telemetry (RFC view 7; contracts 4.7, external B).

A collector writes these names with or without `_total` and units, as its version and its settings have it: they are
read in any of the spellings (collectors/otel/names.py) and called by these.
"""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, B, C, G, H, I, N, family

SIGNALS = ("spans", "metric_points", "log_records")
"""What a collector counts, in its words: spans of traces, points of metrics, records of logs."""

FAMILIES = (
    *(family(f"otelcol_receiver_accepted_{signal}_total", C, N, "receiver transport", f"{signal.replace('_', ' ').capitalize()} taken in.", "otel", "RFC view 7; external B2") for signal in SIGNALS),
    *(family(f"otelcol_receiver_refused_{signal}_total", C, N, "receiver transport", f"{signal.replace('_', ' ').capitalize()} turned away at the door.", "otel", "RFC view 7; external B2") for signal in SIGNALS),
    *(family(f"otelcol_exporter_sent_{signal}_total", C, N, "exporter", f"{signal.replace('_', ' ').capitalize()} sent on.", "otel", "RFC view 7; external B2") for signal in SIGNALS),
    *(family(f"otelcol_exporter_send_failed_{signal}_total", C, N, "exporter", f"{signal.replace('_', ' ').capitalize()} given up after all retries.", "otel", "RFC view 7; external B2") for signal in SIGNALS),
    *(family(f"otelcol_exporter_enqueue_failed_{signal}_total", C, N, "exporter", f"{signal.replace('_', ' ').capitalize()} dropped because the queue was full.", "otel", "RFC view 7; external B2") for signal in SIGNALS),
    family("otelcol_exporter_queue_size", G, N, "exporter data_type", "Batches waiting to be sent.", "otel", "RFC view 7; external B2"),
    family("otelcol_exporter_queue_capacity", G, N, "exporter data_type", "Batches that may wait.", "otel", "RFC view 7; external B2", limit=True),
    family("otelcol_exporter_request_duration_seconds", H, SEC, "", "Requests to where telemetry is sent; only at metrics level detailed.", "otel", "RFC view 7; external B4"),
    family("otelcol_process_uptime_seconds", G, SEC, "", "How long the collector has run.", "otel", "contracts 4.7; external B2"),
    family("otelcol_process_cpu_seconds_total", C, SEC, "", "The collector's CPU time.", "otel", "external B2"),
    family("otelcol_process_memory_rss_bytes", G, B, "", "The collector's resident memory.", "otel", "contracts 4.7; external B2"),
    family("otelcol_health_info", I, NONE, "state detail", "What the health_check extension says of the pipelines: available, not available, or no answer.", "otel", "external B1"),
)
