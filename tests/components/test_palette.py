"""A name has the same colour everywhere, and what is shown together is distinguished."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.charts.palette import HUES, KNOWN, OTHERS, colour, colours

CARDS = ("#ffffff", "#16191e")
names = st.text(max_size=300)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("hue", [*HUES, OTHERS])
def test_every_hue_can_be_seen_in_both_themes(hue: str, card: str) -> None:
    low, high = sorted((luminance(hue), luminance(card)))
    assert (high + 0.05) / (low + 0.05) >= 3


def test_the_rfcs_patterns_are_distinguished() -> None:
    assert len({colour(name) for name in KNOWN}) == len(KNOWN)
    assert colour("a-pattern") == "#a5754a"  # the same after every restart


@given(st.lists(names, max_size=len(HUES), unique=True))
def test_names_shown_together_differ_and_the_first_keeps_its_own(shown: list[str]) -> None:
    given_ = colours(shown)
    assert len(set(given_.values())) == len(shown)
    assert all(given_[name] == colour(name) for name in shown[:1])


@given(names, st.integers(0, 50))
def test_a_colour_is_one_of_the_hues_and_always_the_same(name: str, index: int) -> None:
    assert colour(name, index) == colour(name, index) in HUES
