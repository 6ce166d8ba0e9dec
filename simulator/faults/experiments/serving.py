"""Experiments on who serves: processes, backends, namespaces, load."""

from __future__ import annotations

from typing import Any

from simulator.faults.experiments.experiment import (
    EVERYBODY,
    REQUESTS,
    Experiment,
    fault,
    used_by,
    users_of,
)

HEALTH, BACKENDS, PERFORMANCE = "System Health", "Backends", "Performance"
TENANTS, RESOURCES = "Namespaces", "Resources"


def _process(id_: str, name: str, target: str, seconds: float = 40.0, load: float = 1.0) -> Experiment:
    return Experiment(
        id_, "process", HEALTH, (fault(name, target),), ((target,),), users_of(target), seconds=seconds, load=load
    )


PROCESS = (
    _process("redis-crashes", "pattern_crash", "redis"),
    _process("memstore-crashes", "pattern_crash", "memstore"),
    _process("postgresql-crashes-at-night", "pattern_crash", "postgresql", load=0.1),
    _process("nats-crashes", "pattern_crash", "nats"),
    _process("redis-hangs", "pattern_hang", "redis"),
    _process("postgresql-hangs", "pattern_hang", "postgresql", load=2.0),
    _process("memstore-degraded", "pattern_degraded", "memstore"),
    _process("redis-degraded", "pattern_degraded", "redis"),
    _process("postgresql-unhealthy", "pattern_unhealthy", "postgresql"),
    _process("nats-unhealthy", "pattern_unhealthy", "nats"),
    _process("memstore-restart-loop", "restart_loop", "memstore"),
    _process("postgresql-restart-loop", "restart_loop", "postgresql"),
)


def _backend(id_: str, target: str, name: str, load: float = 1.0, **params: Any) -> Experiment:
    return Experiment(
        id_, "backend", BACKENDS, (fault(name, target, **params),), ((target,),), users_of(target), load=load
    )


BACKEND = (
    _backend("redis-pool-full", "redis", "pool_exhaustion"),
    _backend("postgresql-pool-full", "postgresql", "pool_exhaustion", load=2.0),
    _backend("postgresql-pool-19-of-20", "postgresql", "pool_active", value=19),
    _backend("redis-pool-10-of-10", "redis", "pool_active", value=10),
    _backend("redis-waits-for-connections", "redis", "pool_wait", factor=60.0),
    _backend("postgresql-waits-longer-and-longer", "postgresql", "pool_wait", factor=80.0, ramp_seconds=40.0),
    _backend("postgresql-connections-refused", "postgresql", "pool_errors", ratio=0.05, reason="refused"),
    _backend("redis-connections-time-out", "redis", "pool_errors", ratio=0.02, reason="timeout"),
    _backend("redis-connections-reset", "redis", "pool_errors", ratio=0.01, reason="reset"),
    _backend("nats-reconnect-storm", "nats", "reconnects", per_second=1.0),
    _backend("postgresql-slow-queries", "postgresql", "slow_queries", factor=30.0),
    _backend("postgresql-queries-slow-down", "postgresql", "slow_queries", factor=20.0, ramp_seconds=40.0),
    Experiment(
        "memstore-nearly-full", "backend", BACKENDS, (fault("memstore_keys", value=9900),), (("memstore", "memory"),)
    ),
)


def _tenant(id_: str, name: str, namespace: str, load: float = 1.0, **params: Any) -> Experiment:
    faults = (fault(name, f"namespace:{namespace}", **params),)
    return Experiment(id_, "tenant", TENANTS, faults, ((namespace,),), used_by(namespace), load=load)


TENANT = (
    _tenant("payments-fails-5-percent", "error_burst", "payments", ratio=0.05),
    _tenant("payments-fails-2-percent-at-night", "error_burst", "payments", load=0.1, ratio=0.02),
    _tenant("staging-fails", "error_burst", "staging", ratio=0.6),
    _tenant("ml-features-fails-30-percent", "error_burst", "ml-features", ratio=0.3),
    _tenant("search-index-slow", "latency", "search-index", factor=8.0),
    _tenant("checkout-slows-down", "latency", "checkout", factor=12.0, ramp_seconds=40.0),
    _tenant("analytics-noisy-neighbour", "traffic_surge", "analytics", factor=45.0),
    _tenant("billing-at-its-limit", "traffic_surge", "billing", factor=7.7),
    _tenant("user-platform-near-its-limit", "traffic_surge", "user-platform", factor=2.3, ramp_seconds=20.0),
    _tenant("payments-silent", "traffic_surge", "payments", factor=0.0),
    _tenant("sessions-silent", "traffic_surge", "sessions", factor=0.0),
)


