"""All keep one beat; few sources never wait for a commit, many share one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.core.pace import (
    AT_ONCE,
    LATEST_SECONDS,
    PER_SECOND,
    SOONEST_SECONDS,
    TOGETHER,
    CommitPace,
    next_beat,
    phases,
)
from tests.collectors.fakes import FakeClock

SECONDS = 60


def commits(reads_per_second: int) -> tuple[int, float]:
    """(commits, longest delay) of a minute in which so many reads arrive evenly."""
    clock = FakeClock()
    pace = CommitPace(clock.monotonic)
    began, done, longest = clock.monotonic(), 0, 0.0
    for number in range(SECONDS * reads_per_second):
        arrived = began + number / reads_per_second
        if arrived < clock.monotonic():
            continue  # it came while another waited, and goes with that one
        clock.at += arrived - clock.monotonic()
        longest = max(longest, pace.delay())
        clock.at += pace.delay()
        pace.committed()
        done += 1
    return done, longest


def test_a_site_with_few_sources_is_committed_as_it_comes() -> None:
    done, longest = commits(15)
    assert (done, longest) == (SECONDS * 15, 0.0)


def test_hundreds_of_reads_share_twenty_commits_a_second() -> None:
    done, longest = commits(300)
    assert SECONDS * PER_SECOND * 0.9 <= done <= SECONDS * PER_SECOND + AT_ONCE + 1
    assert 0.0 < longest <= 1.0 / PER_SECOND + 1e-6


def test_after_a_rush_there_is_no_waiting() -> None:
    clock = FakeClock()
    pace = CommitPace(clock.monotonic)
    for _ in range(AT_ONCE + 1):
        pace.committed()
    assert pace.delay() > 0.0
    clock.at += AT_ONCE / PER_SECOND
    assert pace.delay() == 0.0


def test_what_is_read_at_one_moment_goes_in_one_commit() -> None:
    beats = phases(100.0, [1.0, 5.0, 10.0] * 5)
    assert beats[0] == 100.0
    assert beats == sorted(beats)
    assert beats[-1] - beats[0] < LATEST_SECONDS


@pytest.mark.parametrize("interval", [0.25, 1.0, 10.0])
def test_many_sources_take_turns_within_a_second(interval: float) -> None:
    beats = phases(0.0, [interval] * 200)
    assert max(sum(one <= other < one + LATEST_SECONDS / 10 for other in beats) for one in beats) <= TOGETHER
    assert max(later - earlier for earlier, later in pairwise(beats)) < min(interval, 1.0) / 10
    assert beats[-1] < min(interval, 1.0)


@given(st.floats(0, 1e6), st.floats(0.1, 600), st.floats(0, 600))
def test_reads_keep_the_beat_whenever_they_begin(phase: float, interval: float, late: float) -> None:
    began = phase + late
    due = next_beat(began, interval, phase)
    beats = (due - phase) / interval
    assert beats == pytest.approx(round(beats), abs=1e-3)
    assert min(interval / 2, SOONEST_SECONDS) - 1e-6 <= due - began <= interval + SOONEST_SECONDS + 1e-6
    assert next_beat(due, interval, phase) == pytest.approx(due + interval)
