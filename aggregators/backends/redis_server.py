"""What a Redis server reports of itself, of all its clients (view 3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.backends.server import (
    RATE_SECONDS,
    WINDOW_SECONDS,
    Server,
    grown_sum,
    mean_duration,
    ratio_of_limit,
    server,
    share_of_both,
)
from aggregators.backends.server_reads import ServerReads
from model.measure import Bytes, Count, Measure, PerSecond, Ratio, Seconds
from model.series import Unit


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A Redis server. Rates are of the last 15 s, all else but gauges of the last 5 minutes.

    `command_p99` is since the server started, of `command`, the one that took most of its time in the last 5 minutes.
    """

    server: Server
    blocked: Count
    memory_used: Bytes
    memory_max: Bytes
    memory_ratio: Ratio
    commands: PerSecond
    command_mean: Seconds
    command: str
    command_p99: Seconds
    failed: Count
    hits_ratio: Ratio
    evicted: Count


def redis_server(reads: ServerReads) -> RedisServer:
    """All figures of one Redis server."""
    used, most = reads.value("redis_server_memory_used_bytes"), reads.value("redis_server_memory_max_bytes")
    calls = reads.grown("redis_server_command_calls_total", WINDOW_SECONDS, "command")
    seconds = reads.grown("redis_server_command_duration_seconds_total", WINDOW_SECONDS, "command")
    busiest = max(seconds, key=lambda one: seconds[one], default=("",))[0] if seconds else ""
    p99 = reads.value("redis_server_command_latency_seconds", command=busiest, quantile="0.99") if busiest else None
    hits, misses = (grown_sum(reads, f"redis_server_keyspace_{one}_total") for one in ("hits", "misses"))
    limit = Measure.not_reported(Unit.BYTES, "no limit is set (maxmemory)")
    return RedisServer(
        server=server(reads),
        blocked=reads.gauge(Unit.COUNT, "redis_server_blocked_clients"),
        memory_used=reads.measure(Unit.BYTES, used, "redis_server_memory_used_bytes"),
        memory_max=limit if most == 0.0 else reads.measure(Unit.BYTES, most, "redis_server_memory_max_bytes"),
        memory_ratio=ratio_of_limit(reads, used, most, "redis_server_memory_max_bytes"),
        commands=reads.rate(Unit.PER_SECOND, "redis_server_commands_total", RATE_SECONDS),
        command_mean=mean_duration(reads, seconds, calls, "redis_server_command_duration_seconds_total"),
        command=busiest,
        command_p99=reads.measure(Unit.SECONDS, p99, "redis_server_command_latency_seconds"),
        failed=reads.increase(Unit.COUNT, "redis_server_command_failures_total", WINDOW_SECONDS),
        hits_ratio=share_of_both(reads, hits, misses, "redis_server_keyspace_hits_total"),
        evicted=reads.increase(Unit.COUNT, "redis_server_evicted_keys_total", WINDOW_SECONDS),
    )
