"""Latency as a mixture of two log-normals, cut into the scenario's buckets, and read back as quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from math import erf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from simulator.traffic.scenario import BOUNDS

BODY_SIGMA = 0.26
TAIL_SHARE = 0.0035
TAIL_FACTOR = 3.8
TAIL_SIGMA = 0.4

_LOWER = (0.0, *BOUNDS)
_UPPER = (*BOUNDS, 10.0)
MIDDLES: NDArray[np.float64] = np.array([(low + high) / 2 for low, high in zip(_LOWER, _UPPER, strict=True)])
"""What one request in each bucket adds to a histogram's sum, in seconds; always within the bucket's edges."""


def _below(seconds: float, median: float, sigma: float) -> float:
    return 0.5 * (1.0 + erf((log(seconds) - log(median)) / (sigma * sqrt(2.0))))


def bucket_shares(median: float, tail_share: float = TAIL_SHARE, sigma: float = BODY_SIGMA) -> NDArray[np.float64]:
    """Share of requests in each bucket (+Inf last) when half are answered within `median` seconds; sums to 1."""
    below = [
        (1 - tail_share) * _below(bound, median, sigma) + tail_share * _below(bound, median * TAIL_FACTOR, TAIL_SIGMA)
        for bound in BOUNDS
    ]
    return np.diff(np.array([0.0, *below, 1.0])).clip(min=0.0)


def quantile(q: float, counts: Sequence[int] | NDArray[np.int64]) -> float:
    """The q-quantile in seconds of per-bucket counts, linear within a bucket as Prometheus does; NaN when empty."""
    total = float(np.sum(counts))
    if total == 0:
        return float("nan")
    wanted, seen = q * total, 0.0
    for index, count in enumerate(counts):
        if count and seen + count >= wanted:
            low, high = _LOWER[index], BOUNDS[min(index, len(BOUNDS) - 1)]
            return low + (high - low) * max(0.0, wanted - seen) / float(count) if high > low else high
        seen += float(count)
    return BOUNDS[-1]


def longest(counts: NDArray[np.int64]) -> float:
    """The slowest request, in seconds: somewhere in the highest filled bucket, the same each time; NaN when empty."""
    filled = np.flatnonzero(counts)
    if filled.size == 0:
        return float("nan")
    index = int(filled[-1])
    within = 0.3 + 0.65 * (float(counts[index]) * 0.618 % 1.0)
    return _LOWER[index] + within * (_UPPER[index] - _LOWER[index])
