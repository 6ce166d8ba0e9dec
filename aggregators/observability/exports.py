"""What the OTel Collector sent on, gave up, turned away and still holds (view 7), by its own counters.

It counts spans, points and records, not traces, metrics and logs. An exporter's failures are only exposed once there
are some (since v0.146): absent means none where what it sent is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from aggregators.series.availability import TWO_READS, Availability
from aggregators.series.counters import growth
from aggregators.series.histograms import merged, whole
from aggregators.series.quantiles import histogram_quantile
from aggregators.series.sources import reach
from aggregators.series.window import Window
from model.measure import Count, Measure, Ratio, Seconds
from model.series import Unit
from model.status import Reading
from store.snapshot import Snapshot

WINDOW_SECONDS = 300.0
DATA_TYPES = {"spans": "traces", "metric_points": "metrics", "log_records": "logs"}
DURATION = "otelcol_exporter_request_duration_seconds_bucket"
NO_LATENCY = "not reported by this collector; metrics level detailed of its telemetry would fill it"
NOT_YET = "not reported: it appears with the first one that is sent"

SENT, LOST = "exporter_sent", ("exporter_send_failed", "exporter_enqueue_failed")
ACCEPTED, REFUSED = "receiver_accepted", "receiver_refused"
JUDGED_SECONDS = 15.0
"""Batches are sent, and tried again, every few seconds."""


class Sender(NamedTuple):
    """One exporter of one collector, by their names; '' for one whose counters do not name it."""

    collector: str
    exporter: str


Counted = dict[Sender, float]
"""An increase by exporter (or receiver)."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal over the last 5 minutes, in `items` (spans, metric points, log records)."""

    name: str
    items: str
    exported: Count
    failed: Count
    refused: Count


@dataclass(frozen=True, slots=True)
class Exports:
    """All signals together. `errors` are items given up after all retries or dropped before a full queue."""

    signals: tuple[Signal, ...]
    errors: Count
    error_ratio: Ratio
    enqueue_failed: Count
    refused: Count
    latency_p99: Seconds


class Recent(NamedTuple):
    """Items of one exporter in the last reads (`reach`)."""

    sent: float
    lost: float


@dataclass(frozen=True, slots=True)
class Flow:
    """What is known of one signal's counters: increases by exporter, None before two reads or without the family.

    `recent` is what each exporter (sent, lost) in the last reads only: what it does now.
    """

    items: str
    availability: Availability
    sent: Counted | None
    failed: Counted
    dropped: Counted
    losses: Availability
    recent: Mapping[Sender, Recent]
    refused: float | None
    door: Availability

    @property
    def exporters(self) -> set[Sender]:
        """All that a counter names: one that never got anything through is only named by what it lost."""
        return {*(self.sent or {}), *self.failed, *self.dropped}

    @property
    def is_counted(self) -> bool:
        """True when its losses are known: absent counters of failures are none where sending is reported."""
        return self.sent is not None or bool(self.failed or self.dropped)

    @property
    def lost(self) -> float:
        """Items given up or dropped."""
        return sum(self.failed.values()) + sum(self.dropped.values())


def family(what: str, items: str) -> str:
    """The catalogue's name of a counter, such as ("exporter_sent", "spans")."""
    return f"otelcol_{what}_{items}_total"


def judged_seconds(snapshot: Snapshot) -> float:
    """How long an exporter's last reads are, by which it is judged."""
    return max(JUDGED_SECONDS, reach(snapshot, "otel"))


def flows(snapshot: Snapshot, now: float, window: float = WINDOW_SECONDS) -> tuple[Flow, ...]:
    """Every signal's counters over the last `window` seconds."""
    return tuple(_flow(snapshot, now, items, window) for items in DATA_TYPES)


def _flow(snapshot: Snapshot, now: float, items: str, window: float) -> Flow:
    near = judged_seconds(snapshot)
    known = {what: Window.of(snapshot, now, family(what, items), window) for what in (SENT, *LOST, ACCEPTED, REFUSED)}
    whole_window = [_grown(known[what], "exporter", window) for what in (SENT, *LOST)]
    latest = [_grown(known[what], "exporter", near) for what in (SENT, *LOST)] if window != near else whole_window
    sent, failed, dropped = whole_window
    accepted, refused = (_grown(known[what], "receiver", window) for what in (ACCEPTED, REFUSED))
    return Flow(
        items,
        known[SENT].availability,
        sent,
        failed or {},
        dropped or {},
        next((known[what] for what in (SENT, *LOST) if known[what].reports), known[SENT]).availability,
        _recent(*latest),
        None if accepted is None and refused is None else sum((refused or {}).values()),
        known[ACCEPTED].availability,
    )


