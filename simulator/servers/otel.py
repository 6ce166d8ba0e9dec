"""The OTel collector's own telemetry: /metrics with suffixes (as v0.119 to v0.151 write them) and its health."""

from __future__ import annotations

from collections.abc import Callable

from simulator.sockets.exposition import TEXT_TYPE, BucketLines, Exposition
from simulator.sockets.http import NOT_FOUND, Request, Response, json_response
from simulator.traffic.pipeline import QUEUE_CAPACITY
from simulator.traffic.timestamps import duration_words, rfc3339
from simulator.traffic.traffic_model import TrafficModel

EXPORTERS = {
    "spans": ("clickhousetraces", "traces"),
    "metric_points": ("signozclickhousemetrics", "metrics"),
    "log_records": ("clickhouselogsexporter", "logs"),
}
CPU_BEFORE, CPU_CORES, MEMORY_BYTES = 12.5, 0.14, 187.0 * 1024 * 1024
"""What its process uses: seconds of CPU time at its start, cores since then, bytes."""
TARGET = {"service_name": "otelcol-contrib", "service_version": "0.135.0"}
SCOPE = {"otel_scope_name": "go.opentelemetry.io/collector/exporter/exporterhelper", "otel_scope_version": ""}


class OtelMetrics:
    """GET /metrics of the collector."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float]) -> None:
        self._traffic_model, self._clock = traffic_model, clock

    def __call__(self, request: Request) -> Response:
        """Only /metrics."""
        return Response(self.text(), TEXT_TYPE) if request.path == "/metrics" else NOT_FOUND

    def text(self) -> bytes:
        """Accepted = sent + failed + queued, for each signal."""
        out = Exposition(False, (), BucketLines())
        with self._traffic_model.lock:
            self._traffic_model.advance(self._clock())
            for signal, source_states in self._traffic_model.pipeline.signals.items():
                sender = {"exporter": EXPORTERS[signal][0], **SCOPE}
                receiver = {"receiver": "otlp", "transport": "grpc", **SCOPE}
                for name, labels, value in (
                    (f"otelcol_receiver_accepted_{signal}_total", receiver, source_states.accepted),
                    (f"otelcol_receiver_refused_{signal}_total", receiver, source_states.refused),
                    (f"otelcol_exporter_sent_{signal}_total", sender, source_states.sent),
                    (f"otelcol_exporter_send_failed_{signal}_total", sender, source_states.failed),
                    (f"otelcol_exporter_enqueue_failed_{signal}_total", sender, 0),
                ):
                    words = name.removeprefix("otelcol_").removesuffix("_total").replace("_", " ")
                    out.family(name, "counter", f"Number of {words}.", [(labels, value)])
            queues = [
                (
                    {"exporter": EXPORTERS[signal][0], "data_type": EXPORTERS[signal][1], **SCOPE},
                    source_states.batches,
                )
                for signal, source_states in self._traffic_model.pipeline.signals.items()
            ]
            up_seconds = self._traffic_model.at - self._traffic_model.started
        out.family("otelcol_exporter_queue_size", "gauge", "Batches waiting to be sent.", queues)
        capacities = [(labels, QUEUE_CAPACITY) for labels, _ in queues]
        out.family("otelcol_exporter_queue_capacity", "gauge", "Batches that may wait.", capacities)
        out.family("otelcol_process_uptime_seconds_total", "counter", "Uptime of the process.", [({}, up_seconds)])
        out.family(
            "otelcol_process_cpu_seconds_total", "counter", "CPU time.", [({}, CPU_BEFORE + up_seconds * CPU_CORES)]
        )
        out.family("otelcol_process_memory_rss_bytes", "gauge", "Resident memory.", [({}, MEMORY_BYTES)])
        out.family("target_info", "gauge", "Target metadata.", [(TARGET, 1)])
        return out.text()


class OtelHealth:
    """The health_check extension."""

    def __init__(self, traffic_model: TrafficModel, clock: Callable[[], float]) -> None:
        self._traffic_model, self._clock = traffic_model, clock

    def __call__(self, request: Request) -> Response:
        """It answers on / only, and says no more than that the pipelines have started."""
        if request.path not in ("/", ""):
            return NOT_FOUND
        if self._traffic_model.effects.telemetry.unavailable:
            return json_response({"status": "Server not available", "upSince": "", "uptime": ""}, 503)
        up = self._clock() - self._traffic_model.started
        started = rfc3339(self._traffic_model.started)
        return json_response({"status": "Server available", "upSince": started, "uptime": duration_words(up)})
