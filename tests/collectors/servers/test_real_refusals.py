"""Real servers that refuse: each says it is up, in its own words; and real parts that cannot be read."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis as client

from collectors.servers.postgres_server import PostgresServerCollector
from collectors.servers.redis_server import RedisServerCollector
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target
from tests.collectors.scrapes import rows
from tests.patience import until
from tests.servers.pgbouncer_process import PgbouncerProcess
from tests.servers.postgres_process import PostgresProcess
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess

pytestmark = pytest.mark.server

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=3.0)


def refusal(scrape: Scrape) -> tuple[str, str]:
    """How it is, and its words."""
    assert rows(scrape, "backend_up") == {(): 1.0}
    ((words, state),) = rows(scrape, "backend_refusal_info")
    return state, words


def test_a_redis_that_runs_a_script_is_busy(tmp_path: Path) -> None:
    with running(RedisProcess(tmp_path, "--lua-time-limit", "20")) as server:
        reader = RedisServerCollector(Target("", server.url), OPTIONS)
        reader.collect(time.time)

        def loop() -> None:
            with contextlib.suppress(client.RedisError), client.Redis.from_url(server.url) as one:
                one.eval("while true do end", 0)

        script = threading.Thread(target=loop)
        script.start()
        until(lambda: rows(reader.collect(time.time), "backend_refusal_info") != {})
        state, words = refusal(reader.collect(time.time))
        assert (state, words.split()[0]) == ("busy", "BUSY")
        server.cli("SCRIPT", "KILL")
        script.join()
        assert rows(reader.collect(time.time), "backend_refusal_info") == {}
        reader.close()


def test_a_user_of_redis_who_may_not_ask_is_refused_and_one_without_config_reads_all_else(tmp_path: Path) -> None:
    with running(RedisProcess(tmp_path)) as server:
        server.cli("ACL", "SETUSER", "blind", "on", ">look", "+ping")
        server.cli("ACL", "SETUSER", "looker", "on", ">look", "+info")
        blind, looker = (
            RedisServerCollector(Target("", f"redis://{user}:look@127.0.0.1:{server.port}"), OPTIONS)
            for user in ("blind", "looker")
        )
        with pytest.raises(CollectError) as caught:
            blind.collect(time.time)
        assert caught.value.kind is ErrorKind.UNAUTHENTICATED
        assert "NOPERM" in caught.value.detail
        assert rows(looker.collect(time.time), "backend_connections_max") == {(): 10000.0}
        blind.close()
        looker.close()


def test_a_replica_that_serves_no_stale_data_still_reports_how_it_is(tmp_path: Path) -> None:
    options = ("--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "no")
    with running(RedisProcess(tmp_path, *options)) as server:
        reader = RedisServerCollector(Target("", server.url), OPTIONS)
        assert rows(reader.collect(time.time), "redis_server_replication_link_up") == {(): 0.0}
        reader.close()


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresProcess]:
    with tempfile.TemporaryDirectory(prefix="hud-postgres-") as home:
        server = PostgresProcess(Path(home), "max_connections=20", "track_activity_query_size=100")
        with running(server):
            server.prepare()
            yield server


def test_a_pgbouncer_whose_pool_is_full_is_full_and_not_down(postgres: PostgresProcess) -> None:
    with tempfile.TemporaryDirectory(prefix="hud-pgbouncer-") as home:
        pooler = PgbouncerProcess(Path(home), postgres.port, pool_mode="session", default_pool_size=1,
                                  max_client_conn=3, query_wait_timeout=1)  # fmt: skip
        with running(pooler), contextlib.ExitStack() as held:
            reader = PostgresServerCollector(Target("", pooler.url), OPTIONS)
            assert rows(reader.collect(time.time), "backend_connections_max") == {(): 20.0}
            reader.close()
            first = held.enter_context(psycopg.connect(pooler.url, autocommit=True))
            first.execute("SELECT 1")
            waits = PostgresServerCollector(Target("", pooler.url), OPTIONS)
            assert refusal(waits.collect(time.time)) == ("full", "query_wait_timeout")
            for _ in range(2):
                held.callback(_knock(pooler.port).finish)
            state, words = refusal(waits.collect(time.time))
            assert state == "full"
            assert "no more connections allowed" in words
            waits.close()


def _knock(port: int) -> psycopg.pq.abc.PGconn:
    """A client that came in and waits: it has a place among those let in."""
    conn = psycopg.pq.PGconn.connect_start(f"host=127.0.0.1 port={port} user=postgres dbname=postgres".encode())

    until(lambda: conn.connect_poll() in (psycopg.pq.PollingStatus.OK, psycopg.pq.PollingStatus.FAILED))
    conn.send_query(b"SELECT 1")
    return conn


def test_a_pgbouncer_that_cannot_reach_its_server_says_so(dead_port: int) -> None:
    with tempfile.TemporaryDirectory(prefix="hud-pgbouncer-") as home:
        pooler = PgbouncerProcess(Path(home), dead_port, server_login_retry=1, query_wait_timeout=1)
        with running(pooler):
            reader = PostgresServerCollector(Target("", pooler.url), OPTIONS)
            said = []
            for _ in range(2):
                try:
                    said.append(" ".join(refusal(reader.collect(time.time))))
                except CollectError as error:
                    assert error.kind is ErrorKind.REFUSED
                    said.append(error.detail)
            reader.close()
            assert all(said)


def test_whom_pg_hba_does_not_name_is_refused(postgres: PostgresProcess) -> None:
    hba = postgres.home / "data" / "pg_hba.conf"
    before = hba.read_text()
    hba.write_text("host all stranger 127.0.0.1/32 reject\n" + before)
    postgres.rows("SELECT pg_reload_conf()")
    reader = PostgresServerCollector(Target("", f"postgresql://stranger@127.0.0.1:{postgres.port}/postgres"), OPTIONS)
    kinds = []

    def refused() -> bool:
        with pytest.raises(CollectError) as caught:
            reader.collect(time.time)
        kinds.append(caught.value.kind)
        return "pg_hba" in caught.value.detail

    until(refused)
    assert set(kinds) == {ErrorKind.UNAUTHENTICATED}
    hba.write_text(before)
    postgres.rows("SELECT pg_reload_conf()")
    reader.close()


@pytest.fixture
def admin(postgres: PostgresProcess) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(postgres.admin_url, autocommit=True) as connection:
        yield connection


def url_of(postgres: PostgresProcess, role: str) -> str:
    return f"postgresql://{role}@127.0.0.1:{postgres.port}/postgres"


def test_columns_that_an_older_server_has_not_are_not_asked_for(
    postgres: PostgresProcess, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    """9.6 has sessions without a kind: its view, by the same names, put before the server's own."""
    admin.execute("CREATE SCHEMA nine; GRANT USAGE ON SCHEMA nine TO PUBLIC")
    admin.execute(
        "CREATE VIEW nine.pg_stat_activity AS SELECT datid, usesysid, application_name, client_port, xact_start,"
        " wait_event_type, state, query FROM pg_catalog.pg_stat_activity"
    )
    admin.execute("GRANT SELECT ON nine.pg_stat_activity TO PUBLIC; CREATE ROLE old LOGIN IN ROLE pg_monitor")
    admin.execute("ALTER ROLE old SET search_path = nine, pg_catalog, public")
    reader = PostgresServerCollector(Target("", url_of(postgres, "old")), OPTIONS)
    scrape = reader.collect(time.time)
    assert rows(scrape, "backend_part_info") == {}
    assert rows(scrape, "backend_connections")["idle",] >= 1.0
    assert rows(scrape, "postgres_server_lock_waits") == {(): 0.0}
    reader.close()


