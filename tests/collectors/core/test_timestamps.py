"""One instant, written in every way that the sources use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.core.timestamps import to_epoch

SECONDS = 1762506000.0


@pytest.mark.parametrize(
    "told",
    [
        1762506000, 1762506000.0, "1762506000", 1762506000000, "1762506000000", 1762506000000000, 1762506000000000000,
        "1762506000000000000", "2025-11-07T09:00:00Z", "2025-11-07T10:00:00+01:00", "2025-11-07 09:00:00",
        "2025-11-07T09:00:00.000000000Z", {"seconds": "1762506000"}, {"seconds": 1762506000, "nanos": 0},
    ],
)  # fmt: skip
def test_every_way_of_writing_an_instant_is_understood(told: object) -> None:
    assert to_epoch(told) == SECONDS


@pytest.mark.parametrize(
    "told",
    [
        None, 0, "0", "", "never", "0001-01-01T00:00:00Z", -5, float("nan"), float("inf"), True, [], {},
        {"seconds": 0}, {"seconds": "x"}, "1e999", "99999-01-01", 1e30,
    ],
)  # fmt: skip
def test_zero_and_nonsense_are_unknown_and_not_1970(told: object) -> None:
    assert to_epoch(told) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists) | st.dictionaries(
    st.sampled_from(["seconds", "nanos"]), st.text() | st.integers() | st.floats()))  # fmt: skip
def test_nothing_raises(told: object) -> None:
    found = to_epoch(told)
    assert found is None or found > 0
