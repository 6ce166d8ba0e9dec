"""Attempts from all sources become commits at once; detections run beside; one hung source delays no other."""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from collectors.core import detection_loop as detection_loop_module
from collectors.core import scheduler as scheduler_module
from collectors.core.detection_loop import (
    CONFIRMING_SECONDS,
    LONGEST_REST_SECONDS,
    Detect,
    DetectionLoop,
    rest_seconds,
)
from collectors.core.pace import LATEST_SECONDS
from collectors.core.runner import POKES
from collectors.core.scheduler import Scheduler
from collectors.core.source_states import Attempt, SourceStates
from model.series import Event, Severity
from model.sources import ErrorKind
from store.reader import Reader
from store.writer import Writer
from tests.collectors.fakes import FakeClock, FakeCollector, FakeStore, fails
from tests.patience import LONG_SECONDS, patience, until

EVENT = Event(1.0, "alert", Severity.WARNING, (), "words")


def nothing(now: float) -> Sequence[Event]:
    return []


class Rig:
    """A scheduler on a fake clock whose steps are taken by hand."""

    def __init__(self, *collectors: FakeCollector, detect: Detect = nothing, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.collectors = collectors or (FakeCollector(self.clock),)
        self.store = FakeStore()
        self.stop = threading.Event()
        self.scheduler = Scheduler(
            self.collectors,
            self.store,
            source_states=SourceStates(self.collectors),
            detect=detect,
            meta={"simulated": True},
            stop=self.stop,
            now=self.clock.now,
            monotonic=self.clock.monotonic,
            chance=random.Random(1),
        )


def test_the_sources_are_said_before_anything_was_read() -> None:
    rig = Rig()
    rig.scheduler.begin()
    (commit,) = rig.store.commits
    assert (set(commit.sources), commit.meta, commit.frames) == ({"proxy@a:1"}, {"simulated": True}, [])


def test_what_arrives_together_is_committed_together_with_the_own_row() -> None:
    clock = FakeClock()
    rig = Rig(FakeCollector(clock), FakeCollector(clock, "admin", "b:2", does=fails()), clock=clock)
    for runner in rig.scheduler.runners:
        runner.step()
    rig.scheduler.step(0.0)
    (commit,) = rig.store.commits
    assert [one.source.partition("@")[0] for one in commit.frames] == ["proxy", "hud"]
    assert commit.sources["admin@b:2"].error is ErrorKind.DOWN
    assert commit.meta is None
    rig.scheduler.step(0.0)
    assert len(rig.store.commits) == 1


def test_a_commit_waits_for_what_is_read_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, answers = FakeClock(), threading.Event()
    slower = FakeCollector(clock, "admin", "b:2", took=0.0, does=lambda: assert_within(answers))
    rig = Rig(FakeCollector(clock, took=0.0), slower, clock=clock)
    first, second = rig.scheduler.runners
    reading = threading.Thread(target=second.step)
    reading.start()
    until(lambda: second.reading)
    first.step()
    monkeypatch.setattr(rig.stop, "wait", lambda seconds: answers.set())
    monkeypatch.setattr(scheduler_module, "LATEST_SECONDS", LONG_SECONDS)
    rig.scheduler.step(LONG_SECONDS)
    reading.join()
    (commit,) = rig.store.commits
    assert [one.source.partition("@")[0] for one in commit.frames] == ["proxy", "admin", "hud"]


def assert_within(event: threading.Event) -> None:
    assert event.wait(LONG_SECONDS)


def test_a_commit_does_not_wait_for_a_source_that_hangs() -> None:
    clock = FakeClock()
    hung = FakeCollector(clock, "admin", "b:2", took=2 * LATEST_SECONDS)
    rig = Rig(FakeCollector(clock, took=0.0), hung, clock=clock)
    first, second = rig.scheduler.runners

    def meanwhile() -> None:
        assert not second.reading
        first.step()
        rig.scheduler.step(LONG_SECONDS)

    hung.does = meanwhile
    second.step()
    (commit,) = rig.store.commits
    assert [one.source.partition("@")[0] for one in commit.frames] == ["proxy", "hud"]


def test_events_that_came_with_a_read_are_committed_with_it() -> None:
    rig = Rig()
    attempt = Attempt("proxy@a:1", 1.0, 0.1, FakeCollector(rig.clock).collect(rig.clock.now))
    assert attempt.scrape is not None
    attempt.scrape.events.append(EVENT)
    rig.scheduler.runners[0]._deliver(attempt)
    rig.scheduler.step(0.0)
    (commit,) = rig.store.commits
    assert commit.frames[0].events == [EVENT]
    assert list(commit.events) == [], "the store takes a scrape's events with it"


def test_an_event_that_came_with_a_read_is_stored_once(tmp_path: Path) -> None:
    clock = FakeClock()
    collector = FakeCollector(clock)
    writer = Writer.open(tmp_path / "store")
    scheduler = Scheduler(
        [collector], writer, source_states=SourceStates([collector]), detect=nothing, meta={}, stop=threading.Event(),
        now=clock.now, monotonic=clock.monotonic, chance=random.Random(1),
    )  # fmt: skip
    scrape = collector.collect(clock.now)
    scrape.events.append(Event(scrape.time, "auth_failure", Severity.INFO, (), "token_expired"))
    scheduler.runners[0]._deliver(Attempt("proxy@a:1", scrape.time, 0.1, scrape))
    scheduler.step(0.0)
    reader = Reader(tmp_path / "store")
    assert [event.kind for event in reader.snapshot().events] == ["auth_failure"]
    reader.close()
    writer.close()


def test_what_the_detections_find_is_committed_at_once() -> None:
    rig = Rig(detect=lambda now: [EVENT])
    rig.scheduler.detection_loop.step(rig.stop)
    rig.scheduler.step(0.0)
    (commit,) = rig.store.commits
    assert (commit.events, commit.frames) == ([EVENT], [])


def test_a_heartbeat_is_given_every_second_whatever_arrives() -> None:
    rig = Rig()
    for _ in range(30):
        rig.scheduler.step(0.0)
        rig.clock.at += 0.25
    assert len(rig.store.beats) == 8


def test_a_read_that_never_ends_is_booked_as_timed_out_and_blocks_nothing() -> None:
    clock = FakeClock()
    hung = FakeCollector(clock, "signoz", "s:1")
    rig = Rig(hung, FakeCollector(clock), clock=clock)

    def hang() -> None:
        clock.at += 2.0
        rig.scheduler.runners[1].step()
        rig.scheduler.step(0.0)

    hung.does = hang
    rig.scheduler.runners[0].step()
    commit = rig.store.commits[0]
    assert commit.sources["signoz@s:1"].error is ErrorKind.TIMED_OUT
    assert commit.sources["proxy@a:1"].error is None


def test_when_one_source_goes_the_slow_ones_are_asked_at_once() -> None:
    clock = FakeClock()
    fast, slow = FakeCollector(clock, does=fails()), FakeCollector(clock, "admin", "b:2", interval_seconds=5.0)
    rig = Rig(fast, slow, clock=clock)
    for _ in range(3):
        rig.scheduler.runners[0].step()
        rig.scheduler.step(0.0)
    slow_runner, fast_runner = rig.scheduler.runners[1], rig.scheduler.runners[0]
    assert [slow_runner.poke() for _ in range(POKES)] == [True] * (POKES - 1) + [False]
    assert [fast_runner.poke() for _ in range(POKES)] == [True] * POKES


def test_a_read_of_the_proxy_is_looked_at_without_waiting_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection_loop_module, "AT_MOST_SECONDS", 3600.0)
    looks: queue.SimpleQueue[float] = queue.SimpleQueue()
    stop = threading.Event()

    def look(now: float) -> Sequence[Event]:
        looks.put(now)
        return ()

    loop = DetectionLoop(look, lambda events: None, lambda: 1.0)
    thread = threading.Thread(target=loop.run, args=(stop,), daemon=True)
    thread.start()
    for _ in range(3):
        looks.get(timeout=LONG_SECONDS * patience())
        loop.notify(["proxy@a:1"])
    stop.set()
    loop.notify()
    thread.join(LONG_SECONDS * patience())
    assert not thread.is_alive()


