"""Readers never fail, never wait, and never see half an update."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest

from aggregators.series.counters import increase
from model.series import Event, Severity
from store.disk.lru_cache import LruCache
from store.incoming import frames_of
from store.reader import Reader
from store.snapshot import FINE_SECONDS
from store.writer import Writer
from store.writing.retention import EVENT_SECONDS
from tests.store.conftest import START, MakeScrape


def test_no_store_is_an_empty_snapshot(tmp_path: Path) -> None:
    for directory in (tmp_path / "missing", tmp_path):
        reader = Reader(directory)
        snapshot = reader.snapshot()
        assert (reader.version(), snapshot.version, snapshot.sources, snapshot.events) == (0, 0, {}, ())
        assert snapshot.meta == {"collector_alive_at": 0.0, "store_trouble": ""}
        assert not snapshot.frame("a", 0, 1e10).reported
        reader.close()


def test_a_reader_opened_first_sees_the_store_when_it_comes(directory: Path, make: MakeScrape) -> None:
    reader = Reader(directory)
    reader.snapshot()
    writer = Writer.open(directory)
    reader.snapshot()
    writer.commit(START, frames_of([make(START, {"a_total": 1.0})]), {})
    assert reader.snapshot().frame("a_total", START, START).reported
    writer.close()
    assert reader.snapshot().frame("a_total", START, START).reported
    reader.close()


def test_a_reader_beside_its_writer_holds_no_series_of_its_own(directory: Path, make: MakeScrape) -> None:
    writer = Writer.open(directory)
    reader = Reader(directory, known=writer.table)
    writer.commit(START, frames_of([make(START, {"a_total": 1.0})]), {})
    (block,) = reader.snapshot().frame("a_total", START, START).blocks
    (segment,) = writer._history._open_minute[0][1].reads
    assert block.series[0] is segment.table.series[0]
    writer.close()
    reader.close()


def test_a_beat_shows_in_the_next_snapshot_without_a_new_version(writer: Writer, reader: Reader) -> None:
    version = writer.commit(START, [], {})
    assert reader.snapshot().meta["collector_alive_at"] == START
    writer.beat(START + 3)
    snapshot = reader.snapshot()
    assert (snapshot.version, snapshot.meta["collector_alive_at"]) == (version, START + 3)
    assert (reader.status().alive_at, reader.status().pid) == (START + 3, os.getpid())


def test_a_snapshot_reads_the_same_twice_whatever_is_committed(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    snapshots = []
    for second in range(200):
        event = Event(START + second, "tick", Severity.INFO, (), "")
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {}, [event])
        if second % 20 == 0:
            snapshots.append((second, reader.snapshot()))
    for second, snapshot in snapshots[-4:]:
        values = snapshot.frame("a_total", START, START + 500).blocks[0].values[0]
        assert values.tolist() == [float(at) for at in range(second + 1)]
        assert len(snapshot.events) == second + 1


def test_events_are_the_same_ones_until_one_comes_or_grows_too_old(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    def committed(at: float, *events: Event) -> tuple[Event, ...]:
        writer.commit(at, frames_of([make(at, {"a_total": 1.0})]), {}, events)
        found = reader.snapshot().events
        assert isinstance(found, tuple)
        return found

    first, second = (Event(START + at, "tick", Severity.INFO, (), f"{at}") for at in (1.0, 90.0))
    alone = committed(START + 2, first)
    assert alone == (first,)
    assert committed(START + 3) is alone
    assert committed(START + 70) == alone, "the minute is over"
    assert committed(START + 91, second) == (first, second)
    assert committed(START + 1 + EVENT_SECONDS) == (first, second)
    assert committed(START + 2 + EVENT_SECONDS) == (second,)


def test_values_handed_out_cannot_be_changed_by_an_aggregator(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    for second in range(100):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": 1.0})]), {})
    frame = reader.snapshot().frame("a_total", START, START + 30)
    with pytest.raises(ValueError, match="read-only"):
        frame.blocks[0].samples[:] = 99.0
    with pytest.raises((ValueError, TypeError)):
        frame.blocks[0].values.iloc[:, 0] = 99.0
    again = reader.snapshot().frame("a_total", START, START + 30)
    assert set(again.blocks[0].values[0]) == {1.0}


def test_a_lock_held_on_the_database_by_a_stranger_stops_no_reader_and_is_said(
    writer: Writer, reader: Reader, directory: Path, make: MakeScrape
) -> None:
    writer.commit(START, frames_of([make(START, {"a_total": 1.0})]), {})
    stranger = sqlite3.connect(directory / "cache" / "cache.db", isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    writer.commit(START + 1, frames_of([make(START + 1, {"a_total": 2.0})]), {})
    snapshot = reader.snapshot()
    assert snapshot.version == 1
    assert "cannot be written" in snapshot.meta["store_trouble"]
    stranger.execute("ROLLBACK")
    stranger.close()
    writer.commit(START + 2, frames_of([make(START + 2, {"a_total": 3.0})]), {})
    snapshot = reader.snapshot()
    assert snapshot.meta["store_trouble"] == ""
    assert snapshot.frame("a_total", START, START + 9).blocks[0].values[0].tolist() == [1.0, 2.0, 3.0]


def test_a_reader_in_use_when_its_process_forks_serves_both(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    for second in range(70):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    reader.snapshot().frame("a_total", START, START + 70)
    child = os.fork()
    if child == 0:
        rows = len(reader.snapshot().frame("a_total", START, START + 70).blocks[0].values)
        os._exit(rows)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 70
    writer.commit(START + 70, frames_of([make(START + 70, {"a_total": 70.0})]), {})
    assert len(reader.snapshot().frame("a_total", START, START + 70).blocks[0].values) == 71


def test_what_a_reader_holds_is_bounded_by_bytes(directory: Path, make: MakeScrape) -> None:
    writer, reader = Writer.open(directory), Reader(directory, cache_bytes=60_000)
    for second in range(0, 3600, 5):
        counters = {f"c{i}_total": float(second) for i in range(4)}
        writer.commit(START + second, frames_of([make(START + second, counters)]), {})
    for name in (f"c{i}_total" for i in range(4)):
        frame = reader.snapshot().frame(name, START, START + 3600)
        assert len(frame.blocks[0].values) == 720
    assert 0 < reader._lru.size <= 60_000
    writer.close()
    reader.close()


def test_the_shelf_lets_go_of_the_least_used() -> None:
    lru = LruCache(30)
    for name in "abc":
        lru.put(name, name, 10)
    lru.get("a")
    lru.put("d", "d", 10)
    assert [lru.get(name) for name in "abcd"] == ["a", None, "c", "d"]
    lru.put("huge", "huge", 31)
    assert lru.get("huge") is None
    lru.put("a", "A", 30)
    assert (lru.get("a"), lru.get("d"), lru.size) == ("A", None, 30)


RACE = """
import sys
from pathlib import Path
from model.series import Kind, Scrape
from store.incoming import frames_of
from store.writer import Writer
writer = Writer.open(Path(sys.argv[1]))
print("open", flush=True)
second = 0
while True:
    at = 1_699_999_980.0 + second
    one = Scrape("proxy", "h:1", at)
    for name in ("a_total", "b_total"):
        one.add(name, float(second), Kind.COUNTER)
    writer.commit(at, frames_of([one]), {}, meta={"second": second})
    second += 3
