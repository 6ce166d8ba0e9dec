"""Thinning keeps the meaning of counters: increase over points equals increase over reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.series import Kind, Series
from store.disk.manifest import HOUR_POINTS, MINUTE_POINTS, RAW, ChunkRef
from store.series_table import Floats, Segment, SeriesTable
from store.writing.retention import POINT_SECONDS, RAW_SECONDS, aligned, expired, kept_rows, merge, thin

COUNTER, OTHER, GAUGE = Series("c", (), Kind.COUNTER), Series("d", (), Kind.HISTOGRAM), Series("g", (), Kind.GAUGE)
TABLE = SeriesTable([COUNTER, OTHER, GAUGE])


def increase(values: Floats) -> float:
    """Law 4, as one loop: growth, or the whole value after a reset; a series that comes back counts from zero."""
    total, last, seen = 0.0, None, False
    for value in values.tolist():
        if np.isnan(value):
            last = None
            continue
        if last is not None:
            total += value - last if value >= last else value
        elif seen:
            total += value
        last, seen = value, True
    return total


def minutes(columns: Floats, length: int) -> list[Segment]:
    times = np.arange(len(columns), dtype=np.float64)
    cuts = range(0, len(columns), length)
    return [Segment("s", TABLE, times[at : at + length], columns[at : at + length]) for at in cuts]


def thinned(segments: list[Segment]) -> Segment:
    points, before = [], None
    for one in segments:
        points.append(thin(one, before))
        before = one.values[-1]
    return Segment("s", TABLE, np.concatenate([p.times for p in points]), np.concatenate([p.values for p in points]))


def test_the_house_sum_survives_thinning() -> None:
    values = np.array([[100.0, 0, 0], [160, 0, 0], [220, 0, 0], [10, 0, 0], [70, 0, 0]])
    assert increase(values[:, 0]) == 190
    assert increase(thinned(minutes(values, 5)).values[:, 0]) == 190


def test_a_reset_hidden_by_later_growth_survives_thinning() -> None:
    values = np.array([[100.0, 0, 0], [160, 0, 0], [20, 0, 0], [200, 0, 0], [300, 0, 0]])
    assert increase(values[:, 0]) == 360
    assert increase(thinned(minutes(values, 5)).values[:, 0]) == 360


value = st.one_of(st.integers(0, 1000).map(float), st.just(float("nan")))
rows = st.lists(st.tuples(value, value, st.floats(0, 1)), min_size=1, max_size=80)


@given(rows, st.integers(1, 30))
def test_increase_over_points_equals_increase_over_reads(reads: list[tuple[float, float, float]], length: int) -> None:
    columns = np.array(reads, dtype=np.float64)
    points = thinned(minutes(columns, length))
    for at in (0, 1):
        assert increase(points.values[:, at]) == increase(columns[:, at])


@given(rows, st.integers(1, 30), st.data())
def test_increase_since_any_kept_point_equals_that_over_reads(
    reads: list[tuple[float, float, float]], length: int, data: st.DataObject
) -> None:
    columns = np.array(reads, dtype=np.float64)
    points = thinned(minutes(columns, length))
    at = data.draw(st.integers(0, len(points.times) - 1))
    since = int(points.times[at])
    assert increase(points.values[at:, 0]) == increase(columns[since:, 0])


def test_a_minute_of_steady_growth_leaves_one_point() -> None:
    values = np.cumsum(np.ones((60, 3)), axis=0)
    assert kept_rows(Segment("s", TABLE, np.arange(60.0), values), before=np.zeros(3)).nonzero()[0].tolist() == [59]


def test_a_falling_gauge_is_no_reset() -> None:
    values = np.zeros((60, 3))
    values[:, 2] = np.arange(60)[::-1]
    assert kept_rows(Segment("s", TABLE, np.arange(60.0), values), before=np.zeros(3)).sum() == 1


def test_merged_pieces_stand_over_the_union_of_their_series() -> None:
    one = Segment("s", SeriesTable([COUNTER]), np.array([1.0]), np.array([[5.0]]))
    two = Segment("s", SeriesTable([GAUGE, COUNTER]), np.array([2.0]), np.array([[7.0, 6.0]]))
    merged = merge([one, two])
    assert set(merged.table.series) == {COUNTER, GAUGE}
    columns = dict(zip(merged.table.series, merged.values.T.tolist(), strict=True))
    assert columns[COUNTER] == [5.0, 6.0]
    np.testing.assert_array_equal(columns[GAUGE], [np.nan, 7.0])


def test_a_series_that_no_read_reported_falls_out() -> None:
    merged = merge([Segment("s", TABLE, np.array([1.0]), np.array([[1.0, np.nan, 2.0]]))])
    assert [one.name for one in merged.table.series] == ["c", "g"]


def test_pieces_of_one_table_keep_that_table() -> None:
    piece = Segment("s", TABLE, np.array([1.0]), np.ones((1, 3)))
    assert merge([piece, piece._replace(times=np.array([2.0]))]).table is TABLE


def test_a_row_is_laid_over_other_columns_by_series() -> None:
    row = Segment("s", SeriesTable([GAUGE, COUNTER]), np.array([1.0]), np.array([[7.0, 6.0]]))
    laid = aligned(row, SeriesTable([COUNTER, OTHER, GAUGE]))
    np.testing.assert_array_equal(laid, [6.0, np.nan, 7.0])


NOW = 1_000_000.0


def _ref(kind: str, age: float, size: int = 10) -> ChunkRef:
    return ChunkRef(f"{kind}/{age}", kind, NOW - age - 60, NOW - age, size)


@pytest.mark.parametrize(
    ("kind", "age", "gone"),
    [
        (RAW, 3600.0, False),
        (RAW, RAW_SECONDS + 1, True),
        (MINUTE_POINTS, 86400.0, False),
        (HOUR_POINTS, 86400.0, False),
        (HOUR_POINTS, POINT_SECONDS + 1, True),
    ],
)
def test_reads_are_kept_an_hour_and_points_a_day(kind: str, age: float, gone: bool) -> None:
    ref = _ref(kind, age)
    assert expired([ref], NOW, 10**9) == ({ref} if gone else set())


def test_over_the_budget_the_oldest_reads_go_first_and_the_newest_never() -> None:
    refs = [_ref(HOUR_POINTS, 80_000), _ref(RAW, 3000), _ref(RAW, 2000), _ref(RAW, 100), _ref(MINUTE_POINTS, 100)]
    assert expired(refs, NOW, 40) == {refs[1]}
    assert expired(refs, NOW, 20) == {refs[0], refs[1], refs[2]}
    assert expired(refs, NOW, 0) == {refs[0], refs[1], refs[2]}
