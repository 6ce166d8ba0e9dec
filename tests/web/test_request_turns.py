"""Who is served next: no address has more than its share, and addresses that wait are served in turn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from web.processes.request_turns import RequestTurns


def test_an_address_has_its_share_and_others_pass_what_it_has_waiting() -> None:
    turns: RequestTurns[str] = RequestTurns(4, lambda _: 2)
    assert [turns.begin(f"a{at}", "a") for at in range(5)] == [True, True, False, False, False]
    assert turns.begin("b0", "b")
    assert turns.end("a0") == ["a2"]
    assert turns.end("b0") == []
    assert turns.begin("c0", "c")


def test_whoever_waits_for_room_is_served_in_turn_and_not_by_how_much_it_asks() -> None:
    turns: RequestTurns[str] = RequestTurns(1, lambda _: 1)
    assert turns.begin("first", "x")
    for name in ("a0", "a1", "a2", "b0", "c0"):
        assert not turns.begin(name, name[0])
    ended, order = "first", []
    while following := turns.end(ended):
        (ended,) = following
        order.append(ended)
    assert order == ["a0", "b0", "c0", "a1", "a2"]


def test_who_may_have_more_has_more() -> None:
    turns: RequestTurns[int] = RequestTurns(3, lambda address: 9 if address == "proxy" else 1)
    assert [turns.begin(at, "proxy") for at in range(4)] == [True, True, True, False]


def test_the_end_of_what_never_began_changes_nothing() -> None:
    turns: RequestTurns[str] = RequestTurns(1, lambda _: 1)
    assert turns.begin("one", "a")
    assert not turns.begin("two", "a")
    assert turns.end("another") == []
    assert turns.end("one") == ["two"]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=80))
def test_all_are_served_once_within_bounds(said: list[tuple[str, bool]]) -> None:
    turns: RequestTurns[tuple[str, int]] = RequestTurns(5, lambda _: 2)
    asked, running, served = set(), list[tuple[str, int]](), list[tuple[str, int]]()

    def run(begun: list[tuple[str, int]]) -> None:
        running.extend(begun)
        served.extend(begun)
        assert len(running) <= 5
        assert all(sum(of == one for of, _ in running) <= 2 for one in "abcd")

    for at, (address, ends) in enumerate(said):
        request = address, at
        asked.add(request)
        if turns.begin(request, address):
            run([request])
        if ends and running:
            run(turns.end(running.pop(0)))
    while running:
        run(turns.end(running.pop(0)))
    assert sorted(served) == sorted(asked)
