"""Few sources never wait for a commit; many share one."""

from __future__ import annotations

from collectors.core.commit_pace import AT_ONCE, PER_SECOND, CommitPace
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
