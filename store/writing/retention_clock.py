"""The time by which what is stored grows old. A wall clock that jumps for a moment must not cost the history."""

from __future__ import annotations

import time
from collections.abc import Callable

JUMP_SECONDS = 300.0
"""Wall clock and machine's clock apart by more between two commits: one of them was set."""
DOUBT_SECONDS = 3600.0
"""So long they have to go together again before the wall clock is believed; until then things age by the machine's."""


def machine_seconds() -> float:
    """Seconds since the machine started, with those that it slept where the system counts them."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class RetentionClock:
    """Told every commit's time (seconds since 1970), it gives the time to judge ages by."""

    def __init__(self, ticks: Callable[[], float] = machine_seconds) -> None:
        self._ticks = ticks
        self._told: tuple[float, float] | None = None
        self._now = 0.0
        self._doubt_until = float("-inf")

    @property
    def now(self) -> float:
        """Seconds since 1970; 0 before anything was told."""
        return self._now

    def tell(self, wall: float) -> None:
        """The wall clock says `wall`."""
        tick = self._ticks()
        if self._told is None:
            self._now = wall
        else:
            passed = tick - self._told[1]
            if abs(wall - self._told[0] - passed) > JUMP_SECONDS:
                self._doubt_until = tick + DOUBT_SECONDS
            self._now = wall if tick >= self._doubt_until else self._now + passed
        self._told = wall, tick
