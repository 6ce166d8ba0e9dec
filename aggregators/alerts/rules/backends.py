"""Backends: their servers, and the pools of connections to them."""

from __future__ import annotations

from aggregators.alerts.rules.rule import FACT, PATTERN_PAGE, WARNING, Blamed, Rule
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
)  # fmt: skip
