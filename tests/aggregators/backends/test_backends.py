"""What is reported of each backend's client: by whom, how old, and nothing that nobody reported."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregators.backends.backends import backends
from aggregators.backends.clients import Backend
from aggregators.backends.health_details import driver_of, number, reported, unexplained
from aggregators.backends.pool_series import pool_series
from aggregators.backends.pools import pools
from model.series import Kind, Scrape, Unit
from model.sources import CollectError, ErrorKind, SourceState
from model.status import Reading, Status
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_000.0
PROXIES = ("a:8980", "b:8980")
TOLD = ("active", "max", "idle")
NUMBERS = {"total_conns", "idle_conns", "pool_size", "acquired", "max", "idle"}


def state_of(scrape: Scrape) -> SourceState:
    key = f"{scrape.source}@{scrape.instance}"
    fresh = SourceState(key, scrape.source, scrape.instance, scrape.instance, 1.0)
    return fresh.succeeded(scrape.time, 0.01, len(scrape.series))


def pattern(name: str, details: Mapping[str, str], status: str = "HEALTHY", time: float = NOW) -> Scrape:
    """A pattern's answer as its collector hands it on: numbers as values, all else as labels."""
    scrape = Scrape("patterns", f"{name}:50051", time)
    scrape.add("prism_pattern_status", 1.0, Kind.STATESET, pattern=name, status=status, service="x")
    for key, text in details.items():
        value = number(text)
        if value is None:
            scrape.add("prism_pattern_detail_info", 1.0, Kind.INFO, pattern=name, key=key, value=text)
        else:
            scrape.add("prism_pattern_detail", value, pattern=name, key=key)
    return scrape


def world(*scrapes: Scrape, down: tuple[str, ...] = ()) -> Snapshot:
    states = {}
    for one in scrapes:
        state = state_of(one)
        if one.source in down:
            error = CollectError(ErrorKind.DOWN, "connection refused")
            state = state.failed(NOW - 1, 0.01, error).failed(NOW, 0.01, error)
        states[state.key] = state
    return snapshot_of(list(scrapes), sources=states.values(), meta={"collector_alive_at": NOW})


def only(snapshot: Snapshot, name: str) -> Backend:
    return next(one for one in backends(snapshot, NOW).backends if one.name == name)


def proxy(time: float, instance: str = PROXIES[0], rows: Mapping[str, float] | None = None, **labels: str) -> Scrape:
    scrape = Scrape("proxy", instance, time)
    for name, value in (rows or {}).items():
        kind = Kind.COUNTER if name.endswith("_total") else Kind.GAUGE
        scrape.add(name, value, kind, **labels)
    return scrape


def test_a_backend_that_the_proxy_alone_knows_has_its_panel_and_no_page() -> None:
    rows = {"prism_pool_connections_active": 9.5, "prism_pool_connections_max": 10.0}
    kafka = only(world(proxy(NOW, rows=rows, backend="kafka")), "kafka")
    assert (kafka.pattern, kafka.driver, kafka.status) == ("", "kafka", Status.DEGRADED)
    assert kafka.pools[0].active.value == 9.5
    assert kafka.details == {}


def test_a_backends_name_without_a_pattern_means_the_pattern_of_that_name() -> None:
    rows = {"prism_pool_connections_active": 4.0, "prism_pool_connections_max": 10.0}
    snapshot = world(proxy(NOW, rows=rows, backend="redis"), pattern("redis", {}))
    assert [one.name for one in backends(snapshot, NOW).backends] == ["redis"]
    redis = only(snapshot, "redis")
    assert (redis.pattern, redis.pools[0].pattern, redis.pools[0].active.value) == ("redis", "redis", 4.0)


def test_errors_are_those_of_the_window_over_a_restart_and_of_all_proxies() -> None:
    def errors(time: float, instance: str, count: float, reason: str) -> Scrape:
        rows = {"prism_pool_errors_total": count}
        return proxy(time, instance, rows, backend="redis", pattern="redis", reason=reason)

    counts = (100.0, 160.0, 220.0, 10.0, 70.0)
    snapshot = world(
        pattern("redis", {}),
        *(errors(NOW - 4 + at, PROXIES[0], count, "timeout") for at, count in enumerate(counts)),
        *(errors(NOW - 4 + at, PROXIES[1], 5.0 + at, "tls") for at in range(5)),
    )  # fmt: skip
    found = only(snapshot, "redis").errors
    assert (found.timeout.value, found.refused.value, found.others.value) == (190.0, 0.0, 4.0)


