"""Connections in use over time, by pool (view 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregators.backends.client_figures import client_names
from aggregators.backends.pools import ACTIVE
from aggregators.series.resolution import kept_step
from aggregators.series.stepped_rates import grid
from store.snapshot import Snapshot

COARSE_FROM_SECONDS = 1200.0


@dataclass(frozen=True, slots=True)
class PoolLines:
    """`times` are the ends of the steps; `in_use` by pattern, the last read of each step, None where there was none."""

    times: list[float]
    in_use: dict[str, list[float | None]]


def pool_series(snapshot: Snapshot, now: float, window: float, step: float) -> PoolLines:
    """Connections in use in each step of the window; a pattern's pools on several proxies add up."""
    step = kept_step(snapshot, now - window, now, step)
    ends = grid(now - window, now, step)
    sums: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for block in snapshot.frame(ACTIVE, now - window, now, coarse=window > COARSE_FROM_SECONDS).blocks:
        times = block.times
        values = block.samples
        rows = times.searchsorted(ends, "right") - 1
        reported = (rows >= 0) & (times[np.maximum(rows, 0)] > ends - step)
        for position, name in enumerate(client_names(block.labels)):
            read = np.where(reported, values[np.maximum(rows, 0), position], np.nan)
            known = sums.get(str(name))
            both = read if known is None else np.where(np.isnan(known), read, known + np.nan_to_num(read))
            sums[str(name)] = both
    lines = {name: [None if np.isnan(one) else float(one) for one in values] for name, values in sums.items()}
    return PoolLines(ends.tolist(), lines)
