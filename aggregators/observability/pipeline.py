"""Does telemetry get through, hop by hop (view 7): judged by what was seen to move, not by what a hop says of itself.

The proxy and the patterns are judged by their newest span in SigNoz while there are requests to trace, the collector by
its counters, its queues and its health check, the query service by its answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from aggregators.observability.exports import DATA_TYPES, family
from aggregators.observability.ingest import newest_spans
from aggregators.observability.queues import Exporter
from aggregators.requests.labels import REQUESTS
from aggregators.series.availability import Availability
from aggregators.series.source_rows import source_row
from aggregators.series.sources import SLOW, is_lost, of_kind
from aggregators.series.window import Window, newest_reads
from model.catalogue.signoz import PROXY_SERVICE
from model.measure import Measure, Timestamp
from model.number_text import lasting, listed
from model.series import Unit
from model.sources import ErrorKind
from model.status import Reading, Status
from store.snapshot import Snapshot

LATE_SECONDS, SILENT_SECONDS = 60.0, 180.0
"""Exporters send in batches and SigNoz is asked every 10 s: younger spans than the first are in time."""
ENOUGH_REQUESTS = 100.0
"""A minute: with fewer, a sampled trace may be minutes away and its absence says nothing."""
LOOKED_BACK_SECONDS = 3600.0
HEALTH, NOT_AVAILABLE = "otelcol_health_info", "not available"
TROUBLE = (Status.UNHEALTHY, Status.DEGRADED)
_GONE = (ErrorKind.DOWN, ErrorKind.TIMED_OUT, ErrorKind.HTTP_ERROR)


@dataclass(frozen=True, slots=True)
class Hop:
    """One part of the pipeline. `last_exported` is when something was last seen to come through; `reason` is why."""

    name: str
    status: Status
    last_exported: Timestamp
    reason: str


def hops(snapshot: Snapshot, now: float, exporters: Sequence[Exporter]) -> tuple[Hop, ...]:
    """The RFC's four, in its order."""
    return (*span_hops(snapshot, now), collector_hop(snapshot, now, exporters), _query_service(snapshot, now))


def span_hops(snapshot: Snapshot, now: float) -> tuple[Hop, Hop]:
    """The proxy's and the patterns'."""
    availability, newest = newest_spans(snapshot, now)
    asked = requests_by_pattern(snapshot, now)
    patterns = {name: at for name, at in newest.items() if name != PROXY_SERVICE}
    proxy = newest.get(PROXY_SERVICE)
    total = None if asked is None else sum(asked.values())
    return (
        Hop("Prism Proxy → SigNoz", *_by_span(availability, proxy, total, f"spans of {PROXY_SERVICE}", now)),
        _patterns(availability, patterns, asked, now),
    )


def requests_by_pattern(snapshot: Snapshot, now: float) -> dict[str, float] | None:
    """Requests of the last minute; None where the proxy does not report."""
    grown = Window.of(snapshot, now, REQUESTS, LATE_SECONDS).growth("pattern")
    return None if grown is None else {pattern: count for (pattern,), count in grown.items()}


def _by_span(
    availability: Availability, newest: float | None, requests: float | None, what: str, now: float
) -> tuple[Status, Measure, str]:
    nothing = Measure.not_reported(Unit.TIMESTAMP, f"SigNoz holds no {what} of the last hour")
    last = availability.measure(Unit.TIMESTAMP, newest, nothing)
    if not availability.reports:
        return Status.UNKNOWN, last, availability.note
    if availability.reading is Reading.STALE:
        return Status.UNKNOWN, last, availability.note
    if newest is not None and now - newest <= LATE_SECONDS:
        return Status.HEALTHY, last, f"newest {what}"
    age = f"no {what} for {lasting(now - newest)}" if newest is not None else f"no {what}"
    if requests is None:
        return Status.UNKNOWN, last, f"{age}, and no request count to judge that by"
    if requests < ENOUGH_REQUESTS:
        return Status.UNKNOWN, last, f"{age}; too few requests to report ({requests:.0f} in the last minute)"
    silent = newest is None or now - newest > SILENT_SECONDS
    return (Status.UNHEALTHY if silent else Status.DEGRADED), last, f"{age}, although there are requests"


def _patterns(
    availability: Availability, newest: Mapping[str, float], asked: Mapping[str, float] | None, now: float
) -> Hop:
    name = "Patterns → SigNoz"
    latest = max(newest.values(), default=None)
    total = None if asked is None else sum(asked.values())
    status, last, reason = _by_span(availability, latest, total, "pattern spans", now)
    if status is not Status.HEALTHY:
        return Hop(name, status, last, reason)
    silent = sorted(
        service for service, at in newest.items() if now - at > LATE_SECONDS and _busy(service, asked or {})
    )
    if silent:
        oldest = lasting(now - min(newest[service] for service in silent))
        return Hop(name, Status.DEGRADED, last, f"no spans of {listed(silent)} for {oldest}, although asked")
    services = "1 service" if len(newest) == 1 else f"{len(newest)} services"
    return Hop(name, status, last, f"{reason}, {services}")


def _busy(service: str, asked: Mapping[str, float]) -> bool:
    """Whether the pattern behind a service gets requests. A service may be called postgres where its pattern is not."""
    own = service.rpartition("plugin-")[2].lower()
    return any(
        count >= ENOUGH_REQUESTS and (own.startswith(pattern.lower()) or pattern.lower().startswith(own))
        for pattern, count in asked.items()
        if pattern
    )