def _slow(id_: str, target: str, factor: float, *only: str, load: float = 1.0, ramp_seconds: float = 0.0) -> Experiment:
    """`only`: who alone serves the operation that is slow."""
    faults = (fault("latency", target, factor=factor, ramp_seconds=ramp_seconds),)
    blames = (target.removeprefix("operation:"), *only) if target else (*REQUESTS, "proxy")
    touches = users_of(target) if target and ":" not in target else EVERYBODY
    return Experiment(id_, "latency", PERFORMANCE, faults, (blames,), touches, seconds=60.0, load=load)


LATENCY = (
    _slow("everything-slow", "", 20.0),
    _slow("everything-slow-at-night", "", 6.0, load=0.1),
    _slow("redis-slow", "redis", 10.0),
    _slow("postgresql-four-times-within-a-minute", "postgresql", 4.0, ramp_seconds=60.0),
    _slow("memstore-half-as-slow-again", "memstore", 1.5),
    _slow("redis-half-as-slow-again", "redis", 1.5),
    _slow("dequeue-slow", "operation:Queue.Dequeue", 10.0, "postgresql"),
    _slow("exists-slow", "operation:KeyValue.Exists", 15.0),
)
_ANYBODY = (*REQUESTS, "proxy", "traffic", "errors")
LOAD = (
    Experiment("nobody-asks", "load", PERFORMANCE, (fault("traffic_surge", factor=0.0),), (_ANYBODY,), EVERYBODY),
    Experiment(
        "traffic-collapses", "load", PERFORMANCE, (fault("traffic_surge", factor=0.15),), (_ANYBODY,), EVERYBODY
    ),
    Experiment(
        "nobody-asks-redis", "load", PERFORMANCE, (fault("traffic_surge", "redis", factor=0.0),),
        (("redis",),), users_of("redis"),
    ),
    Experiment(
        "everything-fails-1-percent", "load", PERFORMANCE, (fault("error_burst", ratio=0.01),), (_ANYBODY,), EVERYBODY
    ),
    Experiment(
        "errors-grow-to-10-percent", "load", PERFORMANCE, (fault("error_burst", ratio=0.1, ramp_seconds=40.0),),
        (_ANYBODY,), EVERYBODY,
    ),
    Experiment(
        "redis-fails-3-percent", "load", PERFORMANCE, (fault("error_burst", "redis", ratio=0.03),),
        (("redis",),), users_of("redis"),
    ),
    Experiment(
        "enqueue-fails", "load", PERFORMANCE, (fault("error_burst", "operation:Queue.Enqueue", ratio=0.2),),
        (("Queue.Enqueue", "postgresql"),), EVERYBODY,
    ),
)  # fmt: skip


def _resource(id_: str, name: str, target: str = "", **params: Any) -> Experiment:
    blames = (target or "proxy",)
    return Experiment(id_, "resource", RESOURCES, (fault(name, target, **params),), (blames,), seconds=60.0)


RESOURCE = (
    _resource("proxy-memory-at-its-limit", "proxy_memory", mebibytes=285.0),
    _resource("proxy-memory-leaks", "proxy_memory", mebibytes=280.0, ramp_seconds=60.0),
    _resource("proxy-descriptors-run-out", "proxy_descriptors", more=860.0),
    _resource("proxy-descriptors-leak", "proxy_descriptors", more=860.0, ramp_seconds=60.0),
    _resource("proxy-uses-all-its-cores", "proxy_cpu", cores=3.95),
    _resource("redis-leaks-goroutines", "goroutines", "redis", more=20000.0, ramp_seconds=60.0),
    _resource("postgresql-memory-grows", "pattern_memory", "postgresql", factor=12.0, ramp_seconds=60.0),
)

SERVING = (*PROCESS, *BACKEND, *TENANT, *LATENCY, *LOAD, *RESOURCE)
