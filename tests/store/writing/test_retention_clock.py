"""What is stored ages by a clock that no jump of the wall clock moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from store.writing.retention_clock import DOUBT_SECONDS, JUMP_SECONDS, RetentionClock

START, DAY = 1_800_000_000.0, 86_400.0


class Machine:
    """A machine whose clock can be set wrong."""

    def __init__(self) -> None:
        self.tick, self.wrong_by = 100.0, 0.0
        self.clock = RetentionClock(lambda: self.tick)

    def run(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(int(seconds / step)):
            self.tick += step
            self.clock.tell(START + self.tick + self.wrong_by)

    @property
    def true(self) -> float:
        return START + self.tick


def test_a_clock_that_is_wrong_for_some_seconds_ages_nothing() -> None:
    machine = Machine()
    machine.run(60)
    machine.wrong_by = 40 * DAY
    machine.run(8)
    assert machine.clock.now == machine.true
    machine.wrong_by = 0.0
    machine.run(2 * DOUBT_SECONDS, 10.0)
    assert machine.clock.now == machine.true


def test_a_clock_that_was_put_right_is_believed_after_an_hour() -> None:
    machine = Machine()
    machine.wrong_by = -9 * DAY
    machine.run(60)
    machine.wrong_by = 0.0
    machine.run(60)
    assert machine.clock.now < machine.true - 8 * DAY
    machine.run(DOUBT_SECONDS, 10.0)
    assert machine.clock.now == machine.true


def test_small_corrections_are_followed_at_once() -> None:
    machine = Machine()
    machine.run(60)
    machine.wrong_by = JUMP_SECONDS / 2
    machine.run(1)
    assert machine.clock.now == machine.true + machine.wrong_by


@given(st.lists(st.tuples(st.floats(-400 * DAY, 400 * DAY), st.integers(1, 20)), max_size=8))
def test_whatever_it_is_set_to_for_moments_nothing_ages_by_more_than_small_corrections(
    jumps: list[tuple[float, int]],
) -> None:
    machine = Machine()
    machine.run(60)
    for wrong_by, seconds in jumps:
        machine.wrong_by = wrong_by
        machine.run(seconds)
    assert abs(machine.clock.now - machine.true) <= (len(jumps) + 1) * JUMP_SECONDS
