"""Samples that carry a time of their own are as old as that says, not as young as the answer they came in."""

from __future__ import annotations

from array import array

import numpy as np

from collectors.exposition.parser import Exposition
from model.series import Series
from model.sources import STALE_INTERVALS


def as_of(exposition: Exposition, asked_at: float, interval_seconds: float) -> tuple[list[Series], array[float], float]:
    """(series, values, time) of a read that began at `asked_at`.

    The time is that of the newest sample, so that a cache that answers in another's stead is as old as what it holds.
    Samples that were stale by then are left out. A time ahead of our clock is a clock that differs: read now.
    """
    if exposition.times is None:
        return exposition.series, exposition.values, asked_at
    times = np.asarray(exposition.times)
    known = np.where(np.isnan(times) | (times > asked_at), asked_at, times)
    newest = float(known.max())
    kept = np.flatnonzero(known >= newest - STALE_INTERVALS * interval_seconds)
    if len(kept) == len(known):
        return exposition.series, exposition.values, newest
    series = [exposition.series[place] for place in kept]
    return series, array("d", np.asarray(exposition.values)[kept]), newest
