"""What a server reports in several answers: one that does not come costs itself alone, and says why."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.backends.nats_server import NatsServer
from aggregators.backends.servers import backend_servers
from collectors.servers.nats_connections import MAX_CONNECTIONS, Connections
from collectors.servers.nats_consumers import MAX_CONSUMERS
from collectors.servers.nats_server import NatsServerCollector
from collectors.servers.nats_subscribers import is_private
from collectors.servers.redis_info import parse_info, report
from collectors.servers.server_scrape import ITSELF, ServerWords
from collectors.servers.statement_totals import Statement, StatementTotals
from components import format as fmt
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Reading, Status
from model.targets import Target
from store.snapshot import snapshot_of
from tests.collectors.conftest import Asked, Reply

NOW = 1_795_406_700.0
OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=1.5, max_bytes=400_000)
PATIENT = OPTIONS.model_copy(update={"timeout_seconds": 60.0})
VARZ = {"server_id": "N1", "version": "2.10.22", "connections": 3, "max_connections": 64, "jetstream": {"config": {}}}


def client(number: int, pending: int = 0, subjects: int = 0) -> dict[str, Any]:
    subscriptions = [{"subject": f"orders.{n}", "msgs": 1} for n in range(subjects)]
    return {"cid": number, "name": "worker", "pending_bytes": pending, "subscriptions_list_detail": subscriptions}


def stream(name: str, consumer: str, pending: int) -> dict[str, Any]:
    detail = {"name": consumer, "num_pending": pending, "num_ack_pending": 1, "num_redelivered": 0}
    return {"name": name, "consumer_detail": [detail]}


JSZ = {"streams": 2, "messages": 9, "bytes": 99, "account_details": [
    {"name": "A", "id": "A", "stream_detail": [stream("ORDERS", "billing", 5)]},
    {"name": "B", "id": "B", "stream_detail": [stream("ORDERS", "billing", 7)]},
]}  # fmt: skip


class Monitor:
    """A NATS server's monitoring with these clients; `instead` answers for a path."""

    def __init__(self, http: Any, clients: list[dict[str, Any]], **instead: Callable[[Asked], Reply]) -> None:
        self.clients, self.instead, self.most = clients, instead, 1024
        self.released = threading.Event()
        self.server = http(self.answer)
        self.collector = NatsServerCollector(Target("events", self.server.url), PATIENT)

    def hang(self, page: str) -> None:
        """Let this page never come, within a read that has little time."""
        self.instead[page] = self.hangs
        self.collector = NatsServerCollector(Target("events", self.server.url), OPTIONS)

    def answer(self, asked: Asked) -> Reply:
        name = asked.path.strip("/")
        if name in self.instead:
            return self.instead[name](asked)
        if name == "connz":
            return self.page(asked)
        return Reply.of({"varz": VARZ, "jsz": JSZ, "healthz": {"status": "ok"}}[name])

    def page(self, asked: Asked) -> Reply:
        """A page of connections."""
        query = dict(pair.split("=") for pair in asked.query.split("&"))
        first, many = int(query["offset"]), min(int(query["limit"]), self.most)
        page = self.clients[first : first + many]
        if "subs" not in query:
            page = [{k: v for k, v in one.items() if k != "subscriptions_list_detail"} for one in page]
        return Reply.of({"total": len(self.clients), "num_connections": len(page), "connections": page})

    def hangs(self, asked: Asked) -> Reply:
        self.released.wait(10)
        return Reply()

    def read(self) -> Scrape:
        return self.collector.collect(lambda: NOW)

    def close(self) -> None:
        self.released.set()
        self.collector.close()


@pytest.fixture
def monitor(http: Any) -> Any:
    made: list[Monitor] = []

    def start(clients: list[dict[str, Any]], **instead: Callable[[Asked], Reply]) -> Monitor:
        made.append(Monitor(http, clients, **instead))
        return made[-1]

    yield start
    for one in made:
        one.close()


def shown(scrape: Scrape) -> NatsServer:
    """What the page would have."""
    key = f"{scrape.source}@{scrape.instance}"
    state = SourceState(key, "nats", scrape.instance, "events at http://a:1", 1.0).succeeded(NOW, 0.1, 9)
    (server,) = backend_servers(snapshot_of([scrape], sources=[state]), NOW).nats
    return server


FAILS: dict[str, tuple[Callable[[Asked], Reply], str]] = {
    "is denied": (lambda asked: Reply(403, b"no"), "refused"),
    "is not there": (lambda asked: Reply(404, b"404 page not found"), "HTTP error"),
    "fails": (lambda asked: Reply(500, b"oops"), "HTTP error"),
    "is too large": (lambda asked: Reply(200, b'{"x":"' + b"x" * 500_000 + b'"}'), "answer too large"),
    "is a web page": (lambda asked: Reply(200, b"<html>sign in"), "wrong protocol"),
    "is cut short": (lambda asked: Reply(200, b'{"connections": ['), "malformed answer"),
}


