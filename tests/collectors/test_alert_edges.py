"""However an alert's edges are told, they alternate and no edge is told twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.alert_edges import MOST_TOLD, RETELL_SECONDS, UNSEEN, EdgeBook
from collectors.open_alerts import FIRING, INHIBITED, RESOLVED, SILENCED, OpenAlert
from model.series import Event

KIND = "tool_alert"
ALERT = OpenAlert("a", "warning", "active", None, (("pattern", "redis"),), "words")
EDGES = st.lists(st.tuples(st.integers(0, 50).map(float), st.sampled_from([FIRING, RESOLVED])), max_size=8)
STEPS = st.lists(st.one_of(EDGES, st.booleans()), max_size=8)


def run(book: EdgeBook, steps: list[object]) -> list[Event]:
    events: list[Event] = []
    for number, step in enumerate(steps):
        if isinstance(step, bool):
            events += book.seen([ALERT] if step else [], 100.0 + number)
        elif isinstance(step, list):
            events += book.told_by_history((at, state, ALERT) for at, state in step)
    return events


@given(STEPS)
def test_what_was_told_is_never_told_again(steps: list[object]) -> None:
    book = EdgeBook("a:1", KIND)
    told = run(book, steps)
    assert len({(event.time, event.label("state")) for event in told}) == len(told)
    restarted = EdgeBook("a:1", KIND)
    restarted.restore(told)
    assert run(restarted, [[(event.time, event.label("state")) for event in told]]) == []


@given(st.lists(st.booleans(), max_size=20))
def test_what_is_seen_alternates(looks: list[bool]) -> None:
    states = [event.label("state") for event in run(EdgeBook("a:1", KIND), list(looks))]
    assert states == [FIRING, RESOLVED] * (len(states) // 2) + [FIRING] * (len(states) % 2)


@given(EDGES)
def test_what_the_history_tells_alternates(edges: list[tuple[float, str]]) -> None:
    states = [event.label("state") for event in run(EdgeBook("a:1", KIND), [edges])]
    assert all(one != other for one, other in pairwise(states))


def test_events_of_others_are_not_taken_over() -> None:
    (event,) = EdgeBook("b:1", KIND).seen([ALERT], 5.0)
    book = EdgeBook("a:1", KIND)
    book.restore([event])
    assert len(book.seen([ALERT], 6.0)) == 1


def told(events: list[Event]) -> list[tuple[float, str | None, str | None]]:
    return [(event.time, event.label("state"), event.label("how")) for event in events]


def test_an_alert_that_stays_open_for_days_is_told_again_and_keeps_its_beginning() -> None:
    book, day = EdgeBook("a:1", KIND), 86400.0
    old = replace(ALERT, starts_at=1000.0)
    first = book.seen([old], 1000.0 + 3 * day)
    assert [event.time for event in first] == [1000.0, 1000.0 + 3 * day]
    assert {event.label("starts_at") for event in first} == {"1000.000"}
    assert book.seen([old], 1001.0 + 3 * day) == []
    (again,) = book.seen([old], 1000.0 + 3 * day + RETELL_SECONDS)
    assert (again.label("state"), again.label("starts_at")) == (FIRING, "1000.000")
    restarted = EdgeBook("a:1", KIND)
    restarted.restore([*first, again])
    assert restarted.seen([old], again.time + 1) == []


def test_of_alerts_without_number_the_oldest_are_forgotten_and_none_that_is_open() -> None:
    book = EdgeBook("a:1", KIND)
    book.seen([ALERT], 100.0)
    for turn in range(3):
        many = [replace(ALERT, name=f"{turn}-{number}") for number in range(MOST_TOLD // 2)]
        book.seen([ALERT, *many], 101.0 + turn)
    assert len(book._told) <= MOST_TOLD + 1
    assert book.seen([ALERT, *many], 110.0) == []


def test_a_silence_that_begins_and_ends_is_told_when_it_is_seen() -> None:
    book = EdgeBook("a:1", KIND)
    looks = [FIRING, SILENCED, SILENCED, INHIBITED, FIRING]
    events = [
        event
        for at, standing in enumerate(looks)
        for event in book.seen([replace(ALERT, starts_at=90.0, standing=standing)], 100.0 + at)
    ]
    events += book.seen([], 110.0)
    assert told(events) == [
        (90.0, FIRING, None), (101.0, SILENCED, None), (103.0, INHIBITED, None), (104.0, FIRING, None),
        (110.0, RESOLVED, None),
    ]  # fmt: skip


def test_an_end_after_looking_away_is_told_as_unseen() -> None:
    book = EdgeBook("a:1", KIND)
    begun = book.seen([ALERT], 100.0)
    restarted = EdgeBook("a:1", KIND)
    restarted.restore(begun)
    for one in (book, restarted):
        assert told(one.seen([], 5000.0)) == [(5000.0, RESOLVED, UNSEEN)]
