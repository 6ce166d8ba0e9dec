"""Five minutes of a Prism that is traced: proxy, SigNoz and OTel Collector, as they would have been read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from model.catalogue.otel import SIGNALS
from model.series import Kind, Scrape
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0
MIB = 1024.0 * 1024.0
LOST_FOR = 25.0
PER_SECOND = {"spans": 40.0, "metric_points": 170.0, "log_records": 30.0}
EXPORTERS = {"spans": "clickhousetraces", "metric_points": "signozclickhousemetrics", "log_records": "clickhouselogs"}
TYPES = {"spans": "traces", "metric_points": "metrics", "log_records": "logs"}
PARTS = {"complete": 12401.0, "backend_missing": 45.0, "pattern_missing": 31.0, "proxy_missing": 10.0}
ANSWERED = {"newest span": ("answered", ""), "coverage": ("answered", ""), "stats": ("answered", "")}
INTERVALS = {"proxy": 1.0, "signoz": 2.0, "otel": 5.0}


@dataclass
class Telemetry:
    """What is reported. `queued` batches of `capacity`; `failed` spans in all; `stops_at` seconds before now nothing is
    sent. Of 600 traces of patterns `lacking` have no backend's span by now, `always_lacking` before.
    """

    kinds: tuple[str, ...] = ("proxy", "signoz", "otel")
    lost: tuple[str, ...] = ()
    error: ErrorKind = ErrorKind.DOWN
    never: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    failed: float = 3.0
    dropped: float = 0.0
    refused: float = 0.0
    queued: float = 12.0
    capacity: float = 1000.0
    stops_at: float = 0.0
    resets_at: float | None = None
    requests_per_second: float = 100.0
    newest: Mapping[str, float] = field(
        default_factory=lambda: {"prism-proxy": 2.0, "prism-plugin-redis": 3.0, "prism-plugin-postgres": 4.0}
    )
    parts: Mapping[str, float] = field(default_factory=lambda: dict(PARTS))
    lacking: float = 3.0
    always_lacking: float = 3.0
    questions: Mapping[str, tuple[str, str]] = field(default_factory=lambda: dict(ANSWERED))
    health: tuple[str, str] | None = ("available", "")
    second_exporter: bool = False
    proxies: tuple[str, ...] = ("p:8980",)
    patterns: Mapping[str, float] = field(default_factory=lambda: {"redis": 45.0, "postgresql": 67.0})
    limits: bool = True

    def snapshot(self) -> Snapshot:
        """As of NOW; what is lost was read last `LOST_FOR` seconds ago, what was never read brought nothing."""
        scrapes: list[Scrape] = []
        for kind in self.kinds:
            for instance in self.proxies if kind == "proxy" else (f"{kind}:1",):
                scrapes += self._reads(kind, instance)
        states = {f"{one.source}@{one.instance}": one for one in scrapes}
        sources = [self._state(one) for one in states.values()]
        reported = [one for one in scrapes if one.source not in self.never and not self._late(one)]
        return snapshot_of((self._without(one) for one in reported), sources=sources, meta={"collector_alive_at": NOW})

    def _late(self, scrape: Scrape) -> bool:
        gone = scrape.source in self.lost or scrape.instance in self.lost
        return gone and scrape.time > NOW - LOST_FOR

    def _without(self, scrape: Scrape) -> Scrape:
        kept = Scrape(scrape.source, scrape.instance, scrape.time)
        for one, value in zip(scrape.series, scrape.values, strict=True):
            if not one.name.startswith(self.absent or ("\0",)):
                kept.series.append(one)
                kept.values.append(value)
        return kept

    def _state(self, scrape: Scrape) -> SourceState:
        interval = INTERVALS[scrape.source]
        fresh = SourceState(f"{scrape.source}@{scrape.instance}", scrape.source, scrape.instance, "x", interval)
        error = CollectError(self.error, "connection refused")
        if scrape.source in self.never:
            return fresh.failed(NOW, 0.01, error)
        good = fresh.succeeded(NOW, 0.01, 5)
        if scrape.source in self.lost or scrape.instance in self.lost:
            good = replace(good, last_success=NOW - LOST_FOR).failed(NOW - 2, 0.01, error).failed(NOW, 0.01, error)
        return good

    def _reads(self, kind: str, instance: str) -> Iterable[Scrape]:
        interval, back = INTERVALS[kind], {"proxy": 70.0, "signoz": 60.0, "otel": 330.0}[kind]
        make = {"proxy": self._proxy, "signoz": self._signoz, "otel": self._otel}[kind]
        for number in range(int(back / interval) + 1):
            scrape = Scrape(kind, instance, NOW - back + number * interval)
            make(scrape, number * interval)
            yield scrape

    def _otel(self, scrape: Scrape, elapsed: float) -> None:
        since = 330.0 - elapsed
        sent_for = 1000.0 + min(elapsed, 330.0 - self.stops_at)
        if self.resets_at is not None and since <= self.resets_at:
            sent_for = self.resets_at - since
        for items in SIGNALS:
            labels = {"exporter": EXPORTERS[items]}
            scrape.add(f"otelcol_exporter_sent_{items}_total", PER_SECOND[items] * sent_for, Kind.COUNTER, **labels)
            if self.second_exporter and items == "spans":
                scrape.add(
                    f"otelcol_exporter_sent_{items}_total", 40.0 * sent_for, Kind.COUNTER, exporter="signozmeter"
                )
            scrape.add(f"otelcol_receiver_accepted_{items}_total", 50.0 * sent_for, Kind.COUNTER, receiver="otlp")
            scrape.add("otelcol_exporter_queue_size", self.queued, data_type=TYPES[items], **labels)
            scrape.add("otelcol_exporter_queue_capacity", self.capacity, data_type=TYPES[items], **labels)
        grown = elapsed / 330.0
        ours = {"exporter": EXPORTERS["spans"]}
        scrape.add("otelcol_exporter_send_failed_spans_total", round(self.failed * grown), Kind.COUNTER, **ours)
        if self.dropped:
            name = "otelcol_exporter_enqueue_failed_spans_total"
            scrape.add(name, round(self.dropped * grown), Kind.COUNTER, **ours)
        if self.refused:
            name = "otelcol_receiver_refused_spans_total"
            scrape.add(name, round(self.refused * grown), Kind.COUNTER, receiver="otlp")
        if self.health is not None:
            scrape.add("otelcol_health_info", 1.0, Kind.INFO, state=self.health[0], detail=self.health[1])

    def _signoz(self, scrape: Scrape, elapsed: float) -> None:
        scrape.add("signoz_operation_spans", 5.0, operation="Get")
        scrape.add("signoz_pattern_traces", 600.0, part="all")
        lacking = self.lacking if elapsed > 50.0 else self.always_lacking
        scrape.add("signoz_pattern_traces", lacking, part="backend_missing")
        for question, (state, detail) in self.questions.items():
            scrape.add("signoz_question_info", 1.0, Kind.INFO, question=question, state=state, detail=detail)
        if self.questions.get("newest span", ("",))[0] == "answered":
            for service, age in self.newest.items():
                scrape.add("signoz_newest_span_timestamp_seconds", NOW - age, service=service)
        if self.questions.get("coverage", ("",))[0] == "answered":
            for part, count in self.parts.items():
                scrape.add("signoz_trace_coverage_traces", count, part=part)
            scrape.add("signoz_trace_coverage_start_seconds", NOW - 370)
            scrape.add("signoz_trace_coverage_end_seconds", NOW - 70)
        if self.questions.get("stats", ("",))[0] == "answered":
            for signal in TYPES.values():
                scrape.add("signoz_signal_last_observed_timestamp_seconds", NOW - 5, signal=signal)

    def _proxy(self, scrape: Scrape, elapsed: float) -> None:
        for pattern, mebibytes in self.patterns.items():
            labels = {"pattern": pattern}
            count = self.requests_per_second * elapsed
            scrape.add("prism_requests_total", count, Kind.COUNTER, namespace="shop", operation="Get",
                       status="success", **labels)  # fmt: skip
            scrape.add("prism_pattern_resident_memory_bytes", mebibytes * MIB, **labels)
            scrape.add("prism_pattern_cpu_seconds_total", 500.0 + 0.2 * elapsed, Kind.COUNTER, **labels)
            scrape.add("prism_pattern_goroutines", 12.0, **labels)
            scrape.add("prism_pattern_start_time_seconds", NOW - 8100.0, **labels)
        scrape.add("process_resident_memory_bytes", 287.0 * MIB)
        scrape.add("process_cpu_seconds_total", 9000.0 + 0.48 * elapsed, Kind.COUNTER)
        scrape.add("process_threads", 24.0)
        scrape.add("process_open_fds", 156.0)
        scrape.add("process_start_time_seconds", NOW - 357840.0)
        if self.limits:
            scrape.add("process_memory_limit_bytes", 500.0 * MIB)
            scrape.add("process_cpu_limit_cores", 4.0)
            scrape.add("process_max_fds", 1024.0)
