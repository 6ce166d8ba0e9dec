"""What the backends' own servers report, of all their clients: server connections, never Prism's pools (view 3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.backends.server_reads import ServerReads
from aggregators.backends.server_status import (
    BY_EXPORTER,
    is_server,
    name_of,
    reported_by_exporter,
    server_status,
)
from model.catalogue.source_kinds import SERVERS
from model.measure import Bytes, Cores, Count, Measure, PerSecond, Ratio, Seconds
from model.series import Unit
from model.sources import SourceState
from model.status import Status
from store.snapshot import Snapshot

WINDOW_SECONDS = 300.0
RATE_SECONDS = 15.0
ITSELF = "the server"
ORDER = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


@dataclass(frozen=True, slots=True)
class Server:
    """What every kind of server reports. Connections are those of all clients; `rejected` is of the last 5 minutes.

    `product` is its name where it is a fork of its kind, such as Valkey. `reported_by` is the server itself or its
    exporter. `reason` says why the status is not HEALTHY. `restarted_at` is when it was last seen to be another process
    than before, None when it was not in the last 24 hours.
    """

    name: str
    kind: str
    address: str
    reported_by: str
    product: str
    version: str
    role: str
    status: Status
    reason: str
    uptime: Seconds
    restarted_at: float | None
    connections: Count
    most_connections: Count
    connections_ratio: Ratio
    rejected: Count


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


@dataclass(frozen=True, slots=True)
class NatsServer:
    """A NATS server. Messages are those of the last 15 s, bytes and `slow_consumers` of 5 minutes, all else is now.

    The JetStream figures are sums over its streams and consumers.
    """

    server: Server
    in_messages: PerSecond
    out_messages: PerSecond
    in_bytes: Bytes
    out_bytes: Bytes
    subscriptions: Count
    pending: Bytes
    slow_consumers: Count
    memory: Bytes
    cpu: Cores
    streams: Count
    stream_pending: Count
    stream_unacknowledged: Count


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


@dataclass(frozen=True, slots=True)
class Servers:
    """Every configured server by kind, worst first."""

    redis: tuple[RedisServer, ...] = ()
    nats: tuple[NatsServer, ...] = ()
    postgres: tuple[PostgresServer, ...] = ()

    @property
    def all(self) -> tuple[Server, ...]:
        """What they have in common, worst first."""
        found = [one.server for one in self.redis]
        found += [one.server for one in self.nats]
        found += [one.server for one in self.postgres]
        return tuple(sorted(found, key=_order))


def backend_servers(snapshot: Snapshot, now: float) -> Servers:
    """Every server that the settings name, and what it says of itself."""
    found = [ServerReads(snapshot, now, state) for state in snapshot.sources.values() if is_server(state)]
    by_kind = {kind: [one for one in found if one.state.source == kind] for kind in SERVERS}
    return Servers(
        tuple(sorted(map(_redis, by_kind["redis"]), key=lambda one: _order(one.server))),
        tuple(sorted(map(_nats, by_kind["nats"]), key=lambda one: _order(one.server))),
        tuple(sorted(map(_postgres, by_kind["postgres"]), key=lambda one: _order(one.server))),
    )


def server_states(snapshot: Snapshot, now: float) -> list[tuple[SourceState, Status, str]]:
    """Each server's source with its status and the reason, without its figures."""
    found = [ServerReads(snapshot, now, state) for state in snapshot.sources.values() if is_server(state)]
    return [(one.state, *server_status(one)) for one in found]


def _order(one: Server) -> tuple[int, str, str]:
    return ORDER.index(one.status), one.name, one.address


def _server(reads: ServerReads) -> Server:
    state = reads.state
    status, reason = server_status(reads)
    started = reads.value("backend_started_timestamp_seconds")
    uptime = None if started is None or status is Status.UNHEALTHY else max(0.0, reads.at - started)
    used, most = reads.value("backend_connections"), reads.value("backend_connections_max")
    return Server(
        name=name_of(state),
        kind=state.source,
        address=state.address.rpartition(" at ")[2],
        reported_by=BY_EXPORTER if reported_by_exporter(state) else ITSELF,
        product=reads.word("backend_product_info", "product"),
        version=reads.word("backend_info", "version"),
        role=reads.word("backend_info", "role"),
        status=status,
        reason=reason,
        uptime=reads.measure(Unit.SECONDS, uptime, "backend_started_timestamp_seconds"),
        restarted_at=_restarted(reads.snapshot, state, reads.now),
        connections=reads.measure(Unit.COUNT, used, "backend_connections"),
        most_connections=reads.measure(Unit.COUNT, most, "backend_connections_max"),
        connections_ratio=_ratio(reads, used, most, "backend_connections_max"),
        rejected=reads.increase(Unit.COUNT, "backend_connections_rejected_total", WINDOW_SECONDS),
    )


def _restarted(snapshot: Snapshot, state: SourceState, now: float) -> float | None:
    return next(
        (
            event.time
            for event in reversed(snapshot.events)
            if event.kind == "backend_restart"
            and event.time <= now
            and (event.label("source"), event.label("instance")) == (state.source, state.instance)
        ),
        None,
    )


def _ratio(reads: ServerReads, part: float | None, whole: float | None, family: str) -> Measure:
    """A part of a whole; a limit of 0 is none."""
    if whole == 0.0:
        return Measure.not_reported(Unit.RATIO, "there is no limit")
    return reads.measure(Unit.RATIO, part / whole if part is not None and whole else None, family)


