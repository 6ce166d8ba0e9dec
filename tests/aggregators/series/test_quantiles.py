"""Quantiles and shares: within their buckets, monotone, and silent on what buckets do not report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.series.counters import counters
from aggregators.series.histograms import layouts, merged, quantiles_by_group
from aggregators.series.quantiles import histogram_quantile, quantile_rows, share_under, shares_under
from model.series import Kind, Scrape
from store.frames import Frame
from store.snapshot import snapshot_of

NAME = "prism_request_duration_seconds_bucket"
BOUNDS = [0.001, 0.01, 0.1, math.inf]


def frame(reads: Sequence[tuple[float, Mapping[str, Mapping[str, float]]]]) -> Frame:
    """(time, {operation: {le: cumulative count}})."""
    scrapes = []
    for time, reported in reads:
        scrape = Scrape("proxy", "p", time)
        for operation, counts in reported.items():
            for edge, count in counts.items():
                scrape.add(NAME, count, Kind.HISTOGRAM, operation=operation, le=edge)
        scrapes.append(scrape)
    return snapshot_of(scrapes).frame(NAME, 0, 1e6)


def test_a_quantile_is_linear_within_its_bucket() -> None:
    value, bound = histogram_quantile(0.5, BOUNDS, [0, 100, 100, 100])
    assert value == pytest.approx(0.0055)
    assert bound == ""


def test_below_the_first_edge_only_the_edge_is_known() -> None:
    assert histogram_quantile(0.5, BOUNDS, [90, 100, 100, 100]) == (0.001, "<")


def test_above_the_last_finite_edge_only_the_edge_is_known() -> None:
    assert histogram_quantile(0.99, BOUNDS, [0, 0, 50, 100]) == (0.1, ">")


@pytest.mark.parametrize("counts", [[], [0, 0, 0, 0]])
def test_without_observations_there_is_no_quantile(counts: list[float]) -> None:
    assert histogram_quantile(0.99, BOUNDS[: len(counts)], counts).value is None


def test_counts_that_fall_are_lifted() -> None:
    assert histogram_quantile(0.5, BOUNDS, [0, 100, 90, 100]).value == pytest.approx(0.0055)


def test_edges_may_come_in_any_order() -> None:
    assert histogram_quantile(0.5, [math.inf, 0.01, 0.001], [100, 100, 0]).value == pytest.approx(0.0055)


def test_a_share_is_linear_within_its_bucket_and_bounded_outside_the_edges() -> None:
    counts = [40.0, 80.0, 90.0, 100.0]
    assert share_under(0.01, BOUNDS, counts) == (0.8, "")
    assert share_under(0.0055, BOUNDS, counts).value == pytest.approx(0.6)
    assert share_under(0.0001, BOUNDS, counts) == (0.4, "<")
    assert share_under(5.0, BOUNDS, counts) == (0.9, ">")
    assert share_under(0.01, BOUNDS, [0, 0, 0, 0]).value is None


def test_series_are_merged_before_the_quantile() -> None:
    reported = frame(
        [
            (0, {"Get": {"0.001": 0, "0.01": 0, "+Inf": 0}, "Set": {"0.001": 0, "0.01": 0, "+Inf": 0}}),
            (1, {"Get": {"0.001": 0, "0.01": 90, "+Inf": 90}, "Set": {"0.001": 0, "0.01": 0, "+Inf": 10}}),
        ]
    )
    buckets = merged(reported, 0, 1)[()]
    assert buckets.counts.tolist() == [0, 90, 100]
    assert histogram_quantile(0.95, *buckets) == (0.01, ">")


def test_a_series_that_lacks_an_edge_is_read_between_its_own() -> None:
    reported = frame(
        [
            (0, {"Get": {"0.001": 0, "0.002": 0, "0.003": 0, "+Inf": 0}, "Set": {"0.001": 0, "0.003": 0, "+Inf": 0}}),
            (1, {"Get": {"0.001": 5, "0.002": 7, "0.003": 9, "+Inf": 9}, "Set": {"0.001": 2, "0.003": 6, "+Inf": 6}}),
        ]
    )
    buckets = merged(reported, 0, 1)[()]
    assert buckets.bounds.tolist() == [0.001, 0.002, 0.003, math.inf]
    assert buckets.counts.tolist() == [7, 11, 15, 15]


def test_edges_that_are_no_numbers_are_left_out() -> None:
    reported = frame(
        [(0, {"Get": {"0.001": 0, "soon": 0, "+Inf": 0}}), (1, {"Get": {"0.001": 3, "soon": 4, "+Inf": 5}})]
    )
    assert merged(reported, 0, 1)[()].bounds.tolist() == [0.001, math.inf]


def test_quantiles_in_steps_leave_gaps_and_report_bounds() -> None:
    def counts(all_: float) -> dict[str, dict[str, float]]:
        return {"Get": {"0.001": 0.0, "0.01": all_, "+Inf": all_}}

    reported = frame([(0, counts(0)), (1, counts(10)), (2, counts(20)), (7, counts(20)), (8, counts(30))])
    parts = [(part, layouts(part.labels, ())) for part in counters(reported)]
    lines = quantiles_by_group(parts, (0.5, 0.99), 0, 8, 2)[()]
    assert lines.values[0.5].tolist()[0] == pytest.approx(0.0055)
    assert [math.isnan(one) for one in lines.values[0.99]] == [False, True, True, False]
    assert lines.bounds[0.5].tolist() == ["", "", "", ""]


HISTOGRAM = st.lists(st.integers(0, 1000), min_size=4, max_size=4).filter(any)


@given(HISTOGRAM, st.floats(0, 1))
def test_a_quantile_lies_within_the_bucket_that_holds_its_rank(counts: list[int], q: float) -> None:
    cumulative = np.cumsum(counts, dtype=np.float64)
    value, bound = histogram_quantile(q, BOUNDS, cumulative)
    assert value is not None
    if not bound:
        low, high = share_under(value * 0.999999, BOUNDS, cumulative), share_under(value * 1.000001, BOUNDS, cumulative)
        assert low.value is not None and high.value is not None
        assert low.value <= q + 1e-6 and high.value >= q - 1e-6


@given(HISTOGRAM, st.floats(0, 1), st.floats(0, 1))
def test_quantiles_are_monotone_in_q(counts: list[int], one: float, other: float) -> None:
    cumulative = np.cumsum(counts, dtype=np.float64)
    low = histogram_quantile(min(one, other), BOUNDS, cumulative).value
    high = histogram_quantile(max(one, other), BOUNDS, cumulative).value
    assert low is not None and high is not None and low <= high


@given(st.lists(HISTOGRAM, min_size=1, max_size=6), st.sampled_from([0.0, 0.5, 0.99, 1.0]))
def test_rows_at_once_answer_as_one_at_a_time(rows: list[list[int]], q: float) -> None:
    cumulative = np.cumsum(np.array(rows, dtype=float), axis=1)
    values, bounds = quantile_rows(q, np.array(BOUNDS), cumulative)
    for row, value, bound in zip(cumulative, values, bounds, strict=True):
        one = histogram_quantile(q, BOUNDS, row)
        assert one.value == pytest.approx(float(value))
        assert one.bound == bound


@given(st.lists(HISTOGRAM, min_size=1, max_size=6), st.floats(0.0, 1.0))
def test_shares_of_rows_lie_within_what_one_at_a_time_reports(rows: list[list[int]], threshold: float) -> None:
    cumulative = np.cumsum(np.array(rows, dtype=float), axis=1)
    shares = shares_under(np.full(len(rows), threshold), np.array(BOUNDS), cumulative)
    for row, share in zip(cumulative, shares, strict=True):
        value, bound = share_under(threshold, BOUNDS, row)
        assert value is not None and (bound or share == pytest.approx(value))
