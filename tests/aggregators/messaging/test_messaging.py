"""Messages: fan-out against the subscribers there were, every delivery accounted for, the worst first."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregators.messaging.counts import STEADY_SECONDS, halvings
from aggregators.messaging.message_series import message_series
from aggregators.messaging.messaging import messaging
from model.status import Reading, Status
from tests.aggregators.messages import NOW, Topic, both, people, prism, reads


def user(**how: object) -> Topic:
    return Topic("events.user", 100, people(3), **how)  # type: ignore[arg-type]


def test_the_totals_are_sums_over_topics_and_the_ratio_is_a_sum_over_a_sum() -> None:
    found = messaging(prism([user(), Topic("logs", 50, people(1))]), NOW)
    assert (found.published.value, found.delivered.value) == (6000, 14000)
    assert found.fanout.ratio.value == pytest.approx(14000 / 6000)
    assert found.fanout.expected.value == pytest.approx((100 * 3 + 50 * 1) / 150)
    assert (found.fanout.status, found.status, found.reason) == (Status.HEALTHY, Status.HEALTHY, "")
    assert found.window_seconds == 300


def test_the_shares_of_dropped_are_of_deliveries_and_of_messages() -> None:
    found = messaging(prism([user(drops=3)]), NOW)
    assert found.dropped.value == 120
    assert found.dropped_ratio.value == pytest.approx(120 / 12000)
    assert found.dropped_per_published_ratio.value == pytest.approx(120 / 4000)
    assert found.balance.holds is True


ledgers = st.lists(
    st.builds(
        lambda rate, ears, drops, stopped: (rate, ears, drops, stopped),
        st.integers(0, 50), st.integers(0, 6), st.integers(0, 9), st.booleans(),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(max_examples=25)
@given(ledgers)
def test_whatever_is_dropped_or_waits_every_delivery_is_accounted_for(
    traffic_model: list[tuple[int, int, int, bool]],
) -> None:
    topics = [
        Topic(f"t{number}", rate, people(ears), drops, stopped)
        for number, (rate, ears, drops, stopped) in enumerate(traffic_model)
    ]
    balance = messaging(prism(topics, seconds=8), NOW).balance
    assert balance.unaccounted.value == pytest.approx(0)
    assert (balance.holds, balance.topics) == (True, ())
    assert balance.due.value == pytest.approx(sum(rate * ears * 8 for rate, ears, _, _ in traffic_model))


@settings(max_examples=20)
@given(st.integers(20, 290), st.booleans())
def test_deliveries_that_vanish_or_multiply_are_reported_with_their_topic(many: int, vanish: bool) -> None:
    def go_wrong(second: int, topics: list[Topic]) -> None:
        if second == 5:
            topics[0].delivered += -many if vanish else many

    sound = Topic("logs", 50, people(1))
    found = messaging(prism([user(delivered=1000), sound], seconds=10, step=go_wrong), NOW)
    assert found.balance.unaccounted.value == pytest.approx(many if vanish else -many)
    assert (found.balance.holds, found.balance.topics) == (False, ("events.user",))
    assert found.topics[0].status is Status.DEGRADED
    assert ("unaccounted for" if vanish else "more than were due") in found.topics[0].reason


def test_a_subscriber_that_comes_or_goes_breaks_nothing() -> None:
    def change(second: int, topics: list[Topic]) -> None:
        topics[0].subscribers = people(3 if second < 20 else 5 if second < 30 else 2)

    found = messaging(prism([user()], step=change), NOW)
    assert found.balance.holds is True
    assert found.fanout.expected.value == pytest.approx((19 * 3 + 10 * 5 + 11 * 2) / 40)
    assert found.fanout.status is Status.HEALTHY


def test_counters_that_began_anew_count_on_but_are_not_balanced() -> None:
    def restart(second: int, topics: list[Topic]) -> None:
        if second == 20:
            topics[0] = user()

    found = messaging(prism([user()], step=restart), NOW)
    assert found.published.value == 4000
    assert found.balance.holds is None
    assert "began anew" in found.balance.note
    assert found.balance.unaccounted.reading is Reading.NOT_REPORTED


def test_the_messages_of_one_proxy_go_to_the_subscribers_of_all() -> None:
    here, there = Topic("events", 100, people(1)), Topic("events", 0, {"sub-there": 0.2})

    def pass_on(second: int, topics: list[Topic]) -> None:
        there.delivered += 100

    found = messaging(both(reads([here], 40), reads([there], 40, pass_on, instance="q:8980")), NOW)
    assert found.fanout.ratio.value == pytest.approx(2)
    assert found.fanout.expected.value == pytest.approx(2)
    assert found.topics[0].subscribers.value == 2
    assert [row.name for row in found.subscribers.rows] == ["sub-there", "sub-01"]


def stop(second: int, topics: list[Topic]) -> None:
    topics[0].stopped = second > 20


@pytest.mark.parametrize(
    ("topic", "status", "words"),
    [
        (user(), Status.HEALTHY, ""),
        (user(seconds=0.05), Status.DEGRADED, "delivery P99 is"),
        (user(drops=1), Status.DEGRADED, "0.34 % of its deliveries are dropped"),
        (user(drops=60), Status.UNHEALTHY, "20 % of its deliveries are dropped"),
        (Topic("t", 100), Status.DEGRADED, "nobody subscribes"),
        (Topic("t", 0, people(2)), Status.UNKNOWN, "idle"),
        (user(stopped=True), Status.UNHEALTHY, "nothing was delivered in the last 15 s"),
    ],
)
def test_a_topic_is_judged_by_the_worst_that_is_to_be_said_of_it(topic: Topic, status: Status, words: str) -> None:
    row = messaging(prism([topic]), NOW).topics[0]
    assert row.status is status
    assert words in row.reason


def test_a_backlog_and_the_shortage_that_comes_of_it_are_reported() -> None:
    found = messaging(prism([user()], step=stop), NOW)
    assert found.pending.value == 20 * 300
    assert found.fanout.difference_ratio.value == pytest.approx(-0.5)
    assert found.fanout.status is Status.UNHEALTHY
    assert found.balance.holds is True
    assert found.reason == "events.user: nothing was delivered in the last 15 s"


def test_a_topic_that_fell_silent_is_not_called_healthy() -> None:
    def silence(second: int, topics: list[Topic]) -> None:
        topics[0].per_second = 100 if second < 20 else 0

    found = messaging(prism([user()], step=silence), NOW)
    assert found.topics[0].reason == "silent: nothing published in the last 15 s"
    assert found.status is Status.UNKNOWN


def test_topics_come_by_trouble_then_by_how_busy_they_are_then_idle() -> None:
    topics = [Topic("idle", 0, people(1)), Topic("b", 10, people(1)), Topic("a", 11, people(1)),
              Topic("busy", 500, people(1)), user(drops=60)]  # fmt: skip
    assert [row.name for row in messaging(prism(topics), NOW).topics] == ["events.user", "busy", "a", "b", "idle"]


@settings(max_examples=25)
@given(st.floats(0, 2))
def test_a_subscriber_is_slow_beyond_100_ms(lag: float) -> None:
    row = messaging(prism([Topic("t", 10, {"one": lag})], seconds=3), NOW).subscribers.rows[0]
    assert row.status is (Status.DEGRADED if lag > 0.1 else Status.HEALTHY)
    assert (row.lag.value, row.received.value) == (lag, 30)


def test_publishers_are_the_namespaces_that_ask_to_publish_the_busiest_first() -> None:
    found = messaging(prism([user()], publishers=[("shop", 40), ("audit", 60)]), NOW)
    assert [(one.namespace, one.per_second.value) for one in found.publishers] == [("audit", 60), ("shop", 40)]


@given(st.lists(st.floats(1e-200, 1e200), min_size=2, max_size=6), st.floats(1e-6, 1.0))
def test_the_order_by_halvings_is_that_of_how_busy_and_stays_while_a_window_fills(
    busy: list[float], part: float
) -> None:
    def places(values: list[float]) -> list[int]:
        return [halvings(value, sum(values)) for value in values]

    found = places(sorted(busy, reverse=True))
    assert found == sorted(found)
    grown = places([part * value for value in busy])
    assert all(abs(one - other) <= 1 for one, other in zip(places(busy), grown, strict=True))  # by rounding at a limit


def test_those_about_as_busy_keep_their_places_by_name() -> None:
    found = messaging(prism([Topic("b", 101), Topic("a", 99), Topic("c", 400), Topic("idle", 0)]), NOW)
    assert [one.name for one in found.topics] == ["c", "a", "b", "idle"]
    assert halvings(0.0, 10.0) > halvings(5e-324, 1e308)


def test_who_is_in_front_is_chosen_each_half_minute() -> None:
    def rises(since: int) -> list[str]:
        def step(second: int, topics: list[Topic]) -> None:
            topics[0].per_second = 900 if second >= since else 100

        found = messaging(prism([Topic("rises", 100), Topic("steady", 400)], 60, step), NOW)
        return [one.name for one in found.topics]

    assert NOW % STEADY_SECONDS == 20
    assert rises(since=42) == ["steady", "rises"]
    assert rises(since=2) == ["rises", "steady"]


def test_what_nats_counts_is_distinguished_from_topics() -> None:
    found = messaging(prism([], details={"in_msgs": 42000, "out_msgs": 18000, "subscription_count": 127}), NOW)
    client = found.clients[0]
    assert (client.received.value, client.sent.value, client.subscriptions.value) == (42000, 18000, 127)
    assert client.received_bytes.reading is Reading.NOT_REPORTED
    assert found.published.reading is Reading.NOT_REPORTED
    assert found.topics == ()


def test_the_lines_are_rates_of_whole_steps_and_a_gap_stays_a_gap() -> None:
    lines = message_series(prism([user()]), NOW, 60.0, 5.0)
    assert lines.published[-1] == pytest.approx(100)
    assert lines.delivered[-1] == pytest.approx(300)
    assert lines.dropped[-1] == 0
    assert lines.published[0] is None


def test_a_long_window_is_drawn_from_minutes() -> None:
    lines = message_series(prism([user()], seconds=200), NOW, 3600.0, 30.0)
    assert lines.times[1] - lines.times[0] == 60
    assert lines.published[-1] == pytest.approx(100)
