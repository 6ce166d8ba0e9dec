"""What a NATS server reports of itself, of all its clients (view 3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.backends.server import (
    RATE_SECONDS,
    WINDOW_SECONDS,
    Server,
    server,
)
from aggregators.backends.server_reads import ServerReads
from model.measure import Bytes, Cores, Count, PerSecond
from model.series import Unit


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


def nats_server(reads: ServerReads) -> NatsServer:
    """All figures of one NATS server."""
    messages, size = "nats_server_messages_total", "nats_server_bytes_total"
    return NatsServer(
        server=server(reads),
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
