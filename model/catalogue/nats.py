"""A NATS server, by its monitoring over HTTP (contracts external F)."""

from __future__ import annotations

from model.catalogue.family import CORES, NONE, B, C, G, I, N, family

FAMILIES = (
    family("nats_server_messages_total", C, N, "backend direction", "Messages in from clients and out to subscribers.", "nats", "external F"),
    family("nats_server_bytes_total", C, B, "backend direction", "Their bytes.", "nats", "external F"),
    family("nats_server_slow_consumers_total", C, N, "backend", "Clients cut off because they did not read.", "nats", "external F"),
    family("nats_server_subscriptions", G, N, "backend", "Subscriptions, the server's own ones among them.", "nats", "external F"),
    family("nats_server_pending_bytes", G, B, "backend", "Bytes that wait for clients to read them.", "nats", "external F"),
    family("nats_server_memory_bytes", G, B, "backend", "The server's memory.", "nats", "external F"),
    family("nats_server_cpu_cores", G, CORES, "backend", "Cores that it uses.", "nats", "external F"),
    family("nats_server_health_info", I, NONE, "backend state detail", "What /healthz says: ok, not ok, or no answer.", "nats", "external F"),
    family("nats_server_subscriber_messages_total", C, N, "backend subject subscriber queue", "Messages delivered to one subscriber of one subject.", "nats", "RFC view 4; external F"),
    family("nats_server_subscriber_pending_bytes", G, B, "backend subject subscriber queue", "Bytes that wait for this subscriber's client, on all its subjects.", "nats", "RFC view 4; external F"),
    family("nats_server_jetstream_streams", G, N, "backend", "JetStream's streams.", "nats", "external F"),
    family("nats_server_jetstream_messages", G, N, "backend", "Messages stored in them.", "nats", "external F"),
    family("nats_server_jetstream_bytes", G, B, "backend", "Their bytes.", "nats", "external F"),
    family("nats_server_consumer_pending", G, N, "backend account stream consumer", "Messages that one JetStream consumer has still to get.", "nats", "external F"),
    family("nats_server_consumer_ack_pending", G, N, "backend account stream consumer", "Messages given to it and not acknowledged yet.", "nats", "external F"),
    family("nats_server_consumer_redelivered", G, N, "backend account stream consumer", "Of these, how many were given more than once.", "nats", "external F"),
)
