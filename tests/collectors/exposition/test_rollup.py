"""What is summed over namespaces grows as the namespaces do: over resets, gaps, newcomers and restarts of our own."""

from __future__ import annotations

import time
from array import array
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.series.counters import increase
from aggregators.series.grouping import totals_by
from aggregators.series.histograms import merged
from collectors.exposition.rollup import GONE_AT_LEAST, RollUps
from model.catalogue import BY_NAME
from model.rollup import LATENCY, OPERATIONS, PATTERNS, ROLL_UPS
from model.series import Kind, Scrape
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of

KEY = "proxy@p:1"
PLACES = [("shop", "redis", "Get"), ("shop", "redis", "Set"), ("search", "redis", "Get"), ("search", "nats", "Get")]
EDGES = ("0.001", "0.01", "+Inf")
Row = Sequence[int | None]


def rows(most: int, absent: bool = True) -> st.SearchStrategy[list[list[int | None]]]:
    """Reads of all places, each with at most so many requests, or `absent`."""
    counts = st.integers(0, most)
    row = st.lists(st.none() | counts if absent else counts, min_size=len(PLACES), max_size=len(PLACES))
    return st.lists(row, min_size=2, max_size=12)


def scrape(time: float, row: Row) -> Scrape:
    """A read: the requests of each place, None where the proxy does not expose it."""
    reported = Scrape("proxy", "p:1", time)
    for (namespace, pattern, operation), count in zip(PLACES, row, strict=True):
        if count is None:
            continue
        labels = {"namespace": namespace, "pattern": pattern, "operation": operation}
        reported.add(PATTERNS.whole, float(count), Kind.COUNTER, status="success", **labels)
        for share, edge in enumerate(EDGES, 1):
            reported.add(LATENCY.whole, float(count * share), Kind.HISTOGRAM, le=edge, **labels)
    return reported


def stored(scrapes: Sequence[Scrape]) -> Snapshot:
    state = SourceState(KEY, "proxy", "p:1", "p", 1.0)
    return snapshot_of(scrapes, sources=[state.succeeded(scrapes[-1].time, 0.01, 1)] if scrapes else [])


def rolled_up(reported: Sequence[Row], stops: frozenset[int] = frozenset()) -> Snapshot:
    """The reads with their sums; before each of `stops` the collector started anew."""
    done: list[Scrape] = []
    sums = RollUps()
    for number, row in enumerate(reported):
        if number in stops:
            sums = RollUps()
            sums.restore(stored(done), KEY)
        one = scrape(1000.0 + number, row)
        sums.add(one)
        done.append(one)
    return stored(done)


@given(rows(4), st.frozensets(st.integers(1, 11)))
def test_the_sums_grow_by_what_the_series_grow(reported: list[list[int | None]], stops: frozenset[int]) -> None:
    agree(reported, stops)


@given(rows(1_000_000, absent=False))
def test_the_sums_know_another_process_as_the_series_do(reported: list[list[int | None]]) -> None:
    agree(reported)


def agree(reported: list[list[int | None]], stops: frozenset[int] = frozenset()) -> None:
    reported = [[1, 1, 1, 1], *reported]
    snapshot, end = rolled_up(reported, stops), 1000.0 + len(reported) - 1
    raw = increase(snapshot.frame(PATTERNS.whole, 1000.0, end), 1000.0, end)
    summed = increase(snapshot.frame(PATTERNS.summed, 1000.0, end), 1000.0, end)
    assert totals_by(summed, "pattern") == totals_by(raw, "pattern")
    for rule in (LATENCY, OPERATIONS):
        whole = merged(snapshot.frame(rule.whole, 1000.0, end), 1000.0, end, rule.by)
        found = merged(snapshot.frame(rule.summed, 1000.0, end), 1000.0, end, rule.by)
        assert {group: one.counts.tolist() for group, one in found.items()} == {
            group: one.counts.tolist() for group, one in whole.items()
        }


def test_a_namespace_that_goes_away_takes_nothing_with_it() -> None:
    snapshot = rolled_up([[10, 10, 10, 10], [11, 10, None, 10], [12, 10, None, 10]])
    assert totals_by(increase(snapshot.frame(PATTERNS.summed, 1000, 1002), 1000, 1002), "pattern") == {
        ("nats",): 0.0,
        ("redis",): 2.0,
    }


def test_without_what_an_earlier_run_stored_the_first_read_is_where_counting_begins() -> None:
    sums = RollUps()
    sums.restore(Snapshot(), KEY)
    sums.restore(stored([scrape(1000.0, [5, 5, 5, 5])]), KEY)  # stored before there were sums
    one = scrape(1001.0, [6, 6, 6, 6])
    sums.add(one)
    assert one.values[one.series.index(next(s for s in one.series if s.name == PATTERNS.summed))] == 18.0


def test_histograms_of_different_edges_are_not_added_up() -> None:
    one = Scrape("proxy", "p:1", 1000.0)
    for namespace, edges in (("a", ("1", "5", "+Inf")), ("b", ("2", "+Inf")), ("c", ("1", "5", "+Inf"))):
        for edge in edges:
            one.add(LATENCY.whole, 1.0, Kind.HISTOGRAM, le=edge, namespace=namespace)
    sums = RollUps()
    sums.add(one)
    found = [(s.label("edges"), s.label("le"), v) for s, v in zip(one.series, one.values, strict=True)
             if s.name == LATENCY.summed]  # fmt: skip
    assert len({edges for edges, _, _ in found}) == 2
    assert sorted((le, value) for _, le, value in found) == [
        ("+Inf", 1.0), ("+Inf", 2.0), ("1", 2.0), ("2", 1.0), ("5", 2.0),
    ]  # fmt: skip


