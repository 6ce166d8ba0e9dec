"""Each rule on pools, connections, queries and streams: what raises it, when it is good again, what raises none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aggregators.alerts.rules.backends import BACKENDS
from model.series import Kind, Scrape
from tests.aggregators.detection.reads import Fill, judged, raised, reads_of

Course = Callable[[int], float]
EDGES = ("0.001", "0.002", "0.005", "0.01", "0.1", "+Inf")
CALM: dict[str, Course] = {
    "prism_pool_connections_active": lambda at: 4 + at % 3,
    "prism_pool_connections_max": lambda at: 20,
    "prism_pool_waiting": lambda at: 0,
    "prism_pool_errors_total": lambda at: (at + 400) // 20,
    "prism_backend_reconnects_total": lambda at: (at + 400) // 100,
    "prism_backend_pending_messages": lambda at: 7,
}
TIMED = ("prism_backend_query_duration_seconds", "prism_pool_acquire_duration_seconds")
LABELS = {"backend": "redis", "pattern": "keyvalue"}


def proxy(slow_since: int = 1, factor: float = 1.0, **changed: Course) -> Fill:
    """A proxy with a pool; queries take a spread around 1 ms, and `factor` times as long from a second on."""
    counts = dict.fromkeys(EDGES, 0.0)

    def fill(second: int, scrape: Scrape) -> None:
        for family, course in (CALM | changed).items():
            labels = LABELS | ({"reason": "refused"} if "errors" in family else {})
            scrape.add(family, course(second), Kind.COUNTER if family.endswith("_total") else Kind.UNKNOWN, **labels)
        for edge in EDGES:
            counts[edge] += 200 * min(1.0, float(edge) / (0.004 * (factor if second >= slow_since else 1.0)))
            for family in TIMED:
                scrape.add(f"{family}_bucket", counts[edge], Kind.HISTOGRAM, le=edge, **LABELS)

    return fill


def grows(first: float, per_second: float, since: int = -40) -> Course:
    return lambda at: first + per_second * max(0, at - since)


def stream(pending: Course, **others: Course) -> Fill:
    """A consumer of the account $G, and those of the same name in other accounts."""

    def fill(second: int, scrape: Scrape) -> None:
        for account, course in {"$G": pending, **others}.items():
            where = {"backend": "nats", "account": account, "stream": "ORDERS", "consumer": "billing"}
            scrape.add("nats_server_consumer_pending", course(second), **where)

    return fill


def redis(evicted: Course = lambda at: 0, spent: Course = lambda at: 0.1 * at + 50) -> Fill:
    def fill(second: int, scrape: Scrape) -> None:
        scrape.add("redis_server_evicted_keys_total", evicted(second), Kind.COUNTER, backend="cache")
        for command in ("get", "set"):
            where = {"backend": "cache", "command": command}
            scrape.add("redis_server_command_calls_total", 200 * (second + 400), Kind.COUNTER, **where)
            scrape.add("redis_server_command_duration_seconds_total", spent(second), Kind.COUNTER, **where)

    return fill


def gauge(family: str, course: Course) -> Fill:
    return lambda second, scrape: scrape.add(family, course(second), backend="orders")


def both(*families: str) -> Fill:
    def fill(second: int, scrape: Scrape) -> None:
        for family in families:
            scrape.add(family, 0, backend="orders")

    return fill


def keys(held: float) -> Fill:
    def fill(second: int, scrape: Scrape) -> None:
        for key, value in (("keys", held), ("max_keys", 10_000)):
            scrape.add("prism_pattern_detail", value, pattern="memstore", key=key)

    return fill


FAULTS: dict[str, tuple[str, str, str, dict[str, Fill]]] = {
    "requests wait": (
        "pool_waiting", "keyvalue", "3 requests wait for a connection of the keyvalue pool",
        {"proxy": proxy(prism_pool_waiting=lambda at: 3)}),
    "a pool that fills": (
        "pool_filling", "keyvalue", "the keyvalue pool is full in",
        {"proxy": proxy(prism_pool_connections_active=grows(4, 0.25))}),
    "connections that are refused": (
        "pool_errors", "keyvalue", "connections of keyvalue failed in 5 s (refused), usually",
        {"proxy": proxy(prism_pool_errors_total=lambda at: (at + 400) // 20 + 2 * max(0, at + 3))}),
    "connections that do not hold": (
        "reconnects", "keyvalue", "keyvalue made 5 connections anew in 15 s, usually 0",
        {"proxy": proxy(prism_backend_reconnects_total=lambda at: 4 + max(0, at + 10) // 2)}),
    "queries half as slow again": (
        "backend_slow", "keyvalue", "of the queries of keyvalue take longer than their usual P99",
        {"proxy": proxy(-12, 1.5)}),
    "connections that are waited for longer": (
        "pool_slow", "keyvalue", "of the waits for a connection of keyvalue take longer than their usual P99",
        {"proxy": proxy(-12, 1.5)}),
    "a store of keys at its limit": (
        "keys_full", "memstore", "memstore holds 90 % of the keys that it may: 9,000 of 10,000",
        {"patterns": keys(9000)}),
    "a replica that is behind": (
        "replication_lag", "postgres@postgres:1", "PostgreSQL postgres:1 is 12 s behind its primary",
        {"postgres": gauge("postgres_server_replication_lag_seconds", lambda at: 12 if at > -5 else 0)}),
    "messages that a client does not get rid of": (
        "backend_pending", "keyvalue", "messages of keyvalue wait to be sent",
        {"proxy": proxy(prism_backend_pending_messages=grows(7, 5))}),
    "a consumer that falls behind": (
        "stream_backlog", "subscriber billing of ORDERS", "messages of ORDERS wait for billing",
        {"nats": stream(grows(10, 5))}),
    "keys that are thrown out": (
        "server_evicts", "redis@redis:1", "Redis redis:1 threw 160 keys out in 15 s, usually 0",
        {"redis": redis(evicted=lambda at: 20 * max(0, at + 8))}),
    "commands that take longer": (
        "server_slow", "redis@redis:1", "for a command, usually 0.5 ms",
        {"redis": redis(spent=lambda at: 0.1 * at + 50 + 0.9 * max(0, at + 10))}),
    "locks that are waited for": (
        "server_locks", "postgres@postgres:1", "5 queries of PostgreSQL postgres:1 wait for a lock",
        {"postgres": gauge("postgres_server_lock_waits", lambda at: 5 if at > -5 else 0)}),
    "bytes that nobody reads": (
        "server_pending", "nats@nats:1", "MiB wait in NATS nats:1 for clients that do not read",
        {"nats": gauge("nats_server_pending_bytes", grows(0, 2.0**17))}),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_backend_is_found(name: str) -> None:
    rule, component, words, sources = FAULTS[name]
    found = judged(rule, reads_of(200, **sources))
    assert [one.component for one in found.values() if one.bad] == [component]
    assert words in found[component].words


@pytest.mark.parametrize("name", FAULTS)
def test_a_backend_that_is_well_again_is_good(name: str) -> None:
    rule, component, _, sources = FAULTS[name]
    well: dict[str, Fill] = {
        "proxy": proxy(),
        "redis": redis(),
        "postgres": both("postgres_server_lock_waits", "postgres_server_replication_lag_seconds"),
        "patterns": keys(8400),
        "nats": stream(lambda at: 40) if rule == "stream_backlog" else gauge("nats_server_pending_bytes", lambda at: 0),
    }
    found = judged(rule, reads_of(200, **{kind: well[kind] for kind in sources}))
    assert found[component].good and not found[component].bad


BENIGN: dict[str, Fill] = {
    "calm": proxy(),
    "twice the connections": proxy(prism_pool_connections_active=lambda at: 4 if at < -30 else 8),
    "one error": proxy(prism_pool_errors_total=lambda at: 20 + (at > -2)),
    "one reconnect": proxy(prism_backend_reconnects_total=lambda at: 4 + (at > -2)),
    "a slow second": proxy(-1, 1.0),
    "one that waits": proxy(prism_pool_waiting=lambda at: at == -1),
    "a batch with which more messages wait": proxy(prism_backend_pending_messages=grows(60, 3, -25)),
}


@pytest.mark.parametrize("name", BENIGN)
def test_benign_backends_raise_nothing(name: str) -> None:
    assert raised(BACKENDS, reads_of(200, proxy=BENIGN[name])) == {}
    always = redis(evicted=lambda at: 30 * (at + 400))
    assert raised(BACKENDS, reads_of(200, proxy=BENIGN[name], nats=stream(lambda at: 5000), redis=always)) == {}


def test_a_store_of_keys_between_its_limits_is_neither_bad_nor_good() -> None:
    (one,) = judged("keys_full", reads_of(20, patterns=keys(8700))).values()
    assert not one.bad and not one.good


def test_errors_that_were_counted_over_a_gap_are_no_burst() -> None:
    steady = proxy(prism_pool_errors_total=lambda at: 5 * (at + 400))
    assert not any(one.bad for one in judged("pool_errors", reads_of(200, range(-30, 0), proxy=steady)).values())


def test_a_proxy_that_reports_no_pool_raises_nothing() -> None:
    assert raised(BACKENDS, reads_of(20, proxy=lambda second, scrape: scrape.add("process_threads", 8))) == {}


def test_consumers_of_one_name_in_two_accounts_are_two() -> None:
    one, both = (
        judged("stream_backlog", reads_of(200, nats=stream(grows(10, 5), SHOP=course, REST=lambda at: 40)))
        for course in (lambda at: 40, grows(10, 9))
    )
    names = [f"subscriber billing (account {account}) of ORDERS" for account in ("$G", "SHOP")]
    assert [component for component, found in one.items() if found.bad] == names[:1]
    assert sorted(component for component, found in both.items() if found.bad) == names
