"""What is seen to change becomes an event, and the list of all changes, each with its second and its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregators.changes.change import KIND, Change, ChangeKind, read_back, stored
from aggregators.changes.changes import MOST, change_spans, changes, recent_changes
from aggregators.changes.ledger import GONE_SECONDS
from aggregators.changes.observer import ChangeObserver
from model.series import Event, Severity, labels_of
from model.sources import ErrorKind
from store.snapshot import Snapshot
from tests.aggregators.virtual_prism import START, VirtualPrism

Ticks = Callable[[int], list[Change]]


class Observed:
    """A world whose changes are watched; what is seen is stored at once."""

    def __init__(self, world: VirtualPrism) -> None:
        self.world, self.observer = world, ChangeObserver()

    def run(self, seconds: int) -> list[Change]:
        """The changes that are noticed meanwhile."""
        found = []
        for _ in range(seconds):
            self.world.tick()
            events = self.observer.step(self.world.snapshot(), self.world.now)
            assert all(event.kind == KIND for event in events)
            self.world.events += events
            found += [one for one in map(read_back, events) if one is not None]
        return found


@pytest.fixture
def seen(world: VirtualPrism) -> Observed:
    one = Observed(world)
    assert one.run(30) == [], "what was there from the beginning is no change"
    return one


def words(found: list[Change]) -> list[str]:
    return [one.words for one in found]


def test_new_and_gone_namespaces_are_said_with_the_second(seen: Observed) -> None:
    seen.world.namespaces = ("payments", "search", "ledger")
    (new,) = seen.run(3)
    assert (new.words, new.component, new.page) == ("namespace ledger is new", "namespace ledger", "/namespaces")
    assert seen.world.now - 3 <= new.time <= seen.world.now
    seen.world.namespaces, at = ("payments", "search"), seen.world.now
    seen.world.counts = {key: one for key, one in seen.world.counts.items() if key[1] != "ledger"}
    assert words(seen.run(int(GONE_SECONDS) - 5)) == []
    (gone,) = seen.run(10)
    assert gone.words == "namespace ledger is not reported any more"
    assert gone.time == pytest.approx(at, abs=3.0), "since when it is missing, not when that was sure"


def test_a_limit_that_changes_is_said_with_both_values(seen: Observed) -> None:
    seen.world.pools["redis"] = (7, 25, 0)
    (one,) = seen.run(3)
    assert one.words == "limit of connections of redis: 10 → 25"
    assert (one.kind, one.component, one.page) == (ChangeKind.CONFIGURATION, "redis", "/backends")


def test_a_source_is_lost_and_found(seen: Observed) -> None:
    seen.world.failing["admin"] = ErrorKind.DOWN
    (lost,) = seen.run(5)
    assert lost.words.endswith("at a:8090 cannot be read: down")
    assert lost.severity is Severity.WARNING
    del seen.world.failing["admin"]
    (found,) = seen.run(4)
    assert found.words.endswith("is read again")
    assert found.component == lost.component == "admin@a:8090"


def test_while_nobody_can_be_asked_nobody_is_gone_and_nobody_new_after(seen: Observed) -> None:
    seen.world.failing |= {"admin": ErrorKind.DOWN, "proxy": ErrorKind.DOWN}
    lost = seen.run(150)
    seen.world.failing.clear()
    back = seen.run(60)
    assert {one.kind for one in lost + back} == {ChangeKind.SOURCE}
    assert len(lost) == len(back) == 2


def test_what_flaps_does_not_fill_the_list(seen: Observed) -> None:
    found = []
    for at in range(200):
        seen.world.pools["redis"] = (7, 10 + at % 2, 0)
        found += seen.run(2)
    assert 6 <= len(found) <= 12


def test_many_of_a_kind_at_once_are_one_change(seen: Observed) -> None:
    seen.world.namespaces = (*(f"tenant-{at}" for at in range(40)), "payments", "search")
    (one,) = [one for one in seen.run(3) if one.kind is ChangeKind.MEMBER]
    assert one.words.startswith("40 are new: namespace tenant-")
    assert one.words.endswith(" and 37 more")


def test_a_step_in_traffic_is_said_of_the_whole_once(seen: Observed) -> None:
    seen.run(120)
    seen.world.rate, at = 300.0, seen.world.now
    found = [one for one in seen.run(60) if one.kind is ChangeKind.TRAFFIC]
    (whole,) = [one for one in found if not one.shared]
    assert whole.words == "all requests rose from 400 /s to 1.20k /s"
    assert whole.time == pytest.approx(at, abs=2.0)
    assert {one.component for one in found} == {"all", *seen.world.patterns, "namespace payments", "namespace search"}


def test_a_proxy_that_is_lost_and_found_makes_no_step(seen: Observed) -> None:
    seen.run(150)
    seen.world.failing["proxy"] = ErrorKind.DOWN
    found = seen.run(40)
    seen.world.failing.clear()
    found += seen.run(200)
    assert ChangeKind.TRAFFIC not in {one.kind for one in found}


def test_it_goes_on_where_it_was_after_a_restart(seen: Observed) -> None:
    before = seen.world.snapshot()
    seen.observer = ChangeObserver()
    seen.observer.restore(before)
    seen.world.now += 300.0
    seen.world.pools["redis"] = (7, 12, 0)
    assert words(seen.run(4)) == ["this dashboard did not watch for 5m", "limit of connections of redis: 10 → 12"]


def test_the_list_has_restarts_statuses_alerts_and_what_was_seen_newest_first(world: VirtualPrism) -> None:
    world.tick(60)
    at = world.now
    status = {"pattern": "redis", "status": "DEGRADED", "before": "HEALTHY"}
    fired = {"id": "a", "rule": "latency_p99", "component": "redis", "state": "firing", "since": f"{at + 1:.1f}"}
    over = fired | {"state": "resolved"}
    world.events += [
        Event(at, "status", Severity.WARNING, labels_of(status), "reconnecting"),
        Event(at + 2, "alert", Severity.WARNING, labels_of(fired), "P99 is 80 ms"),
        stored(Change(at + 3, ChangeKind.VERSION, "redis@r:6379", "version of redis: 7.0 → 7.2", "/backends"), at + 3),
        Event(at + 9, "alert", Severity.WARNING, labels_of(over), "P99 is 80 ms"),
    ]
    world.now += 10
    world.restart("nats")
    for _ in range(3):
        world.tick()
    found = changes(world.snapshot(), world.now)
    assert [one.kind.value for one in found] == ["restart", "alert", "version", "alert", "status"]
    assert [one.time - at for one in found[1:]] == [9.0, 3.0, 1.0, 0.0]
    assert found[1].words == "over: P99 is 80 ms"
    assert found[3].words == "raised: P99 is 80 ms"
    assert found[4].words == "redis: HEALTHY → DEGRADED, reconnecting"
    assert found[4].severity is Severity.WARNING


def held(count: int, apart: float, now: float) -> Snapshot:
    made = [Change(now - apart * at - 1, ChangeKind.MEMBER, f"t{at % 3}", f"{at}", "/messaging") for at in range(count)]
    return Snapshot(events=tuple(stored(one, one.time) for one in reversed(made)))


def test_spans_do_not_overlap_and_say_how_many_more() -> None:
    snapshot = held(1000, 60.0, START)
    ten, hour, day = change_spans(snapshot, START)
    assert [len(one.changes) for one in (ten, hour, day)] == [MOST, MOST, MOST]
    assert [one.more for one in (ten, hour, day)] == [10 - MOST, 50 - MOST, 940 - MOST]
    assert [one.words for one in hour.changes] == [str(at) for at in range(10, 10 + MOST)]
    (mine, *_) = change_spans(snapshot, START, "t1")
    assert [one.words for one in mine.changes] == ["1", "4", "7"]


def test_a_range_is_asked_for_by_its_name() -> None:
    snapshot = held(2000, 30.0, START)
    assert len(recent_changes(snapshot, START, "10m").changes) == 20
    assert (len(recent_changes(snapshot, START).changes), recent_changes(snapshot, START).more) == (500, 1500)
    assert recent_changes(snapshot, START, "10y").seconds == 86400.0


def test_of_another_version_s_event_nothing_is_said() -> None:
    event = Event(START, KIND, Severity.INFO, labels_of({"change": "weather", "component": "x"}), "rain")
    assert read_back(event) is None
    assert changes(Snapshot(events=(event,)), START + 1) == ()


def test_what_comes_in_one_moment_is_one_line_of_the_whole() -> None:
    made = [Change(START - 5 - at / 10, ChangeKind.ALERT, f"client {at}", f"raised: {at} failed", "/security",
                   Severity.WARNING if at == 2 else Severity.INFO) for at in range(4)]  # fmt: skip
    snapshot = Snapshot(events=tuple(stored(one, one.time) for one in reversed(made)))
    (one,) = change_spans(snapshot, START)[0].changes
    assert one.words == "4 alerts raised: 0 failed, 1 failed and 2 more"
    assert one.severity is Severity.WARNING
    assert len(change_spans(snapshot, START, "client 1")[0].changes) == 1
