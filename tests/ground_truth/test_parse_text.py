"""Worded figures are read back as what they may have been."""

from __future__ import annotations

import pytest

from tests.ground_truth.parse_text import Reported, after, number, span, status


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8.43k /s", 8432.0), ("0.812 ms", 0.000812), ("99.97 %", 0.99979), ("15", 15.0), ("9,999 errors", 9999.0),
        ("12.3k", 12340.0), ("45.2 MiB", 45.2 * 1024**2), ("0 %", 0.0), ("0.03 %", 0.000263), ("1.00 %", 0.00995),
        ("1.00 %", 0.01004), ("< 0.01 %", 0.00004), ("> 99.99 %", 0.99995),
        ("1.23 s", 1.234), ("12 µs", 12.4e-6),
    ],
)  # fmt: skip
def test_a_number_may_have_been_what_it_was(text: str, value: float) -> None:
    reported = number(text)
    assert reported is not None
    assert reported.low <= value <= reported.high


@pytest.mark.parametrize(
    ("text", "value"), [("8.43k /s", 8420.0), ("99.97 %", 0.9998), ("0.03 %", 0.00031), ("15", 15.4), ("0.81 ms", 0.8)]
)
def test_a_number_is_no_wider_than_its_rounding(text: str, value: float) -> None:
    reported = number(text)
    assert reported is not None
    assert not reported.low <= value < reported.high


def test_spans_statuses_and_words_before_a_number() -> None:
    assert span("4d 3h") == Reported(356400.0, 360000.0)
    assert span("14 s") == Reported(14.0, 15.0)
    assert status("System DEGRADED") == Reported(1.0, 1.0)
    assert after("redis ")("nats 1 redis 7 / 10") == Reported(7.0, 7.0)
    assert number("not reported") is span("–") is status("fine") is after("oracle")("redis 7") is None
