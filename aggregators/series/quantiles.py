"""Quantiles and shares of one merged histogram; no more is said than its buckets say (law 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SLOW_SHARE = 0.01
"""P99 above a limit is one in a hundred slower than it."""


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

    Below the first edge or above the last finite one the edge itself is reported, with its bound: nothing is invented.
    Counts that fall (a torn read) are lifted. Without observations the value is None.
    """
    upper, reported = _usable(bounds, counts)
    if len(upper) == 0 or reported[-1] <= 0 or not 0 <= q <= 1:
        return Quantile(None)
    rank = q * reported[-1]
    at = int(np.searchsorted(reported, rank, "left"))
    if rank == 0:
        at = int(np.argmax(reported > 0))
    if at == 0:
        return Quantile(float(upper[0]), "<") if np.isfinite(upper[0]) else Quantile(None)
    if not np.isfinite(upper[at]):
        return Quantile(float(upper[at - 1]), ">")
    low, high = upper[at - 1], upper[at]
    inside = (rank - reported[at - 1]) / (reported[at] - reported[at - 1])
    return Quantile(float(low + (high - low) * inside))


def share_under(threshold: float, bounds: Sequence[float] | Floats, counts: Sequence[float] | Floats) -> Share:
    """The share of observations at or below `threshold`, linear within a bucket; None without observations."""
    upper, reported = _usable(bounds, counts)
    finite = upper[np.isfinite(upper)]
    if len(finite) == 0 or reported[-1] <= 0:
        return Share(None)
    if threshold < finite[0]:
        return Share(float(reported[0] / reported[-1]), "<")
    if threshold > finite[-1]:
        return Share(float(reported[len(finite) - 1] / reported[-1]), ">")
    return Share(float(np.interp(threshold, finite, reported[: len(finite)]) / reported[-1]))


def _usable(bounds: Sequence[float] | Floats, counts: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    """Edges ascending and distinct, counts never falling."""
    upper = np.asarray(bounds, dtype=np.float64)
    reported = np.nan_to_num(np.asarray(counts, dtype=np.float64), nan=0.0)
    order = np.argsort(upper, kind="stable")
    return upper[order], np.maximum.accumulate(reported[order]) if len(reported) else reported


def quantile_rows(q: float, bounds: Floats, counts: Floats) -> tuple[Floats, npt.NDArray[np.object_]]:
    """The q-quantile of each row of cumulative counts (R, B), and its bound: the rules of `histogram_quantile`.

    NaN for a row without observations.
    """
    reported = np.maximum.accumulate(counts, axis=1)
    total, rows = reported[:, -1], np.arange(len(reported))
    at = ((reported >= (q * total)[:, None]) & (reported > 0)).argmax(axis=1)
    below = np.maximum(at - 1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = (q * total - reported[rows, below]) / (reported[rows, at] - reported[rows, below])
        inner = bounds[below] + (bounds[at] - bounds[below]) * inside
    over = ~np.isfinite(bounds[at])
    values = np.where(at == 0, bounds[0], np.where(over, bounds[below], inner))
    beyond = np.full(len(reported), "", dtype=object)
    beyond[at == 0], beyond[over] = "<", ">"
    empty = (total <= 0) | ~np.isfinite(values)
    values[empty], beyond[empty] = np.nan, ""
    return values, beyond


def shares_under(thresholds: Floats, bounds: Floats, counts: Floats) -> Floats:
    """The share at or below each row's threshold (R,), from cumulative counts (R, B): the rules of `share_under`.

    1.0 for a row without observations.
    """
    reported = np.maximum.accumulate(counts, axis=1)
    finite = int(np.isfinite(bounds).sum())
    if finite == 0:
        return np.ones(len(reported))
    rows = np.arange(len(reported))
    high = np.clip(np.searchsorted(bounds[:finite], thresholds, "left"), 0, finite - 1)
    low = np.maximum(high - 1, 0)
    width = np.where(high > low, bounds[high] - bounds[low], 1.0)
    inside = np.clip((thresholds - bounds[low]) / width, 0.0, 1.0)
    under = reported[rows, low] + (reported[rows, high] - reported[rows, low]) * inside
    total = reported[:, -1]
    return np.where(total > 0, under / np.where(total > 0, total, 1.0), 1.0)
