"""Which process answers at an address: a load balancer in front of replicas hands each read to another one.

A counter that falls was reset by a restart, unless the process that answered before is still there: then another one
answered, and what lies between the two is a gap. A process is known by its own start time where it exposes one
(`process_start_time_seconds`, `…_created`), else by the level of its counters: a read belongs to the process whose last
level lies closest below it, and a fall or a rise that the past of the series does not explain is no restart.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from math import inf
from statistics import median

SAME_START_SECONDS = 2.0
"""Start times that differ by less are one process': exporters round."""
CLOCK_SLACK_SECONDS = 60.0
"""How far the process' clock may be behind ours for a start since the last read to be known as one."""
LEAST_FALL = 100.0
"""A fall to less than this is a restart: of small numbers chance makes a fall and a jump of its size."""
ROUNDING = 1e-6
"""A sum may fall by this much of itself without any of its parts."""
JUMP_FACTOR, BURST_FACTOR = 100.0, 3.0
"""A rise this many times the usual one, and the second of them times the fastest but one, is another process', not this
one's burst."""
RESTART_FACTOR = 10.0
"""A restarted process has counted at most this many times as fast as before since the last read."""
RATES_KEPT = 15
REFUSED_AT_MOST = 2
"""Rises in a row that the past does not explain; one more is how fast it counts from now on."""
SEVERAL = 2
"""So many processes that no restart explains make it likely that the next jump is one more."""
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
    time: float = 0.0
    """Of its last read."""
    left: float = 0.0
    """The least that the level jumped when it was left: what leads back to it jumps as far."""

    def leave(self, step: float) -> None:
        """Note that the next read was so far away."""
        self.left = min(self.left, abs(step)) if self.left else abs(step)


class ProcessTracker:
    """Reads of one source, one after another in time."""

    def __init__(self) -> None:
        self._known: dict[int, _Process] = {}
        self._current = 0
        self._next = 0
        self._time = 0.0
        self._others = self._refused = 0
        self._rates: deque[float] = deque(maxlen=RATES_KEPT)

    def take(self, time: float, level: float, started: float) -> tuple[int, Read]:
        """The process of a read, and what the read says of it. `level` is the sum of its counters, `started` seconds
        since 1970 or NaN.
        """
        if not self._known:
            one, read = self._new(level, started), Read.FIRST
        elif started == started:
            one, read = self._by_start(time, level, started)
        else:
            one, read = self._by_level(time, level)
        known = self._known[one]
        if read is Read.SAME and level >= known.level and time > self._time:
            self._rates.append((level - known.level) / (time - self._time))
        known.level, known.time = level, time
        self._current, self._time = one, time
        return one, read

    def _new(self, level: float, started: float) -> int:
        one, self._next = self._next, self._next + 1
        self._known[one] = _Process(level, started)
        while len(self._known) > MOST_PROCESSES:
            del self._known[next(iter(self._known))]
        return one

    @property
    def _has_past(self) -> bool:
        return len(self._rates) >= PAST_READS - 1

    def _by_start(self, time: float, level: float, started: float) -> tuple[int, Read]:
        """By the start that a read carries, and by the level among those of one start: replicas are started at once."""
        current = self._known[self._current]
        if current.started != current.started and level >= current.level:
            current.started = started  # it did not say so before
        alike = [one for one, known in self._known.items() if abs(known.started - started) < SAME_START_SECONDS]
        if not alike:
            if self._goes_on(current, time, level):
                current.started = started  # its clock was set, or another exporter of the same counters was started
                return self._current, Read.SAME
            born = started > self._time - CLOCK_SLACK_SECONDS
            return self._new(level, started), Read.BORN if born else Read.BASELINE
        nearest = max(alike, key=lambda one: (level >= self._known[one].level, -abs(level - self._known[one].level)))
        known = self._known[nearest]
        if self._fits(known, time, level):
            known.started = started  # clocks are set right little by little
            return nearest, Read.SAME
        born = level < known.level and level <= self._likely(time) - LEAST_FALL  # its counters were set back
        return self._new(level, started), Read.BORN if born else Read.BASELINE

    def _goes_on(self, current: _Process, time: float, level: float) -> bool:
        """Whether a read of another start counts on where the last one stood, which no new process could have reached
        by then."""
        most = self._likely(time)
        return self._has_past and level > most and 0 <= level - current.level <= most

    def _fits(self, known: _Process, time: float, level: float) -> bool:
        """Whether a read of the same start is the same process': it did not fall, and before it has a past it rose no
        more than its whole life explains."""
        step = level - known.level
        if step < 0:
            return -step <= ROUNDING * known.level
        lived, seconds = max(known.time - known.started, 1.0), time - known.time
        return self._has_past or step <= JUMP_FACTOR * max(known.level / lived * seconds, LEAST_FALL)

    def _by_level(self, time: float, level: float) -> tuple[int, Read]:
        current = self._known[self._current]
        step, seconds = level - current.level, max(time - self._time, 1e-3)
        past = self._has_past
        near = {
            one: level - known.level
            for one, known in self._known.items()
            if one != self._current
            and abs(step) >= max(LEAST_FALL, known.left / 2)
            and 0 <= level - known.level <= self._most(known.level, max(time - known.time, 1e-3), past)
        }
        best = min(near, key=lambda one: near[one], default=None)
        if best is not None and near[best] < abs(step) / 2:
            current.leave(step)
            self._refused = 0
            return best, Read.SAME
        if step < 0 and (level > LEAST_FALL or step <= -LEAST_FALL):
            current.leave(step)
            self._refused = 0
            return self._another(level, born=level <= self._likely(time))
        if step > self._most(current.level, seconds, past):
            if self._refused < REFUSED_AT_MOST:
                self._refused += 1
                current.leave(step)
                return self._another(level, born=False)
            self._rates.clear()
            self._rates.append(step / seconds)
            self._others = 0
        self._refused = 0
        return self._current, Read.SAME

    def _likely(self, time: float) -> float:
        """What a process that began since the last read may have counted."""
        seconds = max(time - self._time, 1e-3)
        return RESTART_FACTOR * median(self._rates) * seconds + LEAST_FALL if self._has_past else LEAST_FALL

    def _another(self, level: float, *, born: bool) -> tuple[int, Read]:
        self._others += not born
        return self._new(level, float("nan")), Read.BORN if born else Read.BASELINE

    def _most(self, level: float, seconds: float, past: bool) -> float:
        """What one process may have counted in so many seconds: from 0 nearly any rise is its first traffic."""
        if self._others >= SEVERAL and past:
            return RESTART_FACTOR * median(self._rates) * seconds + LEAST_FALL
        if level == 0.0:
            return inf  # whatever it is, it is its first traffic
        if not past:
            return max(level, JUMP_FACTOR * LEAST_FALL)
        usual = median(self._rates)
        if usual == 0.0:  # it has just begun to count, perhaps in the middle of the last read, and has no pace yet
            begun = level <= 2 * max(self._rates) * seconds and sum(map(bool, self._rates)) <= 1 and not self._others
            return inf if begun else max(JUMP_FACTOR * LEAST_FALL, RESTART_FACTOR * max(self._rates) * seconds)
        fast = sorted(self._rates)[-2]  # the fastest may have been a jump that nobody knew for one
        return max(JUMP_FACTOR * max(usual * seconds, LEAST_FALL), BURST_FACTOR * fast * seconds)
