"""Several processes behind one address are said so where sources are listed and beside each figure."""

from __future__ import annotations

import pytest

from aggregators.backends.pools import pools
from aggregators.requests.traffic import traffic
from aggregators.resources.processes import proxy_processes
from aggregators.series.replicas import IN_TURN
from aggregators.series.source_rows import SourceRow, source_table
from aggregators.series.sources import OK
from model.series import Kind, Scrape
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0


def row(family: str, values: list[float], kind: Kind = Kind.GAUGE) -> SourceRow:
    """The row of a proxy that was read every second, with these values of a family."""
    scrapes = []
    for number, value in enumerate(values):
        scrape = Scrape("proxy", "p:1", NOW - len(values) + 1 + number)
        scrape.add(family, value, kind)
        scrapes.append(scrape)
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 1.0).succeeded(NOW, 0.01, 1)
    return source_table(snapshot_of(scrapes, sources=[state]), NOW)[0]


@pytest.mark.parametrize("count", [2, 3])
def test_processes_that_answer_in_turn_are_said_so(count: int) -> None:
    found = row("process_start_time_seconds", [NOW - 1000 - 50 * (number % count) for number in range(12)])
    assert found.word == IN_TURN
    assert found.detail == f"{count} processes answer at this address in turn: name each of them"
    assert not found.lost


def test_without_start_times_their_levels_show_it() -> None:
    levels = [500.0 * (number % 2) + 10.0 + 0.1 * number for number in range(12)]
    assert row("prism_requests_total", levels, Kind.COUNTER).word == IN_TURN


def test_one_process_and_one_that_was_restarted_are_one_at_a_time() -> None:
    assert row("process_start_time_seconds", [NOW - 1000] * 12).word == OK
    assert row("process_start_time_seconds", [NOW - 1000] * 6 + [NOW - 6] * 6).word == OK
    assert row("prism_requests_total", [100.0, 101.0, 102.0, 0.1, 0.2, 0.3], Kind.COUNTER).word == OK


def two_replicas(with_start: bool) -> Snapshot:
    """A proxy's address behind which two processes answer in turn, each with its own memory, pool and requests."""
    scrapes = []
    for number in range(30):
        scrape, mine = Scrape("proxy", "p:1", NOW - 29 + number), number % 2
        if with_start:
            scrape.add("process_start_time_seconds", NOW - 1000 - 500 * mine)
        scrape.add("process_resident_memory_bytes", 1e8 * (1 + mine))
        scrape.add("process_max_fds", 1024.0)
        scrape.add("process_open_fds", 100.0 + mine)
        scrape.add("prism_pool_connections_active", 3.0 + mine, backend="redis", pattern="redis")
        scrape.add("prism_pool_connections_max", 10.0, backend="redis", pattern="redis")
        requests = 90_000.0 * mine + 1000.0 + 10.0 * number
        scrape.add("prism_requests_total", requests, Kind.COUNTER, pattern="redis", status="success")
        scrapes.append(scrape)
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 1.0).succeeded(NOW, 0.01, 1)
    return snapshot_of(scrapes, sources=[state])


@pytest.mark.parametrize("with_start", [True, False])
def test_each_figure_that_is_one_process_of_several_says_so_and_sums_over_all_do_not(with_start: bool) -> None:
    snapshot, words = two_replicas(with_start), "of one of 2 processes that answer at p:1 in turn"
    (process,) = proxy_processes(snapshot, NOW)
    (pool,) = pools(snapshot, NOW)
    of_one = (process.memory, process.descriptors, process.descriptors_share, pool.active, pool.utilization_ratio)
    assert [one.note for one in of_one] == [words] * len(of_one)
    requests = traffic(snapshot, NOW).per_second
    assert requests.value == pytest.approx(20.0, rel=0.2)
    assert requests.note == ""


@pytest.mark.parametrize(("apart", "worked"), [(0.0, 1.2), (1.0, 400.0), (0.0, 0.3)])
def test_replicas_that_were_started_at_once_are_several_too(apart: float, worked: float) -> None:
    scrapes = []
    for number in range(30):
        scrape, mine = Scrape("proxy", "p:1", NOW - 29 + number), number % 2
        scrape.add("process_start_time_seconds", NOW - 1000 - apart * mine)
        scrape.add("process_resident_memory_bytes", 1e8 * (1 + mine))
        scrape.add("process_cpu_seconds_total", 100.0 + worked * mine + 0.01 * number, Kind.COUNTER)
        scrapes.append(scrape)
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 1.0).succeeded(NOW, 0.01, 1)
    (process,) = proxy_processes(snapshot_of(scrapes, sources=[state]), NOW)
    assert process.memory.note == "of one of 2 processes that answer at p:1 in turn"


def test_of_one_process_no_figure_says_so() -> None:
    scrapes = [Scrape("proxy", "p:1", NOW - 9 + number) for number in range(10)]
    for one in scrapes:
        one.add("process_start_time_seconds", NOW - 1000)
        one.add("process_resident_memory_bytes", 1e8)
    state = SourceState("proxy@p:1", "proxy", "p:1", "x", 1.0).succeeded(NOW, 0.01, 1)
    (process,) = proxy_processes(snapshot_of(scrapes, sources=[state]), NOW)
    assert process.memory.note == ""
