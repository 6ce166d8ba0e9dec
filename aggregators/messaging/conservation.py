"""Is every message accounted for? Published × subscribers − delivered − dropped − pending = 0, topic by topic (view 4).

What is due is worked out read by read, with as many subscribers as there were then. A read is not taken at one
instant, and a subscriber may come or go between two reads, so a difference that those explain is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from aggregators.messaging.counts import Counts
from aggregators.series.availability import TWO_READS, Availability
from aggregators.series.counters import Counter, edges
from aggregators.series.grouping import Floats, column, grouped
from aggregators.series.process_tracks import filled
from model.measure import Count, Measure
from model.series import Unit
from model.status import Reading
from store.frames import Block, Frame

TORN_SECONDS = 0.1
"""The counters of one read may lie this far apart: so many deliveries are neither here nor there."""
TORN_DELIVERIES = 2.0


class Due(NamedTuple):
    """Deliveries that the window's messages call for, and how many of them are uncertain."""

    expected: float
    loose: float


@dataclass(frozen=True, slots=True)
class Balance:
    """Deliveries that were due in the window, and those that nobody accounts for (negative: more than were due).

    `holds` is None when it cannot be known, and `note` says why; `topics` are those that do not add up, worst first.
    """

    due: Count
    unaccounted: Count
    holds: bool | None
    topics: tuple[str, ...]
    note: str


class Balances(NamedTuple):
    """The balance of all, and by topic: what is due, what is unaccounted for, and those that do not add up."""

    whole: Balance
    due: dict[str, Due]
    unaccounted: dict[str, float]
    broken: dict[str, float]


def balances(counts: Counts) -> Balances:
    """Every topic's balance; none is drawn where a part of it is not reported, or the counters began anew."""
    due = dues(counts) if counts.subscribers.window.reports else {}
    availability, why = _availability(counts)
    if why:
        nothing = Measure.not_reported(Unit.COUNT, why)
        expected = sum(one.expected for one in due.values()) if due else None
        reported = counts.subscribers.window.measure(Unit.COUNT, expected, nothing)
        return Balances(Balance(reported, availability.measure(Unit.COUNT, None, nothing), None, (), why), due, {}, {})
    before, after = pending_edges(counts)
    left = {
        topic: one.expected
        - counts.delivered.grown.get(topic, 0.0)
        - counts.dropped.grown.get(topic, 0.0)
        - (after.get(topic, 0.0) - before.get(topic, 0.0))
        for topic, one in due.items()
    }
    broken = {topic: value for topic, value in left.items() if abs(value) > tolerance(due[topic], counts.seconds)}
    whole = Balance(
        due=availability.measure(Unit.COUNT, sum(one.expected for one in due.values())),
        unaccounted=availability.measure(Unit.COUNT, sum(left.values())),
        holds=not broken,
        topics=tuple(sorted(broken, key=lambda topic: (-abs(broken[topic]), topic))),
        note="",
    )
    return Balances(whole, due, left, broken)


def tolerance(due: Due, seconds: float) -> float:
    """How many of the deliveries due in `seconds` may be missing, or too many, without meaning anything."""
    return max(TORN_DELIVERIES, TORN_SECONDS * due.expected / seconds) + due.loose


def _availability(counts: Counts) -> tuple[Availability, str]:
    """The state of a figure that rests on all five families, and why there is none ('' when there is one)."""
    families = (counts.published, counts.delivered, counts.dropped, counts.subscribers, counts.pending)
    worst = min((one.window.availability for one in families), key=_rank)
    if not worst.reports:
        return worst, worst.note
    counted = (counts.published, counts.delivered, counts.dropped)
    if not all(one.ready for one in counted):
        return worst, TWO_READS
    if any(one.began_anew for one in counted):
        return worst, "the counters began anew within these 5 minutes: what was pending then is not known"
    unreported = [topic for topic in counts.published.grown if topic not in counts.subscribers.last]
    if any(counts.published.grown[topic] for topic in unreported):
        return worst, f"the subscribers of {len(unreported)} topics are not reported"
    return worst, ""


def _rank(availability: Availability) -> int:
    return (Reading.ERROR, Reading.NOT_REPORTED, Reading.STALE, Reading.VALUE).index(availability.reading)


def dues(counts: Counts) -> dict[str, Due]:
    """Published × subscribers of each topic, read by read; a proxy's messages go to the subscribers of all proxies."""
    found: dict[str, Due] = {}
    start = counts.at - counts.seconds
    for counter in counts.published.window.counters:
        rows = edges(counter.times, start, counts.at)
        if rows is None:
            continue
        names, messages = _by_topic(counter, slice(rows[0], rows[1] + 1))
        times = counter.times[rows[0] : rows[1] + 1]
        ears, waiting = (_held(one.window.frame, names, times) for one in (counts.subscribers, counts.pending))
        sent = np.diff(messages, axis=0)
        gone = np.clip(-np.diff(ears, axis=0), 0, None) > 0
        expected = (sent * ears[1:]).sum(axis=0)
        loose = (sent * np.abs(np.diff(ears, axis=0))).sum(axis=0) + np.where(gone, waiting[:-1], 0.0).sum(axis=0)
        for name, one, other in zip(names, expected.tolist(), loose.tolist(), strict=True):
            known = found.get(name, Due(0.0, 0.0))
            found[name] = Due(known.expected + one, known.loose + other)
    return found


def _by_topic(counter: Counter, rows: slice) -> tuple[list[str], Floats]:
    """The topics of a counter, and its totals (R, topics) in these rows."""
    labels = column(counter.labels, "topic").astype(str)
    names, codes = np.unique(labels, return_inverse=True)
    return [str(name) for name in names], grouped(counter.totals[rows], codes.ravel().astype(np.intp), len(names))


def _held(frame: Frame, names: list[str], times: Floats) -> Floats:
    """A gauge as it stood at each time, (T, names): what all proxies reported last, added; 0 where nobody has
    reported."""
    place = {name: at for at, name in enumerate(names)}
    total = np.zeros((len(times), len(names)))
    for block in frame.blocks:
        read_at, values = _read(block)
        row = np.searchsorted(read_at, times, "right") - 1
        for at, topic in enumerate(column(block.labels, "topic").astype(str).tolist()):
            if topic in place:
                total[:, place[topic]] += np.where(row >= 0, values[np.maximum(row, 0), at], 0.0)
    return total


def _read(block: Block) -> tuple[Floats, Floats]:
    """The times of a block and its values, gaps filled with what was read before."""
    values = filled(block.samples)
    return block.times, values


def pending_edges(counts: Counts) -> tuple[dict[str, float], dict[str, float]]:
    """What was pending when the window began and when it ended, by topic, at the reads that the counters start from."""
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    for block in counts.pending.window.frame.blocks:
        read_at, values = _read(block)
        rows = edges(read_at, counts.at - counts.seconds, counts.at)
        if rows is None:
            continue
        for at, topic in enumerate(column(block.labels, "topic").astype(str).tolist()):
            before[topic] = before.get(topic, 0.0) + float(values[rows[0], at])
            after[topic] = after.get(topic, 0.0) + float(values[rows[1], at])
    return before, after
