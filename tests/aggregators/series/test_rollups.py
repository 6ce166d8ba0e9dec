"""Sums over namespaces that came later than what they are sums of: the seam is no birth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.series.counters import increases
from aggregators.series.rollups import rolled_up
from model.rollup import PATTERNS
from model.series import Kind, Scrape
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of

START = 1_790_000_000.0


def read(counts: list[float | None], summed_from: int) -> tuple[Snapshot, float]:
    """A proxy read every 5 s whose requests are summed from one read on only."""
    scrapes = []
    for number, count in enumerate(counts):
        scrape = Scrape("proxy", "p:1", START + 5 * number)
        scrape.add("prism_proxy_build", 1.0)
        if count is not None:
            scrape.add(PATTERNS.whole, count, Kind.COUNTER, pattern="redis")
            if number >= summed_from:
                scrape.add(PATTERNS.summed, count, Kind.COUNTER, pattern="redis")
        scrapes.append(scrape)
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 5.0).succeeded(scrapes[-1].time, 0.01, 3)
    return snapshot_of(scrapes, sources=[state]), scrapes[-1].time


def grown(counts: list[float | None], summed_from: int) -> float:
    snapshot, at = read(counts, summed_from)
    known = rolled_up(snapshot, at, PATTERNS, 300.0).counters
    return float(increases(known, at - 300.0, at)["value"].sum())


def test_what_was_counted_before_it_was_summed_is_not_added() -> None:
    assert grown([1000.0, 1010.0, 1020.0, 1030.0, 1040.0], summed_from=2) == 20.0


@pytest.mark.parametrize("summed_from", [0, 2])
def test_a_first_burst_counts_where_nothing_had_been_counted_before(summed_from: int) -> None:
    assert grown([None, None, 500.0, 510.0], summed_from) == 510.0


@given(st.lists(st.integers(0, 100), min_size=4, max_size=12), st.integers(0, 10_000), st.integers(0, 2))
def test_the_sums_never_grow_by_more_than_the_series(steps: list[int], began: int, summed_from: int) -> None:
    counts: list[float | None] = [float(began + sum(steps[:number])) for number in range(len(steps))]
    assert grown(counts, summed_from) == sum(steps[summed_from:-1])
