"""What every backend's server reports itself, whichever it is: connections of all clients, never Prism's own pool."""

from __future__ import annotations

from model.catalogue.family import NONE, TS, C, G, I, N, family

OF_SERVERS = "servers"
"""The source of these families: any kind of backend's own server."""
CONNECTIONS, STREAMS, SESSIONS, DATABASES, STATEMENTS = "connections", "streams", "sessions", "databases", "statements"
PARTS = {
    "nats_server_pending_bytes": CONNECTIONS,
    "nats_server_subscriber_messages_total": CONNECTIONS,
    "nats_server_subscriber_pending_bytes": CONNECTIONS,
    "nats_server_jetstream_streams": STREAMS,
    "nats_server_jetstream_messages": STREAMS,
    "nats_server_jetstream_bytes": STREAMS,
    "nats_server_consumer_pending": STREAMS,
    "nats_server_consumer_ack_pending": STREAMS,
    "nats_server_consumer_redelivered": STREAMS,
    "backend_connections": SESSIONS,
    "postgres_server_longest_transaction_seconds": SESSIONS,
    "postgres_server_lock_waits": SESSIONS,
    "postgres_server_replication_lag_seconds": SESSIONS,
    "postgres_server_transactions_total": DATABASES,
    "postgres_server_deadlocks_total": DATABASES,
    "postgres_server_query_calls_total": STATEMENTS,
    "postgres_server_query_duration_seconds_total": STATEMENTS,
}
"""The part of a read that reports a family, where a server is read in several."""

FAMILIES = (
    family(
        "backend_up",
        G,
        NONE,
        "backend",
        "1 when the server answers, 0 when its exporter says that it does not.",
        "servers",
        "external F",
    ),
    family(
        "backend_refusal_info",
        I,
        NONE,
        "backend state detail",
        "1 while the server answers that it gives nothing now; state is full, loading, busy, refusing, starting, stopping, interrupted, detail its words.",
        "servers",
        "external F",
    ),
    family(
        "backend_part_info",
        I,
        NONE,
        "backend part state detail",
        "1 per part of the last read that failed by itself (state not read), is not offered or was cut (at least), with the reason.",
        "servers",
        "external F",
    ),
    family(
        "backend_info",
        I,
        NONE,
        "backend reported_by version role",
        "1 per server; reported_by is the server itself or its exporter.",
        "servers",
        "external F",
    ),
    family(
        "backend_product_info",
        I,
        NONE,
        "backend product",
        "1 per server that is a fork of its kind (Valkey, KeyDB, Dragonfly).",
        "servers",
        "external F",
    ),
    family(
        "backend_started_timestamp_seconds", G, TS, "backend", "When the server was started.", "servers", "external F"
    ),
    family(
        "backend_connections",
        G,
        N,
        "backend state",
        "Server connections of all clients, by state; the states do not overlap.",
        "servers",
        "external F",
    ),
    family(
        "backend_connections_max",
        G,
        N,
        "backend",
        "How many connections the server allows.",
        "servers",
        "external F",
        limit=True,
    ),
    family(
        "backend_connections_received_total",
        C,
        N,
        "backend",
        "Connections ever made to the server.",
        "servers",
        "external F",
    ),
    family(
        "backend_connections_rejected_total",
        C,
        N,
        "backend",
        "Connections that the server turned away because it was full.",
        "servers",
        "external F",
    ),
)
