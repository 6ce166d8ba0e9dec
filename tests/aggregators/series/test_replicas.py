"""Several processes behind one address are named as such where sources are listed; a restart is not."""

from __future__ import annotations

import pytest

from aggregators.series.replicas import IN_TURN
from aggregators.series.source_rows import SourceRow, source_table
from aggregators.series.sources import OK
from model.series import Kind, Scrape
from model.sources import SourceState
from store.snapshot import snapshot_of

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
