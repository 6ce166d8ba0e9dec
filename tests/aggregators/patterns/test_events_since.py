"""Events of one kind between two instants, whether they were asked for before or not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aggregators.patterns.restarts import events_since
from model.series import Event, Severity

KINDS = ("restart", "status", "alert")


@given(
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from(KINDS)), max_size=30),
    st.lists(st.tuples(st.sampled_from((*KINDS, "none")), st.integers(-1, 21), st.integers(-1, 21)), max_size=8),
)
def test_they_are_those_after_the_first_instant_and_up_to_the_second(
    said: list[tuple[int, str]], asked: list[tuple[str, int, int]]
) -> None:
    events = tuple(Event(float(time), kind, Severity.INFO, (), "") for time, kind in sorted(said))
    for kind, since, until in asked:
        wanted = [one for one in events if one.kind == kind and since < one.time <= until]
        assert events_since(events, kind, since, until) == wanted
        assert events_since(list(events), kind, since, until) == wanted


def test_another_tuple_of_the_same_length_is_another_day() -> None:
    for time in range(10):
        events = (Event(float(time), "status", Severity.INFO, (), str(time)),)
        assert events_since(events, "status", -1.0, 100.0) == list(events)
