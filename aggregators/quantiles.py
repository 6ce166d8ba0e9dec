"""Quantiles and shares from histogram buckets: always from merged buckets, never from averaged quantiles (law 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregators.counters import Counter, Indices, column, counters, edges, grid, group_codes, grouped, steps
from store.snapshot import Frame

Floats = npt.NDArray[np.float64]


class Quantile(NamedTuple):
    """A quantile in seconds. `bound` '<' or '>': only known to lie below the first or above the last bucket edge."""

    value: float | None
    bound: str = ""


class Share(NamedTuple):
    """A ratio 0…1. `bound` '<' or '>': at most, or at least, this much; the threshold lies outside the edges."""

    value: float | None
    bound: str = ""


class Buckets(NamedTuple):
    """A merged histogram: `bounds` (B,) ascending upper edges, the last may be +Inf; `counts` (B,) cumulative."""

    bounds: Floats
    counts: Floats

    @property
    def total(self) -> float:
        """All observations."""
        return float(self.counts[-1]) if len(self.counts) else 0.0


NO_BUCKETS = Buckets(np.array([]), np.array([]))


def histogram_quantile(q: float, bounds: Sequence[float] | Floats, counts: Sequence[float] | Floats) -> Quantile:
    """The q-quantile (0…1) of cumulative `counts` per upper edge, linear within a bucket as Prometheus does.

    Below the first edge or above the last finite one the edge itself is told, with its bound: nothing is invented.
    Counts that fall (a torn read) are lifted. Without observations the value is None.
    """
    upper, told = _usable(bounds, counts)
    if len(upper) == 0 or told[-1] <= 0 or not 0 <= q <= 1:
        return Quantile(None)
    rank = q * told[-1]
    at = int(np.searchsorted(told, rank, "left"))
    if rank == 0:
        at = int(np.argmax(told > 0))
    if at == 0:
        return Quantile(float(upper[0]), "<") if np.isfinite(upper[0]) else Quantile(None)
    if not np.isfinite(upper[at]):
        return Quantile(float(upper[at - 1]), ">")
    low, high = upper[at - 1], upper[at]
    inside = (rank - told[at - 1]) / (told[at] - told[at - 1])
    return Quantile(float(low + (high - low) * inside))


def share_under(threshold: float, bounds: Sequence[float] | Floats, counts: Sequence[float] | Floats) -> Share:
    """The share of observations at or below `threshold`, linear within a bucket; None without observations."""
    upper, told = _usable(bounds, counts)
    finite = upper[np.isfinite(upper)]
    if len(finite) == 0 or told[-1] <= 0:
        return Share(None)
    if threshold < finite[0]:
        return Share(float(told[0] / told[-1]), "<")
    if threshold > finite[-1]:
        return Share(float(told[len(finite) - 1] / told[-1]), ">")
    return Share(float(np.interp(threshold, finite, told[: len(finite)]) / told[-1]))


def _usable(bounds: Sequence[float] | Floats, counts: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    """Edges ascending and distinct, counts never falling."""
    upper = np.asarray(bounds, dtype=np.float64)
    told = np.nan_to_num(np.asarray(counts, dtype=np.float64), nan=0.0)
    order = np.argsort(upper, kind="stable")
    return upper[order], np.maximum.accumulate(told[order]) if len(told) else told


def merged(frame: Frame, start: float, end: float, by: Sequence[str] = ()) -> dict[tuple[str, ...], Buckets]:
    """The histogram of (start, end] per group of the `by` labels, all series and proxies merged."""
    return merged_counters(counters(frame), start, end, by)


def merged_counters(
    parts: Sequence[Counter], start: float, end: float, by: Sequence[str] = ()
) -> dict[tuple[str, ...], Buckets]:
    """The same, from counters already made monotone."""
    found: dict[tuple[str, ...], list[tuple[Floats, Floats]]] = {}
    for counter in parts:
        rows = edges(counter.times, start, end)
        if rows is None:
            continue
        grown = (counter.totals[rows[1]] - counter.totals[rows[0]])[None, :]
        for group, bounds, counts in layouts(counter, grown, by):
            found.setdefault(group, []).append((bounds, counts))
    return {group: Buckets(bounds, counts[0]) for group, (bounds, counts) in _combined(found).items()}


def layouts(counter: Counter, grown: Floats, by: Sequence[str]) -> list[tuple[tuple[str, ...], Floats, Floats]]:
    """(group, bounds (B,), counts (R, B)) for each group and set of edges of one block; `grown` is (R, S).

    Series that share their edges are summed; series with other edges make a layout of their own.
    """
    edge = edges_of(counter.labels)
    shape = _shapes(counter.labels)
    labels = counter.labels.assign(**{"\0shape": shape})
    codes, groups = group_codes(labels, [*by, "\0shape"])
    answer = []
    for position, group in enumerate(groups):
        mine = np.flatnonzero((codes == position) & ~np.isnan(edge))
        bounds, at = np.unique(edge[mine], return_inverse=True)
        if len(bounds):
            answer.append((group[:-1], bounds, grouped(grown[:, mine], at.astype(np.intp), len(bounds))))
    return answer


def edges_of(labels: pd.DataFrame) -> Floats:
    """The `le` of each series; NaN where it is no number."""
    return _numbers(column(labels, "le"))


def _numbers(texts: npt.NDArray[np.object_]) -> Floats:
    values, names = pd.factorize(texts)
    return np.array([_number(str(name)) for name in names] or [np.nan])[values]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _shapes(labels: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Which set of edges the series' own histogram has, as a word; nearly always one for all."""
    names = [name for name in labels.columns if name != "le"]
    identity, groups = group_codes(labels, names)
    edge, _ = pd.factorize(column(labels, "le"))
    present = np.zeros((len(groups), int(edge.max(initial=-1)) + 1), dtype=bool)
    present[identity, edge] = True
    if present.all():
        return np.full(len(labels), "0", dtype=object)
    _, shape = np.unique(present, axis=0, return_inverse=True)
    return np.array([str(one) for one in shape.ravel()], dtype=object)[identity]


