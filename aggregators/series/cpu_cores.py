"""CPU time to cores in use.

A process that was replaced may begin with any count: what lies across a restart is left out instead of being counted
from 0, or a day's CPU time would be one second's.
"""

from __future__ import annotations

import numpy as np

from aggregators.series.counters import edges
from aggregators.series.grouping import Floats, column
from aggregators.series.stepped_rates import steps
from store.frames import Block, Frame


def cores_in_use(frame: Frame, start: float, end: float, by: str = "") -> dict[str, float]:
    """CPU seconds per second in (start, end] by a label's values, since the last restart in it.

    Series with fewer than two reads since then are left out; several of one label value add up.
    """
    found: dict[str, float] = {}
    for block in frame.blocks:
        times = block.times
        rows = edges(times, start, end)
        if rows is None:
            continue
        seen, values = times[rows[0] : rows[1] + 1], block.samples[rows[0] : rows[1] + 1]
        for position, label in enumerate(column(block.labels, by)):
            used = _since_restart(seen, values[:, position])
            if used is not None:
                found[str(label)] = found.get(str(label), 0.0) + used
    return found


def _since_restart(times: Floats, totals: Floats) -> float | None:
    known = ~np.isnan(totals)
    times, totals = times[known], totals[known]
    falls = np.flatnonzero(np.diff(totals) < 0)
    first = int(falls[-1]) + 1 if len(falls) else 0
    if len(times) - first < 2:
        return None
    return float((totals[-1] - totals[first]) / (times[-1] - times[first]))


def cores_over_time(block: Block, ends: Floats, step: float, by: str) -> list[tuple[str, Floats]]:
    """Cores in use in each step, per series; NaN where nothing was read, and in the step of a restart."""
    last, base, seconds = steps(block.times, ends, step)
    values = block.samples
    grown = values[last] - values[base]
    rates = np.where(grown < 0, np.nan, grown) / seconds[:, None]
    return [(str(label), rates[:, position]) for position, label in enumerate(column(block.labels, by))]