@pytest.mark.parametrize("how", ["hangs", *FAILS])
@pytest.mark.parametrize("page", ["jsz", "connz"])
def test_an_optional_page_that_fails_costs_itself_alone_and_says_why(monitor: Any, page: str, how: str) -> None:
    server = monitor([client(1, 100), client(2, 20)])
    if how == "hangs":
        word = "timed out"
        server.hang(page)
    else:
        server.instead[page], word = FAILS[how]
    one = shown(server.read())
    assert (one.server.status, one.server.connections.value) == (Status.HEALTHY, 3.0)
    lost, kept = (one.streams, one.pending) if page == "jsz" else (one.pending, one.streams)
    assert kept.value == (120.0 if page == "jsz" else 2.0)
    assert (lost.reading, lost.value) == (Reading.ERROR, None)
    assert fmt.reading_words(lost) == word
    assert ("streams" if page == "jsz" else "connections") in lost.note


def test_a_consumer_list_that_is_too_large_leaves_the_sums_of_the_streams(monitor: Any) -> None:
    def large(asked: Asked) -> Reply:
        return FAILS["is too large"][0](asked) if asked.query else Reply.of(JSZ)

    one = shown(monitor([client(1)], jsz=large).read())
    assert one.streams.value == 2.0
    assert one.stream_pending.reading is Reading.ERROR


def test_a_stream_of_the_same_name_in_two_accounts_is_two(monitor: Any) -> None:
    scrape = monitor([]).read()
    pending = {
        (s.series.label("account"), s.series.label("stream")): s.value
        for s in scrape.samples() if s.series.name == "nats_server_consumer_pending"
    }  # fmt: skip
    assert pending == {("A", "ORDERS"): 5.0, ("B", "ORDERS"): 7.0}
    assert shown(scrape).stream_pending.value == 12.0


@pytest.mark.parametrize("most", [1024, 256, 7])
def test_connections_are_read_page_by_page_however_few_the_server_gives(monitor: Any, most: int) -> None:
    one = monitor([client(number, 1) for number in range(600)])
    one.most = most
    assert shown(one.read()).pending.value == 600.0


def test_connections_with_too_many_subscriptions_for_one_answer_are_read_in_smaller_pages(monitor: Any) -> None:
    one = monitor([client(number, 1, subjects=20) for number in range(500)])
    assert shown(one.read()).pending.value == 500.0


def test_connections_that_stop_coming_are_a_lower_bound(monitor: Any) -> None:
    one = monitor([client(number, 1) for number in range(2000)])
    one.instead["connz"] = lambda asked: one.page(asked) if "offset=0" in asked.query else Reply(500, b"oops")
    pending = shown(one.read()).pending
    assert (pending.value, pending.bound) == (1024.0, "≥")
    assert fmt.parts(pending).text.startswith("≥ 1")


@pytest.mark.parametrize("many", [1024, 2048])
def test_a_full_page_of_a_server_that_says_no_total_is_no_end(monitor: Any, many: int) -> None:
    one = monitor([client(number, 1) for number in range(many)])
    one.instead["connz"] = lambda asked: unsaid(one, asked)
    assert (shown(one.read()).pending.value, shown(one.read()).pending.bound) == (float(many), "")
    one.instead["connz"] = lambda asked: unsaid(one, asked) if "offset=0" in asked.query else Reply(500)
    assert shown(one.read()).pending.bound == "≥"


def unsaid(one: Monitor, asked: Asked) -> Reply:
    page = json.loads(one.page(asked).body)
    return Reply.of({"connections": page["connections"]})


@given(st.integers(0, 3000), st.integers(1, 2000), st.booleans())
def test_however_connections_are_paged_each_is_read_once(total: int, most: int, says_how_many: bool) -> None:
    everybody = [client(number) for number in range(total)]

    def ask(path: str, query: Any) -> Any:
        first, limit = int(query["offset"]), min(int(query["limit"]), most)
        reported = {"total": total} if says_how_many else {}
        return {**reported, "connections": everybody[first : first + limit]}

    found = Connections(ask)
    found.read()
    assert [one["cid"] for one in found.clients] == list(range(total))
    assert found.missing == 0


def test_a_server_that_reports_the_same_page_for_ever_is_left() -> None:
    found = Connections(lambda path, query: {"total": 10**9, "connections": [client(n) for n in range(1000)]})
    found.read()
    assert len(found.clients) == 1000 < MAX_CONNECTIONS
    assert found.missing == 10**9 - 1000


