"""Counters at an address where several processes answer in turn, told from one that was restarted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.series.counters import increase
from model.series import Kind, Scrape
from store.frames import Frame
from store.snapshot import snapshot_of

NAME = "prism_requests_total"
START = "process_start_time_seconds"
OLD, YOUNG = 1000.0, 5000.0
"""When two replicas had started; they are read from the second 10,000 on."""
FIRST = 10_000.0


def frame(rows: Sequence[tuple[float, float | None]], labels: int = 1) -> Frame:
    """One read a second: (value, start time or None); each of `labels` series holds an equal share."""
    scrapes = []
    for at, (value, started) in enumerate(rows):
        scrape = Scrape("proxy", "p", FIRST + at)
        for one in range(labels):
            scrape.add(NAME, value / labels, Kind.COUNTER, namespace=str(one))
        if started is not None:
            scrape.add(START, started)
        scrapes.append(scrape)
    return snapshot_of(scrapes).frame(NAME, FIRST, 1e6)


def grown(rows: Sequence[tuple[float, float | None]], labels: int = 1) -> float:
    found = increase(frame(rows, labels), FIRST, 1e6)["value"]
    assert (found >= 0).all()
    return float(found.sum())


def replicas(turns: str, starts: bool, per_second: float = 10.0) -> list[tuple[float, float | None]]:
    """Two replicas that count from 180,000 and from 0, answering in these turns ("ab")."""
    rows = []
    for at, one in enumerate(turns):
        level, started = (180_000.0, OLD) if one == "a" else (0.0, YOUNG)
        rows.append((level + per_second * (at + 1), started if starts else None))
    return rows


@pytest.mark.parametrize("starts", [True, False], ids=["start time", "levels only"])
@pytest.mark.parametrize("turns", ["abababababab", "aabbaabbab", "babababa", "bbbaabba", "abbbbbba", "aaabaaabaaab"])
@pytest.mark.parametrize("labels", [1, 5])
def test_two_replicas_behind_one_address_count_what_they_counted(turns: str, starts: bool, labels: int) -> None:
    seen = 10.0 * sum(turns.rindex(one) - turns.index(one) for one in "ab")
    unknown = 0.0 if starts else 50.0  # without start times a young replica is at first taken for a restart
    assert seen - 1e-6 <= grown(replicas(turns, starts), labels) <= seen + unknown


def test_a_restart_is_no_second_replica() -> None:
    rows = [(100.0, OLD), (110.0, OLD), (4.0, FIRST + 1.5), (14.0, FIRST + 1.5)]
    assert grown(rows) == 10 + 4 + 10
    assert grown([(value, None) for value, _ in rows]) == 10 + 4 + 10


def test_a_restart_is_seen_by_the_start_time_although_the_counter_has_overtaken_itself() -> None:
    assert grown([(5.0, OLD), (50.0, FIRST + 0.5), (60.0, FIRST + 0.5)]) == 50 + 10


def test_a_restart_loop_is_no_set_of_replicas() -> None:
    laps = [(10.0 * at, None) for _ in range(4) for at in range(1, 6)]
    assert grown(laps) == 40 + 3 * 50


def test_another_process_that_lived_before_adds_nothing_by_its_first_read() -> None:
    assert grown([(100.0, OLD), (110.0, OLD), (90_000.0, YOUNG), (90_010.0, YOUNG)]) == 10 + 10


@given(
    st.text("ab", min_size=2, max_size=40),
    st.lists(st.integers(0, 50), min_size=40, max_size=40),
    st.booleans(),
)
def test_whoever_answers_nothing_is_counted_that_nobody_counted(turns: str, steps: list[int], starts: bool) -> None:
    levels, rows = {"a": 1_000_000, "b": 0}, []
    for one, step in zip(turns, steps, strict=False):
        levels = {name: level + step for name, level in levels.items()}
        rows.append((float(levels[one]), {"a": OLD, "b": YOUNG}[one] if starts else None))
    if starts or rows[0][0] >= 1_000_000:
        last = {"a": 1_000_000, "b": 0}
        assert grown(rows) <= 2 * sum(steps[: len(turns)]) + (0 if starts else last["b"] + sum(steps))


@pytest.mark.parametrize(
    "levels",
    [(1_000, 180_000), (1_000, 1_030), (1_000, 1_400), (40, 180_000), (1_000, 50_000, 900_000),
     (1_000, 50_000, 900_000, 7_000, 120_000)],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("seed", range(5))
def test_whatever_their_levels_replicas_without_start_times_count_no_multiple(
    levels: tuple[int, ...], seed: int
) -> None:
    """By levels alone some reads are taken for another process', but never a level for what was counted."""
    chosen, seconds = Random(seed), 300
    rows = [(chosen.choice(levels) + 10.0 * at, None) for at in range(seconds)]
    assert 0.5 * 10 * seconds <= grown(rows) <= 2.5 * 10 * seconds * len(levels) + 10_000


@pytest.mark.parametrize("level", [500.0, 2_480.0, 99_000.0])
def test_a_small_fall_of_a_large_count_is_a_gap_and_no_restart(level: float) -> None:
    before = [(level + 10.0 * at, None) for at in range(5)]
    after = [(level + 20.0 + 10.0 * at, None) for at in range(5)]
    assert grown(before + after) == 40 + 40