def _combined(
    found: dict[tuple[str, ...], list[tuple[Floats, Floats]]],
) -> dict[tuple[str, ...], tuple[Floats, Floats]]:
    """Layouts of one group as one histogram over the union of edges: (bounds (B,), counts (R, B)).

    A histogram that lacks an edge is taken as linear between its own; below its first edge it has nothing.
    """
    answer = {}
    for group, parts in found.items():
        if all(len(bounds) == len(parts[0][0]) and (bounds == parts[0][0]).all() for bounds, _ in parts):
            answer[group] = (parts[0][0], np.sum([counts for _, counts in parts], axis=0))
            continue
        union = np.unique(np.concatenate([bounds for bounds, _ in parts]))
        answer[group] = (union, np.sum([_on(union, *part) for part in parts], axis=0))
    return answer


def _on(union: Floats, bounds: Floats, counts: Floats) -> Floats:
    """Cumulative counts (R, B) of `bounds`, read at other edges."""
    finite = np.isfinite(bounds)
    if not finite.any():
        return np.where(np.isinf(union), counts[:, -1:], 0.0)
    rows = [np.interp(union, bounds[finite], row[finite], left=0.0) for row in counts]
    answer = np.array(rows)
    answer[:, np.isinf(union)] = counts[:, -1:]
    return answer


class QuantileLines(NamedTuple):
    """Quantiles in each step: `values` and `bounds` have step end times as index and one column per q.

    A step without reads or requests is NaN. Where `bounds` is '<' or '>' the value is the edge that it lies beyond.
    """

    values: pd.DataFrame
    bounds: pd.DataFrame


def quantiles_over_time(frame: Frame, qs: Sequence[float], start: float, end: float, step: float) -> QuantileLines:
    """The quantiles of each step of (start, end], all series and proxies merged."""
    lines = quantiles_by_group(counters(frame), qs, start, end, step, ())
    return lines.get((), _no_lines(qs, grid(start, end, step)))


def quantiles_by_group(
    parts: Sequence[Counter], qs: Sequence[float], start: float, end: float, step: float, by: Sequence[str]
) -> dict[tuple[str, ...], QuantileLines]:
    """The quantiles of each step per group of the `by` labels, from counters already made monotone."""
    ends = grid(start, end, step)
    found: dict[tuple[str, ...], list[tuple[Floats, Floats]]] = {}
    for counter in parts:
        if len(counter.times) == 0:
            continue
        last, base, seconds = steps(counter.times, ends, step)
        grown = counter.totals[last] - counter.totals[base]
        grown[np.isnan(seconds)] = 0.0
        for group, bounds, counts in layouts(counter, grown, by):
            found.setdefault(group, []).append((bounds, counts))
    return {group: _lines(qs, ends, *both) for group, both in _combined(found).items()}


def _no_lines(qs: Sequence[float], ends: Floats) -> QuantileLines:
    index = pd.Index(ends, name="time")
    return QuantileLines(
        pd.DataFrame(np.nan, index=index, columns=list(qs)), pd.DataFrame("", index=index, columns=list(qs))
    )


def _lines(qs: Sequence[float], ends: Floats, bounds: Floats, counts: Floats) -> QuantileLines:
    """Quantiles of every row of cumulative counts (R, B) at once; the rules of `histogram_quantile`."""
    told = np.maximum.accumulate(counts, axis=1)
    total = told[:, -1]
    index = pd.Index(ends, name="time")
    values = np.full((len(ends), len(qs)), np.nan)
    beyond = np.full((len(ends), len(qs)), "", dtype=object)
    rows = np.arange(len(ends))
    for position, q in enumerate(qs):
        at = _first_reaching(told, q * total)
        below = np.maximum(at - 1, 0)
        with np.errstate(invalid="ignore", divide="ignore"):
            inside = (q * total - told[rows, below]) / (told[rows, at] - told[rows, below])
            inner = bounds[below] + (bounds[at] - bounds[below]) * inside
        over = ~np.isfinite(bounds[at])
        values[:, position] = np.where(at == 0, bounds[0], np.where(over, bounds[below], inner))
        beyond[at == 0, position] = "<"
        beyond[over, position] = ">"
    values[total <= 0] = np.nan
    beyond[total <= 0] = ""
    values[~np.isfinite(values)] = np.nan
    return QuantileLines(
        pd.DataFrame(values, index=index, columns=list(qs)), pd.DataFrame(beyond, index=index, columns=list(qs))
    )


def _first_reaching(told: Floats, rank: Floats) -> Indices:
    """For each row the first bucket whose count reaches the rank and is not empty."""
    reached = (told >= rank[:, None]) & (told > 0)
    return np.asarray(reached.argmax(axis=1), dtype=np.intp)
