"""The OTel Collector's exporters: how full their queues are and what they sent (view 7).

A full queue loses telemetry; a filling one is the earliest warning that what it is sent to does not keep up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregators.observability.exports import DATA_TYPES, Flow
from aggregators.requests.traffic import TWO_READS
from aggregators.series.counters import last_read
from aggregators.series.sources import availability, reach, read_until
from model.measure import Count, Measure, Ratio
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot

SIZE, CAPACITY = "otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity"
FULL_RATIO, FILLING_RATIO = 0.99, 0.8
FAILING_RATIO, BROKEN_RATIO = 0.01, 0.5
NOT_SENT = "no counter of it names this exporter"
NO_LIMIT = f"{CAPACITY} would fill it"
_ORDER = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)

Place = tuple[str, str]
"""(exporter, data type: traces, metrics, logs, or '' where the collector does not say)."""


@dataclass(frozen=True, slots=True)
class Exporter:
    """One exporter of one signal: items over the last 5 minutes, batches in its queue. `reason` says what is wrong."""

    exporter: str
    signal: str
    sent: Count
    lost: Count
    queued: Count
    capacity: Count
    fill: Ratio
    status: Status
    reason: str


def exporters(snapshot: Snapshot, now: float, flows: Sequence[Flow]) -> tuple[Exporter, ...]:
    """Every exporter that the collector reports, the worst first, then the fullest."""
    at, window = read_until(snapshot, now, "otel"), reach(snapshot, "otel")
    frames = {family: snapshot.frame(family, at - window, at) for family in (SIZE, CAPACITY)}
    reported = {
        family: {(one.label("exporter"), one.label("data_type")): one.value for one in last_read(frame, at, window)}
        for family, frame in frames.items()
    }
    stands = {family: availability(snapshot, now, frame) for family, frame in frames.items()}
    counted = {
        (exporter, DATA_TYPES[flow.items]): flow for flow in flows for exporter in {**(flow.sent or {}), **flow.failed}
    }
    found = []
    for place in sorted({*_placed(reported[SIZE], counted), *counted}):
        held = {family: _of(values, place, counted) for family, values in reported.items()}
        missing = {SIZE: f"{SIZE} would fill it", CAPACITY: NO_LIMIT}
        size, capacity = (
            stands[family].measure(Unit.COUNT, held[family], Measure.not_reported(Unit.COUNT, missing[family]))
            for family in (SIZE, CAPACITY)
        )
        fill = None if held[SIZE] is None or not held[CAPACITY] else (held[SIZE] or 0.0) / (held[CAPACITY] or 1.0)
        ratio = stands[SIZE].measure(Unit.RATIO, fill, Measure.not_reported(Unit.RATIO, NO_LIMIT))
        found.append(_exporter(place, counted.get(place), size, capacity, ratio))
    return tuple(sorted(found, key=lambda one: (_ORDER.index(one.status), -(one.fill.value or 0.0), one.exporter)))


def _placed(sizes: dict[Place, float], counted: dict[Place, Flow]) -> set[Place]:
    """Where queues belong: one that does not name its signal belongs to the only one that its exporter has."""
    return {_only(place, counted) or place for place in sizes}


def _only(place: Place, counted: dict[Place, Flow]) -> Place | None:
    own = [one for one in counted if one[0] == place[0]]
    return own[0] if not place[1] and len(own) == 1 else None


def _of(values: dict[Place, float], place: Place, counted: dict[Place, Flow]) -> float | None:
    bare = (place[0], "")
    if place in values:
        return values[place]
    return values.get(bare) if _only(bare, counted) == place else None


def _exporter(place: Place, flow: Flow | None, size: Measure, capacity: Measure, fill: Measure) -> Exporter:
    nothing = Measure.not_reported(Unit.COUNT, NOT_SENT)
    sent = lost = nothing
    failed_ratio = 0.0
    if flow is not None:
        known = flow.sent is not None
        counts = [(what or {}).get(place[0], 0.0) for what in (flow.sent, flow.failed, flow.dropped)]
        waiting = Measure.not_reported(Unit.COUNT, TWO_READS)
        sent = flow.stands.measure(Unit.COUNT, counts[0] if known else None, waiting)
        lost = flow.stands.measure(Unit.COUNT, counts[1] + counts[2] if known else None, waiting)
        failed_ratio = (counts[1] + counts[2]) / sum(counts) if sum(counts) else 0.0
    status, reason = _judged(fill, failed_ratio)
    if fill.age_seconds is not None or sent.age_seconds is not None:
        status, reason = Status.UNKNOWN, "the collector is not read any more"
    return Exporter(place[0], place[1], sent, lost, size, capacity, fill, status, reason)


def _judged(fill: Measure, failed_ratio: float) -> tuple[Status, str]:
    full = fill.value or 0.0
    if full >= FULL_RATIO:
        return Status.UNHEALTHY, "its queue is full: what comes now is lost"
    if failed_ratio > BROKEN_RATIO:
        return Status.UNHEALTHY, "most of what it sends fails"
    if full > FILLING_RATIO:
        return Status.DEGRADED, "its queue is filling"
    if failed_ratio > FAILING_RATIO:
        return Status.DEGRADED, "some of what it sends fails"
    return Status.HEALTHY, ""