def test_a_restart_under_load_counts_what_it_counted_since() -> None:
    before = [(50_000.0 + 300.0 * at, None) for at in range(8)]
    after = [(250.0 + 300.0 * at, None) for at in range(4)]
    assert grown(before + after) == 7 * 300 + 250 + 3 * 300


@pytest.mark.parametrize("fast", [5_000.0, 50_000.0, 1_000_000.0])
def test_a_load_that_stays_is_counted_however_suddenly_it_came(fast: float) -> None:
    """Two rises that the past does not explain may be another process'; from the third on it is how fast it counts."""
    slow = [(100_000.0 + 10.0 * at, None) for at in range(20)]
    busy = [(100_190.0 + fast * at, None) for at in range(1, 101)]
    assert 97 * fast <= grown(slow + busy) <= 190 + 100 * fast + 10
    assert grown([(200.0 + fast * at, None) for at in range(50)]) >= 47 * fast


@pytest.mark.parametrize("begun", [100.0, 6_500.0])
def test_what_begins_to_count_in_the_middle_of_a_read_goes_on_as_fast(begun: float) -> None:
    rows = [(value, None) for value in (0.0, 0.0, 0.0, 0.0, begun, 30_000.0, 57_000.0, 84_000.0)]
    assert grown(rows) == 84_000.0


@pytest.mark.parametrize("apart", [0.0, 1.0], ids=["at once", "a second apart"])
@pytest.mark.parametrize("turns", ["ab" * 20, "ba" * 20, "aabba" * 8])
def test_replicas_that_were_started_at_once_are_distinguished_by_their_levels(turns: str, apart: float) -> None:
    levels = {"a": 180_000.0, "b": 500.0}
    reads = [(levels[one] + 10.0 * at, 9_000.0 + apart * (one == "b")) for at, one in enumerate(turns)]
    last: dict[str, float] = {}
    seen = 0.0
    for one, (level, _) in zip(turns, reads, strict=True):
        seen, last[one] = seen + level - last.get(one, level), level
    assert grown(reads) == pytest.approx(seen)


@pytest.mark.parametrize(("low", "high"), [(40.0, 41.2), (1.0, 1.3), (20.0, 50.0)])
def test_replicas_that_were_started_at_once_and_have_counted_little_count_no_multiple(low: float, high: float) -> None:
    """Seconds of CPU time are few, and a fall of a few is no restart where the start says that there was none."""
    reads = [((high if at % 2 else low) + 0.01 * at, 9_000.0) for at in range(40)]
    assert 0.76 <= grown(reads) <= 0.76 + (high - low) + 0.02


@pytest.mark.parametrize("every", [1.0, 15.0])
def test_a_busy_process_that_has_just_begun_loses_nothing(every: float) -> None:
    began = FIRST - 3.0
    scrapes = []
    for number in range(5):
        scrape = Scrape("proxy", "p", FIRST + every * number)
        scrape.add(NAME, 20_000.0 * (scrape.time - began), Kind.COUNTER)
        scrape.add(START, began)
        scrapes.append(scrape)
    found = increase(snapshot_of(scrapes).frame(NAME, FIRST, 1e6), FIRST, 1e6)["value"].sum()
    assert found == pytest.approx(20_000.0 * 4 * every)


def test_counters_that_a_process_sets_back_itself_go_on_from_nought() -> None:
    assert grown([(1000.0 + 3 * at if at < 10 else 3.0 * (at - 10), 9_000.0) for at in range(20)]) == pytest.approx(
        54.0
    )


def test_a_start_that_is_set_right_little_by_little_is_no_restart() -> None:
    """Linux works it out from the time of the boot, which moves with the clock."""
    assert grown([(10.0 * at, 9_000.0 + 0.5 * at) for at in range(40)]) == pytest.approx(390.0)


@pytest.mark.parametrize("moved", [FIRST + 5, FIRST - 3000, OLD - 86400.0])
def test_a_start_that_changes_while_the_counters_go_on_is_no_restart(moved: float) -> None:
    """The process' clock was set, or the start is that of an exporter before it."""
    rows = [(180_000.0 + 100 * at, OLD if at < 6 else moved) for at in range(12)]
    assert grown(rows) == pytest.approx(1100.0)


@pytest.mark.parametrize("idle", [2, 7, 15])
def test_a_jump_of_one_that_counted_nothing_lately_is_another_process(idle: int) -> None:
    """From 0 it would be its first traffic; one that has counted long has begun long ago."""
    turns = [209_517.0] * idle + [519_043.0] * idle + [209_518.0] * idle + [519_045.0] * idle
    assert grown([(level, None) for level in turns]) <= 10


@pytest.mark.parametrize(
    "said", [lambda one: one * 1000.0, lambda one: 0.0, lambda one: one + 1e9], ids=["milliseconds", "0", "far ahead"]
)
def test_a_start_that_is_no_time_does_not_make_a_process_young(said: Callable[[float], float]) -> None:
    rows = [(level, said(started or 0.0)) for level, started in replicas("babababa", True)]
    assert grown(rows) <= 10.0 * 12 + 50.0
