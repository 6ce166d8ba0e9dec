"""From the answer to a range query to rows of the past: one row for each scrape that a step of the range met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from collectors.core.amounts import Amounts
from collectors.core.timestamps import LAST_YEAR
from collectors.exposition.rollup import RollUps
from collectors.prometheus.api import Found
from collectors.prometheus.target_discovery import NOWHERE, Place, TargetDiscovery
from model.series import Scrape, Series
from model.sources import CollectError, ErrorKind
from store.incoming import ReadFrame, columns_of, frame_of
from store.snapshot import Snapshot

STEP_SECONDS = 60.0
GAP_MINUTES = 2
Floats = npt.NDArray[np.float64]
SharedColumns = dict[str, pd.Index]
"""A source's columns by its key."""


class Part(NamedTuple):
    """Steps of a range, in the server's time: the first, how many, and the seconds from one to the next."""

    start: float
    steps: int
    seconds: float = STEP_SECONDS

    @property
    def end(self) -> float:
        """The last step."""
        return self.start + (self.steps - 1) * self.seconds

    @property
    def halves(self) -> tuple[Part, Part]:
        """The same steps in two parts."""
        half = self.steps // 2
        return self._replace(steps=half), Part(self.start + half * self.seconds, self.steps - half, self.seconds)


def missing(before: Snapshot, keys: Iterable[str], start: float, end: float) -> list[tuple[float, float]]:
    """[first, last] of the runs of minutes' ends, after `start` up to `end`, of which some source has no row.

    Only runs longer than two minutes; a source without any row lacks them all.
    """
    reported: dict[str, list[Floats]] = {}
    for segment in before.load(start, end, end):
        reported.setdefault(segment.source, []).append(segment.times)
    first, last = int(start // STEP_SECONDS), int(end // STEP_SECONDS)
    lacking = np.zeros(max(0, last - first), dtype=bool)
    for key in keys:
        lacks = np.ones(len(lacking), dtype=bool)
        for times in reported.get(key, ()):
            minutes = (times // STEP_SECONDS).astype(np.int64) - first
            lacks[minutes[(minutes >= 0) & (minutes < len(lacks))]] = False
        lacking |= _long_runs(lacks)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lacking, [False]]).astype(np.int8)))
    return [
        ((first + begin + 1) * STEP_SECONDS, (first + over) * STEP_SECONDS)
        for begin, over in edges.reshape(-1, 2).tolist()
    ]


def _long_runs(lacks: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lacks, [False]]).astype(np.int8)))
    kept = np.zeros_like(lacks)
    for begin, over in edges.reshape(-1, 2).tolist():
        kept[begin:over] = over - begin > GAP_MINUTES
    return kept


class RangeRows:
    """Rows of one range after another, oldest first. `behind`: our clock less the server's."""

    def __init__(self, discovery: TargetDiscovery, behind: float) -> None:
        self._discovery = discovery
        self._behind = behind
        self._last: dict[str, float] = {}
        self._columns: SharedColumns = {}

    def rows(self, found: Found, part: Part) -> list[tuple[Place, ReadFrame]]:
        """What each source said in this part of the range. Raises CollectError."""
        grid = _grid(found.points, part)
        rows = []
        for place in self._discovery.lay_out(found.labels).places:
            frame = self._frame(place, grid)
            if frame is not None:
                rows.append((place, frame))
        return rows

    def _frame(self, place: Place, grid: Floats) -> ReadFrame | None:
        """A row for each stamp that is new: what was not scraped again says nothing again."""
        if place.stamp == NOWHERE or not place.slots:
            return None
        stamps, values = grid[:, place.stamp], grid[:, place.slots]
        known = (stamps > 0.0) & (stamps < LAST_YEAR) & ~np.isnan(values).all(axis=1)
        kept, last = [], self._last.get(place.key, 0.0)
        for row in np.flatnonzero(known).tolist():
            if stamps[row] > last:
                last = float(stamps[row])
                kept.append(row)
        if not kept:
            return None
        self._last[place.key] = last
        chosen = Amounts().of(place.series, values[kept])
        for position, factor in place.factors.items():
            chosen[:, position] *= factor
        return ReadFrame(
            place.key,
            frame_of(stamps[kept] + self._behind, same_columns(self._columns, place.key, place.series), chosen),
        )


def same_columns(known: SharedColumns, key: str, series: Sequence[Series]) -> pd.Index:
    """The columns of a source's series, the very same ones while these do not change: so they are written out once."""
    if key not in known or known[key].tolist() != list(series):
        known[key] = columns_of(series)
    return known[key]


def summed(place: Place, rows: ReadFrame, sums: RollUps, known: SharedColumns) -> ReadFrame:
    """The rows with the sums over a proxy's namespaces, as they would have been had it been read then."""
    names, values = place.series, []
    times = rows.times
    for time, row in zip(times.tolist(), rows.values.to_numpy(dtype=np.float64), strict=True):
        scrape = Scrape(place.source, place.instance, time, place.series)
        scrape.values.extend(row.tolist())
        sums.add(scrape)
        names = scrape.series
        values.append(scrape.values)
    columns = same_columns(known, rows.source, names)
    return ReadFrame(rows.source, frame_of(times, columns, np.array(values, dtype=np.float64)))


def _grid(points: Sequence[Sequence[Sequence[Any]]], part: Part) -> Floats:
    """(steps, series), NaN where a series has no point."""
    grid = np.full((part.steps, len(points)), np.nan)
    try:
        for column, series in enumerate(points):
            times = np.array([point[0] for point in series], dtype=np.float64)
            steps = np.rint((times - part.start) / part.seconds)
            inside = (steps >= 0) & (steps < part.steps)
            values = np.array([float(point[1]) for point in series], dtype=np.float64)
            grid[steps[inside].astype(np.intp), column] = values[inside]
    except (LookupError, TypeError, ValueError):
        raise CollectError(ErrorKind.MALFORMED, "a point that is no time and number") from None
    return grid
