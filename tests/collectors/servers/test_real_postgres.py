"""A real PostgreSQL under pgbench, read by a role that may only look: what we read agrees with psql."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from collectors.servers.postgres_server import PostgresServerCollector
from collectors.servers.postgres_session import Session, arguments
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target
from tests.collectors.scrapes import only, rows
from tests.patience import patience, until
from tests.servers.postgres_process import READER, PostgresProcess
from tests.servers.process import running

pytestmark = pytest.mark.server

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=2.0)
TRANSACTIONS = 600
OWN_TRANSACTIONS = 90
"""Tolerance of counts: our own reads, the test's psql, pgbench's few preparations, and the server's own cleaning, which
wakes by its own clock. Statistics come within 1 s.
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresProcess]:
    with tempfile.TemporaryDirectory(prefix="hud-postgres-") as home:
        server = PostgresProcess(Path(home), "max_connections=20", "deadlock_timeout=100ms")
        with running(server):
            server.prepare()
            server.pgbench("-i", "-q")
            yield server


@pytest.fixture
def collector(postgres: PostgresProcess) -> Iterator[PostgresServerCollector]:
    one = PostgresServerCollector(Target("orders", postgres.url), OPTIONS)
    yield one
    one.close()


def test_under_real_load_the_figures_are_those_of_psql(
    postgres: PostgresProcess, collector: PostgresServerCollector
) -> None:
    before = collector.collect(time.time)
    calls_before = postgres.rows("SELECT sum(calls), sum(total_exec_time) FROM pg_stat_statements")[0]
    postgres.pgbench("-c", "3", "-t", str(TRANSACTIONS // 3))
    after = collector.collect(time.time)
    calls_after = postgres.rows("SELECT sum(calls), sum(total_exec_time) FROM pg_stat_statements")[0]
    commits, rollbacks = postgres.rows(
        "SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = 'postgres'"
    )[0]
    reported = rows(after, "postgres_server_transactions_total")
    assert reported["postgres", "commit"] == pytest.approx(commits, abs=OWN_TRANSACTIONS)
    assert reported["postgres", "rollback"] == rollbacks
    grown = reported["postgres", "commit"] - rows(before, "postgres_server_transactions_total")["postgres", "commit"]
    assert grown == pytest.approx(TRANSACTIONS, abs=OWN_TRANSACTIONS)
    calls = only(after, "postgres_server_query_calls_total") - only(before, "postgres_server_query_calls_total")
    assert calls == pytest.approx(float(calls_after[0] - calls_before[0]), abs=OWN_TRANSACTIONS)
    assert calls >= 7 * TRANSACTIONS  # a transaction of pgbench has seven statements
    spent = only(after, "postgres_server_query_duration_seconds_total")
    assert spent == pytest.approx((calls_after[1] - calls_before[1]) / 1000, rel=0.1)
    assert only(after, "backend_connections_max") == 20.0
    started = postgres.rows("SELECT extract(epoch FROM pg_postmaster_start_time())")[0][0]
    assert only(after, "backend_started_timestamp_seconds") == pytest.approx(float(started), abs=0.001)


def test_sessions_are_counted_by_state_without_our_own(
    postgres: PostgresProcess, collector: PostgresServerCollector
) -> None:
    idle, waiting = (psycopg.connect(postgres.admin_url, autocommit=True) for _ in range(2))
    waiting.execute("BEGIN")
    sleeper = threading.Thread(target=lambda: idle.execute("SELECT pg_sleep(1)"))
    sleeper.start()
    other = psycopg.connect(postgres.admin_url, autocommit=True)

    def reported() -> dict[tuple[str, ...], float]:
        return rows(collector.collect(time.time), "backend_connections")

    expected = {("active",): 1.0, ("idle",): 1.0, ("idle in transaction",): 1.0,
                ("idle in transaction (aborted)",): 0.0}  # fmt: skip
    until(lambda: reported() == expected, lambda: str(reported()))
    assert only(collector.collect(time.time), "postgres_server_longest_transaction_seconds") > 0.0
    sleeper.join()
    for connection in (idle, waiting, other):
        connection.close()
    until(lambda: sum(reported().values()) == 0.0, lambda: str(reported()))


def test_a_deadlock_is_counted(postgres: PostgresProcess, collector: PostgresServerCollector) -> None:
    before = rows(collector.collect(time.time), "postgres_server_deadlocks_total")["postgres",]
    first, second = (psycopg.connect(postgres.admin_url) for _ in range(2))
    update = "UPDATE pgbench_branches SET bbalance = 0 WHERE bid = 1"
    other = "UPDATE pgbench_tellers SET tbalance = 0 WHERE tid = 1"
    first.execute(update)
    second.execute(other)
    errors: list[Exception] = []

    def cross(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> None:
        try:
            connection.execute(statement.encode())
        except psycopg.errors.DeadlockDetected as error:
            errors.append(error)
        connection.rollback()

    threads = [threading.Thread(target=cross, args=pair) for pair in ((first, other), (second, update))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(errors) == 1
    first.close()
    second.close()
    until(lambda: rows(collector.collect(time.time), "postgres_server_deadlocks_total")["postgres",] == before + 1.0)


def test_its_session_cannot_write_and_gives_up_in_time(postgres: PostgresProcess) -> None:
    one = PostgresServerCollector(Target("", postgres.admin_url), OPTIONS)  # even as the superuser
    one.collect(time.time)
    with pytest.raises(CollectError) as refused:
        one._session.run(lambda connection: connection.execute("CREATE TABLE never (x int)"))
    assert "read-only" in refused.value.detail
    began = time.monotonic()
    with pytest.raises(CollectError) as late:
        one._session.run(lambda connection: connection.execute("SELECT pg_sleep(60)"))
    assert late.value.kind is ErrorKind.TIMED_OUT
    assert time.monotonic() - began < OPTIONS.timeout_seconds * 3 * patience()
    assert postgres.rows("SELECT count(*) FROM pg_class WHERE relname = 'never'") == [(0,)]
    one.close()


def test_a_role_that_may_see_nothing_reports_connections_and_no_states(postgres: PostgresProcess) -> None:
    postgres.rows("SELECT 1")
    with psycopg.connect(postgres.admin_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE blind LOGIN")
        blind = PostgresServerCollector(Target("", f"postgresql://blind@127.0.0.1:{postgres.port}/postgres"), OPTIONS)
        scrape = blind.collect(time.time)
        assert rows(scrape, "backend_connections") == {("not visible",): 1.0}
        assert rows(scrape, "postgres_server_longest_transaction_seconds") == {}
        assert rows(scrape, "postgres_server_query_calls_total") == {}
        blind.close()


REFUSES = (
    "CREATE FUNCTION {where}.{name}() RETURNS {kind} LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'not supported here' \
USING ERRCODE = '{state}'; END$$"
)


def relative(postgres: PostgresProcess, name: str, *functions: str) -> PostgresServerCollector:
    """A reader of a server on which these functions are others than PostgreSQL's."""
    with psycopg.connect(postgres.admin_url, autocommit=True) as connection:
        for statement in (
            f"CREATE SCHEMA {name}", *functions, f"CREATE ROLE {name} LOGIN",
            f"GRANT USAGE ON SCHEMA {name} TO {name}", f"GRANT pg_monitor TO {name}",
            f"ALTER ROLE {name} SET search_path = {name}, pg_catalog",
        ):  # fmt: skip
            connection.execute(statement.encode())
    return PostgresServerCollector(Target("", f"postgresql://{name}@127.0.0.1:{postgres.port}/postgres"), OPTIONS)


def test_a_replica_that_refuses_to_tell_its_lag_as_auroras_do_reports_all_else(postgres: PostgresProcess) -> None:
    aurora = relative(
        postgres,
        "aurora",
        "CREATE FUNCTION aurora.pg_is_in_recovery() RETURNS bool LANGUAGE sql AS 'SELECT true'",
        REFUSES.format(where="aurora", name="pg_last_wal_receive_lsn", kind="pg_lsn", state="0A000"),
    )
    for _ in range(2):
        scrape = aurora.collect(time.time)
        assert rows(scrape, "backend_connections")["idle",] >= 0.0
        assert only(scrape, "postgres_server_longest_transaction_seconds") >= 0.0
        assert rows(scrape, "postgres_server_replication_lag_seconds") == {}
        assert rows(scrape, "backend_part_info") == {}
    aurora.close()


def test_a_server_without_some_functions_as_cockroach_is_up_and_reports_what_it_has(postgres: PostgresProcess) -> None:
    kind = "timestamptz"
    other = relative(
        postgres, "roach", REFUSES.format(where="roach", name="pg_postmaster_start_time", kind=kind, state="42883")
    )
    for _ in range(2):
        scrape = other.collect(time.time)
        assert only(scrape, "backend_up") == 1.0
        assert rows(scrape, "backend_started_timestamp_seconds") == {}
        assert rows(scrape, "postgres_server_transactions_total")["postgres", "commit"] > 0.0
    other.close()


def test_a_full_server_says_so_and_is_not_down(postgres: PostgresProcess) -> None:
    held = [psycopg.connect(postgres.admin_url) for _ in range(18)]
    late = PostgresServerCollector(Target("", postgres.url), OPTIONS)
    ((words, state),) = rows(late.collect(time.time), "backend_refusal_info")
    assert state == "full"
    assert "connection" in words or "clients" in words
    late.close()
    for connection in held:
        connection.close()


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("nobody@127.0.0.1:{port}/postgres", ErrorKind.UNAUTHENTICATED),
        ("prism_hud:opensesame@127.0.0.1:{port}/postgres", ErrorKind.UNAUTHENTICATED),
        ("prism_hud@127.0.0.1:{port}/postgres", ErrorKind.UNAUTHENTICATED),
        ("postgres@127.0.0.1:{port}/nowhere", ErrorKind.NOT_OFFERED),
        ("postgres@127.0.0.1:{dead}/postgres", ErrorKind.DOWN),
    ],
)
def test_what_goes_wrong_is_named(postgres: PostgresProcess, dead_port: int, address: str, kind: ErrorKind) -> None:
    url = "postgresql://" + address.format(port=postgres.port, dead=dead_port)
    wrong = PostgresServerCollector(Target("", url), OPTIONS)
    with pytest.raises(CollectError) as caught:
        wrong.collect(time.time)
    assert caught.value.kind is kind, caught.value
    assert "opensesame" not in str(caught.value)
    wrong.close()


def test_a_paused_server_times_out_and_a_killed_one_is_down_and_comes_back() -> None:
    with tempfile.TemporaryDirectory(prefix="hud-postgres-") as home:
        server = PostgresProcess(Path(home))
        with running(server):
            server.prepare()
            reader = PostgresServerCollector(Target("", server.url), OPTIONS)
            reader.collect(time.time)
            server.pause()
            with pytest.raises(CollectError) as hung:
                reader.collect(time.time)
            assert hung.value.kind is ErrorKind.TIMED_OUT
            server.resume()
            until(lambda: reader.collect(time.time).events == [])
            server.kill()
            with pytest.raises(CollectError) as dead:
                reader.collect(time.time)
            assert dead.value.kind is ErrorKind.DOWN
            server.start()
            assert [event.kind for event in reader.collect(time.time).events] == ["backend_restart"]
            reader.close()


def test_an_address_says_what_it_may_and_the_rest_is_ours() -> None:
    url = "postgresql://u%40x:p%2Fw@[::1]:5433/db?sslmode=require&application_name=x&options=-cdefault_transaction=off"
    assert arguments(url, OPTIONS) == {
        "host": "::1", "port": 5433, "user": "u@x", "password": "p/w", "dbname": "db", "sslmode": "require",
        "application_name": "prism-hud", "connect_timeout": 2, "client_encoding": "utf8",
    }  # fmt: skip


def test_a_database_without_an_encoding_has_words_all_the_same(postgres: PostgresProcess) -> None:
    """SQL_ASCII says nothing of what its bytes mean, and what is no text costs its own part."""
    creates = "CREATE DATABASE {} ENCODING 'SQL_ASCII' TEMPLATE template0"
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(creates.format("plain").encode())
    one = PostgresServerCollector(Target("orders", postgres.url.replace("/postgres", "/plain")), OPTIONS)
    scrape = one.collect(time.time)
    assert ("plain", "commit") in rows(scrape, "postgres_server_transactions_total")
    ((_, role, version),) = rows(scrape, "backend_info")
    assert (role, version[:1].isdigit()) == ("primary", True)
    with psycopg.connect(postgres.url.replace("/postgres", "/plain"), user="postgres", autocommit=True) as admin:
        admin.execute(creates.format(b'"caf\xe9"'.decode("latin-1")).encode("latin-1"))
    scrape = one.collect(time.time)
    parts = rows(scrape, "backend_part_info")
    assert ["databases" in labels for labels in parts if "invalid byte sequence" in labels[0]] == [True]
    assert rows(scrape, "backend_connections")
    one.close()
    with psycopg.connect(postgres.url.replace("/postgres", "/plain"), user="postgres", autocommit=True) as admin:
        admin.execute(b'DROP DATABASE "caf\xe9"')


def test_a_role_that_asks_for_more_isolation_reads_as_others_do(postgres: PostgresProcess) -> None:
    """A standby refuses it."""
    with psycopg.connect(postgres.admin_url, autocommit=True) as admin:
        admin.execute(f"ALTER ROLE {READER} SET default_transaction_isolation = 'serializable'".encode())
        session = Session(postgres.url, OPTIONS)
        assert session.run(lambda one: one.execute("SHOW transaction_isolation").fetchone()) == ("read committed",)
        session.close()
        admin.execute(f"ALTER ROLE {READER} RESET ALL".encode())
