"""What the Prometheus exporters of Redis and PostgreSQL call the families of the catalogue (contracts external F).

Redis: oliver006/redis_exporter 1.45 and later. PostgreSQL: prometheus-community/postgres_exporter 0.11 and later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Spelling:
    """A family as the catalogue has it: `labels` are ours by the exporter's, `fixed` are added, all others summed over.

    `factor` makes base units.
    """

    family: str
    labels: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Exporter:
    """One kind of exporter. Of several spellings of a family the first that is exposed counts."""

    source: str
    up: str
    version: tuple[tuple[str, str], ...]
    role: tuple[str, str]
    uptime: str
    started: str
    spellings: Mapping[str, Spelling]
    said: tuple[str, str] = ("", "")
    """Where it passes on the server's words for giving it nothing."""
    statements: tuple[str, str] = ("", "")
    """Calls and seconds of the dearest statements only, which are others from read to read."""


_COMMAND = {"cmd": "command"}
REDIS = Exporter(
    source="redis",
    up="redis_up",
    version=(("redis_instance_info", "valkey_version"), ("redis_instance_info", "redis_version")),
    role=("redis_instance_info", "role"),
    uptime="redis_uptime_in_seconds",
    started="redis_start_time_seconds",
    said=("redis_exporter_last_scrape_error", "err"),
    spellings=MappingProxyType(
        {
            "redis_connected_clients": Spelling("backend_connections", {}, {"state": "connected"}),
            "redis_max_clients": Spelling("backend_connections_max"),
            "redis_config_maxclients": Spelling("backend_connections_max"),
            "redis_connections_received_total": Spelling("backend_connections_received_total"),
            "redis_rejected_connections_total": Spelling("backend_connections_rejected_total"),
            "redis_blocked_clients": Spelling("redis_server_blocked_clients"),
            "redis_memory_used_bytes": Spelling("redis_server_memory_used_bytes"),
            "redis_memory_max_bytes": Spelling("redis_server_memory_max_bytes"),
            "redis_evicted_keys_total": Spelling("redis_server_evicted_keys_total"),
            "redis_keyspace_hits_total": Spelling("redis_server_keyspace_hits_total"),
            "redis_keyspace_misses_total": Spelling("redis_server_keyspace_misses_total"),
            "redis_commands_processed_total": Spelling("redis_server_commands_total"),
            "redis_commands_total": Spelling("redis_server_command_calls_total", _COMMAND),
            "redis_commands_duration_seconds_total": Spelling("redis_server_command_duration_seconds_total", _COMMAND),
            "redis_commands_failed_calls_total": Spelling("redis_server_command_failures_total", _COMMAND),
            "redis_commands_rejected_calls_total": Spelling("redis_server_command_failures_total", _COMMAND),
            "redis_latency_percentiles_usec": Spelling(
                "redis_server_command_latency_seconds", {**_COMMAND, "quantile": "quantile"}, {}, 1e-6
            ),
            "redis_net_input_bytes_total": Spelling("redis_server_bytes_total", {}, {"direction": "in"}),
            "redis_net_output_bytes_total": Spelling("redis_server_bytes_total", {}, {"direction": "out"}),
            "redis_pubsub_channels": Spelling("redis_server_pubsub_channels"),
            "redis_pubsub_patterns": Spelling("redis_server_pubsub_patterns"),
            "redis_loading_dump_file": Spelling("redis_server_loading"),
            "redis_master_link_up": Spelling("redis_server_replication_link_up"),
            "redis_cluster_state": Spelling("redis_server_cluster_up"),
        }
    ),
)
_DATABASE = {"datname": "database"}
POSTGRES = Exporter(
    source="postgres",
    up="pg_up",
    version=(("pg_static", "short_version"),),
    role=("", ""),
    uptime="",
    started="pg_postmaster_start_time_seconds",
    spellings=MappingProxyType(
        {
            "pg_stat_activity_count": Spelling("backend_connections", {"state": "state"}),
            "pg_settings_max_connections": Spelling("backend_connections_max"),
            "pg_stat_database_xact_commit": Spelling(
                "postgres_server_transactions_total", _DATABASE, {"result": "commit"}
            ),
            "pg_stat_database_xact_rollback": Spelling(
                "postgres_server_transactions_total", _DATABASE, {"result": "rollback"}
            ),
            "pg_stat_database_deadlocks": Spelling("postgres_server_deadlocks_total", _DATABASE),
        }
    ),
    statements=("pg_stat_statements_calls_total", "pg_stat_statements_seconds_total"),
)
QUANTILES = {"50": "0.5", "99": "0.99", "99.9": "0.999"}
"""The Redis exporter has quantiles in percent."""
MAXIMA = {
    "pg_stat_activity_max_tx_duration": "postgres_server_longest_transaction_seconds",
    "pg_replication_lag": "postgres_server_replication_lag_seconds",
    "pg_replication_lag_seconds": "postgres_server_replication_lag_seconds",
    "redis_connected_slave_lag_seconds": "redis_server_replication_lag_seconds",
}
"""Of these the largest counts, and none are summed."""