@pytest.mark.parametrize("text", ["NaN", "inf", "-Infinity", "ten", "", "0x10", "1_0 conns"])
def test_a_text_that_is_no_number_is_never_one(text: str) -> None:
    assert number(text) is None
    snapshot = world(pattern("redis", {"total_conns": text, "idle_conns": "1", "pool_size": "10"}))
    redis = only(snapshot, "redis")
    assert redis.pools == ()
    assert redis.details.get("total_conns") == text, "it is passed through as it is"


def test_idle_connections_that_are_not_reported_are_not_made_up() -> None:
    redis = only(world(pattern("redis", {"total_conns": "8", "pool_size": "10"})), "redis").pools[0]
    assert (redis.idle.reading, redis.active.reading) == (Reading.NOT_REPORTED, Reading.NOT_REPORTED)
    assert redis.maximum.value == 10.0
    torn = only(world(pattern("redis", {"total_conns": "3", "idle_conns": "5", "pool_size": "10"})), "redis").pools[0]
    assert torn.active.value is None, "more idle ones than there are contradict each other"


def test_one_connection_of_which_nothing_is_reported_shows_no_number() -> None:
    nats = only(world(pattern("nats", {}, "DEGRADED")), "nats")
    assert {one.value for one in (nats.pools[0].active, nats.pools[0].idle, nats.pools[0].maximum)} == {None}
    assert (nats.connection, nats.status) == ("reconnecting", Status.DEGRADED)
    assert nats.in_messages.reading is Reading.NOT_REPORTED
    assert "prism_backend_messages_total by pattern and direction" in nats.in_messages.note
    assert "in_msgs in the health details of nats" in nats.in_messages.note


def test_what_the_proxy_counts_comes_before_what_the_health_details_say() -> None:
    rows = {"prism_backend_messages_total": 42_000.0, "prism_backend_bytes_total": 8.4e6}
    labels = {"backend": "nats", "pattern": "nats", "direction": "in"}
    nats = only(world(proxy(NOW, rows=rows, **labels), pattern("nats", {"in_msgs": "7", "out_msgs": "8"})), "nats")
    assert (nats.in_messages.value, nats.in_bytes.value, nats.out_messages.value) == (42_000.0, 8.4e6, 8.0)


def test_details_of_a_pattern_that_is_gone_are_old() -> None:
    snapshot = world(
        pattern("memstore", {"keys": "6200", "max_keys": "10000", "mode": "lru"}, time=NOW - 9), down=("patterns",)
    )
    gone = only(snapshot, "memstore")
    assert gone.status is not Status.HEALTHY
    assert (gone.stored.reading, gone.stored.value, gone.stored_ratio.reading) == (Reading.STALE, 6200.0, Reading.STALE)
    assert (gone.details, gone.details_age_seconds) == ({"mode": "lru"}, 9.0)


def test_a_limit_of_zero_divides_nothing() -> None:
    store = only(world(pattern("memstore", {"keys": "5", "max_keys": "0"})), "memstore")
    assert (store.stored.value, store.stored_ratio.value) == (5.0, None)


@pytest.mark.parametrize(
    ("name", "backend", "details", "driver"),
    [
        ("redis", "redis", {}, "redis"),
        ("sessions", "postgres", {}, "postgresql"),
        ("sessions", "redis-cluster", {}, "redis"),
        ("sessions", "kafka", {"total_conns": "1"}, "kafka"),
        ("sessions", "sessions", {"acquired": "1"}, "postgresql"),
        ("orders-nats", "orders-nats", {}, "nats"),
        ("redis-to-nats", "redis-to-nats", {}, "redis-to-nats"),
        ("catalog", "catalog", {"keys": "4"}, "memstore"),
        ("credis", "credis", {}, "credis"),
        ("", "", {}, ""),
    ],
)
def test_a_driver_is_known_by_its_backend_its_details_or_its_name(
    name: str, backend: str, details: Mapping[str, str], driver: str
) -> None:
    assert driver_of(name, backend, details) == driver


def test_details_without_a_place_are_shown_with_the_unit_of_their_ending() -> None:
    assert unexplained("kafka", {"max": "5", "in_msgs": "7"}) == {"max": "5", "in_msgs": "7"}
    assert unexplained("postgresql", {"max": "5", "region": "eu"}) == {"region": "eu"}
    title, measure = reported("heap_bytes", "2048", None) or ("", None)
    assert (title, measure and measure.unit, measure and measure.value) == ("heap", Unit.BYTES, 2048.0)
    assert reported("running", "true", None) is None
    title, measure = reported("queue_length", "12", 4.0) or ("", None)
    assert (title, measure and measure.reading) == ("queue length", Reading.STALE)


