"""Whoever asks for nonsense, or for much that nobody else looks at, keeps nobody waiting."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app  # noqa: F401  # registers the pages
from model.figures.windows import RANGES
from pages.shared.choices import free, normal
from store.snapshot import snapshot_of
from tests.web.fake_reader import FakeReader
from web.feed import StoreFeed
from web.hub_payload import Props, Selection, View
from web.hub_places import FULL, GREEDY, MOST_OWN, MOST_RARE, SPREAD, Places
from web.hub_turns import Turns
from web.lanes import BusyError, Lanes
from web.polled import PolledViews

RANGE = "performance", ()


@given(st.text())
def test_a_window_that_is_none_is_the_page_s_own(junk: str) -> None:
    feed = StoreFeed(FakeReader(snapshot_of([])))
    assert feed.selection("performance", {"range": junk}) == ((("range", junk),) if junk in RANGES else ())
    assert feed.selection("namespaces", {"all": junk}) == ((("all", "1"),) if junk else ())


@given(st.sampled_from(["range", "all", "name", "component"]), st.text(max_size=2000))
def test_what_is_normal_stays_as_it_is(name: str, value: str) -> None:
    once = normal(name, value)
    assert normal(name, once) == once


def test_only_what_can_be_few_things_is_common() -> None:
    assert not free([])
    assert not free(["range", "all"])
    assert free(["name", "range"])


def rare(number: int) -> tuple[str, Selection]:
    return "namespace-detail", (("name", f"junk-{number}"),)


def test_an_address_may_look_at_so_many_views_alone_and_at_any_that_others_look_at() -> None:
    places = Places(1000)
    assert places.take(rare(-1), "other") == ""
    for number in range(MOST_OWN):
        assert places.take(rare(number), "junk") == ""
    assert places.take(rare(MOST_OWN), "junk") == SPREAD
    assert places.take(rare(-1), "junk") == ""
    assert places.take(RANGE, "junk") == ""
    assert places.take(rare(MOST_OWN), "other") == ""
    places.give_back(rare(0), "junk")
    assert places.take(rare(MOST_OWN + 1), "junk") == ""


def test_all_together_look_at_a_bounded_number_of_rare_views_and_at_any_common_one() -> None:
    places = Places(10 * MOST_RARE)
    taken = [places.take(rare(number), f"address-{number}") for number in range(MOST_RARE + 5)]
    assert taken == [""] * MOST_RARE + [SPREAD] * 5
    assert places.take(RANGE, "somebody") == ""


def test_the_last_places_are_for_those_who_hold_few() -> None:
    places = Places(20)
    assert [places.take(RANGE, "many") for _ in range(18)] == [""] * 18
    assert places.take(RANGE, "many") == GREEDY
    assert [places.take(RANGE, "few") for _ in range(2)] == ["", ""]
    assert places.take(RANGE, "few") == FULL
    for _ in range(18):
        places.give_back(RANGE, "many")
    assert places.held == 2


class Slow:
    """A feed that never changes, and notes what is read."""

    def __init__(self) -> None:
        self.read_views: list[str] = []
        self.held = threading.Event()
        self.held.set()
        self.begun = threading.Semaphore(0)

    def version(self) -> int:
        return 1

    def knows(self, view: str) -> bool:
        return True

    def selection(self, view: str, wanted: Mapping[str, str]) -> Selection:
        return tuple(wanted.items())

    def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Props]:
        self.read_views.append(view)
        self.begun.release()
        if selection:
            assert self.held.wait(30)
        return {"version": 1}, {}


def worked_out(watched: list[tuple[View, int]], cost: float, seconds: float) -> dict[View, float]:
    """The longest wait of each view when working one out takes `cost` seconds, by a clock that is set."""
    turns, now, longest = Turns(), 0.0, {view: 0.0 for view, _ in watched}
    for view, _ in watched:
        view.read_at = 0.0
    while now < seconds:
        due = turns.due(watched, lambda: 1, now)
        now += cost
        if due:
            view = turns.next(due, now)
            longest[view] = max(longest[view], now - view.read_at)
            view.read_at = now
    return longest


@pytest.mark.parametrize("cost", [0.005, 0.02, 0.05])
def test_views_that_many_look_at_come_in_time_beside_hundreds_that_one_looks_at(cost: float) -> None:
    feed = Slow()
    honest = [(View(feed, name, ()), 10) for name in ("system-health", "performance", "backends")]
    junk = [(View(feed, *rare(number)), 5) for number in range(MOST_OWN)]
    others = [(View(feed, "security", (("range", one), ("all", "1"))), 1) for one in RANGES]
    waits = worked_out([*junk, *others, *honest], cost, 60.0)
    assert max(waits[view] for view, _ in honest) < 2.0
    assert max(waits.values()) < 60.0, "nobody is forgotten"


def test_polls_of_one_view_do_not_wait_for_those_of_another() -> None:
    feed = Slow()
    polled = PolledViews(feed, Lanes())
    feed.held.clear()
    with ThreadPoolExecutor(1) as pool:
        junk = pool.submit(polled.full, rare(1))
        assert feed.begun.acquire(timeout=30)
        assert polled.full(("system-health", ()))
        assert not junk.done()
        feed.held.set()
        assert junk.result(30)


def test_the_same_view_is_worked_out_once_for_all_who_poll_it() -> None:
    feed = Slow()
    polled = PolledViews(feed, Lanes(), ticks=lambda: 0.0)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(polled.full, [("system-health", ())] * 50))) == 1
    assert feed.read_views == ["system-health"]


def test_so_many_wait_for_what_nobody_else_looks_at_and_the_rest_are_told_to_come_again() -> None:
    lanes = Lanes(waiting=2, patience=0.0)
    with lanes.turn({"name": "one"}):
        with pytest.raises(BusyError), lanes.turn({"name": "waits in vain"}):
            pass
        with lanes.turn({"range": "1h"}), lanes.turn({}):
            pass
    lanes = Lanes(waiting=1)
    with lanes.turn({"name": "one"}), pytest.raises(BusyError), lanes.turn({"name": "another"}):
        pass
    with lanes.turn({"name": "one"}):
        pass
