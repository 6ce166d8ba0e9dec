"""Every spelling of the OTel Collector's own metrics, and the one that the catalogue uses (external B3).

Whether `_total` and units are written depends on the version and on how its reader was configured; v0.130.0 also wrote
`otelcol_exporter_sent_spans__spans__total`. Old builds let the prefix be chosen, down to none.
"""

from __future__ import annotations

from collections.abc import Iterator

from model.catalogue.otel import SIGNALS

PREFIXES = ("otelcol_", "")
_COUNTERS = (
    "receiver_accepted",
    "receiver_refused",
    "exporter_sent",
    "exporter_send_failed",
    "exporter_enqueue_failed",
)
_CURLY_UNITS = {"spans": "spans", "metric_points": "datapoints", "log_records": "records"}
"""The units that v0.130.0 put into the names."""
_DURATION = "otelcol_exporter_request_duration_seconds"
_DURATIONS = (
    "http_client_request_duration",
    "http_client_request_duration_seconds",
    "http_client_duration",
    "http_client_duration_milliseconds",
    "rpc_client_duration",
    "rpc_client_duration_milliseconds",
    "rpc_client_call_duration",
    "rpc_client_call_duration_seconds",
)
"""What the senders' libraries measure: over HTTP and over gRPC, older ones in milliseconds."""
_PROCESS = {
    "process_uptime": ("otelcol_process_uptime_seconds", ("", "_total", "_seconds", "_seconds_total")),
    "process_cpu_seconds": ("otelcol_process_cpu_seconds_total", ("", "_total")),
    "process_memory_rss": ("otelcol_process_memory_rss_bytes", ("", "_bytes")),
}


def spellings() -> dict[str, str]:
    """The catalogue's name by each other spelling."""
    return {spelt: name for spelt, name in _pairs() if spelt != name}


def _pairs() -> Iterator[tuple[str, str]]:
    for prefix in PREFIXES:
        for counter in _COUNTERS:
            for signal in SIGNALS:
                stem, unit = f"{counter}_{signal}", _CURLY_UNITS[signal]
                for tail in ("", "_total", f"__{unit}_", f"__{unit}__total"):
                    yield f"{prefix}{stem}{tail}", f"otelcol_{stem}_total"
        for gauge in ("exporter_queue_size", "exporter_queue_capacity"):
            for tail in ("", "__batches_"):
                yield f"{prefix}{gauge}{tail}", f"otelcol_{gauge}"
        for duration in _DURATIONS:
            yield f"{prefix}{duration}", _DURATION
    for stem, (name, tails) in _PROCESS.items():  # without a prefix these are any process' own
        for tail in tails:
            yield f"otelcol_{stem}{tail}", name
