"""What a PostgreSQL server reports of itself, of all its clients (view 3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.backends.server import (
    RATE_SECONDS,
    WINDOW_SECONDS,
    Server,
    mean_duration,
    server,
    share_of_both,
)
from aggregators.backends.server_reads import ServerReads
from model.measure import Count, PerSecond, Ratio, Seconds
from model.series import Unit


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A PostgreSQL server. `transactions` is of the last 15 s, counts and ratios of the last 5 minutes."""

    server: Server
    active: Count
    idle: Count
    idle_in_transaction: Count
    lock_waits: Count
    transactions: PerSecond
    rollback_ratio: Ratio
    deadlocks: Count
    longest_transaction: Seconds
    query_mean: Seconds


def postgres_server(reads: ServerReads) -> PostgresServer:
    """All figures of one PostgreSQL server."""
    ended = reads.grown("postgres_server_transactions_total", WINDOW_SECONDS, "result")
    commits, rollbacks = ((ended or {}).get((one,)) for one in ("commit", "rollback"))
    calls = reads.grown("postgres_server_query_calls_total", WINDOW_SECONDS)
    seconds = reads.grown("postgres_server_query_duration_seconds_total", WINDOW_SECONDS)
    idle = [reads.value("backend_connections", state=f"idle in transaction{one}") for one in ("", " (aborted)")]
    waiting = None if idle[0] is None else sum(one or 0.0 for one in idle)
    return PostgresServer(
        server=server(reads),
        active=reads.gauge(Unit.COUNT, "backend_connections", state="active"),
        idle=reads.gauge(Unit.COUNT, "backend_connections", state="idle"),
        idle_in_transaction=reads.measure(Unit.COUNT, waiting, "backend_connections"),
        lock_waits=reads.gauge(Unit.COUNT, "postgres_server_lock_waits"),
        transactions=reads.rate(Unit.PER_SECOND, "postgres_server_transactions_total", RATE_SECONDS),
        rollback_ratio=share_of_both(reads, rollbacks, commits, "postgres_server_transactions_total"),
        deadlocks=reads.increase(Unit.COUNT, "postgres_server_deadlocks_total", WINDOW_SECONDS),
        longest_transaction=reads.gauge(Unit.SECONDS, "postgres_server_longest_transaction_seconds"),
        query_mean=mean_duration(reads, seconds, calls, "postgres_server_query_duration_seconds_total"),
    )
