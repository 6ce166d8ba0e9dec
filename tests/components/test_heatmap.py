"""A heatmap says how many requests fell between which edges, and places nothing beyond them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.charts.heatmap import MOST_EDGES, Buckets, Ladder, Quantile, heatmap
from components.charts.marks import Span
from components.charts.scale import Limit

BOUNDS = (0.001, 0.002, 0.005, 0.01, math.inf)
SPAN = Span(1000.0, 1180.0)
edges = st.lists(st.floats(1e-5, 100), min_size=1, max_size=40, unique=True).map(sorted)


def drawn(*counts: tuple[float, ...] | None, bounds: tuple[float, ...] = BOUNDS, **more: Any) -> dict[str, Any]:
    times = [1060.0 + 60 * at for at in range(len(counts))]
    lines = [Quantile("P99", [0.0015] * len(counts), [""] * len(counts), "#c8722c")]
    return heatmap(Buckets(60.0, times, bounds, counts), lines, SPAN, **more)


def texts(figure: dict[str, Any]) -> list[str]:
    return [note["text"] for note in figure["layout"]["annotations"]]


def test_each_cell_says_its_bucket_its_requests_and_their_share() -> None:
    cells = drawn((0, 750, 249, 0, 1), None, (5, 0, 0, 0, 0))["data"][0]
    assert cells["text"][0] == ["< 1 ms", "", "< 1 ms: 5 requests, 100 %"]
    assert cells["text"][1][0] == "1 ms to 2 ms: 750 requests, 75.0 %"
    assert cells["text"][-1][0] == "> 10 ms: 1 request, 0.10 %"
    assert cells["x"] == [1_000_000, 1_060_000, 1_120_000, 1_180_000]


def test_a_step_that_was_not_read_is_blank_and_one_without_requests_is_not() -> None:
    z = drawn((0, 0, 0, 0, 0), None, (1, 1, 1, 1, 1))["data"][0]["z"]
    assert [row[1] for row in z] == [None] * 5
    assert [row[0] for row in z] == [0.0] * 5


def test_more_of_a_step_is_darker() -> None:
    z = drawn((1, 10, 100, 1000, 10000))["data"][0]["z"]
    shades = [row[0] for row in z]
    assert shades == sorted(shades)
    assert len(set(shades)) == 5
    assert drawn((1, 0, 0, 0, 0))["data"][0]["z"][0][0] == pytest.approx(1.0)


def test_only_buckets_with_requests_and_their_neighbours_are_drawn() -> None:
    bounds = (*(0.001 * 2**power for power in range(10)), math.inf)
    figure = drawn((0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0), bounds=bounds)
    assert len(figure["data"][0]["z"]) == 3
    assert [words.split(":")[0] for (words,) in figure["data"][0]["text"]] == [
        "4 ms to 8 ms", "8 ms to 16 ms", "16 ms to 32 ms",
    ]  # fmt: skip
    assert figure["layout"]["yaxis"]["ticktext"] == ["32 ms", "16 ms", "8 ms", "4 ms"]


def test_the_objective_is_a_labelled_line_within_the_edges() -> None:
    figure = drawn((5, 5, 0, 0, 0), limit=Limit(0.0075, "objective 7.5 ms"))
    (line,) = figure["layout"]["shapes"]
    assert line["y0"] == pytest.approx(3.5)
    assert "objective 7.5 ms" in texts(figure)


@pytest.mark.parametrize(("limit", "sign"), [(0.0005, "↓"), (0.5, "↑")])
def test_an_objective_beyond_the_edges_is_named_and_stands_nowhere(limit: float, sign: str) -> None:
    figure = drawn((5, 5, 0, 0, 0), limit=Limit(limit, "objective"))
    assert figure["layout"]["shapes"] == []
    assert f"objective {sign}" in texts(figure)


def test_quantiles_stand_where_they_lie_and_say_their_bounds() -> None:
    reported = Buckets(60.0, [1060.0, 1120.0, 1180.0], BOUNDS, [(1, 1, 1, 1, 1)] * 3)
    line = heatmap(reported, [Quantile("P99", [0.0015, None, 0.01], ["", "", ">"], "#000000")], SPAN)["data"][1]
    assert line["y"] == [1.5, None, 4.0]
    assert line["text"] == ["1.50 ms", "", "> 10 ms"]
    assert line["connectgaps"] is False


def test_nothing_read_is_said_in_words() -> None:
    for counts in ((None, None), ()):
        figure = drawn(*counts)
        assert figure["data"] == []
        assert "Nothing was read in this window" in texts(figure)
    assert "Nothing was read in this window" in texts(drawn(None, bounds=()))


@given(edges, st.floats(1e-6, 200))
def test_a_latency_stands_within_its_bucket(bounds: list[float], seconds: float) -> None:
    ladder = Ladder([*bounds, math.inf], None)
    at = ladder.bucket(seconds)
    assert at <= ladder.height(seconds) <= at + 1
    assert at == sum(edge < seconds for edge in bounds)
    assert len(ladder.labels()) <= MOST_EDGES


@given(edges, st.lists(st.none() | st.lists(st.integers(0, 10**7), min_size=41, max_size=41), max_size=5))
def test_any_histogram_makes_a_figure_that_is_json(bounds: list[float], rows: list[list[int] | None]) -> None:
    counts = [None if row is None else tuple(map(float, row[: len(bounds) + 1])) for row in rows]
    figure = drawn(*counts, bounds=(*bounds, math.inf), limit=Limit(0.01, "objective"))
    assert "NaN" not in json.dumps(figure)
