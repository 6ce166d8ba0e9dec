"""What Redis says to INFO, from version 2.6 on, as families of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.server_words import ServerWords, Told, number, plain

MAX_COMMANDS = 300
_GAUGES = {
    "maxclients": "backend_connections_max",
    "blocked_clients": "redis_server_blocked_clients",
    "used_memory": "redis_server_memory_used_bytes",
    "maxmemory": "redis_server_memory_max_bytes",
    "pubsub_channels": "redis_server_pubsub_channels",
    "pubsub_patterns": "redis_server_pubsub_patterns",
    "loading": "redis_server_loading",
}
_COUNTERS = {
    "total_connections_received": "backend_connections_received_total",
    "rejected_connections": "backend_connections_rejected_total",
    "total_commands_processed": "redis_server_commands_total",
    "evicted_keys": "redis_server_evicted_keys_total",
    "keyspace_hits": "redis_server_keyspace_hits_total",
    "keyspace_misses": "redis_server_keyspace_misses_total",
}
_BYTES = {"total_net_input_bytes": "in", "total_net_output_bytes": "out"}
_QUANTILES = {"p50": "0.5", "p99": "0.99", "p99.9": "0.999"}
_COMMAND, _LATENCY = "cmdstat_", "latency_percentiles_usec_"


def parse_info(text: str) -> dict[str, str]:
    """Every `field:value` line; a field that comes twice has its last value."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        field, colon, value = line.partition(":")
        if colon and field and not field.startswith("#"):
            found[field.strip()] = value.strip()
    return found


def tell(words: ServerWords, told: Told, info: Mapping[str, str]) -> None:
    """Put what INFO says into `told`."""
    words.introduce(told, info.get("redis_version", ""), info.get("role", ""))
    uptime = number(info.get("uptime_in_seconds"))
    words.started(told, None if uptime is None else told.scrape.time - uptime, info.get("run_id", ""))
    told.gauge("backend_connections", info.get("connected_clients"), state="connected")
    for field, family in _GAUGES.items():
        told.gauge(family, info.get(field))
    for field, family in _COUNTERS.items():
        told.counter(family, info.get(field))
    for field, direction in _BYTES.items():
        told.counter("redis_server_bytes_total", info.get(field), direction=direction)
    if "master_link_status" in info:
        told.gauge("redis_server_replication_link_up", info["master_link_status"] == "up")
    _commands(told, info)


def _commands(told: Told, info: Mapping[str, str]) -> None:
    for command, stats in _entries(info, _COMMAND):
        told.counter("redis_server_command_calls_total", stats.get("calls"), command=command)
        told.counter("redis_server_command_duration_seconds_total", stats.get("usec"), 1e-6, command=command)
        failures = [
            one for one in map(number, (stats.get("failed_calls"), stats.get("rejected_calls"))) if one is not None
        ]
        told.counter("redis_server_command_failures_total", sum(failures) if failures else None, command=command)
    for command, stats in _entries(info, _LATENCY):
        for field, quantile in _QUANTILES.items():
            told.gauge(
                "redis_server_command_latency_seconds", stats.get(field), 1e-6, command=command, quantile=quantile
            )


def _entries(info: Mapping[str, str], prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(command, its `name=value` pairs) of the lines with this prefix."""
    lines = [field for field in info if field.startswith(prefix)][:MAX_COMMANDS]
    for field in lines:
        pairs = (pair.partition("=") for pair in info[field].split(","))
        yield plain(field.removeprefix(prefix)), {name: value for name, equals, value in pairs if equals}
