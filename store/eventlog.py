"""Events of the last 24 hours in runs: full runs never change, the last one is written anew when it grows."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Sequence
from typing import NamedTuple

from model.series import Event
from store.commits import decode_events, encode_events
from store.errors import StoreDamaged
from store.manifest import EventsRef
from store.retention import EVENT_SECONDS

RUN_LENGTH = 500
MAX_EVENTS = 20_000
"""More than these in a day is a storm: the oldest go, and the manifest counts how many."""
_log = logging.getLogger(__name__)
Read = Callable[[str], object]


class EventPlan(NamedTuple):
    """What a change of the log writes, what is alive after it, and how many events it dropped for want of room."""

    values: dict[str, bytes]
    refs: tuple[EventsRef, ...]
    dropped: int = 0


def appended(refs: Sequence[EventsRef], events: Sequence[Event], now: float, read: Read) -> EventPlan:
    """The log with `events` added and those past their time gone. `read` gives a stored run."""
    alive = [ref for ref in refs if ref.end >= now - EVENT_SECONDS]
    values: dict[str, bytes] = {}
    if events:
        begun = _run(alive.pop(), read) if alive and alive[-1].length < RUN_LENGTH else []
        ref, data = _written([*begun, *events])
        values[ref.key] = data
        alive.append(ref)
    dropped = 0
    while len(alive) > 1 and sum(ref.length for ref in alive) > MAX_EVENTS:
        dropped += alive.pop(0).length
    if dropped:
        _log.warning("more than %d events in a day: the oldest %d are dropped", MAX_EVENTS, dropped)
    return EventPlan(values, tuple(alive), dropped)


def until(refs: Sequence[EventsRef], now: float, read: Read) -> EventPlan:
    """The log without what lies after `now` (the clock was set back)."""
    values: dict[str, bytes] = {}
    alive: list[EventsRef] = []
    for ref in refs:
        if ref.end <= now:
            alive.append(ref)
            continue
        events = [event for event in _run(ref, read) if event.time <= now]
        if events:
            cut, values[cut.key] = _written(events)
            alive.append(cut)
    return EventPlan(values, tuple(alive))


def _run(ref: EventsRef, read: Read) -> list[Event]:
    """A stored run; empty, with a log line, when it is damaged."""
    try:
        return decode_events(read(ref.key))
    except StoreDamaged as error:
        _log.error("skipping stored events %s: %s", ref.key, error)
        return []


def _written(events: Sequence[Event]) -> tuple[EventsRef, bytes]:
    run = sorted(events, key=lambda event: event.time)
    return EventsRef(f"events/{uuid.uuid4().hex[:12]}", run[-1].time, len(run)), encode_events(run)
