"""What real servers said, recorded, and whatever else they may say: read into the catalogue's families, or named."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.exposition.naming import Naming
from collectors.exposition.parser import ExpositionCache, parse_exposition
from collectors.servers.exporter import BackendExporterCollector
from collectors.servers.exporter_names import POSTGRES, REDIS, Exporter
from collectors.servers.nats_server import NatsServerCollector
from collectors.servers.nats_subscribers import add_subscribers
from collectors.servers.redis_info import parse_info, report
from collectors.servers.server_scrape import ITSELF, ServerWords
from collectors.servers.statement_totals import Statement, StatementTotals
from model.catalogue import BY_NAME
from model.series import Scrape
from model.settings import Aliases, SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target
from tests.collectors.conftest import Asked, Reply

RECORDED = Path(__file__).parents[1] / "recorded"
OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
NOW = 1_795_406_700.0
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def values(scrape: Scrape, name: str) -> dict[tuple[str, ...], float]:
    return {
        tuple(value for label, value in one.series.labels if label not in ("backend", "instance")): one.value
        for one in scrape.samples()
        if one.series.name == name
    }


def is_canonical(scrape: Scrape) -> bool:
    """Every sample is of the catalogue, with its kind and its labels, finite, and there once."""
    for series, value in zip(scrape.series, scrape.values, strict=True):
        family = BY_NAME[series.name]
        assert series.kind is family.kind, series
        assert {name for name, _ in series.labels} == {*family.labels, "instance"}, series
        assert math.isfinite(value), series
    return len(set(scrape.series)) == len(scrape.series)


def redis_scrape(text: str) -> Scrape:
    words = ServerWords("redis", Target("cache", "redis://a:1"), ITSELF)
    reported = words.scrape(lambda: NOW)
    report(words, reported, parse_info(text))
    return reported.scrape


def test_the_recorded_info_is_read_whole() -> None:
    scrape = redis_scrape((RECORDED / "redis_info.txt").read_text())
    assert is_canonical(scrape)
    assert values(scrape, "backend_connections_max") == {(): 10000.0}
    assert values(scrape, "redis_server_command_calls_total")[("get",)] == 2000.0
    assert values(scrape, "redis_server_keyspace_hits_total") == {(): 2000.0}
    assert values(scrape, "redis_server_command_latency_seconds")["get", "0.99"] == pytest.approx(1.003e-6)


def test_an_old_redis_without_what_came_later_leaves_it_out() -> None:
    scrape = redis_scrape("# Server\r\nredis_version:2.8.4\r\nuptime_in_seconds:9\r\nconnected_clients:2\r\n"
                          "cmdstat_get:calls=4,usec=8,usec_per_call=2.00\r\n")  # fmt: skip
    assert is_canonical(scrape)
    assert values(scrape, "redis_server_command_duration_seconds_total") == {("get",): pytest.approx(8e-6)}
    assert values(scrape, "redis_server_command_failures_total") == {}
    assert values(scrape, "backend_connections_max") == {}


@given(st.text(), st.dictionaries(st.sampled_from(["maxclients", "uptime_in_seconds", "cmdstat_get", "loading",
                                                   "latency_percentiles_usec_get", "used_memory", "cmdstat_🚀"]),
                                  st.text(max_size=30) | st.floats().map(str)))  # fmt: skip
def test_whatever_info_says_what_is_reported_is_canonical(noise: str, fields: dict[str, str]) -> None:
    text = noise + "\r\n" + "\r\n".join(f"{name}:{value}" for name, value in fields.items())
    is_canonical(redis_scrape(text))


def nats(monitor: Any, changed: dict[str, Any] | None = None) -> tuple[NatsServerCollector, Any]:
    files = {"/varz": "nats_varz", "/connz": "nats_connz", "/jsz": "nats_jsz", "/healthz": "nats_healthz"}

    def answers(asked: Asked) -> Reply:
        reported = (changed or {}).get(asked.path, ...)
        if isinstance(reported, Reply):
            return reported
        return (
            Reply.of(reported)
            if reported is not ...
            else Reply(200, (RECORDED / f"{files[asked.path]}.json").read_bytes())
        )

    server = monitor(answers)
    return NatsServerCollector(Target("events", server.url), OPTIONS), server


def test_the_recorded_monitoring_is_read_whole(http: Any) -> None:
    collector, server = nats(http)
    scrape = collector.collect(lambda: NOW)
    collector.close()
    assert is_canonical(scrape)
    assert values(scrape, "nats_server_messages_total") == {("in",): 72.0, ("out",): 103.0}
    assert values(scrape, "nats_server_subscriber_messages_total") == {
        ("workers", "audit.>", 'slow "reader" <b> #5'): 0.0,
        ("", "orders.created", 'slow "reader" <b> #5'): 50.0,
        ("", "orders.created", "client #6"): 50.0,
    }
    assert values(scrape, "nats_server_consumer_pending") == {("$G", "billing", "ORDERS"): 20.0}
    queries = {asked.path: asked.query for asked in server.asked}
    assert queries == {"/varz": "", "/connz": "subs=detail&limit=1024&offset=0", "/jsz": "streams=1&consumers=1",
                       "/healthz": ""}  # fmt: skip


def test_what_a_smaller_nats_does_not_offer_costs_nothing_else(http: Any) -> None:
    missing = Reply(404, b"404 page not found")
    collector, _ = nats(http, {"/jsz": missing, "/healthz": missing})
    scrape = collector.collect(lambda: NOW)
    assert is_canonical(scrape)
    assert values(scrape, "backend_connections") == {("connected",): 5.0}
    assert values(scrape, "nats_server_health_info") == {}
    collector.close()


def test_a_nats_that_calls_itself_ill_is_quoted(http: Any) -> None:
    ill = Reply.of({"status": "unavailable", "error": "JetStream is not current"}, 503)
    collector, _ = nats(http, {"/healthz": ill})
    reported = values(collector.collect(lambda: NOW), "nats_server_health_info")
    assert reported == {("JetStream is not current", "not ok"): 1.0}
    collector.close()


@pytest.mark.parametrize("reported", [{}, [], {"version": "2"}, "varz"])
def test_a_varz_of_somebody_else_is_the_wrong_protocol(http: Any, reported: Any) -> None:
    collector, _ = nats(http, {"/varz": reported})
    with pytest.raises(CollectError) as caught:
        collector.collect(lambda: NOW)
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL
    collector.close()


@given(st.lists(st.fixed_dictionaries({}, optional={
    "cid": JSON, "name": JSON, "pending_bytes": JSON,
    "subscriptions_list_detail": JSON | st.lists(st.fixed_dictionaries({}, optional={
        "subject": JSON | st.just("a"), "msgs": JSON | st.integers(0), "qgroup": JSON}), max_size=3),
}), max_size=4))  # fmt: skip
def test_whatever_connz_says_what_is_reported_is_canonical(connections: list[dict[str, Any]]) -> None:
    reported = ServerWords("nats", Target("", "http://a:1"), ITSELF).scrape(lambda: NOW)
    add_subscribers(reported, connections)
    assert is_canonical(reported.scrape)


@pytest.mark.parametrize(("exporter", "file"), [(REDIS, "redis_exporter.txt"), (POSTGRES, "postgres_exporter.txt")])
def test_recorded_exporters_are_read_in_the_catalogues_words(exporter: Any, file: str) -> None:
    read = parse_exposition((RECORDED / file).read_text(), ExpositionCache(Naming("a:1", Aliases())))
    collector = BackendExporterCollector(exporter, Target("cache", "http://a:1/metrics"), OPTIONS)
    scrape = collector.reported(list(zip(read.series, read.values, strict=True)), lambda: NOW)
    collector.close()
    assert is_canonical(scrape)
    assert values(scrape, "backend_up") == {(): 1.0}
    assert values(scrape, "backend_connections_max")[()] in (10000.0, 100.0)


NEWER = """
pg_up 1
pg_stat_activity_count{application_name="psql",backend_type="client backend",datname="a",state="idle",usename="x"} 2
pg_stat_activity_count{application_name="app",backend_type="client backend",datname="a",state="idle",usename="y"} 3
pg_stat_activity_count{application_name="",backend_type="",datname="b",state="active",usename=""} 1
pg_settings_max_connections{server="h:1"} 50
pg_postmaster_start_time_seconds 1.7954e9
pg_stat_statements_calls_total{datname="a",queryid="1",user="x"} 7
pg_stat_statements_calls_total{datname="a",queryid="2",user="x"} 8
"""


def exported(text: str, exporter: Exporter = POSTGRES) -> Scrape:
    read = parse_exposition(text.lstrip(), ExpositionCache(Naming("a:1", Aliases())))
    collector = BackendExporterCollector(exporter, Target("", "http://a:1/metrics"), OPTIONS)
    try:
        return collector.reported(list(zip(read.series, read.values, strict=True)), lambda: NOW)
    finally:
        collector.close()


def test_newer_exporters_labels_are_summed_over() -> None:
    scrape = exported(NEWER)
    assert is_canonical(scrape)
    assert values(scrape, "backend_connections") == {("active",): 1.0, ("idle",): 5.0}


WRAPPED = 2**64 - 1


def test_what_is_no_amount_is_left_out_before_it_is_added_up_or_converted() -> None:
    scrape = redis_scrape(f"cmdstat_get:calls=5,usec={WRAPPED}\nlatency_percentiles_usec_get:p50=-1,p99={WRAPPED}\n")
    assert values(scrape, "redis_server_command_calls_total") == {("get",): 5.0}
    assert values(scrape, "redis_server_command_duration_seconds_total") == {}
    replicas = f"slave0:lag=-1\nslave1:lag={WRAPPED}\nslave2:lag=3\n"
    odd = redis_scrape(f"{replicas}uptime_in_seconds:{WRAPPED}\ncmdstat_get:calls=5,failed_calls=-1,rejected_calls=2\n")
    assert values(odd, "redis_server_replication_lag_seconds") == {(): 3.0}
    assert values(odd, "redis_server_command_failures_total") == {("get",): 2.0}
    assert values(odd, "backend_started_timestamp_seconds") == {}
    assert (("get", "0.99") in values(scrape, "redis_server_command_latency_seconds")) is False
    sessions = "\n".join(
        f'pg_stat_activity_count{{datname="{at}",state="idle"}} {n}' for at, n in enumerate((2, -1, WRAPPED))
    )
    lags = "\n".join(f'pg_replication_lag{{server="{at}"}} {n}' for at, n in enumerate((3, -1, WRAPPED)))
    scrape = exported(f"pg_up 1\n{sessions}\n{lags}\npg_settings_max_connections -1\n")
    assert values(scrape, "backend_connections") == {("idle",): 2.0}
    assert values(scrape, "postgres_server_replication_lag_seconds") == {(): 3.0}
    assert values(scrape, "backend_connections_max") == {(): -1.0}, "a limit that there is none"


def test_an_exporter_reports_the_dearest_statements_and_one_that_comes_into_sight_is_no_burst() -> None:
    collector = BackendExporterCollector(POSTGRES, Target("", "http://a:1/metrics"), OPTIONS)

    def calls(**by_query: int) -> float:
        rows = [f'pg_stat_statements_calls_total{{queryid="{query}"}} {count}' for query, count in by_query.items()]
        read = parse_exposition("\n".join(["pg_up 1", *rows, ""]), ExpositionCache(Naming("a:1", Aliases())))
        scrape = collector.reported(list(zip(read.series, read.values, strict=True)), lambda: NOW)
        return values(scrape, "postgres_server_query_calls_total")[()]

    assert calls(a=100, b=50) == 0.0
    assert calls(a=110, b=50) == 10.0
    assert calls(a=111, c=9_000_000) == 11.0
    assert calls(a=111, b=60, c=9_000_001) == 22.0
    collector.close()


def test_a_family_of_more_rows_than_are_kept_is_not_reported_and_says_why() -> None:
    rows = (f'pg_stat_database_xact_commit{{datname="d{number}"}} 1' for number in range(2001))
    scrape = exported("\n".join(["pg_up 1", *rows, ""]))
    assert values(scrape, "postgres_server_transactions_total") == {}
    assert list(values(scrape, "backend_part_info")) == [
        ("answer too large: databases, 2,001 rows", "databases", "not read")
    ]


def test_an_exporter_of_something_else_is_the_wrong_protocol() -> None:
    with pytest.raises(CollectError) as caught:
        exported("redis_up 1\n")
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(0, 100), st.integers(0, 100)))))
def test_sums_over_statements_never_fall_whatever_is_forgotten(looks: list[dict[str, tuple[int, int]]]) -> None:
    totals, before = StatementTotals(), (0.0, 0.0)
    for look in looks:
        totals.add(Statement(key, float(calls), float(seconds)) for key, (calls, seconds) in look.items())
        assert totals.calls >= before[0]
        assert totals.seconds >= before[1]
        before = totals.calls, totals.seconds


def test_a_statement_that_was_forgotten_and_came_back_counts_anew() -> None:
    totals = StatementTotals()
    for look in ({"a": 100.0, "b": 5.0}, {"b": 6.0}, {"a": 2.0, "b": 6.0}):
        totals.add(Statement(key, calls, calls / 10) for key, calls in look.items())
    assert totals.calls == 3.0
    assert totals.seconds == pytest.approx(0.3)


def test_a_cluster_that_is_down_and_a_replica_without_a_copy_are_known_by_an_exporter_too() -> None:
    lag = 'redis_connected_slave_lag_seconds{{slave_ip="h",slave_port="{}",slave_state="{}"}} {}\n'
    alone = exported(f"redis_up 1\nredis_cluster_state 0\n{lag.format(1, 'wait_bgsave', 0)}", REDIS)
    assert values(alone, "redis_server_cluster_up") == {(): 0.0}
    assert values(alone, "redis_server_replication_lag_seconds") == {}
    both = exported(f"redis_up 1\n{lag.format(1, 'wait_bgsave', 0)}{lag.format(2, 'online', 2)}", REDIS)
    assert values(both, "redis_server_replication_lag_seconds") == {(): 2.0}