def test_the_worst_comes_first_and_among_equals_the_fullest() -> None:
    def pool(name: str, active: float) -> Scrape:
        rows = {"prism_pool_connections_active": active, "prism_pool_connections_max": 10.0}
        return proxy(NOW, f"{name}:1", rows, backend=name, pattern=name)

    snapshot = world(pool("a", 2.0), pool("b", 7.0), pool("c", 9.5), pool("d", 2.4))
    assert [one.backend for one in pools(snapshot, NOW)] == ["c", "b", "a", "d"]
    assert [one.name for one in backends(snapshot, NOW).backends] == ["c", "b", "a", "d"]


@pytest.mark.parametrize(
    ("active", "reason"),
    [(10.0, "10 of 10 connections in use, 4 waiting"), (9.5, "redis: connection pool near capacity")],
)
def test_a_pool_that_is_worse_than_what_its_client_reports_says_why(active: float, reason: str) -> None:
    health = pattern("redis", {}, "DEGRADED")
    health.add(
        "prism_pattern_message_info", 1.0, Kind.INFO, pattern="redis", message="redis: connection pool near capacity"
    )
    rows = {"prism_pool_connections_active": active, "prism_pool_connections_max": 10.0, "prism_pool_waiting": 4.0}
    snapshot = world(health, proxy(NOW, rows=rows, backend="redis", pattern="redis"))
    assert only(snapshot, "redis").reason == reason
    assert backends(snapshot, NOW).reason == (reason if reason.startswith("redis") else f"redis: {reason}")


def test_lines_are_gaps_where_nothing_was_read_and_add_up_over_proxies() -> None:
    def active(time: float, instance: str, value: float) -> Scrape:
        return proxy(time, instance, {"prism_pool_connections_active": value}, backend="redis", pattern="redis")

    snapshot = world(
        active(NOW - 25, PROXIES[0], 3.0), active(NOW - 5, PROXIES[0], 4.0), active(NOW - 4, PROXIES[1], 2.0)
    )
    assert pool_series(snapshot, NOW, 30.0, 10.0).in_use == {"redis": [3.0, None, 6.0]}


TEXTS = st.one_of(
    st.floats(-1e300, 1e300).map(str), st.integers().map(str), st.text(max_size=12),
    st.sampled_from(["0", "NaN", "-1", "inf", "1e308", "1e999"]),
)  # fmt: skip


@settings(max_examples=60)
@given(details=st.dictionaries(st.sampled_from(sorted(NUMBERS | {"keys", "max_keys", "subscriptions"})), TEXTS))
def test_whatever_the_details_say_every_figure_is_one_that_was_reported(details: dict[str, str]) -> None:
    snapshot = world(pattern("p", details))
    values = [value for text in details.values() if (value := number(text)) is not None]
    one = only(snapshot, "p")
    for measure in (one.stored, one.most_stored, *(each for pool in one.pools for each in (pool.idle, pool.maximum))):
        assert measure.value is None or measure.value in [pytest.approx(value) for value in values]
    for pool in one.pools:
        ratio = pool.utilization_ratio.value
        assert ratio is None or math.isfinite(ratio)
        if ratio is not None:
            assert ratio == (pool.active.value or 0.0) / (pool.maximum.value or math.nan)
    for key, text in one.details.items():
        assert details[key] == text or number(details[key]) == pytest.approx(number(text))


@settings(max_examples=60)
@given(
    limits=st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 500), st.integers(0, 50)), min_size=1, max_size=6, unique=True
    )
)
def test_a_sum_is_over_what_is_a_pool_and_nothing_else(limits: list[tuple[int, int, int]]) -> None:
    scrapes = []
    for at, limit in enumerate(limits):
        rows = {f"prism_pool_connections_{what}": float(value) for what, value in zip(TOLD, limit, strict=True)}
        scrapes.append(proxy(NOW, f"h{at}:1", rows, backend=f"b{at}", pattern=f"p{at}"))
    whole = backends(world(*scrapes), NOW)
    counted = [one for one in limits if one[1] > 1]
    assert whole.summed == len(counted)
    if counted:
        found = (whole.active.value, whole.maximum.value, whole.idle.value)
        assert found == tuple(float(sum(one[at] for one in counted)) for at in range(3))
    else:
        assert whole.active.reading is Reading.NOT_REPORTED
