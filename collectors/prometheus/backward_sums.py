"""The sums over a proxy's namespaces for a past that is loaded newest first, of a proxy that is read directly.

Its live sums begin with what it had counted by then, so those of the past end there: what a part of the past grew by is
taken off the sums of the row that follows it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from collectors.exposition.rollup import RollUps
from collectors.prometheus.range_rows import Floats, SharedColumns, same_columns
from model.series import Scrape, Series
from store.incoming import ReadFrame, frame_of

Sums = dict[Series, float]


class BackwardSums:
    """Those of one proxy."""

    def __init__(self, source: str, instance: str) -> None:
        self._source, self._instance = source, instance
        self._next: tuple[float, list[Series], Floats] | None = None
        self._anchor: Sums = {}
        self._columns: SharedColumns = {}

    def of(self, series: list[Series], rows: ReadFrame) -> ReadFrame:
        """The rows of these series with their sums. The rows of each call lie before those of the call before."""
        times, values = rows.times.tolist(), rows.values.to_numpy(dtype=np.float64)
        if self._next is None:
            self._next = times[-1], series, values[-1]
            self._anchor = self._summed([self._next])[-1][1]
        mine = [(at, series, row) for at, row in zip(times, values, strict=True)]
        *found, (_, reached) = self._summed([*mine, self._next])
        names = list(dict.fromkeys(one for _, sums in found for one in sums))
        taken_off = {one: self._anchor.get(one, 0.0) - total for one, total in reached.items()}
        summed = np.array([[sums.get(one, np.nan) + taken_off.get(one, 0.0) for one in names] for _, sums in found])
        self._next = mine[0]
        self._anchor = dict(zip(names, summed[0].tolist(), strict=True))
        columns = same_columns(self._columns, rows.source, [*series, *names])
        return ReadFrame(rows.source, frame_of(rows.times, columns, np.hstack([values, summed])))

    def _summed(self, rows: Sequence[tuple[float, list[Series], Floats]]) -> list[tuple[float, Sums]]:
        """The sums after each row, as of a proxy that is met for the first time with the first."""
        sums, found = RollUps(), []
        for at, series, row in rows:
            scrape = Scrape(self._source, self._instance, at, series)
            scrape.values.extend(row.tolist())
            sums.add(scrape)
            width = len(series)
            found.append((at, dict(zip(scrape.series[width:], scrape.values[width:], strict=True))))
        return found