"""


@pytest.mark.server
def test_readers_of_a_writer_in_a_hurry_see_only_whole_versions(directory: Path) -> None:
    """The writer's clock runs a thousand times too fast, so that keys vanish under the readers all the time."""
    process = subprocess.Popen([sys.executable, "-c", RACE, str(directory)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    failures: list[str] = []
    seen: set[int] = set()
    deadline = time.monotonic() + 2.5

    def read() -> None:
        reader = Reader(directory)
        while time.monotonic() < deadline:
            snapshot = reader.snapshot()
            if snapshot.version == 0:
                continue
            now = START + snapshot.meta["second"]
            one, two = (snapshot.frame(name, now - 30, now) for name in ("a_total", "b_total"))
            if not one.blocks:
                failures.append(f"nothing at {snapshot.version}")
                continue
            values = one.blocks[0].values
            if not np.array_equal(values[0], values.index.to_numpy() - START):
                failures.append("wrong values")
            if values.index[-1] != now or not values.equals(two.blocks[0].values):
                failures.append(f"torn at {snapshot.version}: {values.index[-1]} is not {now}")
            if snapshot.meta["store_trouble"]:
                failures.append(snapshot.meta["store_trouble"])
            seen.add(snapshot.version)
        reader.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.kill()
    process.communicate()
    assert failures == []
    assert len(seen) > 20


def test_a_coarse_hour_grows_as_the_fine_one_does_and_reads_a_fraction(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    total = 0.0
    for second in range(0, 3600, 2):
        total = 0.0 if second in (1000, 2500) else total + second % 7
        writer.commit(START + second, frames_of([make(START + second, {"a_total": total})]), {})
    snapshot, end = reader.snapshot(), START + 3598
    fine, coarse = (snapshot.frame("a_total", START, end, coarse=one) for one in (False, True))
    assert increase(coarse, START, end)["value"].sum() == increase(fine, START, end)["value"].sum() > 5000
    rows = coarse.blocks[0].values.index.to_numpy()
    assert len(rows) < 300 and len(fine.blocks[0].values) == 1800
    assert (np.diff(rows) > 0).all()
    assert len(rows[rows > end - FINE_SECONDS]) == FINE_SECONDS / 2


def test_a_window_without_a_fine_end_has_points_and_the_open_minute(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    for second in range(270):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": 3.0 * second})]), {})
    snapshot, end = reader.snapshot(), START + 269
    frame = snapshot.frame("a_total", end - 120, end, coarse=True, fine=0.0)
    rows = frame.blocks[0].values.index.to_numpy()
    open_minute = rows[rows >= end - end % 60]
    assert len(open_minute) == end % 60 + 1
    assert len(rows) - len(open_minute) <= 5
    assert increase(frame, end - 120, end)["value"].sum() >= 360


def test_a_block_knows_what_was_last_reported_before_its_rows(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    for at in range(0, 600, 10):
        counters = {"a_total": 880.0} if at < 100 else {"a_total": 1000.0} if at >= 550 else {}
        writer.commit(START + at, frames_of([make(START + at, counters, up=1.0)]), {})
    snapshot = reader.snapshot()
    (block,) = snapshot.frame("a_total", START + 500, START + 600).blocks
    assert block.before() == 880.0
    (block,) = snapshot.frame("a_total", START, START + 600).blocks
    assert np.isnan(block.before())


def test_a_snapshot_goes_as_soon_as_nobody_holds_it(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    writer.commit(START, frames_of([make(START, {"a_total": 1.0})]), {})
    snapshot = reader.snapshot()
    (block,) = snapshot.frame("a_total", START, START + 1).blocks
    block.before()
    gone = weakref.ref(snapshot)
    del snapshot, block
    assert gone() is None
