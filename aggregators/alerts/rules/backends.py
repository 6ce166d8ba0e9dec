"""Backends: their servers, and the pools of connections to them."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, PATTERN_PAGE, RATE, WARNING, Blamed, Rule
from model.series import Unit

BACKENDS: tuple[Rule, ...] = (
    Rule(
        "backend_server", "Backend server in trouble", "backend_server",
        "backend_up, backend_connections over _max, and what else Redis, NATS and PostgreSQL servers say of themselves",
        (), "backend", WARNING, 0.0, 1.0, 0.0, FACT, 3.0,
        "the server says so itself, or has closed its port (critical) or hangs; above 90 % its connections are scarce",
        "{server}: {reason}", "/backends",
        blames=Blamed.SERVER,
    ),
    Rule(
        "pool_use", "Pool nearly full", "pool_use",
        "prism_pool_connections_active over _max, else pattern health details",
        ("proxy",), "pool", WARNING, 0.0, 0.90, 0.80, (2, 3), 3.0,
        "RFC view 1: above 90 %; below 80 % there is room again. Critical when it is full and requests wait",
        "{component} pool {state}: {used} of {limit} connections in use{waiting}", PATTERN_PAGE, 1.0, unit=Unit.RATIO,
    ),
    Rule(
        "pool_waiting", "Requests wait for a connection", "pool_waiting",
        "prism_pool_waiting of a pool that is not full",
        ("proxy",), "pool", WARNING, 0.0, 1.0, 1.0, RATE, 3.0,
        "one that waits for a moment is chance; three times in a row the pool is too small or its connections stick",
        "{count} requests wait for a connection of the {component} pool", PATTERN_PAGE,
        unit=Unit.COUNT,
    ),
    Rule(
        "pool_filling", "Pool fills", "pool_filling",
        "prism_pool_connections_active that rose in three steps of 10 s; seconds until _max at this pace",
        ("proxy",), "pool", WARNING, 30.0, 60.0, 120.0, RATE, 3.0,
        "a minute is enough to act in; below 60 % nothing is concluded",
        "the {component} pool is full in {left}: {used} of {limit} connections in use and more every second",
        PATTERN_PAGE, unit=Unit.SECONDS,
    ),
    Rule(
        "pool_errors", "Connections fail", "pool_errors",
        "prism_pool_errors_total by reason; in 5 s over what the last minute makes of them",
        ("proxy",), "backend", WARNING, 5.0, 3.0, 1.5, (2, 3), 3.0,
        "three in 5 s at least, and more than chance makes of the usual",
        "{count} connections of {component} failed in {span} ({reason}), usually {usual}", PATTERN_PAGE,
        unit=Unit.COUNT, longest_seconds=900.0,
    ),
    Rule(
        "reconnects", "Connections are made again and again", "reconnects",
        "prism_backend_reconnects_total; in 15 s over what the last minute makes of them",
        ("proxy",), "backend", WARNING, 15.0, 3.0, 1.5, (2, 3), 5.0,
        "one that was lost is made anew; three in 15 s do not hold",
        "{component} made {count} connections anew in {span}, usually {usual}", PATTERN_PAGE,
        unit=Unit.COUNT, longest_seconds=900.0,
    ),
    Rule(
        "backend_slow", "A backend answers slowly", "backend_slow",
        "prism_backend_query_duration_seconds; of the last 10 s the share beyond the usual P99 of 5 min",
        ("proxy",), "latency", WARNING, 10.0, 0.05, 0.02, RATE, 3.0,
        "by definition 1 % is; 5 % is a backend half as slow again. News only while P99 stays below 2 ms",
        "{percent} of the queries of {component} take longer than their usual P99 of {usual}: it is {latency}",
        PATTERN_PAGE, unit=Unit.RATIO,
    ),
    Rule(
        "backend_pending", "Messages wait in a client", "backend_pending",
        "prism_backend_pending_messages that rose in three steps of 10 s",
        ("proxy",), "backend", WARNING, 30.0, 100.0, 50.0, RATE, 3.0,
        "what is sent leaves at once: a hundred that wait, and more every second, are held up",
        "{count} messages of {component} wait to be sent, and they become more", PATTERN_PAGE,
        unit=Unit.COUNT,
    ),
    Rule(
        "stream_backlog", "A JetStream consumer falls behind", "stream_backlog",
        "nats_server_consumer_pending and _ack_pending that rose in three steps of 10 s",
        ("nats",), "messaging", WARNING, 30.0, 100.0, 50.0, FACT, 3.0,
        "a hundred messages that wait, and more every second, are not caught up with",
        "{count} messages of {stream} wait for {consumer}, and they become more", "/backends",
        unit=Unit.COUNT, blames=Blamed.SUBSCRIBER,
    ),
    Rule(
        "server_evicts", "A server throws keys out", "server_evicts",
        "redis_server_evicted_keys_total; in 15 s over what the last minute makes of them",
        ("redis",), "backend", WARNING, 15.0, 3.0, 1.5, FACT, 5.0,
        "a cache that evicts all day is well; ten at least, and more than chance makes of the usual, are a change",
        "Redis {server} threw {count} keys out in {span}, usually {usual}", "/backends",
        unit=Unit.COUNT, blames=Blamed.SERVER, longest_seconds=900.0,
    ),
    Rule(
        "server_slow", "A server is slow", "server_slow",
        "time that Redis or PostgreSQL spent in commands or queries over their number; 10 s against the minute before",
        (), "latency", WARNING, 10.0, 3.0, 1.5, (2, 3), 5.0,
        "three times as long, and a millisecond longer: what the server does takes longer, whoever asks",
        "{server} takes {now} for a {what}, usually {usual}", "/backends",
        unit=Unit.COUNT, blames=Blamed.SERVER, every_seconds=1.0, longest_seconds=900.0,
    ),
    Rule(
        "server_locks", "Queries wait for locks", "server_locks",
        "postgres_server_lock_waits",
        ("postgres",), "backend", WARNING, 0.0, 3.0, 1.0, (2, 3), 3.0,
        "one may wait for a moment; three that wait at two reads are held up by somebody",
        "{count} queries of PostgreSQL {server} wait for a lock", "/backends",
        unit=Unit.COUNT, blames=Blamed.SERVER,
    ),
    Rule(
        "server_pending", "Bytes wait in NATS", "server_pending",
        "nats_server_pending_bytes that rose in three steps of 10 s; in MiB",
        ("nats",), "messaging", WARNING, 30.0, 1.0, 0.5, FACT, 3.0,
        "sockets hold less than 1 MiB: somebody does not read, and NATS will cut it off",
        "{count} MiB wait in NATS {server} for clients that do not read, and they become more", "/backends",
        unit=Unit.COUNT, blames=Blamed.SERVER,
    ),
)  # fmt: skip