def test_who_thinks_long_is_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = DetectionLoop(nothing, lambda events: None, lambda: 1.0)
    loop.notify(["patterns@a:1"])
    assert not loop._urgent.is_set()
    monkeypatch.setattr(detection_loop_module, "CHEAP_SECONDS", -1.0)
    loop.notify(["proxy@a:1"])
    assert not loop._urgent.is_set()
    monkeypatch.undo()
    loop.notify(["proxy@a:1"])
    assert loop._urgent.is_set()


def test_it_rests_so_long_that_looks_take_a_fifth_of_a_core_yet_never_for_long() -> None:
    assert rest_seconds(0.003) == CONFIRMING_SECONDS
    took = 0.4
    assert took / (took + rest_seconds(took)) == pytest.approx(0.2)
    assert rest_seconds(60.0) == LONGEST_REST_SECONDS


def test_what_is_suspected_is_read_again_and_nothing_else() -> None:
    asked: list[set[str]] = []
    detection_loop = DetectionLoop(nothing, lambda events: None, lambda: 1.0, lambda: {"proxy@a:1"},
                                   lambda keys: asked.append(set(keys)))  # fmt: skip
    detection_loop.step(threading.Event())
    assert asked == [{"proxy@a:1"}]
    quiet = DetectionLoop(nothing, lambda events: None, lambda: 1.0, tuple, lambda keys: asked.append(set(keys)))
    quiet.step(threading.Event())
    assert len(asked) == 1


def test_a_detection_that_breaks_stops_nothing_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    def broken(now: float) -> Sequence[Event]:
        raise ZeroDivisionError

    delivered: list[Sequence[Event]] = []
    detection_loop = DetectionLoop(broken, delivered.append, lambda: 1.0)
    for _ in range(3):
        detection_loop.step(threading.Event())
    assert delivered == []
    assert [record.message for record in caplog.records] == ["the detections failed"]


def test_the_whole_runs_and_ends_soon_with_a_source_that_hangs(
    eventually: Callable[[Callable[[], bool]], None],
) -> None:
    clock, never = FakeClock(), threading.Event()

    def hang() -> None:
        never.wait(10)

    def detect(now: float) -> Sequence[Event]:
        seen.append(now)
        return []

    hung = FakeCollector(clock, "signoz", "s:1", timeout_seconds=0.1, does=hang)
    good = FakeCollector(clock, interval_seconds=0.2)
    store, stop, seen = FakeStore(), threading.Event(), list[float]()
    collectors = [hung, good]
    scheduler = Scheduler(collectors, store, source_states=SourceStates(collectors), detect=detect, meta={}, stop=stop)
    thread = threading.Thread(target=scheduler.run)
    thread.start()
    eventually(lambda: good.reads >= 5 and len(seen) >= 2)
    eventually(lambda: store.commits[-1].sources["signoz@s:1"].error is ErrorKind.TIMED_OUT)
    began = time.monotonic()
    stop.set()
    thread.join(3)
    assert not thread.is_alive()
    assert time.monotonic() - began < 1.0 * patience()
    assert (good.closed, hung.closed) == (True, True)
    never.set()
