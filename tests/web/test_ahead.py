"""Answers that are asked for often are worked out before they are asked for; nothing old is given for new."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest

from store.snapshot import Snapshot, snapshot_of
from store.status import StoreStatus
from web.api.ahead import MOST_RARE, Ahead
from web.api.answers import Route
from web.api.kept_answer import AHEAD_SECONDS, OFTEN_SECONDS
from web.api.routes import Answers
from web.feed import TOGETHER_SECONDS, StoreFeed
from web.lanes import Lanes

NOW = 1_800_000_000.0


class Store:
    """A reader of whatever snapshot was put into it."""

    def __init__(self) -> None:
        self.held, self.alive_at = snapshot_of([]), NOW

    def version(self) -> int:
        return self.held.version

    def snapshot(self) -> Snapshot:
        return self.held

    def status(self) -> StoreStatus:
        return StoreStatus(alive_at=self.alive_at, pid=1)

    def write(self) -> None:
        self.held = replace(self.held, version=self.held.version + 1)


@dataclass(frozen=True)
class Count:
    number: int


class Site:
    """One route whose answer counts how often it is worked out, on a clock that stands still."""

    def __init__(self) -> None:
        self.store, self.lanes, self.tick, self.times = Store(), Lanes(), 0.0, 0
        self.feed, self.answers = StoreFeed(self.store), Answers(self.lanes, lambda: self.tick)
        self.ahead = Ahead(self.answers.kept, self.lanes, lambda: NOW + self.tick, lambda: self.tick)
        self.route = Route("count", "/api/count", self.count, 0.0, "", ("pattern",))

    def count(self, snapshot: Snapshot, now: float, pattern: str = "") -> Count:
        self.times += 1
        return Count(self.times)

    def ask(self, after: float, pattern: str = "") -> int:
        self.tick += after
        selection = (("pattern", pattern),) if pattern else ()
        body = self.answers.body(self.route, selection, self.feed, NOW + self.tick)
        return int(json.loads(body)["number"])


def test_an_answer_that_is_asked_for_often_is_there_before_it_is_asked_for() -> None:
    site = Site()
    assert [site.ask(0.0), site.ask(0.5)] == [1, 1]
    site.store.write()
    assert site.ahead.once(site.feed)
    assert site.times == 2
    site.store.write()
    assert (site.ask(0.3), site.times) == (2, 2)


def test_an_answer_that_nobody_works_out_ahead_any_more_is_worked_out_when_it_is_asked_for() -> None:
    site = Site()
    site.ask(0.0)
    site.ask(0.5)
    site.ahead.once(site.feed)
    site.store.write()
    assert site.ask(AHEAD_SECONDS) == 2


@pytest.mark.parametrize(("apart", "wanted"), [(OFTEN_SECONDS - 0.1, True), (OFTEN_SECONDS, False)])
def test_who_asks_seldom_is_not_expected(apart: float, wanted: bool) -> None:
    site = Site()
    site.ask(0.0)
    assert not site.ahead.once(site.feed)
    site.ask(apart)
    assert site.ahead.once(site.feed) is wanted


def test_of_what_an_address_names_freely_only_so_much_is_worked_out_ahead() -> None:
    site = Site()
    for name in [f"p{number}" for number in range(MOST_RARE + 3)] * 2:
        site.ask(0.0, name)
    before = site.times
    site.store.write()
    site.ahead.once(site.feed)
    assert site.times - before == MOST_RARE


def test_all_who_ask_at_about_the_same_time_are_answered_as_of_one_instant() -> None:
    store = Store()
    feed = StoreFeed(store)
    first = feed.together(NOW)
    assert feed.together(NOW + TOGETHER_SECONDS * 0.9) is first
    assert feed.together(NOW + TOGETHER_SECONDS).now == NOW + TOGETHER_SECONDS
    assert feed.together(NOW).now == NOW


@pytest.mark.parametrize("what", ["version", "status"])
def test_what_the_writer_says_is_known_at_once(what: str) -> None:
    store = Store()
    feed = StoreFeed(store)
    first = feed.together(NOW)
    if what == "version":
        store.write()
    else:
        store.alive_at += 1.0
    found = feed.together(NOW)
    assert found is not first
    assert (found.snapshot.version, found.snapshot.meta["collector_alive_at"]) == (store.version(), store.alive_at)


def test_what_was_worked_out_ahead_of_one_store_is_not_given_for_another() -> None:
    site, other = Site(), Store()
    site.ask(0.0)
    site.ask(0.5)
    site.ahead.once(site.feed)
    other.write()
    site.feed = StoreFeed(other)
    assert site.ask(0.1) == 2
