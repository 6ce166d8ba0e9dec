"""What travels between two values of a property: applied to the first it gives the second, and points travel alone."""

from __future__ import annotations

import json
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from web.hub_delta import apply, delta

LEAVES = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2, width=16) | st.sampled_from(["", "a", "b"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=20,
)


def strict(value: Any) -> str:
    """JSON text, in which true is not 1."""
    return json.dumps(value, sort_keys=True)


@given(VALUES, VALUES)
def test_a_delta_makes_the_second_value_of_the_first(before: Any, after: Any) -> None:
    change = delta(before, after)
    assert strict(apply(before, change)) == strict(after)
    assert change is None or len(orjson.dumps(change)) <= len(orjson.dumps([after]))


@given(VALUES)
def test_equal_values_need_none(value: Any) -> None:
    assert delta(value, json.loads(json.dumps(value))) is None


@given(st.lists(st.integers(-(2**53), 2**53), min_size=12, max_size=60, unique=True), st.integers(1, 5))
def test_a_line_that_slid_sends_its_new_points_alone(values: list[int], step: int) -> None:
    length = len(values) - step
    assert delta(values[:length], values[step:]) == [step, length - step, values[length:]]


def test_a_line_whose_last_point_was_still_growing_sends_that_and_the_new_one() -> None:
    before, after = [1.5, 2.5, 3.5, 4.0, 7.0, 8.25], [2.5, 3.5, 4.0, 7.0, 8.5, 9.0]
    assert delta(before, after) == [1, 5, [9.0], {"4": [8.5]}]


def test_a_table_of_the_newest_first_sends_its_new_rows_alone() -> None:
    rows = [{"id": f"attempt {at}", "user": "root"} for at in range(50)]
    before, after = rows[3:], rows[:-2]
    change = delta(before, after)
    assert change == [0, 45, [], {}, rows[:3]]
    assert apply(before, change) == after


def test_a_row_sends_the_cell_that_changed() -> None:
    def row(words: str) -> dict[str, Any]:
        name = {"type": "Td", "props": {"children": "redis", "title": "the pattern's own name", "className": "name"}}
        return {"type": "Tr", "props": {"children": [name, {"type": "Td", "props": {"children": words}}]}}

    change = delta([row("7 / 10"), row("1 / 10")], [row("8 / 10"), row("1 / 10")])
    cell = {"props": {"children": ["8 / 10"]}}
    assert change == [0, 2, [], {"0": {"props": {"children": [0, 2, [], {"1": cell}]}}}]


def test_a_member_that_is_gone_is_reported() -> None:
    assert apply({"a": "x" * 40, "b": 1}, delta({"a": "x" * 40, "b": 1}, {"a": "x" * 40})) == {"a": "x" * 40}
