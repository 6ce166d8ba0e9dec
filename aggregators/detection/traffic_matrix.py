"""Requests of the last minute in steps, by proxy, pattern and namespace: what is compared with its own past."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import isfinite
from statistics import median
from typing import NamedTuple

import numpy as np

from aggregators.detection.recent import share_within
from aggregators.requests.attribution import ALL, NAMESPACE
from aggregators.series.counters import Counter
from aggregators.series.grouping import Floats, Indices
from aggregators.series.histograms import Group

STEP_SECONDS, STEPS = 10.0, 6
MOMENT_SECONDS, SHORT_SECONDS, LONG_SECONDS = 2.0, 5.0, 15.0
SILENT_SECONDS = 3.5
"""Counters that were not read for this long say nothing of now."""
STEADY_RATIO = 0.5
"""Who asked less than this part of the own median in some step does not ask steadily."""


class Past(NamedTuple):
    """Requests of one component: in the last `moment`, `short` and `long` seconds, and per second in each step (S,)."""

    moment: float
    short: float
    long: float
    steps: Floats

    def usual(self, without: int) -> float | None:
        """The median per second without the newest steps; None for who does not ask steadily."""
        older = self.steps[: len(self.steps) - without].tolist()
        if not isfinite(sum(older)):
            return None
        middle = median(older)  # of so few numpy's own takes thirty times as long
        return middle if min(older) >= STEADY_RATIO * middle else None


class TrafficMatrix(NamedTuple):
    """Rows (R) are series' groups: proxy, pattern, namespace; columns the sums of `Past`."""

    rows: list[tuple[str, str, str]]
    values: Floats

    def by(self, name_of: Callable[[tuple[str, str, str]], str]) -> dict[str, Past]:
        """Summed by what `name_of` calls each row; '' is left out."""
        places: dict[str, int] = {}
        codes = np.array([places.setdefault(name_of(row), len(places)) for row in self.rows], dtype=np.intp)
        columns = [np.bincount(codes, weights=one, minlength=len(places)) for one in self.values.T]
        sums = np.array(columns, dtype=np.float64).reshape(3 + STEPS, len(places))
        moment, short, long = sums[:3].tolist()
        named = ((name, at) for name, at in places.items() if name)
        return {name: Past(moment[at], short[at], long[at], sums[3:, at]) for name, at in named}

    def without(self, name_of: Callable[[tuple[str, str, str]], str], names: set[str]) -> TrafficMatrix:
        """The same without the rows of these names."""
        kept = [at for at, row in enumerate(self.rows) if name_of(row) not in names]
        return TrafficMatrix([self.rows[at] for at in kept], self.values[kept])


def everybody(row: tuple[str, str, str]) -> str:
    """All requests."""
    return ALL


def proxy_of(row: tuple[str, str, str]) -> str:
    """The proxy that they went to."""
    return f"proxy {row[0].partition('@')[2]}"


def pattern_of(row: tuple[str, str, str]) -> str:
    """The pattern that they were for."""
    return row[1]


def namespace_of(row: tuple[str, str, str]) -> str:
    """The namespace that they came from."""
    return NAMESPACE + row[2] if row[2] else ""


def traffic_matrix(parts: Sequence[tuple[str, Counter, Indices, list[Group]]], now: float) -> TrafficMatrix:
    """From each proxy's counters (source, counter, group of each series, groups) that were read lately."""
    rows: list[tuple[str, str, str]] = []
    values: list[Floats] = []
    for source, counter, codes, groups in parts:
        if len(counter.times) < 2 or now - counter.times[-1] > SILENT_SECONDS:
            continue
        rows += [(source, pattern, namespace) for pattern, namespace in groups]
        columns = [np.bincount(codes, weights=one, minlength=len(groups)) for one in _columns(counter)]
        values.append(np.array(columns, dtype=np.float64).T)
    return TrafficMatrix(rows, np.concatenate(values) if values else np.zeros((0, 3 + STEPS)))


def _columns(counter: Counter) -> list[Floats]:
    """Each series' growth in the three windows, and per second in the steps of the last minute.

    A step of which nothing was read is NaN.
    """
    end = counter.times[-1]
    grown = []
    for span in (MOMENT_SECONDS, SHORT_SECONDS, LONG_SECONDS):
        first = _row(counter, end - span)
        share = share_within(float(end - counter.times[first]), span)
        grown.append((counter.totals[-1] - counter.totals[first]) * share)
    edges = [_row(counter, end - STEP_SECONDS * back) for back in range(STEPS, -1, -1)]
    for first, last in pairwise(edges):
        seconds = counter.times[last] - counter.times[first]
        grown.append((counter.totals[last] - counter.totals[first]) / (seconds if seconds > 0 else np.nan))
    return grown


def _row(counter: Counter, at: float) -> int:
    """The last read up to `at`, and a little later: reads are not quite regular."""
    return max(int(counter.times.searchsorted(at + 0.2, "right")) - 1, 0)
