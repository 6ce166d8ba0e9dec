"""What is asked of PostgreSQL: its statistics views, by statements that only read (contracts external F)."""

from __future__ import annotations

from collections.abc import Container

APPLICATION = "prism-hud"

SERVER = """
SELECT current_setting('server_version') AS version,
       CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role,
       extract(epoch FROM pg_postmaster_start_time())::float8 AS started,
       extract(epoch FROM clock_timestamp())::float8 AS clock,
       current_setting('max_connections')::float8 AS allowed
"""

LEAST = "SELECT current_setting('server_version') AS version"
"""All that is asked of what speaks PostgreSQL's protocol without having all of its functions, as CockroachDB."""

COLUMNS = "SELECT attname AS name FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
ACTIVITY_VIEW = "pg_stat_activity"


LAG = """
SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
       ELSE greatest(0, extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())) END::float8 AS behind
"""
"""Of a replica alone: while nobody writes on its primary the last change grows old, and it lacks nothing. Before 10 the
functions have other names, and Aurora's replicas refuse them.
"""


def sessions(columns: Container[str]) -> tuple[str, str]:
    """Who is connected by state, and who waits, by the columns that pg_stat_activity has here (9.6 has no kinds).

    Of other roles' sessions a role without pg_monitor sees neither the state nor the kind; only clients have a
    database. Where a session has track_activities off its state is 'disabled'.
    """
    kind = "coalesce(backend_type, 'client backend') = 'client backend'"
    if "backend_type" not in columns:  # before 10: what works for others has no port, nor has who is not visible
        kind = "(client_port IS NOT NULL OR state IS NULL)"
    clients = f"{kind} AND datid IS NOT NULL AND application_name IS DISTINCT FROM '{APPLICATION}'"
    waiting = "count(*) FILTER (WHERE wait_event_type = 'Lock')" if "wait_event_type" in columns else "NULL"
    states = f"""
SELECT coalesce(nullif(state, ''), 'not visible') AS state, count(*)::float8 AS sessions
FROM pg_stat_activity WHERE {clients} GROUP BY 1
"""
    waits = f"""
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 AS longest,
       ({waiting})::float8 AS waiting,
       coalesce(bool_or(usesysid = (SELECT oid FROM pg_roles WHERE rolname = current_user)), false) AS shared
FROM pg_stat_activity WHERE {clients}
"""
    return states, waits


MAX_DATABASES = 1000
DATABASES = f"""
SELECT datname AS name, xact_commit::float8 AS committed, xact_rollback::float8 AS rolled_back,
       deadlocks::float8 AS deadlocks
FROM pg_stat_database WHERE datname IS NOT NULL ORDER BY datid LIMIT {MAX_DATABASES + 1}
"""

EXTENSION = """
SELECT n.nspname AS schema,
       coalesce((SELECT rolsuper FROM pg_roles WHERE rolname = current_user), false)
       OR EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = 'pg_read_all_stats' AND pg_has_role(r.oid, 'USAGE'))
       AS allowed
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""
MAX_STATEMENTS = 20_000
# Without their texts, which are kept in a file and dear to read. Our own role's statements are its first column.
STATEMENTS = f"""
SELECT userid = (SELECT oid FROM pg_roles WHERE rolname = current_user) AS own,
       userid::text || '/' || dbid::text || '/' || queryid::text AS key,
       sum(calls)::float8 AS calls, sum({{total}})::float8 / 1000 AS seconds
FROM {{schema}}.pg_stat_statements(false) WHERE queryid IS NOT NULL
GROUP BY userid, dbid, queryid LIMIT {MAX_STATEMENTS + 1}
"""
TOTALS = ("total_exec_time", "total_time")
"""The column of a statement's whole time in ms: since version 13, and before."""
