"""Histogram families to merged buckets: over many series and proxies, per group and per step (law 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregators.series.counters import Counter, counters, edges
from aggregators.series.grouping import Indices, column, group_codes
from aggregators.series.label_memory import remembered
from aggregators.series.quantiles import NO_BUCKETS, Buckets, Floats, quantile_rows
from aggregators.series.stepped_rates import grid, steps
from model.histogram_shape import edge_of
from store.frames import Frame

Group = tuple[str, ...]


class Layout(NamedTuple):
    """How the series of one block with the same edges fall into groups and buckets.

    `order` (n,) puts their columns in order of group and edge; `starts` (G·B,) is where each bucket of each group
    begins in it; `bounds` (B,) ascend.
    """

    groups: list[Group]
    bounds: Floats
    order: Indices
    starts: Indices

    def counts(self, grown: Floats) -> Floats:
        """Cumulative counts (R, G, B) from the increases (R, S) of every series of the block."""
        sums = np.add.reduceat(grown[:, self.order], self.starts, axis=1)
        return np.asarray(sums, dtype=np.float64).reshape(len(grown), len(self.groups), len(self.bounds))


def layouts(labels: pd.DataFrame, by: Sequence[str]) -> list[Layout]:
    """A layout for each set of edges among the series, nearly always one; series without an edge are left out."""
    return remembered(labels, ("layouts", *by), lambda: _layouts(labels, by))


def _layouts(labels: pd.DataFrame, by: Sequence[str]) -> list[Layout]:
    edge = _edges(labels)
    shape = _shapes(labels)
    codes, groups = group_codes(labels, by)
    answer = []
    for one in np.unique(shape):
        mine = np.flatnonzero((shape == one) & ~np.isnan(edge))
        if len(mine) == 0:
            continue
        bounds, at = np.unique(edge[mine], return_inverse=True)
        present, packed = np.unique(codes[mine], return_inverse=True)
        place = packed.ravel() * len(bounds) + at.ravel()
        by_place = np.argsort(place, kind="stable")
        starts = np.searchsorted(place[by_place], np.arange(len(present) * len(bounds)))
        answer.append(Layout([groups[code] for code in present], bounds, mine[by_place], starts.astype(np.intp)))
    return answer


def _edges(labels: pd.DataFrame) -> Floats:
    """The `le` of each series; NaN where it is no edge."""
    codes, names = pd.factorize(column(labels, "le"))
    return np.array([edge_of(str(name)) for name in names] or [np.nan], dtype=np.float64)[codes]


def _shapes(labels: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Which set of edges the histogram of each series has, as a number."""
    identity, groups = group_codes(labels, [name for name in labels.columns if name != "le"])
    edge, names = pd.factorize(column(labels, "le"))
    present = np.zeros((len(groups), max(len(names), 1)), dtype=bool)
    present[identity, edge] = True
    if present.all():
        return np.zeros(len(labels), dtype=np.intp)
    _, shape = np.unique(present, axis=0, return_inverse=True)
    return np.asarray(shape.ravel()[identity], dtype=np.intp)


def merged(frame: Frame, start: float, end: float, by: Sequence[str] = ()) -> dict[Group, Buckets]:
    """The histogram of (start, end] per group of the `by` labels, all series and proxies merged."""
    parts = counters(frame)
    return merged_counters([(part, layouts(part.labels, by)) for part in parts], start, end)


def merged_counters(
    parts: Sequence[tuple[Counter, Sequence[Layout]]], start: float, end: float
) -> dict[Group, Buckets]:
    """The same, from counters already made monotone and laid out."""
    found: dict[Group, list[tuple[Floats, Floats]]] = {}
    for counter, laid_out in parts:
        rows = edges(counter.times, start, end)
        if rows is None:
            continue
        grown = (counter.totals[rows[1]] - counter.totals[rows[0]])[None, :]
        for layout in laid_out:
            counts = layout.counts(grown)
            for position, group in enumerate(layout.groups):
                found.setdefault(group, []).append((layout.bounds, counts[:, position]))
    return {group: Buckets(bounds, counts[0]) for group, (bounds, counts) in combined(found).items()}


def whole(found: Mapping[Group, Buckets]) -> Buckets:
    """The histogram of the only group there is; an empty one when there is none."""
    return found.get((), NO_BUCKETS)


def combined(found: Mapping[Group, list[tuple[Floats, Floats]]]) -> dict[Group, tuple[Floats, Floats]]:
    """Histograms of one group as one over the union of their edges: (bounds (B,), counts (R, B)).

    One that lacks an edge is taken as linear between its own; below its first edge it has nothing.
    """
    answer = {}
    for group, parts in found.items():
        first = parts[0][0]
        if all(len(bounds) == len(first) and (bounds == first).all() for bounds, _ in parts):
            answer[group] = (first, np.asarray(np.sum([counts for _, counts in parts], axis=0)))
            continue
        union = np.unique(np.concatenate([bounds for bounds, _ in parts]))
        answer[group] = (union, np.asarray(np.sum([_on(union, *part) for part in parts], axis=0)))
    return answer


def _on(union: Floats, bounds: Floats, counts: Floats) -> Floats:
    """Cumulative counts (R, B) of `bounds`, read at other edges."""
    finite = np.isfinite(bounds)
    if not finite.any():
        return np.where(np.isinf(union), counts[:, -1:], 0.0)
    answer = np.array([np.interp(union, bounds[finite], row[finite], left=0.0) for row in counts])
    answer[:, np.isinf(union)] = counts[:, -1:]
    return answer


class QuantileLines(NamedTuple):
    """Quantiles in each step: `values` and `bounds` have step end times as index and one column per q.

    A step without reads or requests is NaN. Where `bounds` is '<' or '>' the value is the edge that it lies beyond.
    """

    values: pd.DataFrame
    bounds: pd.DataFrame


def quantiles_by_group(
    parts: Sequence[tuple[Counter, Sequence[Layout]]], qs: Sequence[float], start: float, end: float, step: float
) -> dict[Group, QuantileLines]:
    """The quantiles of each step per group of the layouts, from counters already made monotone."""
    ends = grid(start, end, step)
    return {group: _lines(qs, ends, *both) for group, both in combined(counts_in_steps(parts, ends, step)).items()}


def counts_in_steps(
    parts: Sequence[tuple[Counter, Sequence[Layout]]], ends: Floats, step: float
) -> dict[Group, list[tuple[Floats, Floats]]]:
    """Per group, a (bounds (B,), cumulative counts (R, B)) for each block and layout; 0 in steps without reads."""
    found: dict[Group, list[tuple[Floats, Floats]]] = {}
    for counter, laid_out in parts:
        if len(counter.times) == 0:
            continue
        last, base, seconds = steps(counter.times, ends, step)
        grown = counter.totals[last] - counter.totals[base]
        grown[np.isnan(seconds)] = 0.0
        for layout in laid_out:
            counts = layout.counts(grown)
            for position, group in enumerate(layout.groups):
                found.setdefault(group, []).append((layout.bounds, counts[:, position]))
    return found


def _lines(qs: Sequence[float], ends: Floats, bounds: Floats, counts: Floats) -> QuantileLines:
    index = pd.Index(ends, name="time")
    values: dict[float, Floats] = {}
    beyond: dict[float, npt.NDArray[np.object_]] = {}
    for q in qs:
        values[q], beyond[q] = quantile_rows(q, bounds, counts)
    return QuantileLines(pd.DataFrame(values, index=index), pd.DataFrame(beyond, index=index, dtype=object))
