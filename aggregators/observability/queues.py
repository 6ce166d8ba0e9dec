"""The OTel Collector's exporters: how full their queues are and what they sent (view 7).

A full queue loses telemetry; a filling one is the earliest warning that what it is sent to does not keep up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from aggregators.observability.exports import DATA_TYPES, Flow, Recent, Sender, judged_seconds
from aggregators.series.availability import TWO_READS
from aggregators.series.sources import of_kind
from aggregators.series.window import Window
from model.measure import Count, Measure, Ratio
from model.series import Unit
from model.status import Status
from store.frames import Block
from store.snapshot import Snapshot

SIZE, CAPACITY = "otelcol_exporter_queue_size", "otelcol_exporter_queue_capacity"
FULL_RATIO, FILLING_RATIO = 0.99, 0.8
GROWING_RATIO, HALF_RATIO = 0.1, 0.5
"""A queue that grew by a tenth of what it may hold within the last reads fills, unless its exporter sends meanwhile
and half of it is free: that is a burst."""
FAILING_RATIO, BROKEN_RATIO, FEW = 0.01, 0.5, 3
"""Shares of what was to be sent; fewer lost items than the last happen to an exporter that is well."""
NOT_SENT = "no counter of it names this exporter"
NO_LIMIT = f"{CAPACITY} would fill it"
_ORDER = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)

NO_NAME = "(no name)"
NOT_READ = "the collector is not read any more"

Place = tuple[Sender, str]
"""(exporter, data type: traces, metrics, logs, or '' where the collector does not say)."""


class Waiting(NamedTuple):
    """Of the last reads: the fewest batches that a queue held all along, 0 before it was read for so long, and by how
    much of its capacity it grew since its lowest.
    """

    lowest: float
    grown_ratio: float


@dataclass(frozen=True, slots=True)
class Exporter:
    """One exporter of one signal: items over the last 5 minutes, batches in its queue. `reason` says what is wrong.

    `collector` is the instance that it is a part of: two collectors may call an exporter the same.
    """

    collector: str
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
    windows = {family: Window.newest(snapshot, now, family) for family in (SIZE, CAPACITY)}
    reported = {family: {_place(one.labels): one.value for one in window.last()} for family, window in windows.items()}
    since = now - judged_seconds(snapshot)
    sizes = snapshot.frame(SIZE, since, now).blocks
    lowest, held_all_along = _earliest(sizes, since), _earliest((one for one in sizes if one.times[0] <= since), since)
    counted = {(sender, DATA_TYPES[flow.items]): flow for flow in flows for sender in flow.exporters}
    stale = {state.instance for state in of_kind(snapshot, "otel") if state.is_stale(now)}
    found = []
    for place in sorted({*_placed(reported[SIZE], counted), *counted}):
        held = {family: _of(values, place, counted) for family, values in reported.items()}
        missing = {SIZE: f"{SIZE} would fill it", CAPACITY: NO_LIMIT}
        size, capacity = (
            windows[family].measure(Unit.COUNT, held[family], Measure.not_reported(Unit.COUNT, missing[family]))
            for family in (SIZE, CAPACITY)
        )
        fill = None if held[SIZE] is None or not held[CAPACITY] else (held[SIZE] or 0.0) / (held[CAPACITY] or 1.0)
        boundless = "no limit is set" if held[CAPACITY] == 0.0 else NO_LIMIT
        ratio = windows[SIZE].measure(Unit.RATIO, fill, Measure.not_reported(Unit.RATIO, boundless))
        grown = _growth(held[SIZE], _of(lowest, place, counted), held[CAPACITY])
        waiting = Waiting(_of(held_all_along, place, counted) or 0.0, grown)
        one = _exporter(place, counted.get(place), size, capacity, ratio, waiting)
        found.append(replace(one, status=Status.UNKNOWN, reason=NOT_READ) if one.collector in stale else one)
    return tuple(sorted(found, key=_rank))


def _rank(one: Exporter) -> tuple[int, float, str, str]:
    return _ORDER.index(one.status), -(one.fill.value or 0.0), one.exporter, one.collector


def _place(labels: Mapping[str, str]) -> Place:
    return Sender(labels.get("instance", ""), labels.get("exporter", "")), labels.get("data_type", "")


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


def _earliest(blocks: Iterable[Block], start: float) -> dict[Place, float]:
    """The lowest that each queue held in the reads since `start`."""
    found: dict[Place, float] = {}
    for block in blocks:
        since = block.values[block.values.index >= start].min(axis=0).to_numpy(dtype=np.float64)
        for series, value in zip(block.series, since.tolist(), strict=True):
            if value == value:  # not NaN
                found[_place(dict(series.labels))] = value
    return found


def _growth(size: float | None, lowest: float | None, capacity: float | None) -> float:
    return (size - (lowest or 0.0)) / capacity if size is not None and capacity else 0.0


def _exporter(
    place: Place, flow: Flow | None, size: Measure, capacity: Measure, fill: Measure, waiting: Waiting
) -> Exporter:
    sent = lost = Measure.not_reported(Unit.COUNT, NOT_SENT)
    recent = None
    if flow is not None:
        sender, nothing = place[0], Measure.not_reported(Unit.COUNT, TWO_READS)
        gone = flow.failed.get(sender, 0.0) + flow.dropped.get(sender, 0.0)
        sent = flow.availability.measure(Unit.COUNT, None if flow.sent is None else flow.sent.get(sender, 0.0), nothing)
        lost = flow.losses.measure(Unit.COUNT, gone if flow.is_counted else None, nothing)
        recent = flow.recent.get(sender)
    status, reason = _judged(fill, recent, waiting)
    (collector, name), signal = place
    return Exporter(collector, name or NO_NAME, signal, sent, lost, size, capacity, fill, status, reason)


def _judged(fill: Measure, recent: Recent | None, waiting: Waiting) -> tuple[Status, str]:
    """By what this exporter did in the last reads: what others send says nothing of it, nor what was minutes ago."""
    full = fill.value or 0.0
    sent, lost = recent or (0.0, 0.0)
    failed_ratio = lost / (sent + lost) if lost >= FEW else 0.0
    if full >= FULL_RATIO:
        return Status.UNHEALTHY, "its queue is full: what comes now is lost"
    if failed_ratio > BROKEN_RATIO:
        return Status.UNHEALTHY, "most of what it sends fails"
    if full >= FILLING_RATIO or (waiting.grown_ratio >= GROWING_RATIO and (not sent or full >= HALF_RATIO)):
        return Status.DEGRADED, "its queue is filling"
    if failed_ratio > FAILING_RATIO:
        return Status.DEGRADED, "some of what it sends fails"
    if waiting.lowest and recent is not None and not sent:
        return Status.DEGRADED, "it sends nothing although its queue holds something"
    if fill.value is None and recent is None:
        return Status.UNKNOWN, f"{NOT_SENT}, nor is it known how much its queue may hold"
    return Status.HEALTHY, ""