def test_the_scrapes_own_list_of_series_stays_as_the_parser_keeps_it() -> None:
    first, second = scrape(1000.0, [1, 1, 1, 1]), scrape(1001.0, [2, 2, 2, 2])
    second.series = kept = first.series
    before = list(kept)
    sums = RollUps()
    sums.add(first)
    sums.add(second)
    assert kept == before
    assert first.series is second.series
    assert len(second.series) == len(second.values)


def test_a_proxy_that_reports_nothing_is_not_summed() -> None:
    one = Scrape("proxy", "p:1", 1000.0)
    RollUps().add(one)
    assert (one.series, one.values) == ([], array("d"))


@pytest.mark.parametrize("rule", ROLL_UPS)
def test_every_sum_is_in_the_catalogue(rule: object) -> None:
    assert isinstance(rule, type(LATENCY))
    assert BY_NAME[rule.summed.removesuffix("_bucket")].source == "proxy"
    assert set(rule.by) <= set(BY_NAME[rule.summed.removesuffix("_bucket")].labels)


def test_what_is_remembered_of_series_that_come_and_go_is_bounded() -> None:
    sums = RollUps()
    for turn in range(8):
        reported = Scrape("proxy", "p:1", float(turn))
        for number in range(GONE_AT_LEAST // 4):
            reported.add(LATENCY.whole, 1.0, Kind.HISTOGRAM, le=f"{turn}.{number}", operation=f"{turn}-{number}")
        sums.add(reported)
    assert max(len(known) for one in sums._rules for known in (one._seen.gone, one._ended)) <= GONE_AT_LEAST


def test_forty_thousand_series_are_summed_within_milliseconds() -> None:
    one = Scrape("proxy", "p:1", 1000.0)
    for number in range(40_000):
        one.add(LATENCY.whole, 1.0, Kind.HISTOGRAM, le=EDGES[number % 3], namespace=str(number // 3), pattern="p",
                operation="Get")  # fmt: skip
    series, values = one.series, array("d", one.values)
    sums = RollUps()
    sums.add(one)
    took = []
    for _ in range(5):
        again = Scrape("proxy", "p:1", 1001.0, series, array("d", values))
        began = time.process_time()
        sums.add(again)
        took.append(time.process_time() - began)
    assert min(took) < 0.02


@pytest.mark.parametrize("starts", [True, False], ids=["start time", "levels only"])
def test_replicas_behind_one_address_are_summed_each_by_itself(starts: bool) -> None:
    sums, totals = RollUps(), []
    for number in range(12):
        level, started = ((90_000, 100.0), (10, 500.0))[number % 2]
        one = scrape(1000.0 + number, [level + 10 * number] * len(PLACES))
        if starts:
            one.add("process_start_time_seconds", started)
        sums.add(one)
        totals.append(sum(v for s, v in zip(one.series, one.values, strict=True) if s.name == PATTERNS.summed))
    steps = [after - before for before, after in pairwise(totals[2:])]
    assert steps == [20 * len(PLACES)] * len(steps)
    assert totals[1] - totals[0] <= 20 * len(PLACES)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 30)), min_size=2, max_size=40),
    st.sets(st.sampled_from(range(4))),
    st.sets(st.sampled_from(range(4))),
)
def test_replicas_that_have_other_series_are_summed_each_by_itself(
    turns: list[tuple[bool, int]], first: set[int], second: set[int]
) -> None:
    """Each has its own namespaces and start; what both have they counted each for itself."""
    levels = [[90_000 if at in first else 0 for at in range(4)], [400_000 if at in second else 0 for at in range(4)]]
    last: dict[bool, int] = {}
    sums, done, counted = RollUps(), list[Scrape](), 0
    for number, (turn, step) in enumerate(turns):
        levels = [[level and level + step for level in one] for one in levels]
        whole = sum(levels[turn])
        counted, last[turn] = counted + whole - last.get(turn, whole), whole
        one = scrape(1000.0 + number, [level or None for level in levels[turn]])
        one.add("process_start_time_seconds", 500.0 if turn else 100.0)
        sums.add(one)
        done.append(one)
    for family in (PATTERNS.summed, PATTERNS.whole):
        grown = increase(stored(done).frame(family, 1000.0, 1100.0), 1000.0, 1100.0)
        assert (float(grown["value"].sum()) if len(grown) else 0.0) == counted


def test_a_young_replica_of_few_counts_is_not_counted_anew_with_every_turn() -> None:
    sums, totals = RollUps(), []
    for number in range(12):
        one = scrape(1000.0 + number, [(45_000, 5)[number % 2] + number] * len(PLACES))
        sums.add(one)
        totals.append(sum(v for s, v in zip(one.series, one.values, strict=True) if s.name == PATTERNS.summed))
    assert totals[-1] - totals[1] == 10 * 2 * len(PLACES)
