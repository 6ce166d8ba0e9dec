"""The card's point: the scheduler writes pandas frames, readers get pandas frames, and nothing of it is pickled."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pandas.testing
import pytest

from collectors.core.scheduler import Scheduler
from collectors.core.source_states import SourceStates
from model.series import Event, Kind, Scrape, Series, Severity
from store.incoming import FrameBuilder, ReadFrame, columns_of, frame_of
from store.reader import Reader
from store.writer import Writer
from tests.collectors.fakes import FakeClock, FakeCollector
from tests.store.conftest import START, MakeScrape

PICKLED = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
"""How every pickle of protocol 2 and later begins."""
SERIES = [
    Series("prism_requests_total", (("instance", "host:1"), ("status", status)), Kind.COUNTER)
    for status in ("error", "success")
]


def frame(*rows: tuple[float, float, float]) -> pd.DataFrame:
    """(time, error, success) by row."""
    values = np.array([row[1:] for row in rows])
    return frame_of(np.array([row[0] for row in rows]), columns_of(SERIES), values)


def test_a_pandas_frame_goes_in_by_the_door_and_a_pandas_frame_comes_out(writer: Writer, reader: Reader) -> None:
    event = Event(START, "seen", Severity.INFO, (), "in the read")
    given = frame((START, 1.0, 10.0), (START + 1, np.nan, 12.0), (START + 2, 2.0, 15.0))
    writer.commit(START + 2, [ReadFrame("proxy@host:1", given, (event,))], {})
    snapshot = reader.snapshot()
    (block,) = snapshot.frame("prism_requests_total", START, START + 2).blocks
    assert isinstance(block.values, pd.DataFrame)
    assert isinstance(block.labels, pd.DataFrame)
    assert list(block.series) == SERIES
    expected = given.set_axis(range(len(SERIES)), axis="columns")
    pandas.testing.assert_frame_equal(block.values, expected)
    assert block.labels["status"].tolist() == ["error", "success"]
    assert list(snapshot.events) == [event]


def test_a_past_goes_in_as_frames_too(writer: Writer, reader: Reader) -> None:
    writer.commit(START, [ReadFrame("proxy@host:1", frame((START, 9.0, 90.0)))], {})
    past = frame((START - 180.0, 6.0, 60.0), (START - 120.0, 7.0, 70.0))
    assert writer.backfill([ReadFrame("proxy@host:1", past)])
    writer.commit(START + 1, [], {})
    (block,) = reader.snapshot().frame("prism_requests_total", START - 200, START).blocks
    assert block.values[1].tolist() == [60.0, 70.0, 90.0]


def test_nothing_of_it_is_pickled(directory: Path) -> None:
    writer = Writer.open(directory)
    many = columns_of([Series(f"c{n}_total", (("instance", "host:1"),), Kind.COUNTER) for n in range(2_000)])
    chance = np.random.default_rng(1)
    for second in range(130):  # commits inline, and chunks in files of their own
        read = frame_of(np.array([START + second]), many, chance.random((1, len(many))))
        writer.commit(START + second, [ReadFrame("proxy@host:1", read)], {})
    writer.close()
    with closing(sqlite3.connect(directory / "cache" / "cache.db")) as connection:
        rows = connection.execute("SELECT raw, mode, typeof(key), value FROM Cache").fetchall()
    files = [path.read_bytes() for path in (directory / "cache").rglob("*.val")]
    assert rows
    assert files
    assert {(raw, kind) for raw, _, kind, _ in rows} == {(1, "text")}
    assert {mode for _, mode, _, _ in rows} <= {1, 2}  # raw and binary; 4 is diskcache's pickle
    stored = [bytes(value) for *_, value in rows if isinstance(value, bytes)]
    assert not [value for value in (*stored, *files) if value.startswith(PICKLED)]


def test_a_sources_frames_share_their_columns_until_its_series_change(make: MakeScrape) -> None:
    builder = FrameBuilder()
    one, other = (builder.of(make(START + at, {"a_total": 1.0})) for at in range(2))
    assert one.values.columns.is_(other.values.columns)
    changed = builder.of(make(START + 2, {"a_total": 1.0, "b_total": 1.0}))
    assert [series.name for series in changed.series] == ["a_total", "b_total"]


def test_the_schedulers_reads_are_frames_in_the_store(writer: Writer, reader: Reader) -> None:
    clock = FakeClock()
    collector = FakeCollector(clock)
    scheduler = Scheduler(
        (collector,),
        writer,
        source_states=SourceStates((collector,)),
        detect=lambda now: [],
        meta={},
        now=clock.now,
        monotonic=clock.monotonic,
    )
    scheduler.begin()
    for runner in scheduler.runners:
        runner.step()
    scheduler.step(0.0)
    (block,) = reader.snapshot().frame("up", clock.now() - 60, clock.now()).blocks
    assert isinstance(block.values, pd.DataFrame)
    assert (block.source, block.values[0].tolist()) == ("proxy@a:1", [1.0])


@pytest.mark.parametrize("wanted", ["1", "2"])
def test_frames_of_different_series_of_one_source_come_out_as_one(wanted: str, writer: Writer, reader: Reader) -> None:
    for second in range(4):
        read = Scrape("proxy", "host:1", START + second)
        read.add("n_total", float(second), Kind.COUNTER, n=str(1 + second % 2))
        writer.commit(START + second, [FrameBuilder().of(read)], {})
    (block,) = reader.snapshot().frame("n_total", START, START + 4).blocks
    position = block.labels["n"].tolist().index(wanted)
    assert block.values[position].dropna().index.tolist() == [START + int(wanted) - 1, START + int(wanted) + 1]
