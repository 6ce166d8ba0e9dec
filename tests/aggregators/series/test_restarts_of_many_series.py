"""A restart is one of all that a process counts: of series that are absent after it, or higher than before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.series.counters import increase
from aggregators.series.histograms import merged
from aggregators.series.quantiles import histogram_quantile
from model.series import Kind, Scrape
from store.snapshot import snapshot_of

NAME, BUCKETS = "prism_requests_total", "prism_request_duration_seconds_bucket"
FIRST, OLD = 10_000.0, 9_000.0
Read = tuple[Mapping[str, float], float | None]
"""What each series says, and the start time."""


def grown(reads: Sequence[Read], start: str = "process_start_time_seconds", name: str = NAME) -> float:
    """One read a second."""
    scrapes = []
    for at, (counts, started) in enumerate(reads):
        scrape = Scrape("proxy", "p", FIRST + at)
        scrape.add("prism_up", 1)
        for series, count in counts.items():
            scrape.add(name, count, Kind.COUNTER, namespace=series)
        if started is not None:
            scrape.add(start, scrape.time - started if "uptime" in start else started)
        scrapes.append(scrape)
    return float(increase(snapshot_of(scrapes).frame(name, FIRST, 1e6), FIRST, 1e6)["value"].sum())


LIVES = st.lists(st.lists(st.tuples(*[st.integers(0, 40)] * 3), min_size=2, max_size=6), min_size=1, max_size=4)
"""By process: what each of three series counts from read to read."""
STARTS = {
    NAME: ("process_start_time_seconds", "otelcol_process_uptime_seconds", "backend_started_timestamp_seconds",
           "prism_requests_created"),
    BUCKETS: ("process_start_time_seconds", "prism_request_duration_seconds_created"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "start"), [(name, start) for name, starts in STARTS.items() for start in starts])
@given(lives=LIVES, from_nought=st.booleans())
def test_of_a_process_that_says_when_it_began_nothing_is_lost_or_invented(
    name: str, start: str, lives: list[list[tuple[int, ...]]], from_nought: bool
) -> None:
    """Series may be there from the beginning, or from their first event on."""
    reads: list[Read] = []
    counted = 0
    for life, steps in enumerate(lives):
        levels = [0, 0, 0] if life else [900, 40, 3]
        began = OLD if not life else FIRST + len(reads) - 0.5
        for at, step in enumerate(steps):
            levels = [level + one for level, one in zip(levels, step, strict=True)] if life or at else levels
            counted += sum(step) if life or at else 0
            shown = {str(one): float(level) for one, level in enumerate(levels) if level or from_nought}
            reads.append((shown, began))
        if len(steps) < 3:  # two starts within two seconds are taken for one
            reads += [reads[-1]]
    assert grown(reads, start, name) == counted


@pytest.mark.parametrize("later", [{"a": 5.0, "b": 7.0}, {"a": 5.0}, {"b": 2.0}, {"a": 69.0, "b": 3.0}], ids=str)
def test_a_restart_with_little_counted_is_one_of_all_series(later: dict[str, float]) -> None:
    last = {"a": 6.0, "b": 7.0, "c": 1.0}
    counted = sum(later.values()) + sum(max(0.0, last[one] - later.get(one, 0.0)) for one in last)
    if later.get("a", 0.0) <= last["a"]:
        assert grown([({"a": 70.0, "b": 3.0}, None), (later, None), (last, None)]) == counted
    else:
        assert grown([({"a": 70.0, "b": 3.0}, None), (later, None)]) == sum(later.values())


def test_one_series_that_is_reset_alone_resets_no_others_where_the_start_is_known() -> None:
    reads = [({"a": 5000.0 + at if at < 6 else float(at), "b": 7000.0 + at}, OLD) for at in range(12)]
    assert grown(reads) <= 22 + 11


def test_a_server_that_slept_is_not_started_again() -> None:
    """Its uptime stood still meanwhile, so that its start seems to move on."""
    scrapes = []
    for at, time in enumerate([0.0, 1.0, 2.0, 3.0, 3600.0, 3601.0]):
        scrape = Scrape("redis", "r", FIRST + time)
        scrape.add("redis_server_commands_total", 500.0 + 10 * at, Kind.COUNTER)
        scrape.add("backend_started_timestamp_seconds", scrape.time - 600.0 - at)
        scrapes.append(scrape)
    frame = snapshot_of(scrapes).frame("redis_server_commands_total", FIRST, 1e6)
    assert increase(frame, FIRST, 1e6)["value"].sum() == 50.0


def test_what_postgres_counts_goes_on_when_it_was_started_again() -> None:
    scrapes = []
    for at in range(6):
        scrape = Scrape("postgres", "p", FIRST + at)
        scrape.add("postgres_server_query_calls_total", 50.0 + at, Kind.COUNTER)
        scrape.add("backend_started_timestamp_seconds", OLD if at < 3 else FIRST + 2.5)
        scrapes.append(scrape)
    frame = snapshot_of(scrapes).frame("postgres_server_query_calls_total", FIRST, 1e6)
    assert increase(frame, FIRST, 1e6)["value"].sum() == 5.0


def told(edges: Sequence[Sequence[str]], counts: Sequence[int]) -> tuple[float | None, str]:
    """P90 over processes that follow each other, each with its edges and so many requests a second of 0.15 s."""
    scrapes = []
    for number, own in enumerate(edges):
        for at in range(10):
            scrape = Scrape("proxy", "p", FIRST + 10 * number + at)
            for edge in own:
                count = 0 if float(edge) < 0.15 else counts[number] * (at + 1)
                scrape.add(BUCKETS, count, Kind.HISTOGRAM, le=edge, namespace="a")
            scrapes.append(scrape)
    buckets = merged(snapshot_of(scrapes).frame(BUCKETS, FIRST, 1e6), FIRST, 1e6)[()]
    assert (np.diff(buckets.counts) >= 0).all()
    assert buckets.total == sum(9 * count for count in counts) + sum(counts[1:])
    return histogram_quantile(0.9, *buckets)


@pytest.mark.parametrize("counts", [(10, 10), (10, 90), (300, 2)])
@pytest.mark.parametrize(
    ("old", "new"),
    [("0.1 0.2 1 +Inf", "0.2 2 +Inf"), ("0.2 2 +Inf", "0.1 0.2 1 +Inf"), ("0.1 0.2 +Inf", "0.1 0.2 1 5 +Inf"),
     ("0.1 0.2 1 5 +Inf", "0.1 0.2 +Inf"), ("0.05 0.2 +Inf", "0.1 0.2 +Inf")],
)  # fmt: skip
def test_a_restart_with_other_edges_makes_nobody_slow(old: str, new: str, counts: tuple[int, int]) -> None:
    found, bound = told([old.split(), new.split()], counts)
    assert found is not None
    assert (found <= 0.2, bound) == (True, "")


def test_edges_that_go_and_come_back_make_nobody_slow() -> None:
    found, bound = told([["0.2", "1", "+Inf"], ["0.1", "0.2", "+Inf"], ["0.2", "1", "+Inf"]], (10, 10, 10))
    assert found is not None
    assert (found <= 0.2, bound) == (True, "")


def test_a_read_that_lacks_an_edge_loses_nothing() -> None:
    scrapes = []
    for at in range(6):
        scrape = Scrape("proxy", "p", FIRST + at)
        for edge in ("0.1", "0.2", "+Inf"):
            if (at, edge) != (3, "0.2"):
                scrape.add(BUCKETS, 50.0 + (100 + 10 * at) * (edge != "0.1"), Kind.HISTOGRAM, le=edge)
        scrapes.append(scrape)
    found = merged(snapshot_of(scrapes).frame(BUCKETS, FIRST, 1e6), FIRST, 1e6)[()]
    assert found.counts.tolist() == [0.0, 50.0, 50.0]


def test_a_start_that_was_told_before_the_family_came_is_enough() -> None:
    reads: list[Read] = [({}, OLD), ({}, OLD), ({"a": 5.0}, None), ({"a": 6.0, "b": 1.0}, None), ({"a": 7.0}, None)]
    assert grown(reads) == 8.0
