"""Subscribers as NATS servers report them, where no proxy does: bytes that wait, and never an invented time."""

from __future__ import annotations

from aggregators.messaging.subscribers import BEHIND_BYTES, subscribers
from model.series import Kind
from model.sources import CollectError, ErrorKind
from model.status import Reading, Status
from store.snapshot import snapshot_of
from tests.aggregators.messages import NOW as PROXY_NOW
from tests.aggregators.messages import Topic, people, prism
from tests.aggregators.servers import NOW, Reads, snapshot


def nats(**waiting: float) -> Reads:
    """Three reads of subscribers of `orders`; each got 5 messages in the last 5 minutes, and these bytes wait."""
    reads = Reads("nats")
    for ago, count in ((310.0, 7.0), (100.0, 10.0), (0.5, 12.0)):
        reported = reads.at(ago)
        for name, size in waiting.items():
            place = {"subject": "orders", "subscriber": name, "queue": "q" if name == "b" else ""}
            reported.counter("nats_server_subscriber_messages_total", count, **place)
            reported.gauge("nats_server_subscriber_pending_bytes", size, **place)
    return reads


def test_each_subscriber_has_its_messages_and_its_waiting_bytes_and_no_lag() -> None:
    found = subscribers(snapshot([nats(a=0.0, b=10.0)]), NOW)
    assert found.reported_by == "NATS"
    assert [(row.topic, row.name, row.received.value, row.behind.value) for row in found.rows] == [
        ("orders", "b in q", 5.0, 10.0),
        ("orders", "a", 5.0, 0.0),
    ]
    assert {row.lag.reading for row in found.rows} == {Reading.NOT_REPORTED}
    assert found.worst_lag.reading is Reading.NOT_REPORTED


def test_a_client_that_does_not_read_is_slow() -> None:
    found = subscribers(snapshot([nats(a=BEHIND_BYTES, b=BEHIND_BYTES + 1.0)]), NOW)
    assert [row.status for row in found.rows] == [Status.DEGRADED, Status.HEALTHY]
    assert found.slow.value == 1.0


def test_the_proxys_word_counts_where_it_has_one() -> None:
    topics = prism([Topic("events", 10, people(2))])
    assert {row.topic for row in subscribers(topics, PROXY_NOW).rows} == {"events"}
    assert subscribers(topics, PROXY_NOW).reported_by == "proxy"


def test_what_a_lost_nats_reported_last_is_old() -> None:
    reads = nats(a=10.0)
    state = reads.state(ErrorKind.DOWN, "connection refused", 0.5)
    later = NOW + 30.0
    found = subscribers(snapshot([reads], {state.key: state}), later)
    assert (found.rows[0].behind.reading, found.rows[0].behind.value) == (Reading.STALE, 10.0)
    assert found.slow.reading is Reading.STALE


def test_without_either_nothing_is_reported() -> None:
    found = subscribers(snapshot_of([]), NOW)
    assert (found.rows, found.reported_by) == ((), "proxy")
    assert "would fill it" in found.note


def test_subscribers_that_were_not_all_read_are_at_least_so_many() -> None:
    reads = nats(a=BEHIND_BYTES + 1.0)
    reads.scrapes[-1].add("backend_part_info", 1.0, Kind.INFO, backend="events", part="connections", state="at least",
                          detail="1 of 9 connections read")  # fmt: skip
    found = subscribers(snapshot([reads]), NOW)
    assert found.note == "events: 1 of 9 connections read"
    assert (found.slow.value, found.slow.bound) == (1.0, "≥")


def test_subscribers_that_could_not_be_read_say_why() -> None:
    reads = Reads("nats")
    reported = reads.at(0.5)
    reported.unread("connections", CollectError(ErrorKind.TIMED_OUT, "no answer"))
    assert "events: timed out: connections" in subscribers(snapshot([reads]), NOW).note
