"""A PostgreSQL server, by its statistics views or by its Prometheus exporter (contracts external F)."""

from __future__ import annotations

from model.catalogue.family import SEC, C, G, N, family

FAMILIES = (
    family("postgres_server_transactions_total", C, N, "backend database result", "Transactions that ended, in commit or rollback.", "postgres", "external F"),
    family("postgres_server_deadlocks_total", C, N, "backend database", "Deadlocks found.", "postgres", "external F"),
    family("postgres_server_longest_transaction_seconds", G, SEC, "backend", "How long the oldest open transaction has run; 0 when none is open.", "postgres", "external F"),
    family("postgres_server_lock_waits", G, N, "backend", "Queries that wait for a lock.", "postgres", "external F"),
    family("postgres_server_replication_lag_seconds", G, SEC, "backend", "Of a replica: how old the last change is that it shows; 0 when it has all that it got.", "postgres", "external F"),
    family("postgres_server_query_calls_total", C, N, "backend", "Queries carried out (pg_stat_statements).", "postgres", "external F"),
    family("postgres_server_query_duration_seconds_total", C, SEC, "backend", "Time that the server spent in them (pg_stat_statements).", "postgres", "external F"),
)