def collector_hop(snapshot: Snapshot, now: float, exporters: Sequence[Exporter]) -> Hop:
    """The collector, the worst of its exporters among what it is judged by."""
    name = "OTLP Collector"
    availability, at, watched = last_sent(snapshot, now)
    nothing = Measure.not_reported(Unit.TIMESTAMP, "nothing was seen to be sent in the last hour")
    last = availability.measure(Unit.TIMESTAMP, at, nothing)
    states = of_kind(snapshot, "otel")
    if not states:
        return Hop(name, Status.UNKNOWN, last, "its address is not set: OTEL_METRICS_URL")
    failing = next((state for state in states if state.error is not None), None)
    if failing is not None:
        status = Status.UNHEALTHY if is_lost(failing, now) and failing.error in _GONE else Status.UNKNOWN
        why = f"{failing.error.value if failing.error else ''}: {failing.detail}"
        return Hop(name, status, last, f"its telemetry cannot be read, {why}")
    said, detail = health_check(snapshot, now)
    if said == NOT_AVAILABLE:
        return Hop(name, Status.UNHEALTHY, last, f"its health check says: {detail}")
    status, reason = Status.HEALTHY if said == "available" else Status.UNKNOWN, availability.note
    if availability.reports:
        asked = requests_by_pattern(snapshot, now)
        status, reason = _flowing(now, at, watched, None if asked is None else sum(asked.values()))
    worst = next((one for one in exporters if one.status in TROUBLE), None)
    if worst is not None and (worst.status is Status.UNHEALTHY or status is not Status.UNHEALTHY):
        return Hop(name, worst.status, last, f"{worst.exporter}: {worst.reason}")
    if availability.reports and status is Status.HEALTHY and said == "no answer":
        return Hop(name, Status.DEGRADED, last, f"its health check does not answer: {detail}")
    return Hop(name, status, last, reason)


def _flowing(now: float, at: float | None, watched: float, requests: float | None) -> tuple[Status, str]:
    """Whether the collector sends on, by when its counters grew last and whether there is something to send."""
    if at is not None and now - at <= LATE_SECONDS:
        return Status.HEALTHY, "its counters of what it sent grow"
    if at is None and watched < LATE_SECONDS:
        return Status.UNKNOWN, f"watched for {lasting(watched)} only"
    silent = f"nothing sent for {lasting(now - at)}" if at is not None else "nothing sent in the last hour"
    if not requests or requests < ENOUGH_REQUESTS:
        return Status.UNKNOWN, f"{silent}; there may be nothing to send"
    late = at is not None and now - at <= SILENT_SECONDS
    return (Status.DEGRADED if late else Status.UNHEALTHY), f"{silent}, although there are requests"


def last_sent(snapshot: Snapshot, now: float) -> tuple[Availability, float | None, float]:
    """When the collector's counters of what it sent were last seen to grow, None when not in the last hour; and how
    many seconds of that hour were watched.
    """
    windows = [
        Window.of(snapshot, now, family("exporter_sent", items), LOOKED_BACK_SECONDS, coarse=True)
        for items in DATA_TYPES
    ]
    grew = []
    for window in windows:
        for counter in window.counters:
            rows = np.flatnonzero((counter.totals[1:] > counter.totals[:-1]).any(axis=1))
            if len(rows):
                grew.append(float(counter.times[rows[-1] + 1]))
    reported = next((one for one in windows if one.reports), windows[0])
    return reported.availability, max(grew, default=None), max(one.covered_seconds() for one in windows)


def health_check(snapshot: Snapshot, now: float) -> tuple[str, str]:
    """What the health check says, and the detail; two blanks when it is not asked."""
    for one in newest_reads(snapshot, now, HEALTH, "otel"):
        return one.label("state"), one.label("detail")
    return "", ""


def _query_service(snapshot: Snapshot, now: float) -> Hop:
    """It exports nothing: what counts is that it answers."""
    name, states = "SigNoz (Query Service)", of_kind(snapshot, "signoz")
    if not states:
        nothing = Measure.not_reported(Unit.TIMESTAMP, "its address is not set: SIGNOZ_API_URL")
        return Hop(name, Status.UNKNOWN, nothing, nothing.note)
    state = states[0]
    row = source_row(state, now)
    last = Measure.not_reported(Unit.TIMESTAMP, "it has never answered")
    if state.last_success:
        last = Measure.of(state.last_success, Unit.TIMESTAMP)
        if state.is_stale(now):
            last = last.stale(now - state.last_success)
    if row.error is None and row.age_seconds is None:
        return Hop(name, Status.UNKNOWN, last, "not asked yet")
    if row.error is None and not state.is_stale(now):
        slow = row.word == SLOW
        words = f"answers slowly, in {row.duration_seconds:.1f} s" if slow else "answers queries"
        return Hop(name, Status.DEGRADED if slow else Status.HEALTHY, last, words)
    why = f"{row.word}: {row.detail}" if row.detail else row.word
    if not row.lost:
        return Hop(name, Status.UNKNOWN if row.never_reached else Status.DEGRADED, last, why)
    return Hop(name, Status.UNHEALTHY if row.error in _GONE else Status.UNKNOWN, last, why)
