"""A real nats-server with a publisher and subscribers, one of them slow: what we read agrees with /varz and /connz."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from collectors.servers.nats_server import NatsServerCollector
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target
from tests.collectors.scrapes import only, rows
from tests.patience import until
from tests.servers.nats_process import NatsProcess
from tests.servers.process import running

pytestmark = pytest.mark.server

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
CUT_OFF_SOON = "write_deadline: '3s'\nmax_pending: 4MB\n"
PAYLOAD = b"x" * 1000


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[NatsProcess]:
    with running(NatsProcess(tmp_path, CUT_OFF_SOON)) as server:
        yield server


@pytest.fixture
def collector(nats: NatsProcess) -> Iterator[NatsServerCollector]:
    one = NatsServerCollector(Target("events", nats.url), OPTIONS)
    yield one
    one.close()


def test_under_real_load_the_figures_are_those_of_varz_and_connz(
    nats: NatsProcess, collector: NatsServerCollector
) -> None:
    reader, other, publisher = nats.client("reader"), nats.client("other"), nats.client("publisher")
    reader.subscribe("orders.*")
    reader.subscribe("audit.>", 2, "workers")
    other.subscribe("orders.created")
    publisher.publish("orders.created", PAYLOAD, 500)
    publisher.publish("audit.login", PAYLOAD, 200)
    for client in (publisher, reader, other):
        client.ping()
    varz, scrape = nats.json("/varz"), collector.collect(time.time)
    assert rows(scrape, "nats_server_messages_total") == {("in",): varz["in_msgs"], ("out",): varz["out_msgs"]}
    assert rows(scrape, "nats_server_bytes_total") == {("in",): varz["in_bytes"], ("out",): varz["out_bytes"]}
    assert varz["in_msgs"] == 700
    assert rows(scrape, "backend_connections") == {("connected",): 3.0}
    assert only(scrape, "backend_connections_max") == varz["max_connections"]
    assert only(scrape, "nats_server_subscriptions") == varz["subscriptions"]
    assert only(scrape, "nats_server_memory_bytes") == pytest.approx(varz["mem"], rel=0.25)
    received = rows(scrape, "nats_server_subscriber_messages_total")
    reported = {(subject, name.partition(" #")[0], queue): count for (queue, subject, name), count in received.items()}
    assert reported == {
        ("orders.*", "reader", ""): 500.0,
        ("audit.>", "reader", "workers"): 200.0,
        ("orders.created", "other", ""): 500.0,
    }
    for client in (publisher, reader, other):
        client.close()


def test_a_slow_subscribers_bytes_wait_until_it_is_cut_off_and_counted(
    nats: NatsProcess, collector: NatsServerCollector
) -> None:
    slow, publisher = nats.client("slow"), nats.client("publisher")
    slow.subscribe("orders")
    seen: list[tuple[float, float]] = []

    def behind() -> bool:
        publisher.publish("orders", PAYLOAD, 200)
        publisher.ping()
        (reported,) = rows(collector.collect(time.time), "nats_server_subscriber_pending_bytes").values()
        clients = {client["name"]: client["pending_bytes"] for client in nats.json("/connz?subs=detail")["connections"]}
        seen.append((reported, clients["slow"]))
        return reported > 0.0 and reported == clients["slow"]

    def cut_off() -> bool:
        publisher.publish("orders", PAYLOAD, 2_000)
        publisher.ping()
        return only(collector.collect(time.time), "nats_server_slow_consumers_total") > 0.0

    def gone() -> bool:
        return rows(collector.collect(time.time), "nats_server_subscriber_pending_bytes") == {}

    until(behind, lambda: f"(reported, /connz): {seen[-3:]}")
    until(cut_off)
    # NATS 2.10 lists it as open, with what it holds, until its last write meets write_deadline; and counts it again.
    until(gone)
    assert (
        only(collector.collect(time.time), "nats_server_slow_consumers_total") == nats.json("/varz")["slow_consumers"]
    )
    slow.close()
    publisher.close()


def test_streams_and_how_far_behind_their_consumers_are(nats: NatsProcess, collector: NatsServerCollector) -> None:
    client = nats.client("owner")
    stream = {"name": "ORDERS", "subjects": ["orders.*"], "storage": "memory"}
    assert "error" not in client.request("$JS.API.STREAM.CREATE.ORDERS", stream)
    client.close()
    client = nats.client("owner")
    consumer = {"stream_name": "ORDERS", "config": {"durable_name": "billing", "ack_policy": "explicit"}}
    assert "error" not in client.request("$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.billing", consumer)
    client.publish("orders.paid", PAYLOAD, 20)
    client.ping()
    client.close()
    until(lambda: nats.json("/jsz")["messages"] == 20)
    scrape = collector.collect(time.time)
    assert only(scrape, "nats_server_jetstream_messages") == 20.0
    assert rows(scrape, "nats_server_consumer_pending") == {("$G", "billing", "ORDERS"): 20.0}
    assert rows(scrape, "nats_server_health_info") == {("", "ok"): 1.0}
    assert rows(scrape, "nats_server_subscriber_messages_total") == {}  # reply boxes are nobody's topic


def test_a_paused_server_times_out_and_a_dead_one_is_down(nats: NatsProcess, collector: NatsServerCollector) -> None:
    collector.collect(time.time)
    nats.pause()
    with pytest.raises(CollectError) as hung:
        collector.collect(time.time)
    assert hung.value.kind is ErrorKind.TIMED_OUT
    nats.resume()
    assert collector.collect(time.time).events == []
    nats.kill()
    with pytest.raises(CollectError) as dead:
        collector.collect(time.time)
    assert dead.value.kind is ErrorKind.DOWN
    nats.start()
    assert [event.kind for event in collector.collect(time.time).events] == ["backend_restart"]


def test_another_http_server_is_not_taken_for_nats(nats: NatsProcess) -> None:
    wrong = NatsServerCollector(Target("", f"http://127.0.0.1:{nats.port}"), OPTIONS)
    with pytest.raises(CollectError) as caught:
        wrong.collect(time.time)
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL
    wrong.close()


TWO_ACCOUNTS = """
accounts {
  A { jetstream: enabled, users: [{user: a, password: a}] }
  B { jetstream: enabled, users: [{user: b, password: b}] }
}
"""


def test_a_stream_of_the_same_name_in_two_accounts_is_two(tmp_path: Path) -> None:
    with running(NatsProcess(tmp_path, TWO_ACCOUNTS)) as server:
        for user, messages in (("a", 3), ("b", 8)):
            client = server.client("maker", **{"user": user, "pass": user})
            assert "error" not in client.request("$JS.API.STREAM.CREATE.ORDERS", {"name": "ORDERS", "subjects": ["o"]})
            consumer = {"stream_name": "ORDERS", "config": {"durable_name": "billing", "ack_policy": "explicit"}}
            assert "error" not in client.request("$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.billing", consumer)
            client.publish("o", b"x", messages)
            client.close()
        reader = NatsServerCollector(Target("", server.url), OPTIONS)
        expected = {("A", "billing", "ORDERS"): 3.0, ("B", "billing", "ORDERS"): 8.0}
        until(lambda: rows(reader.collect(time.time), "nats_server_consumer_pending") == expected)
        reader.close()
