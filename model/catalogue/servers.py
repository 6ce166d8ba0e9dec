"""What every backend's server tells of itself, whichever it is: connections of all clients, never Prism's own pool."""

from __future__ import annotations

from model.catalogue.family import NONE, TS, C, G, I, N, family

KINDS = ("redis", "nats", "postgres")
"""The sources that tell these families."""

FAMILIES = (
    family("backend_up", G, NONE, "backend", "1 when the server answers, 0 when its exporter says that it does not.", "servers", "external F"),
    family("backend_full", G, NONE, "backend", "1 when the server answered that no connection is free.", "servers", "external F"),
    family("backend_info", I, NONE, "backend told_by version role", "1 per server; told_by is the server itself or its exporter.", "servers", "external F"),
    family("backend_started_timestamp_seconds", G, TS, "backend", "When the server was started.", "servers", "external F"),
    family("backend_connections", G, N, "backend state", "Server connections of all clients, by state; the states do not overlap.", "servers", "external F"),
    family("backend_connections_max", G, N, "backend", "How many connections the server allows.", "servers", "external F"),
    family("backend_connections_received_total", C, N, "backend", "Connections ever made to the server.", "servers", "external F"),
    family("backend_connections_rejected_total", C, N, "backend", "Connections that the server turned away because it was full.", "servers", "external F"),
)
