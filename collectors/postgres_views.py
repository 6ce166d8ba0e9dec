"""What is asked of PostgreSQL: its statistics views, by statements that only read (contracts external F)."""

from __future__ import annotations

APPLICATION = "prism-hud"

SERVER = """
SELECT current_setting('server_version') AS version,
       CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE 'primary' END AS role,
       extract(epoch FROM pg_postmaster_start_time())::float8 AS started,
       current_setting('max_connections')::float8 AS allowed
"""

# Of other roles' sessions a role without pg_monitor sees neither the state nor the kind; only clients have a database.
CLIENTS = "coalesce(backend_type, 'client backend') = 'client backend' AND datid IS NOT NULL"
ACTIVITY = f"""
SELECT coalesce(nullif(state, ''), 'not visible') AS state, count(*)::float8 AS sessions
FROM pg_stat_activity WHERE {CLIENTS} AND application_name IS DISTINCT FROM '{APPLICATION}' GROUP BY 1
"""
WAITS = f"""
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)::float8 AS longest,
       (count(*) FILTER (WHERE wait_event_type = 'Lock'))::float8 AS waiting,
       bool_or(state IS NOT NULL) AS visible,
       coalesce(bool_or(usesysid = (SELECT oid FROM pg_roles WHERE rolname = current_user)), false) AS shared
FROM pg_stat_activity WHERE {CLIENTS} AND application_name IS DISTINCT FROM '{APPLICATION}'
"""
DATABASES = """
SELECT datname AS name, xact_commit::float8 AS committed, xact_rollback::float8 AS rolled_back,
       deadlocks::float8 AS deadlocks
FROM pg_stat_database WHERE datname IS NOT NULL ORDER BY datname LIMIT 200
"""

EXTENSION = """
SELECT n.nspname AS schema, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS allowed
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""
# Without their texts, which are kept in a file and dear to read. Our own role's statements are its first column.
STATEMENTS = """
SELECT userid = (SELECT oid FROM pg_roles WHERE rolname = current_user) AS own,
       userid::text || '/' || dbid::text || '/' || queryid::text AS key,
       sum(calls)::float8 AS calls, sum({total})::float8 / 1000 AS seconds
FROM {schema}.pg_stat_statements(false) WHERE queryid IS NOT NULL
GROUP BY userid, dbid, queryid LIMIT 20000
"""
TOTALS = ("total_exec_time", "total_time")
"""The column of a statement's whole time in ms: since version 13, and before."""
