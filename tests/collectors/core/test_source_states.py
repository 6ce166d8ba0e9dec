"""The state of each source, one log line down and one back, and the HUD's own samples."""

from __future__ import annotations

import logging
import math

import pytest

from collectors.core.contract import PartialReadError
from collectors.core.source_states import Attempt, SourceStates
from model.series import Event, Scrape, Severity
from model.sources import CollectError, ErrorKind
from tests.collectors.fakes import REFUSED, FakeClock, FakeCollector

KEY = "proxy@a:1"


def source_states(**known: object) -> SourceStates:
    return SourceStates([FakeCollector(FakeClock())])


def good(at: float, samples: int = 2) -> Attempt:
    scrape = Scrape("proxy", "a:1", at)
    for number in range(samples):
        scrape.add(f"s{number}", 1.0)
    return Attempt(KEY, at, 0.25, scrape)


def bad(at: float, error: CollectError = REFUSED) -> Attempt:
    return Attempt.failed(KEY, at, 0.5, error)


def test_a_source_is_known_before_its_first_read() -> None:
    state = source_states().states[KEY]
    assert (state.address, state.last_attempt, state.last_success) == ("http://a:1/metrics", 0.0, 0.0)


def test_reads_and_failures_are_booked() -> None:
    book = source_states()
    book.enter([good(10.0), bad(11.0), bad(12.0)])
    state = book.states[KEY]
    assert (state.last_success, state.last_attempt, state.since, state.failures) == (10.0, 12.0, 11.0, 2)
    assert (state.error, state.detail) == (ErrorKind.DOWN, "connection refused")
    book.enter([good(13.0)])
    assert (book.states[KEY].error, book.states[KEY].failures) == (None, 0)


def test_one_line_on_the_way_down_and_one_on_the_way_back(caplog: pytest.LogCaptureFixture) -> None:
    book = source_states()
    timed_out = CollectError(ErrorKind.TIMED_OUT, "late")
    with caplog.at_level(logging.INFO):
        book.enter([good(1.0), bad(2.0)])
        book.enter([bad(3.0), bad(4.0, timed_out)])
        book.enter([good(7.0)])
        book.enter([good(8.0)])
    down, back = [record.message for record in caplog.records]
    assert "proxy@a:1" in down
    assert "connection refused" in down
    assert back == "proxy@a:1 is back after 5 s"


def test_turning_is_said_for_the_attempts_entered_last() -> None:
    book = source_states()
    for attempt, turned in ((good(1.0), False), (bad(2.0), True), (bad(3.0), False), (good(4.0), True)):
        book.enter([attempt])
        assert book.turned is turned


def test_what_a_partial_read_brought_is_kept_with_its_error() -> None:
    scrape = Scrape("proxy", "a:1", 5.0, events=[Event(5.0, "x", Severity.INFO, (), "words")])
    book = source_states()
    assert book.enter([bad(5.0, PartialReadError(ErrorKind.HTTP_ERROR, "half", scrape))]) == [scrape]
    assert book.states[KEY].error is ErrorKind.HTTP_ERROR


def test_each_own_row_has_every_source_and_says_nothing_of_one_that_was_not_tried() -> None:
    book = SourceStates([FakeCollector(FakeClock()), FakeCollector(FakeClock(), "admin", "b:2")])
    first = book.own_samples(1.0)
    assert all(math.isnan(value) for value in first.values)
    book.enter([good(1.0)])
    row = book.own_samples(2.0)
    assert row.series == first.series, "a table for each source that answers first would be many"
    assert (row.source, row.instance, row.time) == ("hud", "collector", 2.0)
    book.enter([bad(3.0)])
    reported = {s.series.name: s.value for s in book.own_samples(3.0).samples() if s.value == s.value}
    assert reported == {
        "hud_source_success": 0.0, "hud_source_duration_seconds": 0.5, "hud_source_samples": 2.0,
        "hud_source_attempted_at_seconds": 3.0, "hud_source_read_at_seconds": 1.0, "hud_source_failures": 1.0,
    }  # fmt: skip
    assert book.own_samples(3.0).series == row.series
    assert dict(row.series[0].labels) == {"source": "proxy", "target": "a:1", "instance": "collector"}


def test_what_an_earlier_run_left_goes_on() -> None:
    before = source_states()
    before.enter([good(1.0), bad(2.0)])
    known = {**before.states, "gone@x:1": before.states[KEY]}
    after = SourceStates([FakeCollector(FakeClock(), interval_seconds=7.0)], known)
    assert set(after.states) == {KEY}
    state = after.states[KEY]
    assert (state.since, state.last_success, state.interval_seconds) == (2.0, 1.0, 7.0)
