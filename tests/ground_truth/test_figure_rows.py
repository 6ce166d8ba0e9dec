"""A figure that is not what the books say is found, on the page and in the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ground_truth import sums
from tests.ground_truth.figure_rows import MINUTES_5, Line, Table, differences, field
from tests.ground_truth.model_readings import ModelReadings, Read, TrafficModel

RATE = 100.0
WATCHED = (10.0, 11.0)


class Steady:
    """Books of a steady rate, read every half second of 400 s."""

    def at(self, since: float, until: float) -> Sequence[TrafficModel]:
        return [_traffic_model(half / 2) for half in range(int(2 * since) - 1, int(2 * until) + 3)]


def _traffic_model(at: float) -> TrafficModel:
    return {"now": at, "bounds": [0.001, 0.002], "requests": RATE * at, "histogram": [90 * at, 10 * at, 0]}


def _requests(model: TrafficModel) -> Any:
    return model["requests"]


LINES = (
    Line("rate", sums.per_second(_requests), 5.0, "rate", field("rate")),
    Line("requests", sums.increase(_requests), MINUTES_5, "requests", field("requests")),
    Line("P99", sums.quantile(0.99, lambda model: model["histogram"]), MINUTES_5, "p99", field("p99")),
)
TABLE = Table("steady", "/", "/api", 1.0, LINES)
RIGHT = {"rate": 100.0, "requests": 30000.0, "p99": 0.0019}


def found(texts: dict[str, str], answer: dict[str, float | None]) -> list[str]:
    read = Read(cast(ModelReadings, Steady()), WATCHED, 398.0, 400.0)
    return differences(TABLE, texts, answer, read, read)


def test_figures_that_are_right_differ_in_nothing() -> None:
    assert found({"rate": "100 /s", "requests": "30.0k", "p99": "1.90 ms"}, dict(RIGHT)) == []


@pytest.mark.parametrize(
    ("texts", "answer"),
    [
        ({"rate": "101 /s"}, {}), ({"requests": "31.0k"}, {}), ({"p99": "1.91 ms"}, {}), ({"p99": "not reported"}, {}),
        ({}, {"rate": 100.1}), ({}, {"requests": 29000.0}), ({}, {"p99": 0.00191}), ({}, {"p99": None}),
    ],
)  # fmt: skip
def test_each_figure_that_is_off_is_named(texts: dict[str, str], answer: dict[str, float | None]) -> None:
    said = {"rate": "100 /s", "requests": "30.0k", "p99": "1.90 ms", **texts}
    reported = found(said, {**RIGHT, **answer})
    assert len(reported) == 1
    assert reported[0].lower().startswith(next(iter({**texts, **answer})))


def test_before_the_window_is_full_it_begins_with_the_first_reading() -> None:
    read = Read(cast(ModelReadings, Steady()), WATCHED, 30.0, 30.0)
    low, high = read.between(sums.increase(_requests), MINUTES_5, 2.0)
    assert low <= 1900.0 <= 2000.0 <= high
    assert high - low < 500.0


BOUNDS = (0.001, 0.002, 0.005)
COUNTS = st.lists(st.integers(0, 40), min_size=len(BOUNDS) + 1, max_size=len(BOUNDS) + 1)


def _plus(counts: list[int], more: list[int]) -> list[int]:
    return [one + other for one, other in zip(counts, more, strict=True)]


@given(st.tuples(COUNTS, COUNTS, COUNTS, COUNTS, COUNTS), st.sampled_from((0.0, 0.5, 0.99)))
def test_between_two_readings_a_quantile_and_a_share_are_within_their_edges(
    grown: tuple[list[int], ...], q: float
) -> None:
    """The five are what was counted from one instant to the next: around one end, between them, around the other."""
    at = [[0] * (len(BOUNDS) + 1)]
    for more in grown:
        at.append(_plus(at[-1], more))
    first, begin, second, third, end, last = ({"bounds": BOUNDS, "counts": counts} for counts in at)
    swift = sums.share(lambda model: model["counts"][0], lambda model: sum(model["counts"]))
    for one in (sums.quantile(q, lambda model: model["counts"]), swift):
        low, high = one.edges((first, second), (third, last))
        if sum(end["counts"]) > sum(begin["counts"]):
            assert low - 1e-12 <= one((begin, end)) <= high + 1e-12
