from __future__ import annotations

import pytest

from model.status import Phase, Status
from simulator.traffic.effects import PatternEffect
from simulator.traffic.patterns import LOOP_DOWN_SECONDS, LOOP_SECONDS, PatternProcess
from simulator.traffic.scenario import PATTERNS

START = 1_700_000_000.0


@pytest.fixture
def redis() -> PatternProcess:
    return PatternProcess(PATTERNS[1], 1, START)


def test_a_crash_and_its_end_are_one_restart_with_a_new_pid_and_uptime(redis: PatternProcess) -> None:
    pid = redis.pid
    redis.effect = PatternEffect(down=True)
    redis.tick(START + 10, 10)
    assert (redis.up, redis.phase(START + 10), redis.status(False)) == (False, Phase.FAILED, Status.UNHEALTHY)
    redis.effect = PatternEffect()
    redis.tick(START + 20, 10)
    assert (redis.up, redis.restarts, redis.started, redis.pid != pid) == (True, 1, START + 20, True)
    assert redis.cpu_seconds == 0.0


def test_a_started_pattern_goes_through_the_phases_to_running(redis: PatternProcess) -> None:
    redis.started = START
    seen = [redis.phase(START + at) for at in (0.1, 0.5, 0.8, 1.1, 2.0)]
    assert seen == [Phase.SPAWN, Phase.CONNECT, Phase.INITIALIZE, Phase.START, Phase.RUNNING]


@pytest.mark.parametrize("step", [0.1, 1.0, 7.0])
def test_a_restart_loop_restarts_every_four_seconds_however_rarely_one_looks(
    redis: PatternProcess, step: float
) -> None:
    redis.effect = PatternEffect(loop_since=START)
    now = START
    while now < START + 42:
        now += step
        redis.tick(now, step)
    whole_periods = int((now - START - LOOP_DOWN_SECONDS) // LOOP_SECONDS) + 1
    assert redis.restarts == whole_periods
    assert redis.started == pytest.approx(START + LOOP_DOWN_SECONDS + (whole_periods - 1) * LOOP_SECONDS, abs=step)


def test_a_restart_loop_that_ends_leaves_the_pattern_up(redis: PatternProcess) -> None:
    redis.effect = PatternEffect(loop_since=START)
    redis.tick(START + 0.5, 0.5)
    assert not redis.up
    redis.effect = PatternEffect()
    redis.tick(START + 1, 0.5)
    assert (redis.up, redis.restarts) == (True, 1)


def test_only_the_restarts_of_the_window_count() -> None:
    nats = PatternProcess(PATTERNS[2], 2, START)
    assert nats.restarts_within(8200, START) == 1
    assert nats.restarts_within(86400, START) == 2
    assert nats.restarts_within(86400, START + 86400) == 0


def test_words_of_trouble_hold_a_credential_to_be_redacted(redis: PatternProcess) -> None:
    assert "prism:s3cr3t@" in redis.message(Status.UNHEALTHY, False)