def _grown(window: Window, by: str, seconds: float) -> Counted | None:
    """How much a counter grew in the last `seconds` by exporter or receiver; None before two reads."""
    grown = growth(window.counters, window.at - seconds, window.at, ("instance", by))
    return None if grown is None else {Sender(*group): value for group, value in grown.items()}


def _recent(sent: Counted | None, failed: Counted | None, dropped: Counted | None) -> dict[Sender, Recent]:
    names = {*(sent or {}), *(failed or {}), *(dropped or {})}

    def of(counted: Counted | None, one: Sender) -> float:
        return (counted or {}).get(one, 0.0)

    return {one: Recent(of(sent, one), of(failed, one) + of(dropped, one)) for one in names}


def exports(snapshot: Snapshot, now: float, known: tuple[Flow, ...] | None = None) -> Exports:
    """The answer for the last 5 minutes; `known` when the caller has worked it out already."""
    found = flows(snapshot, now) if known is None else known
    losses = next((one.losses for one in found if one.losses.reports), found[0].losses)
    waiting = Measure.not_reported(Unit.COUNT, TWO_READS)
    sent = [sum(one.sent.values()) for one in found if one.sent is not None]
    counted = [one for one in found if one.is_counted]
    lost = sum(one.lost for one in counted) if counted else None
    everything = sum(sent) + (lost or 0.0)
    door = next((one for one in found if one.door.reports), found[0])
    refused = [one.refused for one in found if one.refused is not None]
    ratio = losses.measure(Unit.RATIO, None, Measure.not_reported(Unit.RATIO, TWO_READS))
    if lost is not None:
        ratio = losses.measure(Unit.RATIO, lost / everything if everything > 0 else None)
    dropped = sum(sum(one.dropped.values()) for one in counted) if counted else None
    return Exports(
        signals=tuple(_signal(one, any(other.availability.reports for other in found)) for one in found),
        errors=losses.measure(Unit.COUNT, lost, waiting),
        error_ratio=ratio,
        enqueue_failed=losses.measure(Unit.COUNT, dropped, waiting),
        refused=door.door.measure(Unit.COUNT, sum(refused) if refused else None, waiting),
        latency_p99=_latency(snapshot, now),
    )


def _signal(flow: Flow, others_report: bool) -> Signal:
    waiting = Measure.not_reported(Unit.COUNT, TWO_READS)
    by_name = _by_name(flow.sent or {})
    sent = None if flow.sent is None else max(by_name.values(), default=0.0)
    exported = flow.availability.measure(Unit.COUNT, sent, waiting)
    if exported.value is not None:
        exported = replace(exported, note=". ".join(filter(None, (exported.note, _fan_out(by_name)))))
    elif flow.availability.reading is Reading.NOT_REPORTED and others_report:
        exported = replace(exported, note=NOT_YET)
    lost = flow.lost if flow.is_counted else None
    return Signal(
        name=DATA_TYPES[flow.items],
        items=flow.items.replace("_", " "),
        exported=exported,
        failed=flow.losses.measure(Unit.COUNT, lost, waiting),
        refused=flow.door.measure(Unit.COUNT, flow.refused, waiting),
    )


def _by_name(sent: Counted) -> dict[str, float]:
    """Over all collectors: behind a load balancer each of them sends a part."""
    found: dict[str, float] = {}
    for one, count in sent.items():
        found[one.exporter] = found.get(one.exporter, 0.0) + count
    return found


def _fan_out(sent: Mapping[str, float]) -> str:
    """Two exporters of one signal usually send the same items: counted once, and said so."""
    busy = sorted((name for name, count in sent.items() if count > 0), key=lambda name: -sent[name])
    if len(busy) < 2:
        return ""
    return f"by {busy[0]}; {_named(busy[1:])} sent on as well, which is not added"


def _named(names: Iterable[str]) -> str:
    return " and ".join(names)


def _latency(snapshot: Snapshot, now: float) -> Measure:
    """P99 of the requests to where telemetry is sent, of the whole process: no version reports it by exporter."""
    window = Window.of(snapshot, now, DURATION, WINDOW_SECONDS)
    if window.availability.reading is Reading.NOT_REPORTED:
        why = window.availability.note
        return Measure.not_reported(Unit.SECONDS, NO_LATENCY if "no otel" not in why else why)
    buckets = whole(merged(window.frame, window.start, window.at))
    nothing = None if len(buckets.bounds) else Measure.not_reported(Unit.SECONDS, TWO_READS)
    return window.measure(Unit.SECONDS, histogram_quantile(0.99, buckets.bounds, buckets.counts), nothing)
