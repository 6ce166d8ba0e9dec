"""Rates in equal steps of time, for charts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from aggregators.series.counters import counters
from aggregators.series.grouping import Floats, Indices, group_codes, grouped
from store.frames import Frame


def grid(start: float, end: float, step: float) -> Floats:
    """Step end times in (start, end]: start + step, start + 2 step, …"""
    count = int(np.floor((end - start) / step + 1e-9))
    return np.asarray(start + step * np.arange(1, count + 1), dtype=np.float64)


def steps(times: Floats, ends: Floats, step: float) -> tuple[Indices, Indices, Floats]:
    """For each step (end - step, end]: its last row, its baseline row, and the seconds between them.

    Seconds are NaN for a step without a read, or with nothing before its only read.
    """
    last = times.searchsorted(ends, "right") - 1
    base = times.searchsorted(ends - step, "right") - 1
    empty = last <= base
    base = np.maximum(base, 0)
    last = np.maximum(last, 0)
    seconds = np.where(empty | (last <= base), np.nan, times[last] - times[base])
    return last.astype(np.intp), base.astype(np.intp), seconds


def rate_over_time(frame: Frame, start: float, end: float, step: float, by: Sequence[str]) -> pd.DataFrame:
    """Per second in each step: index is step end times, columns are tuples of the `by` labels' values.

    A step without reads is NaN (a gap stays a gap); the increase over a gap is spread over the time it took, so the
    first step after it does not spike. Several proxies add up.
    """
    ends = grid(start, end, step)
    sums: dict[tuple[str, ...], Floats] = {}
    for counter in counters(frame):
        if len(counter.times) == 0:
            continue
        last, base, seconds = steps(counter.times, ends, step)
        codes, groups = group_codes(counter.labels, by)
        rates = grouped(counter.totals[last] - counter.totals[base], codes, len(groups)) / seconds[:, None]
        for position, group in enumerate(groups):
            sums[group] = added(sums.get(group), rates[:, position])
    table = pd.DataFrame(index=pd.Index(ends, name="time"))
    for group, values in sums.items():
        table[group] = values
    table.columns = pd.Index(list(sums), tupleize_cols=False)
    return table


def added(known: Floats | None, more: Floats) -> Floats:
    """The sum of what is known; NaN only where neither is."""
    if known is None:
        return more
    return np.where(np.isnan(known), more, known + np.nan_to_num(more))
