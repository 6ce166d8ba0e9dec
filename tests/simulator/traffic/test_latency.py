from __future__ import annotations

from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.traffic.latency import MIDDLES, bucket_shares, longest, quantile
from simulator.traffic.scenario import BOUNDS

counts = st.lists(st.integers(0, 10**6), min_size=len(MIDDLES), max_size=len(MIDDLES)).map(np.array)


@given(st.floats(1e-5, 10.0))
def test_shares_are_of_a_whole_and_half_lies_below_the_median(median: float) -> None:
    shares = bucket_shares(median)
    assert shares.sum() == pytest.approx(1.0)
    assert (shares >= 0).all()
    assert shares[: int(np.searchsorted(BOUNDS, median))].sum() <= 0.5


@given(counts, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_quantiles_rise_and_stay_within_the_filled_buckets(filled: np.ndarray, one: float, other: float) -> None:
    low, high = quantile(min(one, other), filled), quantile(max(one, other), filled)
    if filled.sum() == 0:
        assert isnan(low)
        assert isnan(longest(filled))
    else:
        assert 0.0 <= low <= high <= BOUNDS[-1]


def test_a_quantile_is_linear_within_its_bucket() -> None:
    filled = np.zeros(len(MIDDLES), dtype=np.int64)
    filled[3] = 100
    assert quantile(0.5, filled) == pytest.approx((BOUNDS[2] + BOUNDS[3]) / 2)
    assert BOUNDS[2] < longest(filled) < BOUNDS[3]
    filled[-1] = 1
    assert quantile(1.0, filled) == BOUNDS[-1]
    assert longest(filled) > BOUNDS[-1]
