"""A snapshot as of an earlier instant: nothing later is in it, and every source stands as it stood."""

from __future__ import annotations

from dataclasses import replace

import pytest

from collectors.core.source_states import Attempt, SourceStates
from model.series import Event, Kind, Scrape, Severity
from model.sources import CollectError, ErrorKind, SourceState
from store.incoming import FrameBuilder
from store.past import Kept, as_of
from store.reader import Reader
from store.snapshot import Snapshot
from store.writer import Writer
from tests.collectors.fakes import FakeClock, FakeCollector

START = 1_800_000_000.0
KEY = "proxy@a:1"


class Collecting:
    """A collector process that reads one source each second, without a clock of its own."""

    def __init__(self, writer: Writer) -> None:
        self.writer, self.frames = writer, FrameBuilder()
        self.states = SourceStates([FakeCollector(FakeClock())])
        self.seen: dict[float, SourceState] = {}

    def read(self, at: float, error: str = "", *events: Event) -> None:
        scrape = Scrape("proxy", "a:1", at)
        scrape.add("prism_requests_total", at - START, Kind.COUNTER)
        attempt = Attempt(KEY, at, 0.01, scrape)
        if error:
            attempt = Attempt.failed(KEY, at, 0.5, CollectError(ErrorKind.DOWN, error))
        scrapes = [*self.states.enter([attempt]), self.states.own_samples(at + 0.01)]
        self.writer.commit(at + 0.01, map(self.frames.of, scrapes), self.states.states, events)
        self.seen[at] = self.states.states[KEY]


@pytest.fixture
def collecting(writer: Writer) -> Collecting:
    return Collecting(writer)


def rows(snapshot: Snapshot, at: float) -> list[float]:
    frame = snapshot.frame("prism_requests_total", at - 60.0, at + 1000.0)
    return [float(time) for block in frame.blocks for time in block.values.index]


def test_at_every_second_the_source_stands_as_it_stood(collecting: Collecting, reader: Reader) -> None:
    for second in range(90):
        down = 20 <= second < 30 or second == 40
        collecting.read(START + second, f"refused {second // 5}" if down else "")
    whole = reader.snapshot()
    for second in range(1, 90):
        past = as_of(whole, START + second + 0.5)
        assert past.kept is Kept.READS
        assert past.snapshot.sources[KEY] == collecting.seen[START + second], second
        assert max(rows(past.snapshot, past.instant)) <= START + second


def test_nothing_that_was_learnt_later_is_known(collecting: Collecting, reader: Reader) -> None:
    old = Event(START + 2.0, "alert", Severity.WARNING, (), "seen late")
    collecting.read(START + 1.0)
    collecting.read(START + 8.0, "", old)
    whole = reader.snapshot()
    assert [one.message for one in as_of(whole, START + 5.0).snapshot.events] == []
    assert [one.message for one in as_of(whole, START + 9.0).snapshot.events] == ["seen late"]


def test_what_is_kept_by_the_minute_is_shown_for_the_whole_minute(collecting: Collecting, reader: Reader) -> None:
    for second in range(190):
        collecting.read(START + second)
    whole = replace(reader.snapshot(), reads_since=START + 150.0)
    past = as_of(whole, START + 100.0)
    assert (past.kept, past.instant) == (Kept.MINUTES, (START + 100.0) // 60 * 60)
    state = past.snapshot.sources[KEY]
    assert state.error is None and not state.is_stale(past.instant)


def test_while_the_collector_was_away_it_is_said_to_be(collecting: Collecting, reader: Reader) -> None:
    collecting.read(START)
    collecting.read(START + 600.0)
    past = as_of(reader.snapshot(), START + 300.0)
    assert past.alive_at == pytest.approx(START + 0.01)
    assert past.snapshot.sources[KEY].is_stale(past.instant)


def test_before_anything_was_stored_there_is_nothing(collecting: Collecting, reader: Reader) -> None:
    collecting.read(START)
    past = as_of(reader.snapshot(), START - 300.0)
    assert past.kept is Kept.NOTHING
    assert (dict(past.snapshot.sources), list(past.snapshot.events)) == ({}, [])


def test_a_history_that_was_loaded_is_shown_and_the_rest_is_not_kept(writer: Writer, reader: Reader) -> None:
    other = SourceState("patterns@b:2", "patterns", "b:2", "b:2", 1.0).succeeded(START, 0.01, 1)
    proxy = SourceState(KEY, "proxy", "a:1", "a:1", 1.0).succeeded(START, 0.01, 1)
    writer.commit(START, (), {one.key: one for one in (proxy, other)})
    frames = FrameBuilder()
    loaded = []
    for back in range(60, 1, -1):
        scrape = Scrape("proxy", "a:1", START - 60.0 * back - 3.0)
        scrape.add("prism_requests_total", 1000.0 - back, Kind.COUNTER)
        loaded.append(frames.of(scrape))
    assert writer.backfill(loaded)
    writer.commit(START + 1.0, (), {one.key: one for one in (proxy, other)})
    past = as_of(replace(reader.snapshot(), reads_since=START - 60.0), START - 1000.0)
    states = past.snapshot.sources
    assert not states[KEY].is_stale(past.instant) and states[KEY].error is None
    assert (states["patterns@b:2"].error, states["patterns@b:2"].last_success) == (ErrorKind.NOT_KEPT, 0.0)


def test_a_state_that_another_version_wrote_is_left_out(collecting: Collecting, reader: Reader) -> None:
    collecting.read(START)
    strange = Event(START, "source_state", Severity.INFO, (("is", "{"), ("key", KEY), ("was", "[]")), "")
    collecting.read(START + 1.0, "", strange)
    assert as_of(reader.snapshot(), START + 1.5).snapshot.sources[KEY].error is None
