"""One instant, written in every way that the sources use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.core.timestamps import go_seconds, to_epoch

SECONDS = 1762506000.0


@pytest.mark.parametrize(
    "reported",
    [
        1762506000, 1762506000.0, "1762506000", 1762506000000, "1762506000000", 1762506000000000, 1762506000000000000,
        "1762506000000000000", "2025-11-07T09:00:00Z", "2025-11-07T10:00:00+01:00", "2025-11-07 09:00:00",
        "2025-11-07T09:00:00.000000000Z", {"seconds": "1762506000"}, {"seconds": 1762506000, "nanos": 0},
    ],
)  # fmt: skip
def test_every_way_of_writing_an_instant_is_understood(reported: object) -> None:
    assert to_epoch(reported) == SECONDS


@pytest.mark.parametrize(
    "reported",
    [
        None, 0, "0", "", "never", "0001-01-01T00:00:00Z", -5, float("nan"), float("inf"), True, [], {},
        {"seconds": 0}, {"seconds": "x"}, "1e999", "99999-01-01", 1e30,
    ],
)  # fmt: skip
def test_zero_and_nonsense_are_unknown_and_not_1970(reported: object) -> None:
    assert to_epoch(reported) is None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists) | st.dictionaries(
    st.sampled_from(["seconds", "nanos"]), st.text() | st.integers() | st.floats()))  # fmt: skip
def test_nothing_raises(reported: object) -> None:
    found = to_epoch(reported)
    assert found is None or found > 0


@pytest.mark.parametrize(
    "reported",
    [
        "2025-11-07 09:00:00 +0000 UTC", "2025-11-07 09:00:00 +0000 UTC m=+0.1", "2025-11-07 10:00:00 +0100 CET",
        "2025-11-07 14:30:00 +0530 +0530", "2025-11-07 04:00:00 -0500 EST m=-3.25", "2025-11-07 09:00:00 UTC",
        "2025-11-07t09:00:00z", "2025-11-07t09:00:00.000z", "2025-11-07T09:00:00,000Z", "2025-11-07 09:00:00 +00:00",
        "2025-11-07 09:00:00Z", "2025-11-07 09:00:00 utc",
    ],
)  # fmt: skip
def test_instants_as_go_prints_them_and_in_lower_case_are_understood(reported: str) -> None:
    assert to_epoch(reported) == SECONDS


def test_a_fraction_may_have_any_number_of_digits() -> None:
    for digits in range(1, 10):
        reported = f"2006-01-02 15:04:05.{'9' * digits} +0000 UTC m=+0.1"
        assert to_epoch(reported) == pytest.approx(1136214245 + float("0." + "9" * min(digits, 6)), abs=2e-6)


@pytest.mark.parametrize(
    ("reported", "seconds"),
    [
        ("2h3m0.5s", 7380.5), ("1.5ms", 0.0015), ("250µs", 250e-6), ("250μs", 250e-6), ("10us", 1e-5), ("7ns", 7e-9),
        ("0s", 0.0), ("72h0m0s", 259200.0), ("4m0s", 240.0), ("-1.5s", -1.5), (" 3s ", 3.0),
    ],
)  # fmt: skip
def test_a_duration_as_go_prints_it_is_seconds(reported: str, seconds: float) -> None:
    assert go_seconds(reported) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "reported", ["", "256m", "5h", "s", "3", "3 s", "up 3s", "1.5h0m0s", "3S", "12 MiB", "1h2s", "items"]
)
def test_a_size_or_a_word_is_no_duration(reported: str) -> None:
    assert go_seconds(reported) is None