def test_where_activities_are_not_tracked_no_state_is_nought(
    postgres: PostgresProcess, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    untracked = psycopg.connect(postgres.admin_url, autocommit=True, options="-c track_activities=off")
    reader = PostgresServerCollector(Target("", postgres.url), OPTIONS)
    scrape = reader.collect(time.time)
    reported = rows(scrape, "backend_connections")
    assert reported["disabled",] >= 1.0
    assert 0.0 not in reported.values()
    assert rows(scrape, "postgres_server_longest_transaction_seconds") == {}
    assert any("track_activities" in words for words, *_ in rows(scrape, "backend_part_info"))
    untracked.close()
    until(lambda: rows(reader.collect(time.time), "backend_connections").get(("active",)) == 0.0)
    reader.close()


def test_a_view_that_is_slow_or_denied_costs_itself_alone(
    postgres: PostgresProcess, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    admin.execute("CREATE SCHEMA slow; GRANT USAGE ON SCHEMA slow TO PUBLIC")
    admin.execute(
        "CREATE VIEW slow.pg_stat_database AS SELECT d.* FROM pg_catalog.pg_stat_database d,"
        " LATERAL (SELECT pg_sleep(10) WHERE d.datid IS NOT NULL) s"
    )
    admin.execute("CREATE VIEW slow.pg_stat_activity AS SELECT * FROM pg_catalog.pg_stat_activity")
    admin.execute("GRANT SELECT ON slow.pg_stat_database TO PUBLIC; CREATE ROLE sleepy LOGIN IN ROLE pg_monitor")
    admin.execute("ALTER ROLE sleepy SET search_path = slow, pg_catalog, public")
    reader = PostgresServerCollector(Target("", url_of(postgres, "sleepy")), OPTIONS)
    scrape = reader.collect(time.time)
    reported = {part: words for words, part, _ in rows(scrape, "backend_part_info")}
    assert reported["databases"] == "timed out: databases"
    assert "permission denied" in reported["sessions"]
    assert rows(scrape, "backend_connections_max") == {(): 20.0}
    assert list(rows(scrape, "postgres_server_query_calls_total")) == [()]
    reader.close()


def test_without_the_extension_the_statements_say_what_would_fill_them(
    postgres: PostgresProcess, admin: psycopg.Connection[tuple[object, ...]]
) -> None:
    admin.execute("CREATE DATABASE bare")
    reader = PostgresServerCollector(Target("", postgres.url.rpartition("/")[0] + "/bare"), OPTIONS)
    reported = rows(reader.collect(time.time), "backend_part_info")
    assert list(reported) == [("the extension pg_stat_statements would fill it", "statements", "not offered")]
    reader.close()
