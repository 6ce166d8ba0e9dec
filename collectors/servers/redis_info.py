"""What Redis says to INFO, from version 2.6 on, as families of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.core.amounts import amount
from collectors.servers.server_scrape import (
    BUSY,
    FULL,
    LOADING,
    REFUSING,
    STOPPING,
    Reported,
    ServerWords,
    identity,
)

MAX_COMMANDS = 2000
"""More than any server has, with its modules' and their subcommands."""
LIMIT = ("maxclients", "max_clients")
"""What the limit of clients is called; the second by Dragonfly."""
FORKS = {
    "valkey": "Valkey",
    "dragonfly": "Dragonfly",
    "keydb": "KeyDB",
    "kvrocks": "Kvrocks",
    "redict": "Redict",
    "memurai": "Memurai",
    "garnet": "Garnet",
    "pika": "Pika",
}
"""Each has a field `<name>_version`, or is called so."""
_GAUGES = {
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
_LINK = re.compile(r"^master(_?\d+)?_link_status$")
_WATCHED = re.compile(r"^master\d+$")
SENTINEL, WELL = "sentinel", ("up", "ok")
_WORDS = (
    ("too many open files", ""),  # the words of our own system, too
    ("max number of", FULL),
    ("max clients", FULL),
    ("too many", FULL),
    ("connection limit", FULL),
    ("max concurrent connections", FULL),
    ("shutting down", STOPPING),
    ("loading the dataset", LOADING),
)
_CODES = {
    "LOADING": LOADING,
    "BUSY": BUSY,
    "TRYAGAIN": BUSY,
    "MASTERDOWN": REFUSING,
    "MISCONF": REFUSING,
    "CLUSTERDOWN": REFUSING,
    "OOM": REFUSING,
}
"""An error begins with a code in capitals; the words after it each fork writes its own way."""
ONLINE = "online"
"""A replica in any other state is only being given its copy: how far it is behind, nobody knows, though 0 is said."""
_COMMAND, _LATENCY, REPLICA = "cmdstat_", "latency_percentiles_usec_", "slave"


class Info:
    """INFO's fields. One that comes more than once, as a fork's masters do, has all its values."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        self.fields = fields

    def __contains__(self, field: str) -> bool:
        return field in self.fields

    def get(self, *fields: str) -> str | None:
        """The last value of the first of these fields that is there."""
        return next((self.fields[field][-1] for field in fields if field in self.fields), None)

    def links(self) -> list[str]:
        """The state of the link to each primary: a fork may have several, numbered or with the same name; a Sentinel
        says of each that it watches how it is.
        """
        links = [value for field, values in self.fields.items() if _LINK.match(field) for value in values]
        watched = [value for field, values in self.fields.items() if _WATCHED.match(field) for value in values]
        return links + [_pairs(one).get("status", "") for one in watched if self.role == SENTINEL]

    @property
    def role(self) -> str:
        """Whether others copy from it or it from them; a Sentinel holds nothing."""
        return SENTINEL if self.get("redis_mode") == SENTINEL else self.get("role") or ""

    @property
    def fork(self) -> str:
        """Which fork it is, as its fields call it; '' for Redis."""
        where = f"{self.get('server_name') or ''} {self.get('executable') or ''}".lower()
        by_version = next((one for one in FORKS if f"{one}_version" in self), "")
        return by_version or next((one for one in FORKS if one in where), "")

    @property
    def product(self) -> str:
        """The same as its makers write it."""
        return FORKS.get(self.fork, "")

    @property
    def version(self) -> str:
        """Its own, not the one of Redis that a fork says it is like."""
        own = self.get(f"{self.fork}_version", "redis_version") or ""
        return own.removeprefix("df-").removeprefix("v")


def parse_info(text: str) -> Info:
    """Every `field:value` line."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        field, colon, value = line.partition(":")
        if colon and field and not field.startswith("#"):
            found.setdefault(field.strip(), []).append(value.strip())
    return Info(found)


def is_limit_reported(info: Info) -> bool:
    """Whether INFO says how many clients are let in: since Redis 7, and in forks."""
    return any(field in info for field in LIMIT)


def state_said(said: str) -> str:
    """How a server is that answers with this error; '' where it only says no."""
    lower = said.lower()
    found = next((state for words, state in _WORDS if words in lower), "")
    return found or _CODES.get(said.partition(" ")[0], "")


def report(words: ServerWords, reported: Reported, info: Info) -> None:
    """Put what INFO says into `reported`."""
    words.introduce(reported, info.version, info.role, info.product)
    words.up_for(reported, amount(info.get("uptime_in_seconds")), info.get("run_id") or "")
    reported.gauge("backend_connections", info.get("connected_clients"), state="connected")
    reported.gauge("backend_connections_max", info.get(*LIMIT))
    for field, family in _GAUGES.items():
        reported.gauge(family, info.get(field))
    for field, family in _COUNTERS.items():
        reported.counter(family, info.get(field))
    for field, direction in _BYTES.items():
        reported.counter("redis_server_bytes_total", info.get(field), direction=direction)
    if links := info.links():
        reported.gauge("redis_server_replication_link_up", all(link in WELL for link in links))
    if state := info.get("cluster_state"):
        reported.gauge("redis_server_cluster_up", state == "ok")
    replicas = [pairs for name, pairs in _entries(info, REPLICA) if name.isdigit()]
    behind = [amount(one.get("lag")) for one in replicas if one.get("state", ONLINE) == ONLINE]
    known = [lag for lag in behind if lag is not None]
    reported.gauge("redis_server_replication_lag_seconds", max(known) if known else None)
    _commands(reported, info)


def _commands(reported: Reported, info: Info) -> None:
    for command, stats in _entries(info, _COMMAND):
        reported.counter("redis_server_command_calls_total", stats.get("calls"), command=command)
        reported.counter("redis_server_command_duration_seconds_total", stats.get("usec"), 1e-6, command=command)
        failures = [
            one for one in map(amount, (stats.get("failed_calls"), stats.get("rejected_calls"))) if one is not None
        ]
        reported.counter("redis_server_command_failures_total", sum(failures) if failures else None, command=command)
    for command, stats in _entries(info, _LATENCY):
        for field, quantile in _QUANTILES.items():
            reported.gauge(
                "redis_server_command_latency_seconds", stats.get(field), 1e-6, command=command, quantile=quantile
            )


def _entries(info: Info, prefix: str) -> Iterator[tuple[str, dict[str, str]]]:
    """(command, its `name=value` pairs) of the lines with this prefix."""
    lines = [field for field in info.fields if field.startswith(prefix)][:MAX_COMMANDS]
    for field in lines:
        yield identity(field.removeprefix(prefix)), _pairs(info.get(field) or "")


def _pairs(line: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in line.split(","))
    return {name: value for name, equals, value in pairs if equals}
