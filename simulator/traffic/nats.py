"""What a NATS client counts of itself: subscriptions, messages and bytes either way, and what waits to be sent."""

from __future__ import annotations

from typing import NamedTuple

from simulator.traffic.traffic_model import TrafficModel

BYTES_IN, BYTES_OUT = 208, 68
"""Of a message, either way: the RFC's 8.4 MB in 42k messages and 1.2 MB in 18k."""


class NatsClient(NamedTuple):
    """Totals since the start; `subscriptions` and `pending` now."""

    subscriptions: int
    in_messages: int
    out_messages: int
    in_bytes: int
    out_bytes: int
    pending: int


def nats_client(traffic_model: TrafficModel) -> NatsClient:
    """Every topic goes through the one client."""
    sent = sum(topic.published for topic in traffic_model.topics)
    got = sum(int(topic.received.sum()) for topic in traffic_model.topics)
    return NatsClient(
        sum(len(topic.spec.subscribers) for topic in traffic_model.topics),
        got,
        sent,
        got * BYTES_IN,
        sent * BYTES_OUT,
        sum(int(topic.pending.sum()) for topic in traffic_model.topics),
    )
