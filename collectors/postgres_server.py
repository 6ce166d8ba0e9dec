"""Reads a PostgreSQL server's statistics views: in read-only transactions, with a statement timeout, as `prism-hud`.

Its own session is in none of the counts (contracts external F).
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow, dict_row

from collectors import postgres_views as views
from collectors.contract import Clock
from collectors.postgres_session import Session
from collectors.server_words import FULL, ITSELF, ServerWords, Told, plain
from collectors.statement_totals import Statement, StatementTotals
from model.series import Scrape
from model.settings import SourceOptions
from model.sources import CollectError
from model.targets import Target

STATES = ("active", "idle", "idle in transaction", "idle in transaction (aborted)")
"""Told as 0 when nobody is in them, so that a state that empties does not look unreported."""
NOT_VISIBLE = "not visible"
LOOK_AGAIN_SECONDS = 60.0
"""How often it is asked whether pg_stat_statements is there."""

Row = Mapping[str, Any]


class PostgresServerCollector:
    """One server, asked over one kept connection."""

    source = "postgres"

    def __init__(self, target: Target, options: SourceOptions) -> None:
        self._words = ServerWords(self.source, target, ITSELF)
        self.instance = self._words.instance
        self.address = self._words.address
        self.interval_seconds = options.interval_seconds
        self.timeout_seconds = options.timeout_seconds
        self._session = Session(target.url, options)
        self._totals = StatementTotals()
        self._shared = False
        self._statements: sql.Composed | None = None
        self._looked_at = float("-inf")

    def collect(self, now: Clock) -> Scrape:
        """All views. Raises CollectError."""
        try:
            return self._session.run(lambda connection: self._read(connection, now))
        except CollectError as error:
            self._looked_at = float("-inf")
            if error.detail != FULL:
                raise
        told = self._words.scrape(now)
        told.gauge("backend_full", True)
        return told.scrape

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def _read(self, connection: Connection[Any], now: Clock) -> Scrape:
        with connection.cursor(row_factory=dict_row) as cursor:
            server = _one(cursor, views.SERVER)
            sessions = cursor.execute(views.ACTIVITY).fetchall()
            waits = _one(cursor, views.WAITS)
            databases = cursor.execute(views.DATABASES).fetchall()
            told = self._words.scrape(now)
            self._words.introduce(told, str(server.get("version")).partition(" ")[0], server.get("role"))
            self._words.started(told, server.get("started"), str(server.get("started")))
            told.gauge("backend_connections_max", server.get("allowed"))
            _tell_sessions(told, sessions, waits)
            _tell_databases(told, databases)
            self._shared = self._shared or bool(waits.get("shared"))
            self._tell_statements(told, cursor)
        return told.scrape

    def _tell_statements(self, told: Told, cursor: psycopg.Cursor[DictRow]) -> None:
        """Last of all, in a savepoint: a view that may not be read costs nothing else."""
        at = time.monotonic()
        if at - self._looked_at > LOOK_AGAIN_SECONDS:
            self._looked_at = at
            self._statements = _offered(cursor)
        if self._statements is None:
            return
        with contextlib.suppress(psycopg.DatabaseError), cursor.connection.transaction():
            rows = cursor.execute(self._statements).fetchall()
            own_too = self._shared  # the role is somebody else's as well
            self._totals.add(
                Statement(str(row["key"]), float(row["calls"]), float(row["seconds"]))
                for row in rows
                if own_too or not row["own"]
            )
            told.counter("postgres_server_query_calls_total", self._totals.calls)
            told.counter("postgres_server_query_duration_seconds_total", self._totals.seconds)


def _one(cursor: psycopg.Cursor[DictRow], statement: Any) -> Row:
    return cursor.execute(statement).fetchone() or {}


def _offered(cursor: psycopg.Cursor[DictRow]) -> sql.Composed | None:
    """The query of pg_stat_statements as this version has it; None where it is not there or not for us."""
    found = cursor.execute(views.EXTENSION).fetchone()
    if not found or not found["allowed"]:
        return None
    for total in views.TOTALS:
        asked = sql.SQL(views.STATEMENTS).format(total=sql.Identifier(total), schema=sql.Identifier(found["schema"]))
        with contextlib.suppress(psycopg.DatabaseError), cursor.connection.transaction():
            cursor.execute(asked)
            return asked
    return None


def _tell_sessions(told: Told, sessions: list[DictRow], waits: Row) -> None:
    counts = {plain(row["state"]): row["sessions"] for row in sessions}
    hidden = NOT_VISIBLE in counts
    for state in {**dict.fromkeys(() if hidden else STATES, 0.0), **counts}:
        told.gauge("backend_connections", counts.get(state, 0.0), state=state)
    if not hidden:
        told.gauge("postgres_server_longest_transaction_seconds", waits.get("longest"))
        told.gauge("postgres_server_lock_waits", waits.get("waiting"))


def _tell_databases(told: Told, databases: list[DictRow]) -> None:
    for row in databases:
        name = plain(row["name"])
        for result, field in (("commit", "committed"), ("rollback", "rolled_back")):
            told.counter("postgres_server_transactions_total", row[field], database=name, result=result)
        told.counter("postgres_server_deadlocks_total", row["deadlocks"], database=name)
