"""Then and now: what differs is marked, what is much as it was is not, and nothing is a number that is not known."""

from __future__ import annotations

import pytest

from components.lists.then_now import SAME, Compared, ThenNow, compare_props, difference
from components.status import StatusWord
from model.measure import Measure
from model.series import Unit
from model.status import Status


def measured(value: float, unit: Unit = Unit.PER_SECOND) -> Measure:
    return Measure.of(value, unit)


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        (measured(100.0), measured(105.0), SAME),
        (measured(100.0), measured(150.0), "+50 %"),
        (measured(100.0), measured(40.0), "−60 %"),
        (measured(64600.0), measured(155.0), "−99.76 %"),
        (measured(100.0), measured(900.0), "9.0 times"),
        (measured(0.0), measured(5.0), "none then"),
        (measured(0.0), measured(0.0), SAME),
        (measured(0.999, Unit.RATIO), measured(0.9985, Unit.RATIO), SAME),
        (measured(0.999, Unit.RATIO), measured(0.949, Unit.RATIO), "−5 points"),
        (Measure.no_traffic(Unit.RATIO), Measure.no_traffic(Unit.RATIO), SAME),
    ],
)
def test_a_difference_in_words(then: Measure, now: Measure, words: str) -> None:
    assert difference(then, now) == words


def test_what_was_not_known_then_is_no_number() -> None:
    assert "not reported" in difference(
        Measure.not_reported(Unit.SECONDS, "not kept at this resolution"), measured(1.0)
    )


def test_what_differs_is_marked_by_a_sign_and_the_card_is_there_for_the_past_alone() -> None:
    rows = [ThenNow("Same", measured(10.0), measured(10.0)), ThenNow("Other", measured(10.0), measured(30.0))]
    found = Compared(StatusWord(Status.UNHEALTHY), StatusWord(Status.HEALTHY), rows, "13:04:10 UTC")
    props = compare_props("x", found)
    looks = [cell.className for cell in props["x-compared"]["children"]]
    assert looks == ["differs", "", "differs"]
    assert "≠" in str(props["x-compared"]["children"][2])
    assert props["x-compare-box"] == {"hidden": False}
    assert compare_props("x", None)["x-compare-box"] == {"hidden": True}
