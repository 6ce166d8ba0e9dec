"""Rows of the past put among what is stored: in order, once each, and nothing stored is changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.series import Kind, Series
from store.incoming import ReadFrame, columns_of, frame_of, frames_of
from store.reader import Reader
from store.writer import Writer
from tests.store.conftest import START, MakeScrape, scrape

NAME = "prism_requests_total"
KEY = "proxy@host:1"
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


def past(*rows: tuple[float, float], source: str = KEY, name: str = NAME) -> ReadFrame:
    columns = columns_of([Series(name, (("instance", "host:1"),), Kind.COUNTER)])
    times, values = np.array([time for time, _ in rows]), np.array([[value] for _, value in rows])
    return ReadFrame(source, frame_of(times, columns, values))


def reported(reader: Reader, start: float, end: float, *, coarse: bool = False) -> list[tuple[float, float]]:
    """(time, value) of every row, baseline rows included."""
    blocks = reader.snapshot().frame(NAME, start, end, coarse=coarse).blocks
    return [row for block in blocks for row in zip(block.values.index.tolist(), block.values[0].tolist(), strict=True)]


def minutes(first: float, last: float, step: float = MINUTE) -> list[tuple[float, float]]:
    return [(at, at - START + 2 * DAY) for at in np.arange(first, last, step).tolist()]


def test_a_day_before_the_first_read_is_reported_afterwards(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    writer.commit(START, frames_of([make(START, {NAME: 2 * DAY})]), {})
    rows = minutes(START - DAY + 30, START)
    assert writer.backfill([past(*rows)])
    writer.commit(START + 1, frames_of([make(START + 1, {NAME: 2 * DAY + 1})]), {})
    expected = [*rows, (START, 2 * DAY), (START + 1, 2 * DAY + 1)]
    assert reported(reader, START - DAY, START + 1) == expected
    assert reported(reader, START - DAY, START + 1, coarse=True) == expected


def test_the_minute_in_which_reads_began_is_filled_up_to_them_once_it_is_over(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    minute = START // MINUTE * MINUTE
    live = [(minute + at, 2 * DAY + minute + at - START) for at in (30.0, 31.0, 59.0, 61.0, 62.0)]
    rows = minutes(minute - 10 * MINUTE, minute + 45.0, 5.0)
    for at, value in live[:3]:
        writer.commit(at, frames_of([make(at, {NAME: value})]), {})
    assert writer.backfill([past(*rows)]), "what is stored by then is of the minutes before"
    for at, value in live[3:]:
        writer.commit(at, frames_of([make(at, {NAME: value})]), {})
    for _ in range(2):
        assert writer.backfill([past(*rows)])
        writer.commit(minute + 63.0, frames_of([make(minute + 63.0, {NAME: 3 * DAY})]), {})
    before = [row for row in rows if row[0] < minute + 30.0]
    expected = [*before, *live, (minute + 63.0, 3 * DAY)]
    assert reported(reader, minute - 10 * MINUTE, minute + 63.0) == expected
    coarse = [time for time, _ in reported(reader, minute - 10 * MINUTE, minute + 59.0, coarse=True)]
    assert coarse[-1] == minute + 59.0
    assert coarse == sorted(coarse)


def test_of_several_rows_in_a_minute_all_are_reads_and_the_last_is_the_point(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    writer.commit(START, frames_of([make(START, {NAME: 2 * DAY})]), {})
    rows = minutes(START - 600.0, START - 60.0, 5.0)
    assert writer.backfill([past(*rows)])
    writer.commit(START + 600.0, frames_of([make(START + 600.0, {NAME: 2 * DAY + 600})]), {})
    assert reported(reader, START - 600.0, START - 61.0)[: len(rows)] == rows
    lasts = {time // MINUTE: (time, value) for time, value in rows}
    assert reported(reader, START - 600.0, START + 600.0, coarse=True)[: len(lasts)] == list(lasts.values())


def test_a_gap_is_filled_and_what_is_stored_stays_as_it_was(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    read = [at for at in np.arange(START - 90 * MINUTE, START, 20.0).tolist() if not -1800 <= at - START < -600]
    for at in read:
        writer.commit(at, frames_of([make(at, {NAME: at - START + 2 * DAY})]), {})
    writer.commit(START, [], {})
    before = reported(reader, START - 50 * MINUTE, START)
    other = minutes(START - 90 * MINUTE + 7, START)
    assert writer.backfill([past(*((at, -1.0) for at, _ in other))])
    writer.commit(START + 1, [], {})
    after = reported(reader, START - 50 * MINUTE, START)
    assert [row for row in after if row[1] >= 0] == before
    filled = [at for at, value in after if value < 0]
    assert filled == [at for at, _ in other if -1800 <= at - START < -600]
    assert [at for at, _ in after] == sorted(at for at, _ in after)
    coarse = reported(reader, START - 90 * MINUTE, START, coarse=True)
    assert [at for at, _ in coarse] == sorted(at for at, _ in coarse)
    assert [at for at, value in coarse if value < 0] == filled


def test_the_running_minute_and_what_is_not_kept_are_left_out(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    now = START + 30
    writer.commit(now, frames_of([make(now, {NAME: 5.0})]), {})
    assert writer.backfill([past((START - 3 * DAY, 1.0), (START - 30, 2.0), (START + 10, 3.0))])
    writer.commit(now + 1, [], {})
    assert reported(reader, START - 4 * DAY, now) == [(START - 30, 2.0), (now, 5.0)]


def test_reported_twice_it_is_stored_once(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    writer.commit(START, frames_of([make(START, {NAME: 9.0})]), {})
    rows = [(START - 7000, 1.0), (START - 3000, 2.0), (START - 100, 3.0)]
    for _ in range(2):
        assert writer.backfill([past(*rows)])
    writer.commit(START + 1, [], {})
    assert reported(reader, START - DAY, START) == [*rows, (START, 9.0)]


def test_sources_that_are_not_read_now_have_a_past_too(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    writer.commit(START, frames_of([make(START, {NAME: 9.0})]), {})
    assert writer.backfill([past((START - 5000, 1.0), source="proxy@gone:1")])
    writer.commit(START + 1, [], {})
    blocks = reader.snapshot().frame(NAME, START - DAY, START).blocks
    assert [block.source for block in blocks] == ["proxy@gone:1", KEY]


def test_it_outlives_the_closing_of_hours_and_a_restart(directory: Path, reader: Reader, make: MakeScrape) -> None:
    writer = Writer.open(directory)
    writer.commit(START, frames_of([make(START, {NAME: 9e6})]), {})
    rows = minutes(START - 5 * HOUR + 30, START)
    assert writer.backfill([past(*rows)])
    for at in np.arange(START + 10, START + 2 * HOUR, 600.0).tolist():
        writer.commit(at, frames_of([make(at, {NAME: 9e6 + at - START})]), {})
    writer.close()
    writer = Writer.open(directory)
    now = START + 2 * HOUR
    writer.commit(now, frames_of([make(now, {NAME: 9e6 + 2 * HOUR})]), {})
    assert reported(reader, START - 5 * HOUR, START - 10) == rows
    writer.close()


@pytest.mark.usefixtures("commits_say_the_time")
def test_a_counter_that_goes_on_from_its_past_is_not_taken_for_a_new_one(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    """The minute after it keeps one point, as any minute that no reset and no new series marks."""
    writer.commit(START + 1, frames_of([make(START + 1, {NAME: 100.0})]), {})
    assert writer.backfill([past((START - 30, 90.0))])
    for second in range(2, 60):
        writer.commit(START + second, frames_of([make(START + second, {NAME: 100.0 + second})]), {})
    writer.commit(START + 2 * HOUR, [], {})
    assert reported(reader, START - HOUR, START + 100, coarse=True) == [(START - 30, 90.0), (START + 59, 159.0)]


@pytest.mark.usefixtures("commits_say_the_time")
@settings(max_examples=25, deadline=None)
@given(
    stored=st.sets(st.integers(0, 200), max_size=40),
    given_later=st.lists(st.sets(st.integers(0, 199), max_size=40), min_size=1, max_size=3),
)
def test_whatever_is_reported_later_every_minute_has_its_row_in_order(
    tmp_path_factory: object, stored: set[int], given_later: list[set[int]]
) -> None:
    directory = tmp_path_factory.mktemp("past") / "store"  # type: ignore[attr-defined]
    writer, reader = Writer.open(directory), Reader(directory)
    for minute in sorted(stored):
        at = START + MINUTE * minute + 1
        writer.commit(at, frames_of([scrape(at, {NAME: 1.0})]), {})
    now = START + MINUTE * 201
    writer.commit(now, [], {})
    expected = dict.fromkeys(stored, 1.0)
    for found in given_later:
        rows = [(START + MINUTE * minute + 40, 2.0) for minute in sorted(found)]
        if rows:
            assert writer.backfill([past(*rows)])
        expected = {**dict.fromkeys(found, 2.0), **expected}
    writer.commit(now + 1, [], {})
    for coarse in (True, False):
        rows = reported(reader, START - MINUTE, now, coarse=coarse)
        assert [(int((at - START) // MINUTE), value) for at, value in rows] == sorted(expected.items())
    writer.close()
    reader.close()
