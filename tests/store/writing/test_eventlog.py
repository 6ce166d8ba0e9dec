"""The log of events: a day of them, in runs, each kind within its budget."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.series import Event, Severity
from store.disk.manifest import EventsRef, Manifest, decode_manifest, encode_manifest
from store.reader import Reader
from store.writer import Writer
from store.writing.eventlog import BUDGETS, COMMON, MAX_EVENTS, RUN_LENGTH, EventPlan, appended, until

START = 1_699_999_980.0
LOGIN = "auth_failure"


def made(kind: str, count: int, at: float = START) -> list[Event]:
    return [Event(at + number / 1000, kind, Severity.INFO, (), str(number)) for number in range(count)]


class Log:
    """A log in memory: what a plan writes can be read, what it no longer names is gone."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.refs: tuple[EventsRef, ...] = ()
        self.dropped = 0

    def take(self, plan: EventPlan) -> None:
        named = {ref.key for ref in plan.refs}
        assert set(plan.values) <= named, "nothing is written that is not alive"
        self.values = {key: data for key, data in {**self.values, **plan.values}.items() if key in named}
        self.refs, self.dropped = plan.refs, self.dropped + plan.dropped
        assert set(self.values) == named

    def add(self, events: list[Event], now: float) -> None:
        self.take(appended(self.refs, events, now, self.values.get))

    def count(self, lane: str) -> int:
        return sum(ref.length for ref in self.refs if ref.lane == lane)


def test_a_flood_of_failed_logins_pushes_out_no_alert(caplog: pytest.LogCaptureFixture) -> None:
    log = Log()
    log.add(made("alert", 40), START)
    for minute in range(1, 30):
        at = START + 60 * minute
        log.add([*made(LOGIN, 3_000, at), *made("alert", 1, at)], at)
    assert log.count(COMMON) == 40 + 29
    assert BUDGETS[LOGIN] - RUN_LENGTH < log.count(LOGIN) <= BUDGETS[LOGIN]
    assert log.dropped == 0
    assert "dropped" not in caplog.text, "what happens every minute of a flood is no news"


def test_the_newest_failed_logins_stay() -> None:
    log = Log()
    for minute in range(4):
        log.add(made(LOGIN, 2_500, START + 60 * minute), START + 60 * minute)
    ends = [ref.end for ref in log.refs]
    assert ends == sorted(ends)
    assert min(ends) >= START + 120
    assert max(ends) == pytest.approx(START + 180 + 2.499)


def test_a_storm_of_other_events_leaves_the_failed_logins() -> None:
    log = Log()
    log.add(made(LOGIN, 300), START)
    for minute in range(25):
        log.add(made("storm", 1_000, START + 60 * minute), START + 60 * minute)
    assert log.count(LOGIN) == 300
    assert log.count(COMMON) <= MAX_EVENTS
    assert log.dropped == 25_000 - log.count(COMMON)


def test_both_lanes_are_forgotten_after_a_day_and_when_the_clock_is_set_back() -> None:
    log = Log()
    log.add([*made(LOGIN, 10), *made("alert", 10)], START)
    log.add([*made(LOGIN, 700, START + 90_000), *made("alert", 5, START + 90_000)], START + 90_000)
    assert (log.count(LOGIN), log.count(COMMON)) == (700, 5)
    log.take(until(log.refs, START + 90_000.0015, log.values.get))
    assert (log.count(LOGIN), log.count(COMMON)) == (2, 2)


def test_a_manifest_from_before_the_lanes_is_read() -> None:
    old = encode_manifest(Manifest(events=(("events/1", 3.0, 2),)))  # type: ignore[arg-type]
    assert decode_manifest(old).events == (EventsRef("events/1", 3.0, 2, COMMON),)


@given(st.lists(st.tuples(st.sampled_from([LOGIN, "alert", "restart"]), st.integers(0, 1200)), max_size=8))
def test_nothing_is_lost_or_doubled_below_the_budgets(batches: list[tuple[str, int]]) -> None:
    log, wanted = Log(), {LOGIN: 0, COMMON: 0}
    for number, (kind, count) in enumerate(batches):
        events = made(kind, count, START + number)
        random.Random(number).shuffle(events)
        log.add(events, START + number)
        wanted[LOGIN if kind == LOGIN else COMMON] += count
    assert log.count(COMMON) == wanted[COMMON]
    most = BUDGETS[LOGIN]
    assert log.count(LOGIN) == wanted[LOGIN] if wanted[LOGIN] <= most else most - RUN_LENGTH < log.count(LOGIN) <= most
    assert all(0 < ref.length <= RUN_LENGTH for ref in log.refs)


def test_alerts_outlive_a_flood_in_a_real_store(writer: Writer, reader: Reader) -> None:
    writer.commit(START, [], {}, made("alert", 3))
    for minute in range(1, 6):
        writer.commit(START + 60 * minute, [], {}, made(LOGIN, 2_000, START + 60 * minute))
    writer.commit(START + 360, [], {})
    kinds = [event.kind for event in reader.snapshot().events]
    assert kinds.count("alert") == 3
    assert 4_500 <= kinds.count(LOGIN) <= 5_000
    assert "events_dropped" not in reader.snapshot().meta
