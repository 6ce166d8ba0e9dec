"""Reads a PostgreSQL server's statistics views: in read-only transactions, with a statement timeout, as `prism-hud`.

Its own session is in none of the counts (contracts external F).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow, dict_row

from collectors.core.answers import offer_rows
from collectors.core.configured import Configured
from collectors.core.contract import Clock
from collectors.servers import postgres_views as views
from collectors.servers.postgres_errors import is_interrupted, typed
from collectors.servers.postgres_session import Session
from collectors.servers.postgres_statements import StatementViews
from collectors.servers.server_scrape import ITSELF, RefusalError, Reported, ServerWords, identity, plain
from model.catalogue.servers import DATABASES, SESSIONS, STATEMENTS
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target

STATES = ("active", "idle", "idle in transaction", "idle in transaction (aborted)")
"""Reported as 0 when nobody is in them, so that a state that empties does not look unreported."""
HIDDEN = {
    "not visible": "the role is no member of pg_monitor",
    "disabled": "track_activities is off",
}
"""What stands for the state of a session that does not show it, and why."""
UNKNOWN_HERE = (
    psycopg.errors.UndefinedFunction,
    psycopg.errors.UndefinedObject,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.InsufficientPrivilege,
)
"""What a server says to a question that it does not have, or does not answer to us."""
SHARES = {SESSIONS: 0.5, DATABASES: 0.6, STATEMENTS: 0.9}
"""Of the time that is left, for each part of a read in turn."""

Row = Mapping[str, Any]
Rows = Sequence[Row]
Cursor = psycopg.Cursor[DictRow]
Tell = Callable[[Reported, Cursor], None]


class PostgresServerCollector(Configured):
    """One server, asked over one kept connection. `by_database`: its address has several, as that of a pooler."""

    source = "postgres"

    def __init__(self, target: Target, options: SourceOptions, by_database: bool = False) -> None:
        self._words = ServerWords(self.source, target, ITSELF, whole=by_database)
        super().__init__(target.url, options, instance=self._words.instance, address=self._words.address)
        self._session = Session(target.url, options)
        self._views = StatementViews()
        self._shared = False
        self._begin_anew()

    def collect(self, now: Clock) -> Scrape:
        """All views. Raises CollectError when it does not answer, or does not let us in."""
        try:
            return self._session.run(lambda connection: self._read(connection, now))
        except CollectError as error:
            self._begin_anew()
            if isinstance(error, RefusalError):
                return self._words.refused(now, error)
            raise

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _begin_anew(self) -> None:
        """Whoever comes back may be another version."""
        self._views.forget()
        self._sessions: tuple[str, str] | None = None
        self._standby = False
        self._absent: set[str] = set()

    def _read(self, connection: Connection[Any], now: Clock) -> Scrape:
        with connection.cursor(row_factory=dict_row) as cursor:
            server = self._offered(cursor, views.SERVER) or cursor.execute(views.LEAST).fetchone() or {}
            self._standby = server.get("role") == "standby"
            offer_rows("the server", [server])
            reported = self._words.scrape(now)
            self._words.introduce(reported, str(server.get("version")).partition(" ")[0], server.get("role"))
            started, clock = server.get("started"), server.get("clock")
            self._words.started(reported, started, str(started), clock)
            reported.gauge("backend_connections_max", server.get("allowed"))
            self._part(reported, cursor, SESSIONS, self._report_sessions)
            self._part(reported, cursor, DATABASES, _report_databases)
            self._part(reported, cursor, STATEMENTS, self._report_statements)
        return reported.scrape

    def _offered(self, cursor: Cursor, question: str) -> Row:
        """The row of a question that a server may not have; nothing where it has not, which it is asked but once."""
        if question in self._absent:
            return {}
        try:
            with cursor.connection.transaction():
                return cursor.execute(question.encode()).fetchone() or {}
        except UNKNOWN_HERE:
            self._absent.add(question)
            return {}

    def _part(self, reported: Reported, cursor: Cursor, name: str, report: Tell) -> None:
        """One view, in a savepoint and with a share of the time: where it fails it costs nothing else.

        One that is interrupted is asked once more.
        """
        failure = self._try(reported, cursor, name, report)
        if failure is not None and is_interrupted(failure):
            failure = self._try(reported, cursor, name, report)
        if failure is not None:
            reported.unread(name, failure)

    def _try(self, reported: Reported, cursor: Cursor, name: str, report: Tell) -> CollectError | None:
        seconds = self._session.seconds_left() * SHARES[name]
        began = time.monotonic()
        try:
            with cursor.connection.transaction():
                cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
                report(reported, cursor)
        except psycopg.Error as error:
            if cursor.connection.broken or cursor.connection.closed:
                raise
            late = isinstance(error, psycopg.errors.QueryCanceled) and time.monotonic() - began >= seconds
            return typed(error, seconds, late)
        except CollectError as error:
            return error
        return None

    def _report_sessions(self, reported: Reported, cursor: Cursor) -> None:
        if self._sessions is None:
            columns = cursor.execute(views.COLUMNS, (views.ACTIVITY_VIEW,)).fetchall()
            self._sessions = views.sessions({str(row["name"]) for row in columns})
        states, waits = (cursor.execute(one.encode()).fetchall() for one in self._sessions)
        offer_rows("pg_stat_activity", [*states, *waits])
        self._shared = self._shared or bool(waits[0]["shared"])
        _report_states(reported, states, waits[0])
        if self._standby:
            behind = self._offered(cursor, views.LAG).get("behind")
            reported.gauge("postgres_server_replication_lag_seconds", behind)

    def _report_statements(self, reported: Reported, cursor: Cursor) -> None:
        totals = self._views.totals(cursor, self._shared)  # shared: the role is somebody else's as well
        reported.counter("postgres_server_query_calls_total", totals.calls)
        reported.counter("postgres_server_query_duration_seconds_total", totals.seconds)


def _report_states(reported: Reported, sessions: Rows, waits: Row) -> None:
    """Where some hide their state, nothing is 0 and the waits are not known."""
    counts = {plain(row["state"]): row["sessions"] for row in sessions}
    hidden = next((state for state in HIDDEN if state in counts), "")
    for state in {**dict.fromkeys(() if hidden else STATES, 0.0), **counts}:
        reported.gauge("backend_connections", counts.get(state, 0.0), state=state)
    if hidden:
        reported.cut(SESSIONS, f"{counts[hidden]:,.0f} sessions do not show their state: {HIDDEN[hidden]}")
        return
    reported.gauge("postgres_server_longest_transaction_seconds", waits.get("longest"))
    reported.gauge("postgres_server_lock_waits", waits.get("waiting"))


def _report_databases(reported: Reported, cursor: Cursor) -> None:
    databases = cursor.execute(views.DATABASES).fetchall()
    offer_rows("pg_stat_database", databases)
    if len(databases) > views.MAX_DATABASES:
        raise CollectError(ErrorKind.TOO_LARGE, f"more than {views.MAX_DATABASES:,} databases")
    for row in databases:
        name = identity(row["name"])
        for result, field in (("commit", "committed"), ("rollback", "rolled_back")):
            reported.counter("postgres_server_transactions_total", row[field], database=name, result=result)
        reported.counter("postgres_server_deadlocks_total", row["deadlocks"], database=name)
