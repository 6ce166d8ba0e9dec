"""Which process each read of one source came from: a load balancer in front of replicas answers with another each time.

A counter that falls was reset by a restart, unless the process that answered before is still there: then another one
answered, and what lies between the two is a gap. Identity comes from the process' own start time where the source
exposes it (`process_start_time_seconds`, `…_created`), else from the levels: a fall that is taken back by a jump of its
size was no restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

SAME_START_SECONDS = 2.0
"""Start times that differ by less are one process': exporters round."""
CLOCK_SLACK_SECONDS = 60.0
"""How far the process' clock may be behind ours for a start since the last read to be known as one."""


@dataclass
class Tracks:
    """`of` (T,): the process of each row, counted from 0. `new`: those that began since the read before their first.

    `mixed`: some process answered again after another one had.
    """

    of: Indices
    new: set[int] = field(default_factory=set)

    @property
    def mixed(self) -> bool:
        """True when rows of one process lie on both sides of another's."""
        changes = self.of[np.flatnonzero(np.diff(self.of, prepend=-1))]
        return len(changes) > len(np.unique(changes))


def by_start(times: Floats, started: Floats) -> Tracks | None:
    """From the start times (T,) that the reads carried, NaN where one did not; None when they name one process only."""
    known = started[~np.isnan(started)]
    if len(known) == 0 or float(known.max() - known.min()) < SAME_START_SECONDS:
        return None
    starts = np.sort(known)
    firsts = starts[np.diff(starts, prepend=-np.inf) >= SAME_START_SECONDS]
    rows = np.where(np.isnan(started), 0, np.arange(len(started)))
    carried = started[np.maximum.accumulate(rows)]
    of = np.searchsorted(firsts, np.where(np.isnan(carried), known[0], carried), "right") - 1
    tracks = Tracks(of.astype(np.intp))
    for one in np.unique(of).tolist():
        first = int((of == one).argmax())
        if first > 0 and firsts[one] > times[first - 1] - CLOCK_SLACK_SECONDS:
            tracks.new.add(one)
    return tracks


def by_level(levels: Floats) -> Tracks | None:
    """From the sums (T,) of all series of a family at each read; None when no fall was taken back.

    Which process is new cannot be reported from levels: the first read of each is a baseline.
    """
    if not (np.diff(levels) < 0).any():
        return None
    assigned = _Assigned(levels)
    for row in range(1, len(levels)):
        assigned.take(row)
    tracks = Tracks(assigned.of)
    return tracks if tracks.mixed else None


class _Assigned:
    """Rows given to processes one after another: to the one whose last level lies closest below."""

    def __init__(self, levels: Floats) -> None:
        self.levels = levels
        self.of = np.zeros(len(levels), dtype=np.intp)
        self._last = {0: float(levels[0])}
        self._left = {0: 0.0}
        """How far the level jumped when each process was last left: what leads back to it jumps as far."""

    def take(self, row: int) -> None:
        """Decide on one row; all before it are decided."""
        level, before, current = float(self.levels[row]), float(self.levels[row - 1]), int(self.of[row - 1])
        step = abs(level - before)
        other = self._closest(level, current, step)
        if other is None and level < before:
            other = self._split(level, row, step)
        if other is not None:
            self._left[current] = step
        self.of[row] = current if other is None else other
        self._last[int(self.of[row])] = level

    def _closest(self, level: float, current: int, step: float) -> int | None:
        """Another process that would have grown by less than half of what the present one jumped."""
        near = {
            one: level - last
            for one, last in self._last.items()
            if one != current and last <= level and step >= self._left.get(one, 0.0) / 2
        }
        best = min(near, key=lambda one: near[one], default=None)
        return best if best is not None and near[best] < step / 2 else None

    def _split(self, level: float, row: int, drop: float) -> int:
        """A fall that nobody explains: rows before an earlier jump of its size were this process' already."""
        jumps = np.flatnonzero(np.diff(self.levels[:row]) > drop / 2) + 1
        new = max(self._last) + 1
        for jump in reversed(jumps.tolist()):
            if self.levels[jump - 1] <= level and self.of[jump - 1] == self.of[jump]:
                mine = np.flatnonzero(self.of[:jump] == self.of[jump])
                self.of[mine] = new
                self._left[new] = drop
                break
        return new


def filled(values: Floats) -> Floats:
    """(T, S) with gaps carried over and what precedes a series' first value set to its starting point.

    Rows before any series was seen repeat the first that has one; a series first seen later starts at 0.
    """
    known = ~np.isnan(values)
    if known.all():
        return values
    rows = np.where(known, np.arange(len(values))[:, None], 0)
    np.maximum.accumulate(rows, axis=0, out=rows)
    full = np.take_along_axis(values, rows, axis=0)
    some = known.any(axis=1)
    if not some.any():
        return np.zeros_like(values)
    first = int(some.argmax())
    full[:first] = full[first]
    return np.nan_to_num(full, nan=0.0)


def increments(values: Floats, tracks: Tracks) -> Floats:
    """(T, S) of how much each row adds to what was counted: within each process, resets counted whole, gaps (NaN)
    carried over.

    The first read of a process that lived before adds nothing; of one that began since, all that it has counted.
    """
    added = np.zeros_like(values)
    for one in np.unique(tracks.of).tolist():
        rows = np.flatnonzero(tracks.of == one)
        own = filled(values[rows])
        grown = np.diff(own, axis=0)
        added[rows[1:]] = np.where(grown < 0, own[1:], grown)
        if one in tracks.new:
            added[rows[0]] = own[0]
    return added
