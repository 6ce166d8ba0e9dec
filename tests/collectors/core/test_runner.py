"""One source on its own thread: on the beat, backing off, watched over, never ended by what it reads."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.core.runner import AGAIN_SECONDS, CONFIRM_SECONDS, POKES, POKES_WITHIN_SECONDS, SLOWEST_SECONDS, Runner
from collectors.core.source_states import Attempt
from model.sources import ErrorKind
from tests.collectors.fakes import FakeClock, FakeCollector, fails


class Rig:
    """A runner on a fake clock, and what it delivered."""

    def __init__(self, **collector: object) -> None:
        self.clock = FakeClock()
        self.collector = FakeCollector(self.clock, **collector)  # type: ignore[arg-type]
        self.delivered: list[Attempt] = []
        self.runner = Runner(
            self.collector, self.delivered.append, now=self.clock.now, monotonic=self.clock.monotonic,
            chance=random.Random(1),
        )  # fmt: skip


def test_a_read_is_delivered_with_its_time_and_duration() -> None:
    rig = Rig(took=0.3)
    pause = rig.runner.step()
    (attempt,) = rig.delivered
    assert attempt.scrape is not None
    assert (attempt.key, attempt.time, attempt.error) == ("proxy@a:1", 1000.3, None)
    assert attempt.duration_seconds == pytest.approx(0.3)
    assert 0.9 - 0.3 <= pause <= 1.1 - 0.3


def test_a_failure_is_delivered_typed() -> None:
    rig = Rig(does=fails())
    rig.runner.step()
    assert rig.delivered[0].error is not None
    assert rig.delivered[0].error.kind is ErrorKind.DOWN


def test_an_answer_that_nobody_expected_is_malformed_and_logged_once_with_its_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig(does=fails(ZeroDivisionError("password=opensesame")))
    for _ in range(3):
        rig.runner.step()
    errors = [attempt.error for attempt in rig.delivered]
    assert {error.kind for error in errors if error} == {ErrorKind.MALFORMED}
    assert errors[0] is not None
    assert errors[0].detail == "ZeroDivisionError: password=[removed]"
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None


@given(st.floats(0.2, 60), st.integers(1, 50), st.integers(0, 2**32))
def test_pauses_of_a_failing_source_are_jittered_and_never_so_long_that_a_return_is_seen_late(
    interval: float, failures: int, seed: int
) -> None:
    clock = FakeClock()
    collector = FakeCollector(clock, interval_seconds=interval, took=0.0, does=fails())
    runner = Runner(
        collector, lambda attempt: None, now=clock.now, monotonic=clock.monotonic, chance=random.Random(seed)
    )
    for _ in range(failures):
        runner.step()
    longest = max(interval, SLOWEST_SECONDS)
    shortest = min(interval, AGAIN_SECONDS) if failures == 1 else interval
    assert 0.9 * shortest <= runner.pause() <= 1.1 * longest


def test_a_failing_source_is_asked_less_often_and_a_good_read_ends_that() -> None:
    rig = Rig(took=0.0, does=fails())
    pauses = [rig.runner.step() for _ in range(3)]
    assert pauses[1] > 1.3
    assert pauses[2] > 1.8
    rig.collector.does = lambda: None
    assert rig.runner.step() < 1.11


def test_the_first_failure_of_a_source_that_is_read_rarely_is_tried_again_after_a_second() -> None:
    rig = Rig(took=0.0, does=fails(), interval_seconds=10.0)
    assert rig.runner.step() == pytest.approx(1.0, rel=0.11)
    assert rig.runner.step() > 8.9


def test_a_read_longer_than_the_interval_is_followed_by_the_next_at_once() -> None:
    assert Rig(took=5.0).runner.step() == pytest.approx(0.05)


def test_a_read_that_ignores_its_timeout_is_reported_once() -> None:
    rig = Rig()
    seen: list[Attempt | None] = []

    def hang() -> None:
        for seconds in (1.0, 0.5, 5.0):
            rig.clock.at += seconds
            seen.append(rig.runner.overdue())

    rig.collector.does = hang
    rig.runner.step()
    assert seen[0] is None
    assert seen[1] is not None
    assert seen[1].error is not None
    assert (seen[1].error.kind, seen[1].time) == (ErrorKind.TIMED_OUT, 1001.6)
    assert seen[2] is None
    assert rig.runner.overdue() is None
    assert rig.delivered[0].error is None


def test_pokes_are_limited() -> None:
    rig = Rig()
    assert [rig.runner.poke() for _ in range(POKES + 2)] == [True] * POKES + [False] * 2
    rig.clock.at += POKES_WITHIN_SECONDS
    assert rig.runner.poke()


def test_the_thread_reads_when_poked_and_ends_when_reported(eventually: Callable[[Callable[[], bool]], None]) -> None:
    delivered: list[Attempt] = []
    collector = FakeCollector(FakeClock(), interval_seconds=60.0)
    runner = Runner(
        collector, delivered.append, now=time.time, monotonic=lambda: time.monotonic() * 100, chance=random.Random(1)
    )
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    eventually(lambda: len(delivered) == 1)
    runner.poke()
    eventually(lambda: len(delivered) == 2)
    stop.set()
    runner.release()
    thread.join(2)
    assert not thread.is_alive()
    assert len(delivered) == 2


@pytest.mark.parametrize(("interval", "more"), [(1.0, 60), (10.0, 6), (600.0, 1)])
def test_confirming_at_most_doubles_the_reads_of_a_minute(interval: float, more: int) -> None:
    runner = Runner(FakeCollector(clock := FakeClock(), interval_seconds=interval), lambda attempt: None, now=clock.now,
                    monotonic=clock.monotonic, chance=random.Random(1))  # fmt: skip

    def confirmed() -> bool:
        clock.at += 0.1
        runner.forget_confirmation()
        return runner.confirm()

    assert [confirmed() for _ in range(more + 2)] == [True] * more + [False] * 2
    clock.at += 61
    assert confirmed()


def test_a_read_that_is_to_be_confirmed_is_made_again_within_250_ms() -> None:
    clock, waits = FakeClock(), []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            self.set()
            return True

    runner = Runner(FakeCollector(clock, interval_seconds=10.0), lambda attempt: None, now=clock.now,
                    monotonic=clock.monotonic, chance=random.Random(1))  # fmt: skip
    assert runner.confirm() and runner.confirm()
    runner.run(Stop())
    assert waits == [pytest.approx(CONFIRM_SECONDS - 0.1)]
