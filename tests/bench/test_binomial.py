from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.binomial import bounds, most_events


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 10, 0.0, 0.3085), (10, 10, 0.6915, 1.0), (5, 10, 0.1871, 0.8129), (97, 100, 0.9148, 0.9938)],
)
def test_the_bounds_are_those_of_clopper_and_pearsons_tables(hits: int, trials: int, low: float, high: float) -> None:
    assert bounds(hits, trials) == pytest.approx((low, high), abs=0.0001)


@given(st.integers(1, 300), st.data())
def test_the_bounds_hold_what_was_counted_and_mirror_each_other(trials: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, trials))
    low, high = bounds(hits, trials)
    assert 0.0 <= low <= hits / trials <= high <= 1.0
    assert bounds(trials - hits, trials) == pytest.approx((1.0 - high, 1.0 - low), abs=1e-9)


@pytest.mark.parametrize(("count", "most"), [(0, 2.9957), (1, 4.7439), (5, 10.5130)])
def test_the_most_events_are_those_of_poissons_tables(count: int, most: float) -> None:
    assert most_events(count) == pytest.approx(most, abs=0.001)