def test_consumers_beyond_those_reported_one_by_one_are_in_the_sums(monitor: Any) -> None:
    many = [stream(f"S{n:04}", "c", 2) for n in range(MAX_CONSUMERS + 200)]
    jsz = {"streams": len(many), "account_details": [{"id": "A", "stream_detail": many}]}
    one = shown(monitor([], jsz=lambda asked: Reply.of(jsz)).read())
    assert one.stream_pending.value == 2.0 * len(many)
    assert one.stream_unacknowledged.value == float(len(many))


@pytest.mark.parametrize(("most", "says_how_many"), [(1024, False), (1024, True), (256, True), (7, True)])
def test_more_accounts_than_a_page_are_read_whole(monitor: Any, most: int, says_how_many: bool) -> None:
    accounts = [
        {"id": f"A{n:05}", "stream_detail": [stream("ORDERS", "c", 1)]} for n in range(1500 if most > 7 else 15)
    ]
    total = {"accounts": len(accounts)} if says_how_many else {}

    def paged(asked: Asked) -> Reply:
        first = int(dict(pair.split("=") for pair in asked.query.split("&")).get("offset", 0))
        return Reply.of({**total, "streams": len(accounts), "account_details": accounts[first : first + most]})

    assert shown(monitor([], jsz=paged).read()).stream_pending.value == len(accounts)


def test_accounts_that_stop_coming_are_a_lower_bound(monitor: Any) -> None:
    def paged(asked: Asked) -> Reply:
        some = [] if "offset" in asked.query else [{"id": "A", "stream_detail": [stream("ORDERS", "c", 5)]}]
        return Reply.of({"accounts": 3, "streams": 9, "account_details": some})

    pending = shown(monitor([], jsz=paged).read()).stream_pending
    assert (pending.value, pending.bound) == (5.0, "≥")


def test_bytes_that_wait_for_whom_nobody_knows_are_not_none(monitor: Any) -> None:
    """-1 is no amount; where another client has one it counts."""
    unknown = {"cid": 1, "pending_bytes": -1}
    assert shown(monitor([unknown]).read()).pending.reading is Reading.NOT_REPORTED
    assert shown(monitor([unknown, {"cid": 2, "pending_bytes": 7}]).read()).pending.value == 7.0
    assert shown(monitor([]).read()).pending.value == 0.0


PRIVATE = [
    "_INBOX.Zq4x9TnC1vK0bE7hRw3pLs.*", "_INBOX_alice.>", "_INBOX_svc.Zq4x9TnC1vK0bE7hRw3pLs", "_R_.abc", "$SYS.>",
    "_GR_.x", "acme.inbox.Zq4x9TnC1vK0bE7hRw3pLs.*", "inbox.ABQ7H2KD90PLMN4XW3VZ1T.1", "alice.Zq4x9TnC1vK0bE7hRw3pLs",
]  # fmt: skip
TOPICS = [
    "orders.created", "orders.*", ">", "audit.>", "inbox", "mail.inbox.new", "events.customerOrderCreatedV2",
    "orders.internationalshipments", "a.2024120112003000000001", "orders.customer_order_created", "x.y.z",
    "shop.InternationalOrdersNew",
]  # fmt: skip


def test_private_inbox_prefixes_are_no_topics() -> None:
    assert [subject for subject in PRIVATE if not is_private(subject)] == []
    assert [subject for subject in TOPICS if is_private(subject)] == []


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=1, max_size=21))
def test_a_topic_of_any_word_shorter_than_a_unique_name_is_a_topic(word: str) -> None:
    assert not is_private(f"orders.{word}")


def redis(text: str) -> dict[str, float | str]:
    words = ServerWords("redis", Target("cache", "redis://a:1"), ITSELF)
    reported = words.scrape(lambda: NOW)
    report(words, reported, parse_info(text))
    found: dict[str, float | str] = {}
    for one in reported.scrape.samples():
        word = one.series.label("version") or one.series.label("product")
        found[one.series.name] = word if word is not None else one.value
    return found


@pytest.mark.parametrize(
    ("text", "product", "version"),
    [
        ("redis_version:7.2.4\nserver_name:valkey\nvalkey_version:8.1.1\n", "Valkey", "8.1.1"),
        ("version:2.8.0\nkvrocks_version:2.8.0\nredis_version:4.0.0\n", "Kvrocks", "2.8.0"),
        ("redis_version:7.2.4\nredict_version:7.3.0\n", "Redict", "7.3.0"),
        ("redis_version:7.4.3\ngarnet_version:1.0.61\n", "Garnet", "1.0.61"),
        ("redis_version:7.2.4\nmemurai_edition:Developer\nmemurai_version:4.1.1\n", "Memurai", "4.1.1"),
        ("redis_version:7.4.0\ndragonfly_version:df-v1.27.1\nmax_clients:64000\n", "Dragonfly", "1.27.1"),
        ("redis_version:6.3.4\nexecutable:/usr/bin/keydb-server\n", "KeyDB", "6.3.4"),
        ("redis_version:8.0.2\nserver_name:redis\n", None, "8.0.2"),
    ],
)
def test_a_fork_is_called_by_its_own_name_and_version(text: str, product: str | None, version: str) -> None:
    reported = redis(text)
    assert (reported.get("backend_product_info"), reported["backend_info"]) == (product, version)


