"""A Redis server, by INFO or by its Prometheus exporter (contracts external F)."""

from __future__ import annotations

from model.catalogue.family import NONE, SEC, B, C, G, N, family

FAMILIES = (
    family("redis_server_blocked_clients", G, N, "backend", "Clients that wait in a blocking command; idle, not held up.", "redis", "external F"),
    family("redis_server_memory_used_bytes", G, B, "backend", "Memory that the data and its overhead take.", "redis", "external F"),
    family("redis_server_memory_max_bytes", G, B, "backend", "The limit of it; 0 is no limit.", "redis", "external F", limit=True),
    family("redis_server_evicted_keys_total", C, N, "backend", "Keys thrown out because memory was full.", "redis", "external F"),
    family("redis_server_keyspace_hits_total", C, N, "backend", "Look-ups that found their key.", "redis", "external F"),
    family("redis_server_keyspace_misses_total", C, N, "backend", "Look-ups that did not.", "redis", "external F"),
    family("redis_server_commands_total", C, N, "backend", "Commands carried out.", "redis", "external F"),
    family("redis_server_command_calls_total", C, N, "backend command", "Calls of one command.", "redis", "external F"),
    family("redis_server_command_duration_seconds_total", C, SEC, "backend command", "Time that the server spent in one command.", "redis", "external F"),
    family("redis_server_command_failures_total", C, N, "backend command", "Calls of one command that failed or were turned away.", "redis", "external F"),
    family("redis_server_command_latency_seconds", G, SEC, "backend command quantile", "Percentiles of one command's time in the server since it started (Redis 7).", "redis", "external F"),
    family("redis_server_bytes_total", C, B, "backend direction", "Bytes in and out.", "redis", "external F"),
    family("redis_server_pubsub_channels", G, N, "backend", "Channels with a subscriber.", "redis", "external F"),
    family("redis_server_pubsub_patterns", G, N, "backend", "Channel patterns with a subscriber.", "redis", "external F"),
    family("redis_server_loading", G, NONE, "backend", "1 while it loads its data from disk and answers nothing else.", "redis", "external F"),
    family("redis_server_replication_lag_seconds", G, SEC, "backend", "Of a primary: since when the replica farthest behind has not said how far it is.", "redis", "external F"),
    family("redis_server_cluster_up", G, NONE, "backend", "Of a node of a cluster: 1 while the cluster answers, 0 while it lacks slots.", "redis", "external F"),
    family("redis_server_replication_link_up", G, NONE, "backend", "Of a replica: 1 while it hears its primary; of a Sentinel, while all that it watches are well.", "redis", "external F"),
)
