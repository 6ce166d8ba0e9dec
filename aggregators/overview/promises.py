"""Does the dashboard itself keep what was promised of it? The RFC's success and technical metrics, measured live."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from aggregators.alerts.alerts import alerts
from aggregators.alerts.verdict import Look, Part, Verdict, judged, leads_to
from aggregators.series.counters import counters, growth
from aggregators.series.histograms import layouts, merged_counters, whole
from aggregators.series.last_reads import last_reads
from aggregators.series.quantiles import NO_BUCKETS, Buckets, histogram_quantile
from aggregators.series.sources import collector_state
from model.measure import Count, Measure, Number, Seconds, Timestamp
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot

PAGE = "/settings/hud"
HOUR, DAY = 3600.0, 86400.0
NOW_SECONDS = 60.0
PAINTS, ANSWERS, LOADS = 300, 100, 20
"""Five minutes of one page, and so on: a P99 of fewer is one bad moment, and is judged by nobody."""
LEAST_WATCHED_SECONDS = 600.0
"""Of pages together, before a share of their time is judged."""
SHORT_SECONDS = 60.0
"""An alert that was over so soon came to nothing."""
MIB = 2.0**20
NOBODY = "no page was open, or none has reported yet"


@dataclass(frozen=True, slots=True)
class Promise:
    """One figure of the RFC, in base units of `unit`: `target` is the most that it may be, or the least where
    `at_least`; `hour` and `day` what was measured over the last hour and 24 hours, or now.
    """

    id: str
    name: str
    says: str
    unit: str
    target: float
    at_least: bool
    hour: Number
    day: Number
    status: Status

    def figure(self, measured: Measure) -> Measure:
        """`hour` or `day` in its unit."""
        return replace(measured, unit=Unit(self.unit))

    @property
    def promised(self) -> Measure:
        """The target in its unit."""
        return Measure.of(self.target, Unit(self.unit))


@dataclass(frozen=True, slots=True)
class HourOfPaints:
    """How late figures were painted in one hour that begins at `start`; `paints` were measured."""

    start: Timestamp
    p50: Seconds
    p99: Seconds
    paints: Count


@dataclass(frozen=True, slots=True)
class AlertsOfTool:
    """What one tool raised in 24 h: `acknowledged` or silenced by somebody, `short` over within a minute by itself."""

    tool: str
    raised: int
    acknowledged: int
    short: int


@dataclass(frozen=True, slots=True)
class HudItself:
    """The whole. `viewers`: browsers that showed a page since midnight UTC."""

    status: Status
    reason: str
    promises: tuple[Promise, ...]
    hours: tuple[HourOfPaints, ...]
    alerts: tuple[AlertsOfTool, ...]
    viewers: Count


def hud_itself(snapshot: Snapshot, now: float) -> HudItself:
    """Each promise beside what was measured up to `now`, and the hours of the last day."""
    stands = hud_verdict(Look(snapshot, now))
    return HudItself(
        status=stands.status,
        reason=stands.reason,
        promises=promises(snapshot, now),
        hours=tuple(_hours(snapshot, now)),
        alerts=tuple(_alerts(snapshot, now)),
        viewers=_last(snapshot, now, "hud_viewers", Unit.COUNT, max),
    )


def hud_verdict(look: Look) -> Verdict:
    """As bad as what is not kept, and no better than the alerts that lead here."""
    missed = [one for one in promises(look.snapshot, look.now) if one.status is Status.DEGRADED]
    names = ", ".join(one.name.lower() for one in missed)
    part: Part = (Status.DEGRADED, f"missed: {names}") if missed else (Status.HEALTHY, "")
    return judged(look, [part], leads_to(PAGE))


def promises(snapshot: Snapshot, now: float) -> tuple[Promise, ...]:
    """Every figure that has a target, as of `now`."""
    return snapshot.once((promises, now), lambda: _promises(snapshot, now))


def _promises(snapshot: Snapshot, now: float) -> tuple[Promise, ...]:
    size = Unit.BYTES
    heap = _last(snapshot, now, "hud_page_heap_bytes", size, max)
    backend = _last(snapshot, now, "hud_memory_bytes", size, sum)
    lag = _lag(snapshot, now)
    return (
        _timed(snapshot, now, "pixel", "Change to pixel", "hud_change_to_pixel_seconds", 2.0,
               "P99 from the time of a sample to the paint that shows it", PAINTS),
        _kept("lag", "Lag of sources", "the source that was longest not read well, but lost ones",
              5.0, lag, lag),
        _connected(snapshot, now),
        _timed(snapshot, now, "api", "Answers of /api", "hud_api_request_duration_seconds", 0.1,
               "P99 of the time that an answer takes to be made", ANSWERS),
        _timed(snapshot, now, "paint", "First figure", "hud_first_paint_seconds", 2.0,
               "P99 from the start of a page's load to its first figure", LOADS),
        _kept("backend", "Memory of the processes", "collector and web processes, what they share counted once",
              256 * MIB, backend, backend),
        _kept("heap", "Memory of a page", "the largest JavaScript heap of an open page",
              50 * MIB, heap, heap),
    )  # fmt: skip


def _kept(
    name: str, title: str, says: str, target: float, hour: Measure, day: Measure, at_least: bool = False
) -> Promise:
    """Judged by its last hour; what is not known is not judged."""
    status = Status.UNKNOWN
    if hour.value is not None:
        is_kept = hour.value >= target if at_least else hour.value <= target
        status = Status.HEALTHY if is_kept else Status.DEGRADED
    plain = [replace(one, unit=Unit.NONE) for one in (hour, day)]
    return Promise(name, title, says, hour.unit.value, target, at_least, plain[0], plain[1], status)


def _timed(
    snapshot: Snapshot, now: float, name: str, title: str, family: str, most: float, says: str, least: int
) -> Promise:
    """A P99, which fewer than `least` observations of the last hour do not make: they are shown, and not judged."""
    hour, day = (_buckets(snapshot, family, now - span, now) for span in (HOUR, DAY))
    made = _kept(name, title, says, most, _quantile(hour, 0.99), _quantile(day, 0.99))
    if 0 < hour.total < least:
        few = f"of {hour.total:.0f} that were measured; {least} are judged"
        return replace(made, hour=replace(made.hour, note=few), status=Status.UNKNOWN)
    return made


def _quantile(buckets: Buckets, q: float) -> Measure:
    if not buckets.total:
        return Measure.not_reported(Unit.SECONDS, NOBODY)
    found = histogram_quantile(q, buckets.bounds, buckets.counts)
    return Measure.of(found.value or 0.0, Unit.SECONDS, found.bound)


def _buckets(snapshot: Snapshot, family: str, start: float, end: float) -> Buckets:
    """What was observed in (start, end], all web processes together."""
    frame = snapshot.frame(f"{family}_bucket", start, end, coarse=end - start > HOUR)
    parts = [(part, layouts(part.labels, ())) for part in counters(frame)]
    return whole(merged_counters(parts, start, end)) if parts else NO_BUCKETS


def _connected(snapshot: Snapshot, now: float) -> Promise:
    spans = []
    for span in (HOUR, DAY):
        whole_time, had = (
            _grown(snapshot, f"hud_page_{kind}seconds_total", now - span, now) for kind in ("", "connected_")
        )
        if whole_time < LEAST_WATCHED_SECONDS:
            spans.append(Measure.not_reported(Unit.RATIO, f"{NOBODY}; ten minutes of pages make a share"))
        else:
            spans.append(Measure.of(min(1.0, had / whole_time), Unit.RATIO))
    says = "for how much of the time that pages were open they had their websocket"
    hour, day = spans
    return _kept("websocket", "Websocket uptime", says, 0.999, hour, day, at_least=True)


def _grown(snapshot: Snapshot, name: str, start: float, end: float) -> float:
    frame = snapshot.frame(name, start, end, coarse=end - start > HOUR)
    return sum((growth(counters(frame), start, end, ()) or {}).values())


def _lag(snapshot: Snapshot, now: float) -> Measure:
    """Beyond its own interval: a source that is read every 10 s by intent is not late for that."""
    late = [
        (max(0.0, (state.age_seconds(now) or 0.0) - state.interval_seconds), state.key)
        for state in snapshot.sources.values()
        if state.last_success and not state.is_stale(now)
    ]
    if not late:
        return Measure.not_reported(Unit.SECONDS, "no source is read")
    return Measure.of(max(late)[0], Unit.SECONDS)


def _last(snapshot: Snapshot, now: float, name: str, unit: Unit, together: Callable[[list[float]], float]) -> Measure:
    """What the last reads of a minute say, all processes `together`."""
    found = [one.value for one in last_reads(snapshot, name, now, NOW_SECONDS)]
    if not found:
        silent = "" if collector_state(snapshot, now).alive else "the collector is silent; "
        return Measure.not_reported(unit, f"{silent}{NOBODY}")
    return Measure.of(float(together(found)), unit)


def _hours(snapshot: Snapshot, now: float) -> list[HourOfPaints]:
    """The newest first; hours in which nobody looked are left out."""
    first = np.floor(now / HOUR) * HOUR
    found = []
    for start in (first - HOUR * back for back in range(24)):
        buckets = _buckets(snapshot, "hud_change_to_pixel_seconds", float(start), min(now, float(start) + HOUR))
        if buckets.total:
            counted = Measure.of(buckets.total, Unit.COUNT)
            begun = Measure.of(float(start), Unit.TIMESTAMP)
            found.append(HourOfPaints(begun, _quantile(buckets, 0.5), _quantile(buckets, 0.99), counted))
    return found


def _alerts(snapshot: Snapshot, now: float) -> list[AlertsOfTool]:
    """By who raised them, the busiest first."""
    raised, seen, short = Tally[str](), Tally[str](), Tally[str]()
    for one in alerts(snapshot, now, every_run=True):
        for tool in one.sources:
            raised[tool] += 1
            seen[tool] += one.acknowledged is not None or one.silenced is not None
            short[tool] += one.resolved_at is not None and one.duration_seconds < SHORT_SECONDS
    return [AlertsOfTool(tool, count, seen[tool], short[tool]) for tool, count in raised.most_common()]
