"""When sources are read, and how often is committed.

All keep one beat, so that what is read together is committed, judged and shown once: on clocks of their own the sources
of a default site made eight commits a second, and an open page was worked out and sent 5.8 times. Where sources are
many they take turns within a second. Two dashboards keep apart since each began at its own time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

TOGETHER = 16
"""So many sources are read at one moment."""
STEP_SECONDS = 0.002
"""Between two of these: begun together, each would wait for the others' parsing and count that as its server's time."""
LATEST_SECONDS = 0.05
"""How long a commit waits for reads that began lately: longer than 16 sources that answer take."""
SOONEST_SECONDS = 1.0
"""A source that is asked between two beats is asked again no sooner, unless it is read more often than that."""

PER_SECOND = 20.0
"""So many commits in the long run. Each costs the same, whatever is in it: a transaction, a manifest, a row of the
HUD's own that has six series for each source, and a look of every reader. With 200 patterns read each second that came
to 100 commits a second, half a core, and 60 MB for a minute of own rows.
"""
AT_ONCE = 10
"""So many of them are not held back, so that a site with few sources never waits."""


def phases(begun: float, intervals: Sequence[float]) -> list[float]:
    """A beat of each source, where reading has `begun`; given the seconds between its reads. All are monotonic."""
    turns = math.ceil(len(intervals) / TOGETHER)
    apart = min((1.0, *intervals)) / max(1, turns)
    return [begun + at // TOGETHER * apart + at % TOGETHER * STEP_SECONDS for at in range(len(intervals))]


def next_beat(began: float, interval: float, phase: float) -> float:
    """When the read after the one that `began` is due; `phase` is any of its beats. All are monotonic seconds."""
    earliest = began + min(interval / 2, SOONEST_SECONDS)
    return phase + math.ceil((earliest - phase) / interval) * interval


class CommitPace:
    """Says how long the next commit may wait for more to come."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._booked_until = float("-inf")

    def delay(self) -> float:
        """Seconds to wait before the next commit; 0 while there were few lately."""
        return max(0.0, self._booked_until - AT_ONCE / PER_SECOND - self._monotonic())

    def committed(self) -> None:
        """Book one."""
        self._booked_until = max(self._booked_until, self._monotonic()) + 1.0 / PER_SECOND
