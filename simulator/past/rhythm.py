"""A day's rhythm: most is asked in the early afternoon (UTC), least at night."""

from __future__ import annotations

from math import cos, pi
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

DAY_SECONDS = 86400.0
BUSIEST_SECONDS = 13 * 3600.0
SWING = 0.3
"""How much more than the day's mean is asked at the busiest time."""


class Rhythm:
    """How many times as much is asked at an instant as at `start`, seconds since 1970."""

    def __init__(self, start: float) -> None:
        self._at_start = 1.0 + SWING * cos(_angle(start))
        self.mean = 1.0 / self._at_start

    def __call__(self, at: float) -> float:
        """At one instant."""
        return (1.0 + SWING * cos(_angle(at))) / self._at_start

    def of(self, times: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """At each of many."""
        return np.asarray((1.0 + SWING * np.cos(_angle(times))) / self._at_start)


@overload
def _angle(at: float) -> float: ...
@overload
def _angle(at: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]: ...
def _angle(at: float | NDArray[np.floating[Any]]) -> float | NDArray[np.floating[Any]]:
    return (at - BUSIEST_SECONDS) % DAY_SECONDS * (2 * pi / DAY_SECONDS)


def steady(at: float) -> float:
    """No rhythm at all."""
    return 1.0
