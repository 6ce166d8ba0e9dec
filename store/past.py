"""A snapshot as it was at an earlier instant: what was stored by then, and how each source then stood.

The writer's rows say when each source had been tried and read; events say whatever else changed. Where only one-minute
points are kept, the answer is for the last whole minute. What nobody stored is *not kept*, which is not zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from store.frames import Loader, Readable
from store.past_sources import OWN, loaded_states, states_at
from store.snapshot import Snapshot

DAY_SECONDS = 86400.0
MINUTE = 60.0
LOADED_SECONDS = 120.0
"""A source whose history was loaded from elsewhere has a row in so many seconds."""
SILENT_SECONDS = 5.0
"""Where every read is kept, the writer's rows are closer than this while it runs."""
SPANS = (LOADED_SECONDS, 3600.0, DAY_SECONDS)
"""How far back the writer's last row is looked for, in this order."""


class Kept(StrEnum):
    """How closely an instant can be shown."""

    READS = "every read"
    MINUTES = "one-minute points"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Past:
    """`snapshot` holds nothing later than `instant`, in seconds since 1970, for which it is to be asked."""

    snapshot: Snapshot
    instant: float
    kept: Kept
    alive_at: float
    """When the collector was last heard of by then; 0.0 when it was not."""


def as_of(whole: Snapshot, at: float) -> Past:
    """What is stored, as it was known at `at`, which should be no earlier than a day before it was written."""
    kept = Kept.READS if at >= whole.reads_since else Kept.MINUTES
    instant = at if kept is Kept.READS else at // MINUTE * MINUTE
    newest = _newest(whole, instant, LOADED_SECONDS)
    own = newest.pop(OWN, None) or next(filter(None, (_own_row(whole, instant, span) for span in SPANS[1:])), 0.0)
    loaded = _loaded(newest, own, instant, SILENT_SECONDS if kept is Kept.READS else MINUTE)
    if loaded:
        alive_at, sources = instant, loaded_states(whole, loaded)
    else:
        alive_at, sources = own, states_at(whole, own)
    if not loaded and not own:
        return nothing_kept(whole, at)
    until = instant if loaded else min(instant, own)
    meta: dict[str, Any] = {**whole.meta, "collector_alive_at": alive_at, "store_trouble": "", "collector_pid": 0}
    happened = whole.events[: bisect_right(whole.events, instant, key=lambda event: event.time)]
    events = happened if loaded else tuple(event for event in happened if event.known_at <= instant)
    load = PastLoader(whole.load, until, instant if loaded else own)
    snapshot = Snapshot(whole.version, alive_at, sources, events, meta, load, whole.reads_since, is_past=True)
    return Past(snapshot, instant, kept, alive_at)


def nothing_kept(whole: Snapshot, at: float) -> Past:
    """An instant of which nothing is stored."""
    return Past(Snapshot(meta={**whole.meta, "collector_alive_at": 0.0}, is_past=True), at, Kept.NOTHING, 0.0)


def _newest(whole: Snapshot, instant: float, seconds: float) -> dict[str, float]:
    """The last row of each source in the `seconds` before the instant."""
    found: dict[str, float] = {}
    for segment in whole.load(instant - seconds, instant, instant - seconds):
        rows = int(segment.times.searchsorted(instant, "right"))
        if rows and segment.times[rows - 1] > instant - seconds:
            found[segment.source] = max(float(segment.times[rows - 1]), found.get(segment.source, 0.0))
    return found


def _own_row(whole: Snapshot, instant: float, seconds: float) -> float:
    return _newest(whole, instant, seconds).get(OWN, 0.0)


def _loaded(newest: Mapping[str, float], own: float, instant: float, silent: float) -> dict[str, float]:
    """The rows of an instant at which the writer did not run: they were loaded later, from a Prometheus."""
    if instant - own <= silent:
        return {}
    return {source: at for source, at in newest.items() if at > own + silent}


@dataclass(frozen=True, slots=True)
class PastLoader:
    """The segments of a snapshot up to `until`; `written` is when it would have been written.

    The minute that was open then is read whole, as it was.
    """

    whole: Loader
    until: float
    written: float

    def __call__(self, start: float, end: float, fine: float) -> Iterator[Readable]:
        """As a Loader does."""
        open_since = self.written // MINUTE * MINUTE
        for segment in self.whole(start, min(end, self.until), min(fine, open_since)):
            if segment.times[-1] <= self.until:
                yield segment
            elif segment.times[0] <= self.until:
                yield segment.until(self.until)
