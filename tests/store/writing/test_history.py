"""What is committed is what is read, through minutes, hours, restarts, and clocks that go backwards."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from model.series import Event, Kind, Scrape, Series, Severity
from model.sources import CollectError, ErrorKind, SourceState
from store.incoming import frames_of
from store.reader import Reader
from store.snapshot import Snapshot, snapshot_of
from store.writer import Writer
from store.writing.published import GRACE_SECONDS
from tests.store.conftest import START, MakeScrape


def column(snapshot: Snapshot, name: str, start: float, end: float) -> pd.Series[float]:
    frame = snapshot.frame(name, start, end)
    assert len(frame.blocks) == 1
    return frame.blocks[0].values[0]


def growth(values: pd.Series[float]) -> float:
    steps = values.diff().iloc[1:]
    return float(steps.where(steps >= 0, values.iloc[1:]).sum())


def test_a_commit_is_read_as_it_was_given(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    state = SourceState("proxy@host:1", "proxy", "host:1", "http://host:1", 1.0).failed(
        START, 0.2, CollectError(ErrorKind.TIMED_OUT, "no answer")
    )
    event = Event(START, "restart", Severity.WARNING, (("pattern", "nats"),), "restarted")
    one = make(START, {"a_total": 5.0}, g=0.5)
    one.events.append(Event(START - 1, "seen", Severity.INFO, (), "first"))
    version = writer.commit(START, frames_of([one]), {state.key: state}, [event], {"simulated": True})
    snapshot = reader.snapshot()
    assert (snapshot.version, reader.version(), writer.version) == (version, version, version)
    assert snapshot.sources == {state.key: state}
    assert [e.kind for e in snapshot.events] == ["seen", "restart"]
    assert snapshot.meta == {"simulated": True, "collector_alive_at": START, "store_trouble": ""}
    assert column(snapshot, "a_total", START, START).to_dict() == {START: 5.0}
    assert snapshot.frame("a_total", START, START).blocks[0].series[0] == one.series[0]
    assert not snapshot.frame("unheard_of", START, START).reported


def test_meta_stays_when_a_commit_brings_none(writer: Writer, reader: Reader) -> None:
    writer.commit(START, [], {}, meta={"a": 1})
    writer.commit(START + 1, [], {})
    assert reader.snapshot().meta["a"] == 1


def test_the_store_answers_what_a_snapshot_held_in_memory_answers(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    rng = np.random.default_rng(5)
    scrapes: list[Scrape] = []
    totals = np.zeros(4)
    for second in range(0, 400, 2):
        totals += rng.integers(0, 9, 4)
        if second % 90 == 0:
            totals[:] = rng.integers(0, 3, 4)
        present = {f"c{i}_total": float(totals[i]) for i in range(4) if not (i == 3 and 100 < second < 200)}
        order = list(present.items())
        rng.shuffle(order)
        scrapes.append(make(START + second + 0.25, dict(order), source=("proxy", "admin")[second % 3 == 0]))
        writer.commit(START + second + 0.5, frames_of(scrapes[-1:]), {})
        if second % 31 == 0:
            reader.snapshot()
    stored, held = reader.snapshot(), snapshot_of(scrapes)
    for name in ("c0_total", "c3_total"):
        for start, end in ((0, 400), (130, 260), (350, 400), (395, 1000)):
            got, wanted = (s.frame(name, START + start, START + end) for s in (stored, held))
            assert [b.source for b in got.blocks] == [b.source for b in wanted.blocks]
            for one, two in zip(got.blocks, wanted.blocks, strict=True):
                assert one.series == two.series
                pd.testing.assert_frame_equal(one.values, two.values)


def test_a_day_keeps_reads_for_an_hour_and_points_before(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    total, step = 0.0, 3.0
    truth: dict[float, float] = {}
    for second in (*range(0, 24 * 3600, 60), *range(24 * 3600, 26 * 3600, 20)):
        total = 0.0 if second % 5000 == 0 else total + step
        truth[START + second] = total
        writer.commit(START + second, frames_of([make(START + second, {"a_total": total})]), {})
    end = max(truth)
    snapshot = reader.snapshot()
    values = column(snapshot, "a_total", end - 86400, end)
    assert values.index.is_monotonic_increasing
    assert values.index.is_unique
    assert [truth[at] for at in values.index.tolist()] == values.tolist()
    recent = column(snapshot, "a_total", end - 3600, end)
    assert len(recent) == (3600 + 60) / 20 + 1
    assert 23 * 60 + 180 <= len(values) < 23 * 60 + 230
    raw = pd.Series(truth)
    assert growth(values) == growth(raw[raw.index >= values.index[0]])
    assert column(snapshot, "a_total", 0, end).index[0] >= end - 86400 - 3600 - 300


def test_events_are_kept_a_day_through_minutes_and_restarts(directory: Path, reader: Reader) -> None:
    writer = Writer.open(directory)
    for hour in range(30):
        at = START + hour * 3600
        writer.commit(at, [], {}, [Event(at, "hourly", Severity.INFO, (), str(hour))])
        writer.commit(at + 90, [], {})
        if hour == 20:
            writer.close()
            writer = Writer.open(directory)
    assert [int(e.message) for e in reader.snapshot().events] == list(range(6, 30))
    writer.close()


def test_a_storm_of_events_is_bounded_and_said(
    writer: Writer, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    for minute in range(24):
        at = START + minute * 60
        writer.commit(at, [], {}, [Event(at, "storm", Severity.INFO, (), "x")] * 1000)
    snapshot = reader.snapshot()
    assert 19_000 <= len(snapshot.events) <= 21_000
    assert snapshot.meta["events_dropped"] == 24_000 - len(snapshot.events)
    assert "dropped" in caplog.text


def test_a_restarted_writer_goes_on_with_the_history(directory: Path, reader: Reader, make: MakeScrape) -> None:
    for life in range(3):
        writer = Writer.open(directory)
        for second in range(life * 50, life * 50 + 50):
            writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
        writer.close()
    values = column(reader.snapshot(), "a_total", START, START + 150)
    assert values.tolist() == [float(second) for second in range(150)]
    assert reader.version() == 150


def test_reset_detection_goes_on_across_a_restart(directory: Path, reader: Reader, make: MakeScrape) -> None:
    truth: dict[float, float] = {}
    for life, base in ((0, 1000.0), (1, 0.0), (2, 5000.0)):
        writer = Writer.open(directory)
        for second in range(0, 240, 10):
            at = START + life * 240 + second
            truth[at] = base + second
            writer.commit(at, frames_of([make(at, {"a_total": truth[at]})]), {})
        writer.close()
    late = START + 4 * 3600
    writer = Writer.open(directory)
    writer.commit(late, frames_of([make(late, {"a_total": 5240.0})]), {})
    writer.commit(late + 60, frames_of([make(late + 60, {"a_total": 5250.0})]), {})
    writer.close()
    values = column(reader.snapshot(), "a_total", START, late)
    assert len(values) < 30
    assert growth(values) == growth(pd.Series({**truth, late: 5240.0}))


def test_a_clock_set_back_forgets_the_future_and_says_so(
    writer: Writer, reader: Reader, make: MakeScrape, caplog: pytest.LogCaptureFixture
) -> None:
    for second in range(0, 200, 5):
        event = Event(START + second, "tick", Severity.INFO, (), str(second))
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {}, [event])
    writer.commit(START + 90, frames_of([make(START + 90, {"a_total": 500.0})]), {})
    assert "the clock was set back by 105.0 s" in caplog.text
    writer.commit(START + 95, frames_of([make(START + 95, {"a_total": 505.0})]), {})
    snapshot = reader.snapshot()
    values = column(snapshot, "a_total", START, START + 500)
    assert values.index.is_monotonic_increasing
    assert values.tolist() == [*map(float, range(0, 95, 5)), 500.0, 505.0]
    assert [int(e.message) for e in snapshot.events] == list(range(0, 95, 5))
    assert reader.version() > 42


def test_a_read_older_than_its_sources_newest_is_left_out(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    writer.commit(START + 5, frames_of([make(START + 5, {"a_total": 5.0})]), {})
    writer.commit(
        START + 6, frames_of([make(START + 4, {"a_total": 4.0}), make(START + 3, {"a_total": 1.0}, source="x")]), {}
    )
    frame = reader.snapshot().frame("a_total", START, START + 10)
    assert {block.source: block.values[0].tolist() for block in frame.blocks} == {
        "proxy@host:1": [5.0],
        "x@host:1": [1.0],
    }


def test_the_same_series_twice_in_one_scrape_keeps_the_last(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    one = make(START, {"a_total": 1.0})
    one.add("a_total", 2.0, Kind.COUNTER)
    writer.commit(START, frames_of([one]), {})
    assert column(reader.snapshot(), "a_total", START, START).tolist() == [2.0]


def test_series_that_come_and_go_are_missing_where_they_were_not_read(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    for second in range(130):
        counters = {"a_total": float(second)} | ({"b_total": 7.0} if second in range(30, 90) else {})
        writer.commit(START + second, frames_of([make(START + second, counters)]), {})
    values = column(reader.snapshot(), "b_total", START, START + 129)
    assert values.notna().tolist() == [second in range(30, 90) for second in range(130)]


def test_unchanged_series_share_one_table_object_so_that_frames_need_no_join(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    for second in range(150):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": 1.0, "b_total": 2.0})]), {})
    tables = {id(segment.table) for segment in reader.snapshot().load(START, START + 150, START)}
    assert len(tables) == 1


def test_what_no_manifest_names_leaves_the_disk(writer: Writer, directory: Path) -> None:
    names = [Series("a_total", (("instance", "h:1"), ("n", str(i))), Kind.COUNTER) for i in range(1500)]
    rng = np.random.default_rng(3)
    for second in range(0, 9000, 60):
        scrape = Scrape("proxy", "h:1", START + second)
        scrape.series = [*names, Series("g", (("hour", str(second // 3600)),), Kind.GAUGE)]
        scrape.values.extend(rng.random(1501))
        writer.commit(START + second, frames_of([scrape]), {})
    chunks = 62 + 60 + 2
    tables = 2
    assert len(list((directory / "cache").glob("??/??/*.val"))) <= chunks + tables + 4


def test_an_old_snapshot_answers_while_newer_commits_are_made(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    for second in range(130):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    old = reader.snapshot()
    for second in range(130, 130 + int(GRACE_SECONDS)):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    reader.snapshot()
    assert column(old, "a_total", START, START + 500).tolist() == [float(second) for second in range(130)]


def test_a_clock_that_is_wrong_for_some_seconds_costs_no_history(
    writer: Writer, reader: Reader, make: MakeScrape
) -> None:
    for second in range(130):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    for second in range(130, 138):
        wrong = START + 40 * 86400 + second
        writer.commit(wrong, frames_of([make(wrong, {"a_total": float(second)})]), {})
    for second in range(138, 200):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    kept = column(reader.snapshot(), "a_total", START, START + 500).tolist()
    assert kept == [float(second) for second in range(200) if not 130 <= second < 138]


@pytest.mark.usefixtures("commits_say_the_time")
def test_a_snapshot_much_too_old_answers_with_what_remains(writer: Writer, reader: Reader, make: MakeScrape) -> None:
    for second in range(0, 130, 10):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    old = reader.snapshot()
    for hour in range(1, 30):
        writer.commit(START + hour * 3600, frames_of([make(START + hour * 3600, {"a_total": 1e6})]), {})
        writer.commit(START + hour * 3600 + 60, [], {})
    assert column(old, "a_total", START, START + 500).tolist() == [120.0]


def test_a_source_with_no_series_at_all_is_stored_without_harm(writer: Writer, reader: Reader) -> None:
    for second in range(0, 180, 20):
        writer.commit(START + second, frames_of([Scrape("admin", "h:2", START + second)]), {})
    assert not reader.snapshot().frame("anything", START, START + 200).reported


def test_a_long_list_of_series_is_laid_over_the_table_whatever_its_order(writer: Writer, reader: Reader) -> None:
    names = [Series(f"s{i}", (("instance", "h:1"),), Kind.GAUGE) for i in range(40)]
    rng = np.random.default_rng(1)
    for second in range(70):
        order = rng.permutation(40)
        scrape = Scrape("proxy", "h:1", START + second)
        scrape.series = [names[i] for i in order]
        scrape.values.extend(float(i) for i in order)
        writer.commit(START + second, frames_of([scrape]), {})
    snapshot = reader.snapshot()
    for i in (0, 17, 39):
        assert set(column(snapshot, f"s{i}", START, START + 70)) == {float(i)}
