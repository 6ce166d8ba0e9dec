"""Virtual time for what asks the `time` module itself."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

ROOMS = ("collectors.", "store.")
"""Whose modules see the virtual time."""


class VirtualClock:
    """`instant`: what time it is, in seconds since 1970. `elapsed`: how long the read under way has lasted.

    `skew`: how far the dashboard's own wall clock is ahead of everybody else's.
    """

    def __init__(self, start: float) -> None:
        self.instant = start
        self.elapsed = 0.0
        self.skew = 0.0

    def true(self) -> float:
        """The time at the sources: that of the instant at which a read began."""
        return self.instant

    def wall(self) -> float:
        """The dashboard's wall clock."""
        return self.instant + self.elapsed + self.skew

    def monotonic(self) -> float:
        """The dashboard's monotonic clock."""
        return self.instant + self.elapsed


class _Time:
    """Stands where a module has `time`."""

    CLOCK_MONOTONIC = time.CLOCK_MONOTONIC

    def __init__(self, clock: VirtualClock) -> None:
        self.time, self.monotonic = clock.wall, clock.monotonic

    def clock_gettime(self, _: int) -> float:
        return self.monotonic()

    def __getattr__(self, name: str) -> Any:
        if name == "sleep":
            raise RuntimeError("nobody sleeps on virtual time")
        return getattr(time, name)


@contextmanager
def virtual_time(clock: VirtualClock) -> Iterator[None]:
    """Every module of ROOMS that is loaded by now sees `clock` instead of the machine's time."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith(ROOMS)]
    seeing = [module for module in modules if getattr(module, "time", None) is time]
    stand_in = _Time(clock)
    for module in seeing:
        vars(module)["time"] = stand_in
    try:
        yield
    finally:
        for module in seeing:
            vars(module)["time"] = time
