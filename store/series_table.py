"""The columns of stored reads: series by position and by name, consecutive reads over them, and what a read lacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.process_tracker import CLOCK_SLACK_SECONDS, SAME_START_SECONDS
from model.series import Kind, Series

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class FamilyColumns:
    """Where one sample name sits in a table: positions, and their series."""

    positions: npt.NDArray[np.intp]
    series: tuple[Series, ...]

    @cached_property
    def labels(self) -> pd.DataFrame:
        """One row per series, one string column per label ('' where absent).

        Made when asked for: of what is only cut and merged, nobody reads any.
        """
        return pd.DataFrame([dict(one.labels) for one in self.series], dtype=object).fillna("")

    def of(self, places: Sequence[int] | npt.NDArray[np.intp]) -> FamilyColumns:
        """Some of them."""
        return FamilyColumns(self.positions[places], tuple(self.series[at] for at in places))


@cache
def _absent() -> FamilyColumns:
    return FamilyColumns(np.empty(0, dtype=np.intp), ())


class SeriesTable:
    """The columns of a segment. Compared by identity; lookups by name are worked out once."""

    def __init__(self, series: Iterable[Series]) -> None:
        self.series = tuple(series)
        self._positions: dict[str, list[int]] = {}
        for position, one in enumerate(self.series):
            self._positions.setdefault(one.name, []).append(position)
        self._orders: dict[str, int] = {}
        self._families: dict[str, FamilyColumns] = {}

    @cached_property
    def accumulating(self) -> npt.NDArray[np.bool_]:
        """Which series only grow, but for resets (S,)."""
        known = {kind: kind.accumulates for kind in Kind}
        return np.array([known[one.kind] for one in self.series], dtype=bool)

    @property
    def names(self) -> Iterable[str]:
        """The sample names present, in the order of their first series."""
        return self._positions.keys()

    def positions(self, name: str) -> Sequence[int]:
        """Where the series of one sample name sit; empty when it is absent."""
        return self._positions.get(name, ())

    def order(self, name: str) -> int:
        """Which of `names` this is, counted from 0. Raises KeyError when it is absent."""
        if not self._orders:
            self._orders = {known: at for at, known in enumerate(self._positions)}
        return self._orders[name]

    def family(self, name: str) -> FamilyColumns:
        """The columns of one sample name; empty when it is absent."""
        if name not in self._positions:
            return _absent()
        if name not in self._families:
            positions = self._positions[name]
            chosen = tuple(self.series[i] for i in positions)
            self._families[name] = FamilyColumns(np.array(positions, dtype=np.intp), chosen)
        return self._families[name]


class Segment(NamedTuple):
    """Consecutive reads of one source: `times` (T,) ascending, `values` (T, S), NaN where a read lacked a series."""

    source: str
    table: SeriesTable
    times: Floats
    values: Floats

    def cut(self, name: str, low: int = 0, high: int | None = None) -> Floats:
        """The columns of one sample name in the rows [low, high), (T, n); n is 0 when the table lacks it."""
        return self.values[low:high, self.table.family(name).positions]

    def until(self, time: float) -> Segment:
        """The rows no later than `time`; perhaps none."""
        rows = int(self.times.searchsorted(time, "right"))
        return self._replace(times=self.times[:rows], values=self.values[:rows])


def carried(values: Floats) -> Floats:
    """(T, S) with gaps carried over; NaN before the first value of each."""
    rows = np.where(np.isnan(values), 0, np.arange(len(values))[:, None])
    return np.take_along_axis(values, np.maximum.accumulate(rows, axis=0), axis=0)


def emptied(times: Floats, values: Floats, started: Floats | None) -> Floats:
    """(T, S) where a series is 0 that is absent from the first read after a restart: what it had counted is gone.

    A restart is a start since the last read, where reads tell of one; else the fall of another series.
    """
    absent = np.isnan(values)
    if not absent[1:].any():
        return values
    restarted = _fell(values) if started is None else _began(times, started)
    return np.where(absent & restarted[:, None], 0.0, values) if restarted.any() else values


def _began(times: Floats, started: Floats) -> Flags:
    """(T,) whether the process that answered a read began since the one before."""
    last = carried(started[:, None])[:, 0]
    anew = np.diff(last, prepend=last[0]) >= SAME_START_SECONDS
    anew[1:] &= last[1:] > times[:-1] - CLOCK_SLACK_SECONDS
    return np.asarray(anew, dtype=np.bool_)


def _fell(values: Floats) -> Flags:
    """(T,) whether a series fell, from what was absent in an earlier fall as well."""
    fell = np.zeros(len(values), dtype=np.bool_)
    gaps = values[:, np.isnan(values).any(axis=0)]
    fell[1:] = (values[1:] < values[:-1]).any(axis=1) | (gaps[1:] < carried(gaps)[:-1]).any(axis=1)
    first = int(fell.argmax())
    last = carried(values[:first])[-1] if first else values[0]
    for row in range(first, len(values)) if first else ():
        fell[row] = (values[row] < last).any()
        last = np.where(np.isnan(values[row]), 0.0 if fell[row] else last, values[row])
    return fell
