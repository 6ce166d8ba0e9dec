"""However an alert's edges are reported, they alternate and no edge is reported twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.alerting.alert_transitions import (
    MOST_TOLD,
    RETELL_EVENTS,
    RETELL_SECONDS,
    UNSEEN,
    WORDS_SECONDS,
    AlertTransitions,
)
from collectors.alerting.listed_alerts import Listed
from collectors.alerting.open_alerts import FIRING, INHIBITED, RESOLVED, SILENCED, OpenAlert
from model.series import Event

KIND = "tool_alert"
ALERT = OpenAlert("a", "warning", None, (("pattern", "redis"),), "words", "f1")
EDGES = st.lists(st.tuples(st.integers(0, 50).map(float), st.sampled_from([FIRING, RESOLVED])), max_size=8)
STEPS = st.lists(st.one_of(EDGES, st.booleans()), max_size=8)


def look(*alerts: OpenAlert, beyond: Iterable[str] = ()) -> Listed:
    return Listed(alerts, frozenset(beyond), {})


def run(book: AlertTransitions, steps: list[object]) -> list[Event]:
    events: list[Event] = []
    for number, step in enumerate(steps):
        if isinstance(step, bool):
            events += book.seen(look(ALERT) if step else look(), 100.0 + number)
        elif isinstance(step, list):
            events += book.reported_by_history((at, state, ALERT) for at, state in step)
    return events


@given(STEPS)
def test_what_was_reported_is_never_reported_again(steps: list[object]) -> None:
    book = AlertTransitions("a:1", KIND)
    reported = run(book, steps)
    assert len({(event.time, event.label("state")) for event in reported}) == len(reported)
    restarted = AlertTransitions("a:1", KIND)
    restarted.restore(reported)
    assert run(restarted, [[(event.time, event.label("state")) for event in reported]]) == []


@given(st.lists(st.booleans(), max_size=20))
def test_what_is_seen_alternates(looks: list[bool]) -> None:
    states = [event.label("state") for event in run(AlertTransitions("a:1", KIND), list(looks))]
    assert states == [FIRING, RESOLVED] * (len(states) // 2) + [FIRING] * (len(states) % 2)


@given(EDGES)
def test_what_the_history_reports_alternates(edges: list[tuple[float, str]]) -> None:
    states = [event.label("state") for event in run(AlertTransitions("a:1", KIND), [edges])]
    assert all(one != other for one, other in pairwise(states))


def test_events_of_others_are_not_taken_over() -> None:
    (event,) = AlertTransitions("b:1", KIND).seen(look(ALERT), 5.0)
    book = AlertTransitions("a:1", KIND)
    book.restore([event])
    assert len(book.seen(look(ALERT), 6.0)) == 1


def reported(events: list[Event]) -> list[tuple[float, str | None, str | None]]:
    return [(event.time, event.label("state"), event.label("how")) for event in events]


def test_an_alert_that_stays_open_for_days_is_reported_again_and_keeps_its_beginning() -> None:
    book, day = AlertTransitions("a:1", KIND), 86400.0
    old = replace(ALERT, starts_at=1000.0)
    first = book.seen(look(old), 1000.0 + 3 * day)
    assert [event.time for event in first] == [1000.0, 1000.0 + 3 * day]
    assert {event.label("starts_at") for event in first} == {"1000.000"}
    assert book.seen(look(old), 1001.0 + 3 * day) == []
    (again,) = book.seen(look(old), 1000.0 + 3 * day + RETELL_SECONDS)
    assert (again.label("state"), again.label("starts_at")) == (FIRING, "1000.000")
    restarted = AlertTransitions("a:1", KIND)
    restarted.restore([*first, again])
    assert restarted.seen(look(old), again.time + 1) == []


def test_of_alerts_without_number_the_oldest_are_forgotten_and_none_that_is_open() -> None:
    book = AlertTransitions("a:1", KIND)
    book.seen(look(ALERT), 100.0)
    for turn in range(11):
        many = [replace(ALERT, fingerprint=f"{turn}-{number}") for number in range(MOST_TOLD // 10)]
        book.seen(look(ALERT, *many), 101.0 + turn)
    assert len(book._reported) <= MOST_TOLD + 1
    assert book.seen(look(ALERT, *many), 120.0) == []


def test_a_silence_that_begins_and_ends_is_reported_when_it_is_seen() -> None:
    book = AlertTransitions("a:1", KIND)
    looks = [FIRING, SILENCED, SILENCED, INHIBITED, FIRING]
    events = [
        event
        for at, alert_state in enumerate(looks)
        for event in book.seen(look(replace(ALERT, starts_at=90.0, alert_state=alert_state)), 100.0 + at)
    ]
    events += book.seen(look(), 110.0)
    assert reported(events) == [
        (90.0, FIRING, None), (101.0, SILENCED, None), (103.0, INHIBITED, None), (104.0, FIRING, None),
        (110.0, RESOLVED, None),
    ]  # fmt: skip


def test_after_the_clock_was_set_back_ends_are_ends_and_beginnings_begin() -> None:
    book = AlertTransitions("a:1", KIND)
    looks = [(100.0, True), (104.0, False), (106.0, True), (103.0, False), (102.0, True), (101.0, False)]
    events = [event for at, open_now in looks for event in book.seen(look(ALERT) if open_now else look(), at)]
    assert [state for _, state, _ in reported(events)] == [FIRING, RESOLVED] * 3
    assert all(one.time < other.time for one, other in pairwise(events))


def test_what_lasts_is_told_again_when_the_clock_was_set_back_and_ends_when_it_ends() -> None:
    """The store forgets what lies ahead of the clock."""
    book, fresh = AlertTransitions("a:1", KIND), replace(ALERT, starts_at=4990.0)
    assert reported(book.seen(look(fresh), 5000.0)) == [(4990.0, FIRING, None)]
    assert reported(book.seen(look(fresh), 1400.0)) == [(1400.0, FIRING, None)]
    assert book.seen(look(fresh), 1402.0) == []
    assert reported(book.seen(look(), 1404.0)) == [(1404.0, RESOLVED, None)]


def test_an_end_after_looking_away_is_reported_as_unseen() -> None:
    book = AlertTransitions("a:1", KIND)
    begun = book.seen(look(ALERT), 100.0)
    restarted = AlertTransitions("a:1", KIND)
    restarted.restore(begun)
    for one in (book, restarted):
        assert reported(one.seen(look(), 5000.0)) == [(5000.0, RESOLVED, UNSEEN)]


def test_an_alert_that_was_reported_before_very_many_others_is_reported_again() -> None:
    book = AlertTransitions("a:1", KIND)
    book.seen(look(ALERT), 100.0)
    events: list[Event] = []
    for turn in range(8):
        many = (replace(ALERT, fingerprint=f"{turn}-{number}") for number in range(RETELL_EVENTS // 10))
        events += book.seen(look(ALERT, *many), 101.0 + turn)
    assert [event.label("state") for event in events if event.label("fingerprint") == "f1"] == [FIRING]


def test_what_a_firing_alert_says_of_itself_follows_the_facts_and_is_no_new_alert() -> None:
    book = AlertTransitions("a:1", KIND)
    book.seen(look(ALERT), 100.0)
    fuller = replace(ALERT, summary="other words")
    assert book.seen(look(fuller), 101.0) == []
    (again,) = book.seen(look(fuller), 100.0 + WORDS_SECONDS)
    assert (again.message, again.label("state"), again.label("fingerprint")) == ("other words", FIRING, "f1")
    assert book.seen(look(fuller), 500.0) == []


def test_the_words_of_many_alerts_are_reported_more_rarely_so_that_their_events_stay_few() -> None:
    book, count = AlertTransitions("a:1", KIND), 500
    for second in range(0, 3600, 10):
        reported = book.seen(
            look(*(replace(ALERT, fingerprint=f"{at}", summary=f"{second} %") for at in range(count))), float(second)
        )
        assert len(reported) <= count
    assert book._count <= count + 3600 / WORDS_SECONDS


def test_what_is_listed_beyond_those_that_are_followed_is_not_over() -> None:
    book = AlertTransitions("a:1", KIND)
    book.seen(look(ALERT), 100.0)
    assert book.seen(look(beyond={"f1"}), 200.0) == []
    assert not book.lacks(look(beyond={"f1"}))
    assert reported(book.seen(look(), 201.0)) == [(201.0, RESOLVED, None)]
