"""However an alert's edges are told, they alternate and no edge is told twice."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from collectors.signoz_alerts import FIRING, RESOLVED, SignozAlert
from collectors.signoz_edges import EdgeBook
from model.series import Event

ALERT = SignozAlert("a", "warning", "active", None, (("pattern", "redis"),), "words")
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
    book = EdgeBook("a:1")
    told = run(book, steps)
    assert len({(event.time, event.label("state")) for event in told}) == len(told)
    restarted = EdgeBook("a:1")
    restarted.restore(told)
    assert run(restarted, [[(event.time, event.label("state")) for event in told]]) == []


@given(st.lists(st.booleans(), max_size=20))
def test_what_is_seen_alternates(looks: list[bool]) -> None:
    states = [event.label("state") for event in run(EdgeBook("a:1"), list(looks))]
    assert states == [FIRING, RESOLVED] * (len(states) // 2) + [FIRING] * (len(states) % 2)


@given(EDGES)
def test_what_the_history_tells_alternates(edges: list[tuple[float, str]]) -> None:
    states = [event.label("state") for event in run(EdgeBook("a:1"), [edges])]
    assert all(one != other for one, other in pairwise(states))


def test_events_of_others_are_not_taken_over() -> None:
    (event,) = EdgeBook("b:1").seen([ALERT], 5.0)
    book = EdgeBook("a:1")
    book.restore([event])
    assert len(book.seen([ALERT], 6.0)) == 1
