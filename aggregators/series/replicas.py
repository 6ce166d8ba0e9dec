"""Sources behind whose one address several processes answer in turn, as a load balancer in front of replicas does.

A gauge of such a source is now one process' and now another's: it has to be said beside every figure of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from aggregators.series.process_tracks import Tracks, filled, tracks_of
from model.catalogue import BY_NAME
from model.number_text import listed
from model.series import Kind
from model.sources import SourceState
from store.frames import Block
from store.snapshot import Snapshot
from store.window_reads import START_FAMILIES

WINDOW_SECONDS = 60.0
LEVELS = "prism_requests_total"
"""A counter that every proxy has, for those that do not report when they started."""
WORKED, MICROSECONDS = "process_cpu_seconds_total", 1e6
"""What no process ever takes back: it falls when another one answers, though both had started at once."""
IN_TURN = "several processes"


def processes_in_turn(snapshot: Snapshot, now: float) -> dict[str, int]:
    """How many processes answered in turn in the last minute, by the key of their source; one alone is left out.

    A restart is not meant: then the process from before does not answer again.
    """
    return snapshot.once((processes_in_turn, now), lambda: _in_turn(snapshot, now))


def _in_turn(snapshot: Snapshot, now: float) -> dict[str, int]:
    found: dict[str, int] = {}
    for source, tracks in _tracks(snapshot, now):
        if tracks is not None and tracks.mixed:
            found[source] = max(found.get(source, 0), len(np.unique(tracks.of)))
    return found


def _tracks(snapshot: Snapshot, now: float) -> Iterator[tuple[str, Tracks | None]]:
    known = set()
    for family in START_FAMILIES:
        for block in snapshot.frame(family, now - WINDOW_SECONDS, now).blocks:
            started = np.fmin.reduce(block.samples, axis=1)
            known.add(block.source)
            yield block.source, tracks_of(_times(block), np.zeros(len(started)), started)
    for block in snapshot.frame(WORKED, now - WINDOW_SECONDS, now).blocks if known else ():
        if block.source in known:
            worked = filled(block.samples).sum(axis=1) * MICROSECONDS
            yield block.source, tracks_of(_times(block), worked, block.started())
    proxies = {key for key, state in snapshot.sources.items() if state.source == BY_NAME[LEVELS].source}
    for block in snapshot.frame(LEVELS, now - WINDOW_SECONDS, now).blocks if proxies - known else ():
        if block.source not in known:
            levels = filled(block.samples).sum(axis=1)
            yield block.source, tracks_of(_times(block), levels, None)


def _times(block: Block) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return block.times


def one_of_several(snapshot: Snapshot, now: float, family: str, sources: Iterable[SourceState]) -> str:
    """What to say beside a figure that is now one process' and now another's; '' for one that is worked out for each.

    Counters and histograms are: their increases are taken process by process.
    """
    if family not in BY_NAME or BY_NAME[family].kind in (Kind.COUNTER, Kind.HISTOGRAM):
        return ""
    counts = processes_in_turn(snapshot, now)
    found = [f"{counts[one.key]} processes that answer at {one.instance}" for one in sources if one.key in counts]
    return f"of one of {listed(found)} in turn" if found else ""


def in_words(count: int) -> str:
    """What to say of a source, and what to do about it."""
    return f"{count} processes answer at this address in turn: name each of them"
