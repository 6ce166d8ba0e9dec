"""When a figure first left its own normal range."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from aggregators.incidents.departures import left_range

TIMES = np.arange(0.0, 120.0, 2.0)


def line(after: list[float], before: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    values = np.full(len(TIMES), before)
    values[-len(after) :] = after
    return values


def test_the_first_step_above_the_range_that_lasts_is_the_departure() -> None:
    left = left_range(TIMES, line([9.0, 1.0, 8.0, 8.0, 9.0]), 60.0, 0.5)
    assert left is not None
    assert (left.at, left.usual, left.value) == (TIMES[-3], 1.0, 8.0)


def test_a_blip_of_one_step_is_no_departure() -> None:
    assert left_range(TIMES, line([9.0, 1.0, 1.0]), 60.0, 0.5) is None


def test_what_is_not_known_is_no_departure_and_too_little_before_says_nothing() -> None:
    assert left_range(TIMES, line([np.nan] * 20), 60.0, 0.5) is None
    assert left_range(TIMES, line([9.0] * 29, before=np.nan), 60.0, 0.5) is None


def test_a_rise_within_what_is_usual_for_it_is_none() -> None:
    noisy = np.where(np.arange(len(TIMES)) % 2 == 0, 5.0, 15.0)
    noisy[-4:] = 22.0
    assert left_range(TIMES, noisy, 60.0, 0.5) is None
    noisy[-4:] = 80.0
    assert left_range(TIMES, noisy, 60.0, 0.5) is not None


@given(st.lists(st.floats(0.0, 10.0), min_size=60, max_size=60), st.floats(50.0, 1e6))
def test_a_step_far_above_all_that_was_is_found_where_it_is(values: list[float], high: float) -> None:
    known = np.array(values)
    known[50:] = high + 10 * known[:30].max() + 100
    left = left_range(TIMES, known, 60.0, 0.5)
    assert left is not None
    assert left.at <= TIMES[50]
