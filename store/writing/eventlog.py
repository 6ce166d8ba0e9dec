"""Events of the last 24 hours in runs: full runs never change, the last one is written anew when it grows.

Kinds that anybody outside can make happen, by the thousand, have a budget of their own: they never push out the rest.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from typing import NamedTuple

from model.series import Event
from store.disk.commits import decode_events, encode_events
from store.disk.manifest import EventsRef
from store.errors import StoreDamaged
from store.writing.retention import EVENT_SECONDS

RUN_LENGTH = 500
MAX_EVENTS = 20_000
"""More than these in a day is a storm: the oldest go, and the manifest counts how many."""
BUDGETS = {
    "auth_failure": 5_000,
    "alertmanager_alert": 10_000,
    "signoz_alert": 10_000,
    "departure": 2_000,
    "change": 5_000,
    "source_state": 2_000,
}
"""Kinds that are kept apart, and how many of each: the newest. That older ones go is no news."""
COMMON = ""
"""The lane of all other kinds."""
_log = logging.getLogger(__name__)
Read = Callable[[str], object]


class EventPlan(NamedTuple):
    """What a change of the log writes, what is alive after it, and how many events it dropped for want of room."""

    values: dict[str, bytes]
    refs: tuple[EventsRef, ...]
    dropped: int = 0


def lane_of(kind: str) -> str:
    """Where events of a kind are kept: in their own lane when they have a budget."""
    return kind if kind in BUDGETS else COMMON


def appended(refs: Sequence[EventsRef], events: Sequence[Event], now: float, read: Read) -> EventPlan:
    """The log with `events` added and those past their time gone. `read` gives a stored run."""
    values: dict[str, bytes] = {}
    alive: list[EventsRef] = []
    dropped = 0
    for lane, most in ((COMMON, MAX_EVENTS), *BUDGETS.items()):
        mine = [ref for ref in refs if ref.lane == lane and ref.end >= now - EVENT_SECONDS]
        new = [event for event in events if lane_of(event.kind) == lane]
        if new:
            begun = _run(mine.pop(), read) if mine and mine[-1].length < RUN_LENGTH else []
            for ref, data in _written([*begun, *new], lane):
                values[ref.key] = data
                mine.append(ref)
        gone = _beyond(mine, most)
        for ref in mine[:gone]:
            values.pop(ref.key, None)
        if lane == COMMON and gone:
            dropped = sum(ref.length for ref in mine[:gone])
            _log.warning("more than %d events in a day: the oldest %d are dropped", most, dropped)
        alive += mine[gone:]
    return EventPlan(values, tuple(alive), dropped)


def _beyond(refs: Sequence[EventsRef], most: int) -> int:
    """How many of the oldest runs go so that at most `most` events stay; the newest run always does."""
    gone, left = 0, sum(ref.length for ref in refs)
    while gone < len(refs) - 1 and left > most:
        left -= refs[gone].length
        gone += 1
    return gone


def until(refs: Sequence[EventsRef], now: float, read: Read) -> EventPlan:
    """The log without what lies after `now` (the clock was set back)."""
    values: dict[str, bytes] = {}
    alive: list[EventsRef] = []
    for ref in refs:
        if ref.end <= now:
            alive.append(ref)
            continue
        events = [event for event in _run(ref, read) if event.time <= now]
        for cut, data in _written(events, ref.lane):
            alive.append(cut)
            values[cut.key] = data
    return EventPlan(values, tuple(alive))


def _run(ref: EventsRef, read: Read) -> list[Event]:
    """A stored run; empty, with a log line, when it is damaged."""
    try:
        return decode_events(read(ref.key))
    except StoreDamaged as error:
        _log.error("skipping stored events %s: %s", ref.key, error)
        return []


def _written(events: Sequence[Event], lane: str) -> list[tuple[EventsRef, bytes]]:
    """The events in order of time, in runs of RUN_LENGTH."""
    ordered = sorted(events, key=lambda event: event.time)
    runs = [ordered[at : at + RUN_LENGTH] for at in range(0, len(ordered), RUN_LENGTH)]
    return [
        (EventsRef(f"events/{uuid.uuid4().hex[:12]}", run[-1].time, len(run), lane), encode_events(run)) for run in runs
    ]
