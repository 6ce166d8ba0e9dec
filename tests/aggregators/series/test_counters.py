"""Increases and rates: over resets, gaps, new series and several proxies."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.series.counters import increase, rate, sli_ratio
from aggregators.series.grouping import sum_by, totals_by
from aggregators.series.last_reads import latest
from aggregators.series.stepped_rates import rate_over_time
from model.series import Kind, Scrape
from store.frames import Frame
from store.snapshot import snapshot_of

NAME = "prism_requests_total"
NAN = math.nan


def frame(rows: Sequence[tuple[float, dict[str, float]]], instance: str = "p") -> Frame:
    """Reads of one proxy: (time, {namespace: count}); every read has the same source."""
    return frame_of([(instance, *row) for row in rows])


def frame_of(rows: Sequence[tuple[str, float, dict[str, float]]]) -> Frame:
    scrapes = []
    for instance, time, counts in rows:
        scrape = Scrape("proxy", instance, time)
        scrape.add("prism_up", 1)
        for namespace, value in counts.items():
            scrape.add(NAME, value, Kind.COUNTER, namespace=namespace)
        scrapes.append(scrape)
    return snapshot_of(scrapes).frame(NAME, 0, 1e6)


def grown(reported: Frame, start: float, end: float) -> float:
    return float(increase(reported, start, end)["value"].sum())


def test_samples_100_160_220_10_70_increase_by_190() -> None:
    reported = frame([(at, {"a": value}) for at, value in enumerate([100, 160, 220, 10, 70])])
    assert grown(reported, 0, 4) == 190


def test_99_of_100_with_1_of_2_is_a_success_ratio_of_0_980() -> None:
    assert sli_ratio(99 + 1, 100 + 2) == pytest.approx(0.980, abs=5e-4)


def test_nothing_of_nothing_is_no_ratio() -> None:
    assert sli_ratio(0, 0) is None


def test_the_baseline_is_the_last_read_at_or_before_the_start() -> None:
    reported = frame([(0, {"a": 5}), (10, {"a": 7}), (20, {"a": 12}), (30, {"a": 20})])
    assert grown(reported, 10, 20) == 5
    assert grown(reported, 15, 25) == 5


def test_the_first_read_ever_is_a_baseline_and_no_increase() -> None:
    assert len(increase(frame([(10, {"a": 1000})]), 0, 20)) == 0
    assert grown(frame([(10, {"a": 1000}), (11, {"a": 1003})]), 0, 20) == 3


def test_a_series_first_seen_after_others_of_its_family_counts_from_zero() -> None:
    reported = frame([(0, {"a": 50}), (1, {"a": 51, "b": 4}), (2, {"a": 52, "b": 6})])
    assert totals_by(increase(reported, 0, 2), "namespace") == {("a",): 2, ("b",): 6}


def test_a_family_that_is_absent_for_a_while_and_returns_makes_no_spike() -> None:
    reported = frame([(0, {"a": 89_990}), (1, {}), (2, {}), (3, {"a": 90_000}), (4, {"a": 90_010})])
    assert grown(reported, 0, 4) == 20


def test_what_a_family_counted_while_it_was_not_reported_was_not_counted_when_it_returned() -> None:
    reported = frame([(0, {"a": 100}), *((float(at), {}) for at in range(1, 41)), (41, {"a": 510}), (42, {"a": 520})])
    assert grown(reported, 32, 42) == pytest.approx(100)
    assert grown(reported, 0, 42) == 420


def test_a_family_that_returns_from_beyond_the_window_is_not_born() -> None:
    reported = frame([(0, {}), (1, {}), (2, {"a": 90_000}), (3, {"a": 90_010})])
    assert grown(reported, 0, 3) == 10


def lived(started: float, *values: float | None) -> Frame:
    """A proxy that was started then, read every 50 s: what it had counted, None where it said nothing of it."""
    scrapes = []
    for at, value in enumerate(values):
        scrape = Scrape("proxy", "p", 50.0 * at)
        scrape.add("process_start_time_seconds", started)
        if value is not None:
            scrape.add(NAME, value, Kind.COUNTER, namespace="a")
        scrapes.append(scrape)
    return snapshot_of(scrapes).frame(NAME, 200.0, 1e6)


@pytest.mark.parametrize("started", [-10_000.0, -10.0, NAN])
@pytest.mark.parametrize(("before", "counted"), [(None, 1521), (880.0, 521), (1200.0, 1521)])
def test_a_family_is_born_unless_it_had_been_reported_before_the_window(
    started: float, before: float | None, counted: float
) -> None:
    reported = lived(started, before, before, None, None, None, None, 1000.0, 1521.0)
    assert grown(reported, 200.0, 350.0) == counted


def test_what_a_process_had_counted_that_lived_before_it_was_read_is_no_burst() -> None:
    assert grown(lived(-10_000.0, None, None, None, None, None, None, 90_000.0, 90_010.0), 200.0, 350.0) == 10
    assert grown(lived(240.0, 100.0, None, None, None, None, 90_000.0, 90_010.0), 200.0, 350.0) == 90_010


def test_the_first_burst_of_a_counter_that_is_born_while_its_source_is_read_counts() -> None:
    reported = frame([(0, {}), (1, {}), (2, {"a": 1000}), (3, {"a": 1521})])
    assert grown(reported, 0, 3) == 1521
    assert grown(reported, 1, 2) == 1000
    assert grown(reported, 2, 3) == 521


@pytest.mark.parametrize("source", ["nats", "postgres", "redis", "signoz", "dex"])
def test_what_one_of_several_calls_lacked_at_first_is_a_baseline(source: str) -> None:
    scrapes = []
    for at, value in enumerate([None, 90_000, 90_010]):
        scrape = Scrape(source, "s", float(at))
        scrape.add("prism_up", 1)
        if value is not None:
            scrape.add(NAME, value, Kind.COUNTER)
        scrapes.append(scrape)
    assert grown(snapshot_of(scrapes).frame(NAME, 0, 1e6), 0, 2) == 10


def test_a_read_that_lacks_a_series_loses_nothing() -> None:
    reported = frame([(0, {"a": 10, "b": 1}), (1, {"b": 2}), (2, {"a": 16, "b": 3})])
    assert totals_by(increase(reported, 0, 2), "namespace") == {("a",): 6, ("b",): 2}


def test_a_reset_inside_a_gap_counts_what_was_counted_since() -> None:
    reported = frame([(0, {"a": 100, "b": 1}), (1, {"b": 1}), (2, {"a": 30, "b": 1})])
    assert totals_by(increase(reported, 0, 2), "namespace")["a",] == 30


def test_a_rate_is_over_the_time_that_the_reads_cover() -> None:
    reported = frame([(0, {"a": 0}), (4, {"a": 40})])
    assert float(rate(reported, 2, 10)["value"].sum()) == 10.0


def test_one_read_makes_no_rate() -> None:
    assert len(rate(frame([(5, {"a": 9})]), 0, 10)) == 0


def test_two_proxies_add_up_and_keep_their_instance() -> None:
    reported = frame_of([("p", 0, {"a": 0}), ("p", 1, {"a": 5}), ("q", 0, {"a": 100}), ("q", 1, {"a": 107})])
    answer = increase(reported, 0, 1)
    assert totals_by(answer, "instance") == {("p",): 5, ("q",): 7}
    assert sum_by(answer, ["namespace"])["value"].tolist() == [12]


def test_an_answer_summed_by_a_label_that_nobody_has_is_one_row() -> None:
    reported = frame([(0, {"a": 0, "b": 0}), (1, {"a": 1, "b": 2})])
    assert totals_by(increase(reported, 0, 1), "tenant") == {("",): 3}


def test_latest_is_what_the_last_read_said_and_nothing_older() -> None:
    reported = frame([(0, {"a": 1, "b": 2}), (1, {"a": 3})])
    assert latest(reported, 1, 10)[["namespace", "value"]].to_numpy().tolist() == [["a", 3.0]]
    assert len(latest(reported, 100, 10)) == 0


def test_steps_without_reads_are_gaps_and_the_first_step_after_one_does_not_spike() -> None:
    reads = [(at, {"a": 10.0 * at}) for at in (0, 1, 2, 8, 9, 10)]
    table = rate_over_time(frame(reads), 0, 10, 2, ["namespace"])
    assert table.index.tolist() == [2, 4, 6, 8, 10]
    values = table[("a",)].tolist()
    assert values[0] == values[3] == values[4] == 10.0
    assert math.isnan(values[1]) and math.isnan(values[2])


def test_steps_of_one_proxy_are_not_lost_when_the_other_is_not_read() -> None:
    reads = [("p", at, {"a": 10.0 * at}) for at in (0, 1, 2, 3, 4)] + [("q", at, {"a": 5.0 * at}) for at in (0, 1, 2)]
    table = rate_over_time(frame_of(reads), 0, 4, 2, [])
    assert table[()].tolist() == [15.0, 10.0]


COUNTS = st.lists(st.integers(0, 1000), min_size=3, max_size=40)


@given(COUNTS, st.data())
def test_an_increase_is_additive_over_adjacent_windows(values: list[int], data: st.DataObject) -> None:
    reported = frame([(at, {"a": value}) for at, value in enumerate(values)])
    end = len(values) - 1
    middle = data.draw(st.integers(0, end))
    assert grown(reported, 0, end) == pytest.approx(grown(reported, 0, middle) + grown(reported, middle, end))


@given(COUNTS)
def test_an_increase_is_never_negative(values: list[int]) -> None:
    reported = frame([(at, {"a": value}) for at, value in enumerate(values)])
    assert all(grown(reported, start, start + 2) >= 0 for start in range(len(values)))


@given(st.lists(st.integers(0, 50), min_size=4, max_size=30), st.sets(st.integers(1, 28)))
def test_an_increase_without_resets_does_not_depend_on_which_reads_failed(steps: list[int], lost: set[int]) -> None:
    totals = [sum(steps[: at + 1]) for at in range(len(steps))]
    last = len(totals) - 1
    whole = frame([(at, {"a": total}) for at, total in enumerate(totals)])
    holed = frame([(at, {"a": total}) for at, total in enumerate(totals) if at in (0, last) or at not in lost])
    assert grown(holed, 0, last) == grown(whole, 0, last)


@given(COUNTS)
def test_rates_of_all_steps_integrate_to_the_increase(values: list[int]) -> None:
    reported = frame([(at, {"a": value}) for at, value in enumerate(values)])
    end = len(values) - 1
    table = rate_over_time(reported, 0, end, 1, ["namespace"])
    assert float(table[("a",)].sum()) == pytest.approx(grown(reported, 0, end))
