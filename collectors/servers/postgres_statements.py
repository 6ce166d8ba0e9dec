"""pg_stat_statements as a server has it: which columns, in which schema, for whom; summed so that nothing falls."""

from __future__ import annotations

import contextlib
import time

import psycopg
from psycopg import sql
from psycopg.rows import DictRow

from collectors.servers import postgres_views as views
from collectors.servers.statement_totals import Statement, StatementTotals
from model.sources import CollectError, ErrorKind

LOOK_AGAIN_SECONDS = 60.0
"""How often it is asked whether it is there."""
NOT_THERE = "the extension pg_stat_statements would fill it"
NOT_OURS = "membership of pg_read_all_stats (or pg_monitor) would fill it"


class StatementViews:
    """One server's statements."""

    def __init__(self) -> None:
        self._totals = StatementTotals()
        self._asked: sql.Composed | str = NOT_THERE
        self._looked_at = float("-inf")

    def forget(self) -> None:
        """Look again with the next read."""
        self._looked_at = float("-inf")

    def totals(self, cursor: psycopg.Cursor[DictRow], own_too: bool) -> StatementTotals:
        """Calls and time of all statements, those of our own role only when that is somebody else's as well.

        Raises CollectError where they cannot be known: some of them are no sum.
        """
        at = time.monotonic()
        if at - self._looked_at > LOOK_AGAIN_SECONDS:
            self._asked, self._looked_at = _offered(cursor), at
        if isinstance(self._asked, str):
            raise CollectError(ErrorKind.NOT_OFFERED, self._asked)
        rows = cursor.execute(self._asked).fetchall()
        if len(rows) > views.MAX_STATEMENTS:
            self._totals.lose_track()
            raise CollectError(ErrorKind.TOO_LARGE, f"more than {views.MAX_STATEMENTS:,} statements")
        self._totals.add(
            Statement(str(row["key"]), float(row["calls"]), float(row["seconds"]))
            for row in rows
            if own_too or not row["own"]
        )
        return self._totals


def _offered(cursor: psycopg.Cursor[DictRow]) -> sql.Composed | str:
    """The query of pg_stat_statements as this version has it, or why there is none."""
    found = cursor.execute(views.EXTENSION).fetchone()
    if not found:
        return NOT_THERE
    if not found["allowed"]:
        return NOT_OURS
    for total in views.TOTALS:
        asked = sql.SQL(views.STATEMENTS).format(total=sql.Identifier(total), schema=sql.Identifier(found["schema"]))
        with contextlib.suppress(psycopg.errors.UndefinedColumn), cursor.connection.transaction():
            cursor.execute(asked)
            return asked
    return NOT_THERE