def _redis(reads: ServerReads) -> RedisServer:
    used, most = reads.value("redis_server_memory_used_bytes"), reads.value("redis_server_memory_max_bytes")
    calls = reads.grown("redis_server_command_calls_total", WINDOW_SECONDS, "command")
    seconds = reads.grown("redis_server_command_duration_seconds_total", WINDOW_SECONDS, "command")
    busiest = max(seconds, key=lambda one: seconds[one], default=("",))[0] if seconds else ""
    p99 = reads.value("redis_server_command_latency_seconds", command=busiest, quantile="0.99") if busiest else None
    hits, misses = (_sum(reads, f"redis_server_keyspace_{one}_total") for one in ("hits", "misses"))
    limit = Measure.not_reported(Unit.BYTES, "no limit is set (maxmemory)")
    return RedisServer(
        server=_server(reads),
        blocked=reads.gauge(Unit.COUNT, "redis_server_blocked_clients"),
        memory_used=reads.measure(Unit.BYTES, used, "redis_server_memory_used_bytes"),
        memory_max=limit if most == 0.0 else reads.measure(Unit.BYTES, most, "redis_server_memory_max_bytes"),
        memory_ratio=_ratio(reads, used, most, "redis_server_memory_max_bytes"),
        commands=reads.rate(Unit.PER_SECOND, "redis_server_commands_total", RATE_SECONDS),
        command_mean=_mean(reads, seconds, calls, "redis_server_command_duration_seconds_total"),
        command=busiest,
        command_p99=reads.measure(Unit.SECONDS, p99, "redis_server_command_latency_seconds"),
        failed=reads.increase(Unit.COUNT, "redis_server_command_failures_total", WINDOW_SECONDS),
        hits_ratio=_share(reads, hits, misses, "redis_server_keyspace_hits_total"),
        evicted=reads.increase(Unit.COUNT, "redis_server_evicted_keys_total", WINDOW_SECONDS),
    )


def _nats(reads: ServerReads) -> NatsServer:
    messages, size = "nats_server_messages_total", "nats_server_bytes_total"
    return NatsServer(
        server=_server(reads),
        in_messages=reads.rate(Unit.PER_SECOND, messages, RATE_SECONDS, direction="in"),
        out_messages=reads.rate(Unit.PER_SECOND, messages, RATE_SECONDS, direction="out"),
        in_bytes=reads.increase(Unit.BYTES, size, WINDOW_SECONDS, direction="in"),
        out_bytes=reads.increase(Unit.BYTES, size, WINDOW_SECONDS, direction="out"),
        subscriptions=reads.gauge(Unit.COUNT, "nats_server_subscriptions"),
        pending=reads.gauge(Unit.BYTES, "nats_server_pending_bytes"),
        slow_consumers=reads.increase(Unit.COUNT, "nats_server_slow_consumers_total", WINDOW_SECONDS),
        memory=reads.gauge(Unit.BYTES, "nats_server_memory_bytes"),
        cpu=reads.gauge(Unit.CORES, "nats_server_cpu_cores"),
        streams=reads.gauge(Unit.COUNT, "nats_server_jetstream_streams"),
        stream_pending=reads.gauge(Unit.COUNT, "nats_server_consumer_pending"),
        stream_unacknowledged=reads.gauge(Unit.COUNT, "nats_server_consumer_ack_pending"),
    )


def _postgres(reads: ServerReads) -> PostgresServer:
    ended = reads.grown("postgres_server_transactions_total", WINDOW_SECONDS, "result")
    commits, rollbacks = ((ended or {}).get((one,)) for one in ("commit", "rollback"))
    calls = reads.grown("postgres_server_query_calls_total", WINDOW_SECONDS)
    seconds = reads.grown("postgres_server_query_duration_seconds_total", WINDOW_SECONDS)
    idle = [reads.value("backend_connections", state=f"idle in transaction{one}") for one in ("", " (aborted)")]
    waiting = None if idle[0] is None else sum(one or 0.0 for one in idle)
    return PostgresServer(
        server=_server(reads),
        active=reads.gauge(Unit.COUNT, "backend_connections", state="active"),
        idle=reads.gauge(Unit.COUNT, "backend_connections", state="idle"),
        idle_in_transaction=reads.measure(Unit.COUNT, waiting, "backend_connections"),
        lock_waits=reads.gauge(Unit.COUNT, "postgres_server_lock_waits"),
        transactions=reads.rate(Unit.PER_SECOND, "postgres_server_transactions_total", RATE_SECONDS),
        rollback_ratio=_share(reads, rollbacks, commits, "postgres_server_transactions_total"),
        deadlocks=reads.increase(Unit.COUNT, "postgres_server_deadlocks_total", WINDOW_SECONDS),
        longest_transaction=reads.gauge(Unit.SECONDS, "postgres_server_longest_transaction_seconds"),
        query_mean=_mean(reads, seconds, calls, "postgres_server_query_duration_seconds_total"),
    )


Grown = dict[tuple[str, ...], float] | None


def _sum(reads: ServerReads, family: str) -> float | None:
    found = reads.grown(family, WINDOW_SECONDS)
    return None if found is None else sum(found.values())


def _mean(reads: ServerReads, seconds: Grown, calls: Grown, family: str) -> Measure:
    """Time over calls; without a call there was no traffic."""
    if seconds is None or calls is None:
        return reads.counted(Unit.SECONDS, family, None)
    count = sum(calls.values())
    return (
        reads.measure(Unit.SECONDS, sum(seconds.values()) / count, family)
        if count
        else Measure.no_traffic(Unit.SECONDS)
    )


def _share(reads: ServerReads, part: float | None, rest: float | None, family: str) -> Measure:
    """A part of both; 0/0 is no traffic."""
    if part is None or rest is None:
        return reads.counted(Unit.RATIO, family, None)
    both = part + rest
    return reads.measure(Unit.RATIO, part / both, family) if both else Measure.no_traffic(Unit.RATIO)
