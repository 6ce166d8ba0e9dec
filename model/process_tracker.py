"""Which process answers at an address: a load balancer in front of replicas hands each read to another one.

A counter that falls was reset by a restart, unless the process that answered before is still there: then another one
answered, and what lies between the two is a gap. A process is known by its own start time where it exposes one
(`process_start_time_seconds`, `…_created`), else by the level of its counters: a read belongs to the process whose last
level lies closest below it, and a fall or a rise that the past of the series does not explain is no restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SAME_START_SECONDS = 2.0
"""Start times that differ by less are one process': exporters round."""
CLOCK_SLACK_SECONDS = 60.0
"""How far the process' clock may be behind ours for a start since the last read to be known as one."""
LEAST_FALL = 100.0
"""Smaller falls than this are restarts: of small numbers chance makes a fall and a jump of its size."""
JUMP_FACTOR = 100.0
"""A rise this many times the fastest so far is another process', not this one's burst."""
RESTART_FACTOR = 10.0
"""A restarted process has counted at most this many times as fast as before since the last read."""
PAST_READS = 3
"""So many reads of one process are a past to judge by."""
MOST_PROCESSES = 16


class Read(Enum):
    """What a read is: the first of all, one more of its process, the first of one that began since or lived before."""

    FIRST = "first"
    SAME = "same"
    BORN = "born"
    BASELINE = "baseline"


@dataclass(slots=True)
class _Process:
    level: float
    started: float
    left: float = 0.0
    """How far the level jumped when it was last left: what leads back to it jumps as far."""


class ProcessTracker:
    """Reads of one source, one after another in time."""

    def __init__(self) -> None:
        self._known: dict[int, _Process] = {}
        self._current = 0
        self._next = 0
        self._time = 0.0
        self._reads = 0
        self._rate = 0.0

    def take(self, time: float, level: float, started: float) -> tuple[int, Read]:
        """The process of a read, and what the read says of it. `level` is the sum of its counters, `started` seconds
        since 1970 or NaN.
        """
        if not self._known:
            one, read = self._new(level, started), Read.FIRST
        elif started == started:
            one, read = self._by_start(level, started)
        else:
            one, read = self._by_level(time, level)
        known = self._known[one]
        if read is Read.SAME and level >= known.level and time > self._time:
            self._rate = max(self._rate, (level - known.level) / (time - self._time))
            self._reads += 1
        known.level = level
        self._current, self._time = one, time
        return one, read

    def _new(self, level: float, started: float) -> int:
        one, self._next = self._next, self._next + 1
        self._known[one] = _Process(level, started)
        while len(self._known) > MOST_PROCESSES:
            del self._known[next(iter(self._known))]
        return one

    def _by_start(self, level: float, started: float) -> tuple[int, Read]:
        current = self._known[self._current]
        if current.started != current.started and level >= current.level:
            current.started = started  # it did not say so before
        for one, known in self._known.items():
            if abs(known.started - started) < SAME_START_SECONDS:
                return one, Read.SAME
        born = started > self._time - CLOCK_SLACK_SECONDS
        return self._new(level, started), Read.BORN if born else Read.BASELINE

    def _by_level(self, time: float, level: float) -> tuple[int, Read]:
        current = self._known[self._current]
        step, seconds = level - current.level, max(time - self._time, 1e-3)
        past = self._reads >= PAST_READS - 1
        near = {
            one: level - known.level
            for one, known in self._known.items()
            if one != self._current and known.level <= level and abs(step) >= max(LEAST_FALL, known.left / 2)
        }
        best = min(near, key=lambda one: near[one], default=None)
        if best is not None and near[best] < abs(step) / 2:
            current.left = abs(step)
            return best, Read.SAME
        if step <= -LEAST_FALL:
            current.left = -step
            likely = RESTART_FACTOR * self._rate * seconds + LEAST_FALL if past else current.level / 2
            return self._new(level, float("nan")), Read.BORN if level <= likely else Read.BASELINE
        usual = self._rate * seconds if past else current.level / RESTART_FACTOR
        if current.level > 0 and step > JUMP_FACTOR * max(usual, LEAST_FALL):  # from 0 any rise is its first traffic
            current.left = step
            return self._new(level, float("nan")), Read.BASELINE
        return self._current, Read.SAME
