"""Which process each read of one source came from, as counters are made monotone (see model/process_tracker.py)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from model.process_tracker import (
    JUMP_FACTOR,
    LEAST_FALL,
    ROUNDING,
    SAME_START_SECONDS,
    ProcessTracker,
    Read,
)
from store.series_table import carried

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass
class Tracks:
    """`of` (T,): the process of each row, counted from 0. `born`: those that had counted nothing before their first."""

    of: Indices
    born: set[int] = field(default_factory=set)

    @property
    def mixed(self) -> bool:
        """True when some process answered again after another one had."""
        changes = self.of[np.flatnonzero(np.diff(self.of, prepend=-1))]
        return len(changes) > len(np.unique(changes))


def tracks_of(times: Floats, levels: Floats, started: Floats | None) -> Tracks | None:
    """From the sums (T,) of all series of a family, and the start times (T,) that the reads carried.

    None when nothing speaks for more than one process without a restart.
    """
    if not _suspicious(levels, started):
        return None
    tracker = ProcessTracker()
    tracks = Tracks(np.zeros(len(times), dtype=np.intp))
    starts = np.full(len(times), np.nan) if started is None else started
    for row, (time, level, start) in enumerate(zip(times.tolist(), levels.tolist(), starts.tolist(), strict=True)):
        one, read = tracker.take(time, level, start)
        tracks.of[row] = one
        if read is Read.BORN:
            tracks.born.add(one)
    return tracks


def _suspicious(levels: Floats, started: Floats | None) -> bool:
    known = np.empty(0) if started is None else started[~np.isnan(started)]
    grown = np.diff(levels)
    if len(known) == len(levels):
        fell = grown < -ROUNDING * levels[:-1]
        return bool(fell.any() or known.max() - known.min() >= SAME_START_SECONDS)
    fell = (grown <= -LEAST_FALL) | ((grown < 0) & (levels[1:] > LEAST_FALL))
    return bool(fell.any() or (grown > JUMP_FACTOR * LEAST_FALL).any())


def levels_of(values: Floats, full: Floats, started: Floats | None) -> Floats:
    """(T,) sums of (T, S), where a series that is absent keeps what it last had in a process of the same start: another
    one may never have had it. `full` are the values with all of their gaps carried over.
    """
    known = np.empty(0) if started is None else started[~np.isnan(started)]
    if started is None or not len(known) or np.ptp(known) < SAME_START_SECONDS or full is values:
        return np.asarray(full.sum(axis=1), dtype=np.float64)
    order = np.argsort(started, kind="stable")
    process = np.empty(len(order), dtype=np.intp)
    process[order] = np.cumsum(np.diff(started[order], prepend=started[order[0]]) >= SAME_START_SECONDS)
    levels = np.empty(len(values))
    for one in np.unique(process):
        rows = np.flatnonzero(process == one)
        levels[rows] = filled(values[rows]).sum(axis=1)
    return levels


def filled(values: Floats) -> Floats:
    """(T, S) with gaps carried over and what precedes a series' first value set to its starting point.

    Rows before any series was seen repeat the first that has one; a series first seen later starts at 0.
    """
    known = ~np.isnan(values)
    if known.all():
        return values
    full = carried(values)
    some = known.any(axis=1)
    if not some.any():
        return np.zeros_like(values)
    first = int(some.argmax())
    full[:first] = full[first]
    return np.nan_to_num(full, nan=0.0)


def fallen(values: Floats, together: float) -> npt.NDArray[np.bool_]:
    """(T - 1, S) whether a counter was reset before a row; all were, where one fell to a sum of no more than
    `together`.
    """
    fell = values[1:] < values[:-1]
    return np.asarray(fell | (fell.any(axis=1) & (values[1:].sum(axis=1) <= together))[:, None], dtype=np.bool_)


def increments(values: Floats, tracks: Tracks, together: float) -> Floats:
    """(T, S) of how much each row adds to what was counted: within each process, resets counted whole, gaps (NaN)
    carried over.

    The first read of a process that lived before adds nothing; of one that began since, all that it has counted.
    """
    added = np.zeros_like(values)
    for one in np.unique(tracks.of).tolist():
        rows = np.flatnonzero(tracks.of == one)
        own = filled(values[rows])
        grown = np.diff(own, axis=0)
        added[rows[1:]] = np.where(fallen(own, together), own[1:], grown)
        if one in tracks.born:
            added[rows[0]] = own[0]
    return added
