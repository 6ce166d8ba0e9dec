"""Restarts of a pattern: as the proxy counts them, else as start times or its going and coming show."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aggregators.series.grouping import column
from aggregators.series.process_tracks import filled, tracks_of
from aggregators.series.window import Window, newest_reads
from model.catalogue.launcher import BY_COUNT, BY_PID, BY_UPTIME
from model.measure import Count, Measure
from model.process_tracker import CLOCK_SLACK_SECONDS
from model.series import Event, Unit
from model.status import Reading
from store.frames import Block
from store.snapshot import Snapshot

COUNTER, STARTED = "prism_pattern_restarts_total", "prism_pattern_start_time_seconds"
DAY_SECONDS = 86400.0
BASELINE_SECONDS = 300.0
"""A day-old count is looked for in the first 5 minutes of the 24 hours."""
START_TIME_SLACK = 1.0
"""Start times that differ by less are the same start, reported with other digits."""

REPORTED = "reported"
BEFORE_WATCH = "reported total, from before this dashboard watched"
BY_START_TIME = "inferred: its start time changed"
BY_RETURN = "inferred: it was down and came back"
BY_WATCH = frozenset({BY_RETURN, BY_PID, BY_UPTIME, BY_COUNT})
SAME_SECONDS = 15.0
"""Two who watch see the same restart within this time of each other."""
MOST_SORTED_OUT = 4
NOT_SEEN = "inferred: none seen since this dashboard watches"


@dataclass(frozen=True, slots=True)
class Restart:
    """`count` restarts of a pattern noticed at `time`; `how` says by what."""

    pattern: str
    time: float
    count: int
    how: str


@dataclass(frozen=True, slots=True)
class DayCount:
    """Restarts of a pattern in 24 h, and how they are known."""

    count: Count
    how: str


def events_since(events: Iterable[Event], kind: str, since: float, until: float) -> list[Event]:
    """Events of one kind in (since, until], oldest first; `events` are in order of time."""
    times, found = _by_kind(events if isinstance(events, tuple) else tuple(events)).get(kind, _NONE)
    return found[bisect_right(times, since) : bisect_right(times, until)]


_NONE: tuple[list[float], list[Event]] = ([], [])
_Kinds = dict[str, tuple[list[float], list[Event]]]
_sorted_out: list[tuple[tuple[Event, ...], _Kinds]] = []
"""A day's events by kind, for the tuples that were asked about last: a snapshot without a new event has that of the
snapshot before (store/reader.py), and one look at a page asks twenty times."""


def _by_kind(events: tuple[Event, ...]) -> _Kinds:
    """Times and events of each kind."""
    for known, kinds in tuple(_sorted_out):
        if known is events:
            return kinds
    kinds = {}
    for event in events:
        times, found = kinds.setdefault(event.kind, ([], []))
        times.append(event.time)
        found.append(event)
    _sorted_out[:] = [(events, kinds), *_sorted_out[: MOST_SORTED_OUT - 1]]
    return kinds


def recent_restarts(snapshot: Snapshot, now: float, window: float) -> list[Restart]:
    """Restarts in the last `window` seconds, oldest first: from the best evidence that there is for each pattern."""
    frame = snapshot.frame(COUNTER, now - window, now)
    found: dict[str, list[Restart]] = {}
    for block in frame.blocks:
        for rows in _by_process(block):
            times, totals = block.times[rows], filled(block.samples[rows])
            for position, series in enumerate(block.series):
                pattern = series.label("pattern") or ""
                reported = found.setdefault(pattern, [])
                reported += _steps(pattern, times, totals[:, position], now - window)
    for pattern, changes in _start_changes(snapshot, now, window):
        found[pattern] = _timed(found[pattern], changes) if pattern in found else changes
    for event in _once_each(events_since(snapshot.events, "restart", now - window, now)):
        pattern, how = event.label("pattern") or "", event.label("how") or ""
        if how in BY_WATCH and pattern not in found:
            found.setdefault(f"\0{pattern}", []).append(Restart(pattern, event.time, _count_of(event), how))
    return sorted((one for reported in found.values() for one in reported), key=lambda one: one.time)


def _once_each(events: Iterable[Event]) -> list[Event]:
    """Restarts without those that somebody else has seen already by something else."""
    kept: list[Event] = []
    last: dict[str, Event] = {}
    for event in events:
        before = last.get(event.label("pattern") or "")
        double = before is not None and before.label("how") != event.label("how")
        if before is not None and double and event.time - before.time <= SAME_SECONDS:
            continue
        kept.append(event)
        last[event.label("pattern") or ""] = event
    return kept


def _by_process(block: Block) -> Iterable[npt.NDArray[np.intp]]:
    """The rows of each process that answers at one address: what two of them counted are no steps of either."""
    started = block.started()
    tracks = None if started is None else tracks_of(block.times, filled(block.samples).sum(axis=1), started)
    if tracks is None or not tracks.mixed:
        return (np.arange(len(block.times)),)
    return (np.flatnonzero(tracks.of == one) for one in np.unique(tracks.of))


def _steps(
    pattern: str, times: npt.NDArray[np.float64], totals: npt.NDArray[np.float64], since: float
) -> list[Restart]:
    grown = np.diff(totals)  # a count that fell is a proxy that restarted, which is no pattern's restart
    rows = np.flatnonzero((grown >= 1) & (times[1:] > since))
    return [Restart(pattern, float(times[row + 1]), int(grown[row]), REPORTED) for row in rows]


def _start_changes(snapshot: Snapshot, now: float, window: float) -> list[tuple[str, list[Restart]]]:
    frame = snapshot.frame(STARTED, now - window, now)
    return [one for block in frame.blocks for one in _changes_in(block, now - window, now)]


def _changes_in(block: Block, since: float, now: float) -> Iterable[tuple[str, list[Restart]]]:
    values = block.samples
    for position, pattern in enumerate(column(block.labels, "pattern")):
        rows = np.flatnonzero(values[:, position] > 0)
        known, read_at = values[rows, position], block.times[rows]
        newest = np.maximum.accumulate(known)  # of processes that answer in turn none is started anew
        since_last = known[1:] >= read_at[:-1] - CLOCK_SLACK_SECONDS
        later = known[1:][(np.diff(newest) > START_TIME_SLACK) & since_last]
        moments = [float(one) for one in later if since < one <= now]
        yield str(pattern), [Restart(str(pattern), one, 1, BY_START_TIME) for one in moments]


def _timed(counted: list[Restart], changes: list[Restart]) -> list[Restart]:
    """Counted restarts, at the exact instants that the start times report where both report the same one."""
    exact = sorted(one.time for one in changes)
    timed = []
    for one in counted:
        before = [instant for instant in exact if one.time - 5.0 < instant <= one.time]
        timed.append(Restart(one.pattern, before[-1] if before else one.time, one.count, one.how))
    return timed


def start_times(snapshot: Snapshot, now: float) -> dict[str, float]:
    """When each pattern last started, as the proxy reports; seconds since 1970, 0 and the future left out."""
    reported = newest_reads(snapshot, now, STARTED)
    return {one.label("pattern"): one.value for one in reported if 0 < one.value <= now + 60}


def restarts_in_a_day(snapshot: Snapshot, now: float) -> dict[str, DayCount]:
    """Restarts in 24 h per pattern that the proxy counts, or that we saw restart."""
    seen: dict[str, list[Event]] = {}
    for event in _once_each(events_since(snapshot.events, "restart", now - DAY_SECONDS, now)):
        seen.setdefault(event.label("pattern") or "", []).append(event)
    answer = {pattern: _seen(events) for pattern, events in seen.items()}
    totals = Window.newest(snapshot, now, COUNTER)
    before = _a_day_ago(snapshot, now)
    grown: dict[str, float] = {}
    unwatched: set[str] = set()
    for one in totals.last():
        pattern, known = one.label("pattern"), before.get((one.read_from, one.label("pattern")))
        grown[pattern] = grown.get(pattern, 0.0) + (
            one.value if known is None or one.value < known else one.value - known
        )
        if known is None:
            unwatched.add(pattern)
    for pattern, count in grown.items():
        own = _counted(seen.get(pattern, []))
        how = BEFORE_WATCH if pattern in unwatched and count > own else REPORTED
        measure = Measure.of(max(count, own), Unit.COUNT)
        answer[pattern] = DayCount(measure if totals.at == now else measure.stale(now - totals.at), how)
    return answer


def _a_day_ago(snapshot: Snapshot, now: float) -> dict[tuple[str, str], float]:
    """The count of each (source, pattern) as the 24 hours began, where it is known."""
    start = now - DAY_SECONDS
    known = {}
    for block in snapshot.frame(COUNTER, start, start + BASELINE_SECONDS).blocks:
        for series, count in zip(block.series, block.samples[0].tolist(), strict=True):
            if count == count:  # not NaN
                known[block.source, series.label("pattern") or ""] = count
    return known


def _counted(events: list[Event]) -> float:
    return float(sum(map(_count_of, events)))


def _count_of(event: Event) -> int:
    return int(event.label("count") or 1)


def _seen(events: list[Event]) -> DayCount:
    return DayCount(Measure.of(_counted(events), Unit.COUNT), events[-1].label("how") or BY_RETURN)


def none_seen() -> DayCount:
    """For a pattern that nobody counts and that was not seen to restart."""
    return DayCount(Measure(Unit.COUNT, Reading.VALUE, 0.0, NOT_SEEN), NOT_SEEN)
