"""A restart is a process that began anew, and not another one that answers at the same address."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from aggregators.patterns.restarts import COUNTER, STARTED, recent_restarts, restarts_in_a_day
from model.catalogue.launcher import BY_COUNT
from model.series import Event, Kind, Scrape, Severity, labels_of
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0


def read(counts: Sequence[float | None], starts: Sequence[float | None], processes: Sequence[float] = ()) -> Snapshot:
    """A read a second: how often redis was restarted and when it began, each in turn, by processes of these starts."""
    scrapes = []
    for at in range(12):
        scrape = Scrape("proxy", "p:1", NOW - 11 + at)
        scrape.add("prism_up", 1)
        if processes:
            scrape.add("process_start_time_seconds", processes[at % len(processes)])
        count, started = counts[at % len(counts)], starts[at % len(starts)]
        if count is not None:
            scrape.add(COUNTER, count, Kind.COUNTER, pattern="redis")
        if started is not None:
            scrape.add(STARTED, started, pattern="redis")
        scrapes.append(scrape)
    return snapshot_of(scrapes)


def found(snapshot: Snapshot) -> list[tuple[int, float]]:
    return [(one.count, one.time - NOW) for one in recent_restarts(snapshot, NOW, 300.0)]


@pytest.mark.parametrize("starts", [(-100, -200), (-200, -100), (-100, 0 - NOW), (-100, -100.9, -101.5), (-5, -500)])
def test_start_times_that_come_in_turn_are_no_restarts(starts: Sequence[float]) -> None:
    assert found(read([None], [NOW + one for one in starts])) == []


def test_counts_of_processes_in_turn_are_no_restarts_and_what_each_adds_is_one() -> None:
    processes = (NOW - 5000, NOW - 9000)
    assert found(read((2, 7), [None], processes)) == []
    assert found(read((2, 7) * 5 + (3, 7), [None], processes)) == [(1, -1.0)]


def test_each_start_that_was_seen_to_come_is_one() -> None:
    starts = [NOW - 100] * 4 + [NOW - 8] * 4 + [NOW - 4] * 4
    assert found(read([None], starts)) == [(1, -8.0), (1, -4.0)]


def test_restarts_that_a_launcher_counted_between_two_reads_are_as_many() -> None:
    labels = labels_of({"pattern": "redis", "process": "p", "how": BY_COUNT, "count": "3"})
    snapshot = snapshot_of([], events=[Event(NOW - 5, "restart", Severity.INFO, labels, "redis restarted")])
    assert found(snapshot) == [(3, -5.0)]
    assert restarts_in_a_day(snapshot, NOW)["redis"].count.value == 3.0
