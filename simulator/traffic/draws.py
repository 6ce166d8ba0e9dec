"""Many small Poisson draws at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEW_CELLS = 5000
RARE = 0.2
"""Cells that expect less than this are drawn together: nearly all of them get nothing."""


def poisson(rng: np.random.Generator, expected: NDArray[np.float64]) -> NDArray[np.int64]:
    """Independent Poisson counts of the expected sizes.

    In a large table the rare events are drawn as one Poisson number that falls on the cells by their weights, which is
    the same distribution at a fraction of the cost.
    """
    if expected.size < FEW_CELLS:
        return np.asarray(rng.poisson(expected))
    flat = expected.ravel()
    often = flat >= RARE
    edges = np.cumsum(np.where(often, 0.0, flat))
    fallen = np.searchsorted(edges, rng.random(rng.poisson(edges[-1])) * edges[-1], side="right")
    counts = np.bincount(fallen, minlength=flat.size)
    counts[often] += rng.poisson(flat[often])
    return counts.reshape(expected.shape)
