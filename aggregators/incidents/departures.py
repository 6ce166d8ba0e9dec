"""When a figure first left its own normal range: the evidence before, or without, an alert."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aggregators.incidents.dependencies import Component
from aggregators.series.grouping import Floats

LEAST_USUAL = 5
"""Fewer known steps before say nothing of what is usual."""
SPREADS = 5.0
"""So many median deviations beyond the median are no chance."""
LASTING = 2
"""A figure that is back at the next step was a blip."""


class Departure(NamedTuple):
    """A component's figure that left its normal range at `at` (seconds since 1970); `words` are the evidence line."""

    component: Component
    at: float
    words: str


class Left(NamedTuple):
    """Where a line left its range: when, what was usual, and what it was then."""

    at: float
    usual: float
    value: float


def left_range(times: Floats, values: Floats, since: float, least: float, ratio: float = 0.5) -> Left | None:
    """The first step from `since` on that lies above the range of those before, and the next one too.

    The range ends above the median by SPREADS median deviations, by `ratio` of the median and by `least` (in the
    line's own unit), whichever is most. NaN is not known, and is no departure; None when the line stays in its range,
    or is not known before `since`.
    """
    known = ~np.isnan(values)
    usual = values[known & (times < since)]
    if len(usual) < LEAST_USUAL:
        return None
    median = float(np.median(usual))
    spread = 1.4826 * float(np.median(np.abs(usual - median)))
    limit = median + max(SPREADS * spread, ratio * abs(median), least)
    later = np.flatnonzero(known & (times >= since))
    over = values[later] > limit
    for at in range(len(later) - LASTING + 1):
        if over[at : at + LASTING].all():
            return Left(float(times[later[at]]), median, float(values[later[at]]))
    return None