def test_dragonflys_limit_of_clients_is_the_limit() -> None:
    assert redis("redis_version:7.4.0\nconnected_clients:3\nmax_clients:64000\n")["backend_connections_max"] == 64000.0


@pytest.mark.parametrize(
    ("links", "up"),
    [
        ("master_link_status:up\nmaster_link_status:down\n", 0.0),
        ("master_link_status:down\nmaster_link_status:up\n", 0.0),
        ("master_link_status:up\nmaster_1_link_status:down\n", 0.0),
        ("master_link_status:up\nmaster_link_status:up\n", 1.0),
    ],
)
def test_of_keydbs_repeated_fields_none_is_lost(links: str, up: float) -> None:
    assert redis(f"redis_version:6.3.4\nrole:active-replica\n{links}")["redis_server_replication_link_up"] == up


def test_statements_beyond_what_can_be_seen_whole_are_no_calls() -> None:
    totals = StatementTotals()
    totals.add([Statement("a", 10.0, 1.0)])
    totals.lose_track()
    totals.add([Statement("a", 1e9, 1.0), Statement("b", 1e9, 1.0)])
    totals.add([Statement("a", 1e9 + 1, 1.0), Statement("b", 1e9, 1.0)])
    assert totals.calls == 1.0


@pytest.mark.parametrize("ahead", [0.0, 3600.0, -86400.0 * 40, 1.0])
def test_the_uptime_of_a_server_whose_clock_is_wrong_is_right(monitor: Any, ahead: float) -> None:
    def stamp(seconds: float) -> str:
        return datetime.fromtimestamp(seconds, UTC).isoformat()

    varz = VARZ | {"start": stamp(NOW - 100.0 + ahead), "now": stamp(NOW + ahead)}
    scrape = monitor([], varz=lambda asked: Reply.of(varz)).read()
    started = {one.series.name: one.value for one in scrape.samples()}["backend_started_timestamp_seconds"]
    assert abs(NOW - started - 100.0) <= 1.0


def test_a_varz_that_fails_is_the_sources_own_error(monitor: Any) -> None:
    with pytest.raises(CollectError) as caught:
        monitor([], varz=lambda asked: Reply(503, b"shutting down")).read()
    assert caught.value.kind is ErrorKind.HTTP_ERROR


@pytest.mark.parametrize("step", [3600.0, -3600.0, 40 * 86400.0])
def test_a_clock_that_is_set_restarts_no_server_that_says_how_long_it_is_up(step: float) -> None:
    """Dragonfly names no run: only its uptime tells one process of another."""
    words, events = ServerWords("redis", Target("cache", "redis://127.0.0.1:6379"), ITSELF), []
    for at, uptime in enumerate((50, 52, 54, 3)):
        reported = words.scrape(partial(float, NOW + 2 * at + (step if at > 1 else 0.0)))
        report(words, reported, parse_info(f"dragonfly_version:df-v1.20\nuptime_in_seconds:{uptime}\n"))
        events.append(len(reported.scrape.events))
    assert events == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("replicas", "lag"),
    [
        (["state=online,offset=5,lag=3", "state=wait_bgsave,offset=0,lag=0"], 3.0),
        (["state=send_bulk,offset=0,lag=0"], None),
        (["state=online,offset=5,lag=0", "state=online,offset=5,lag=9"], 9.0),
        (["state=online,offset=5,lag=-1"], None),
        (["offset=5,lag=2"], 2.0),
    ],
)
def test_a_replica_that_is_only_being_given_its_copy_is_not_said_to_be_up_to_date(
    replicas: list[str], lag: float | None
) -> None:
    lines = "".join(f"slave{at}:ip=h,port=1,{one}\r\n" for at, one in enumerate(replicas))
    words = ServerWords("redis", Target("", "redis://h:6379"), "the server")
    reported = words.scrape(lambda: NOW)
    report(words, reported, parse_info(f"redis_version:7.2.0\r\nuptime_in_seconds:5\r\nrole:master\r\n{lines}"))
    found = {one.series.name: one.value for one in reported.scrape.samples()}
    assert found.get("redis_server_replication_lag_seconds") == lag
