"""Each rule on messages: what raises it, in which words, and that it is good again; and what raises none of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregators.alerts.rules import BY_ID
from aggregators.alerts.rules.messaging import MESSAGING
from aggregators.detection.condition import Condition
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.detections import FINDERS, evaluate
from model.series import Severity
from tests.aggregators.messages import NOW, Topic, people, prism

Change = Callable[[Topic], object]


def user() -> Topic:
    return Topic("events", 100, people(3))


def found(rule: str, change: Change, since: int, until: int = 99, **how: object) -> dict[str, Condition]:
    """What a rule says after 70 s in which `change` was made in the seconds [since, until)."""

    def step(second: int, topics: list[Topic]) -> None:
        topics[0].__dict__.update({key: value for key, value in user().__dict__.items() if key in _SETTINGS})
        if since <= second < until:
            change(topics[0])

    world = prism([user(), Topic("logs", 50, people(1))], seconds=70, step=step, **how)  # type: ignore[arg-type]
    return {one.component: one for one in evaluate(BY_ID[rule], world, NOW)}


_SETTINGS = ("per_second", "subscribers", "drops", "stopped", "seconds")


def vanish(topic: Topic) -> None:
    topic.delivered -= 15


def silence(topic: Topic) -> None:
    topic.received["sub-02"] = topic.received.get("sub-02", 0) - 100


def fall_behind(topic: Topic) -> None:
    topic.subscribers = people(2) | {"sub-03": 0.4}


def pile_up(topic: Topic) -> None:
    topic.stopped = True


Case = tuple[str, Change, str, Severity | None, str]
CASES: dict[str, Case] = {
    "nothing is delivered": (
        "topic_stopped", pile_up, "topic events", None, "events: nothing was delivered in 3 s, and 300 messages"),
    "nobody publishes": (
        "topic_silent", lambda one: setattr(one, "per_second", 0), "topic events", None,
        "events: 0.0 messages a second are published, usually 100.0"),
    "2 % are dropped": (
        "topic_dropping", lambda one: setattr(one, "drops", 6), "topic events", Severity.CRITICAL,
        "events: 2 % of its deliveries are dropped"),
    "0.4 % are dropped": (
        "topic_dropping", lambda one: setattr(one, "drops", 1.2), "topic events", None, "0.4 % of its deliveries"),
    "5 % vanish": ("topic_short", vanish, "topic events", None, "events: 225 deliveries unaccounted for in 15 s"),
    "one hears nothing": (
        "subscriber_silent", silence, "subscriber sub-02 of events", None, "sub-02 of events received nothing in 6 s"),
    "one is behind": (
        "subscriber_lag", fall_behind, "subscriber sub-03 of events", None, "sub-03 of events is 400 ms behind"),
    "deliveries wait": ("topic_backlog", pile_up, "topic events", None, "deliveries wait"),
    "deliveries take 50 ms": (
        "delivery_slow", lambda one: setattr(one, "seconds", 0.05), "topic events", None, "delivery P99 is"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_fault_of_messages_is_found_and_is_over_when_it_is(name: str) -> None:
    rule, change, component, severity, words = CASES[name]
    conditions = found(rule, change, 40)
    assert [one.component for one in conditions.values() if one.bad] == [component]
    assert words in conditions[component].words
    assert conditions[component].severity in (severity, None if severity else Severity.CRITICAL)
    over = found(rule, change, 20, 45)
    assert component not in over or (over[component].good and not over[component].bad)


BENIGN: dict[str, Change] = {
    "nothing special": lambda topic: None,
    "twice as many messages": lambda topic: setattr(topic, "per_second", 200),
    "a subscriber comes": lambda topic: setattr(topic, "subscribers", people(4)),
    "half as many messages": lambda topic: setattr(topic, "per_second", 50),
}


@pytest.mark.parametrize("name", BENIGN)
@pytest.mark.parametrize("since", [40, 69])
def test_benign_messages_raise_nothing(name: str, since: int) -> None:
    bad = [one for rule in MESSAGING for one in found(rule.id, BENIGN[name], since).values() if one.bad]
    assert bad == []


def rare(seconds: int, since: int = 10_000, awake: float = 1000.0) -> Condition:
    """A topic of one message in two seconds that takes 50 ms, and a second from `since` on; whoever reads woke up
    `awake` seconds ago.
    """

    def step(second: int, topics: list[Topic]) -> None:
        topics[0].per_second, topics[0].seconds = int(second % 2 == 0), 0.05 if second < since else 1.0

    world = prism([Topic("alerts", 1, people(4))], seconds=seconds, step=step)
    facts = DetectionInputs(world, NOW, awake_since=NOW - awake)
    (one,) = FINDERS["delivery_slow"](BY_ID["delivery_slow"], facts, {})
    return one


def test_a_rare_topic_is_judged_by_what_is_usual_of_it_once_that_is_known() -> None:
    assert not rare(40).bad
    assert not rare(200).bad
    assert rare(200, since=190).bad
    assert not rare(200, since=190, awake=10.0).bad, "its window spans what was slept over"


@pytest.mark.parametrize(("took", "awake", "bad"), [(0.02, 20.0, False), (0.2, 20.0, True), (0.02, 1000.0, True)])
def test_before_it_is_known_what_is_usual_only_much_slower_is_slow(
    took: float, awake: float, bad: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.aggregators.messages.EDGES", (0.001, 0.01, 0.03, 0.1, 0.3))

    def step(second: int, topics: list[Topic]) -> None:
        topics[0].seconds = took

    facts = DetectionInputs(prism([user()], seconds=20, step=step), NOW, awake_since=NOW - awake)
    (one,) = FINDERS["delivery_slow"](BY_ID["delivery_slow"], facts, {})
    assert one.bad is bad


def test_a_batch_of_messages_that_ends_is_no_silence() -> None:
    def step(second: int, topics: list[Topic]) -> None:
        topics[0].per_second = 100 if 180 <= second < 260 else 5

    world = prism([user()], seconds=300, step=step)
    (one,) = evaluate(BY_ID["topic_silent"], world, NOW)
    assert not one.bad


def test_a_slow_second_is_over_before_anybody_is_called() -> None:
    slow = found("delivery_slow", lambda one: setattr(one, "seconds", 0.05), 67, 68)
    assert not slow["topic events"].bad


@pytest.mark.parametrize("rule", [rule.id for rule in MESSAGING])
def test_families_that_are_absent_raise_nothing(rule: str) -> None:
    conditions = found(rule, pile_up, 40, absent=("prism_pubsub",))
    assert not any(one.bad for one in conditions.values())


def test_every_topic_and_subscriber_is_blamed_by_its_name() -> None:
    assert BY_ID["topic_short"].culprit("topic events") == ("topic", "events")
    assert BY_ID["subscriber_lag"].culprit("subscriber a of events") == ("subscriber", "a of events")


def test_slow_deliveries_of_a_pause_are_over_before_they_may_be_said() -> None:
    slow = found("delivery_slow", lambda one: setattr(one, "seconds", 0.05), 68)["topic events"]
    assert slow.bad
    assert slow.lasting_seconds > 1.0 + 0.5, "the newest window must begin after a second that was slow"


@pytest.mark.parametrize(("seconds", "bad"), [(2, False), (6, False), (12, True)])
def test_what_waits_is_measured_by_what_falls_due_once_enough_of_it_was_read(seconds: int, bad: bool) -> None:
    """After a sleep as after a start the first seconds are no rate of fifteen."""
    world = prism([Topic("events", 100, people(3), stopped=True)], seconds=seconds)
    conditions = {one.component: one for one in evaluate(BY_ID["topic_backlog"], world, NOW)}
    assert conditions["topic events"].bad is bad
    assert not conditions["topic events"].good
