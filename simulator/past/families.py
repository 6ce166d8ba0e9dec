"""The proxy's families before the start, as `servers.proxy` exposes them: every series over the same instants."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.status import Phase
from simulator.past.instants import Instants
from simulator.past.ledgers import PoolPast, TopicPast
from simulator.past.past import Counts
from simulator.sockets.exposition import Share
from simulator.traffic.latency import MIDDLES
from simulator.traffic.nats import BYTES_IN, BYTES_OUT
from simulator.traffic.patterns import STARTING, first_pid
from simulator.traffic.pools import QUERIED
from simulator.traffic.resources import (
    CPU_LIMIT_CORES,
    MAX_DESCRIPTORS,
    MEMORY_LIMIT_BYTES,
    MIB,
    THREADS,
)
from simulator.traffic.scenario import BOUNDS, JWKS_PERIOD_SECONDS, PROXY_CORES, USUAL_RATE, PatternSpec

Labels = Mapping[str, str]
Values = NDArray[Any]
Rows = Iterator[tuple[str, Labels, Values]]
"""A sample's name, its labels, its (T,) values: NaN where it was not exposed."""
Build = Callable[[Instants, Share], Rows]
EDGES = (*(f"{bound:g}" for bound in BOUNDS), "+Inf")


def part(share: Share, values: Values) -> Values:
    """One proxy's share of what all have together; of whole numbers a whole one."""
    if np.issubdtype(values.dtype, np.integer):
        return np.asarray((values + share.number) // share.of)
    return np.asarray(values / share.of)


def constant(books: Instants, value: float) -> Values:
    """The same at every instant."""
    return np.full(len(books.times), value)


def histogram(name: str, rows: Iterable[tuple[Labels, Counts]], share: Share) -> Rows:
    """From (T, buckets) counts; the sums are those of the buckets' middles, as everywhere in the books."""
    for labels, counts in rows:
        running = part(share, np.ascontiguousarray(np.cumsum(counts, axis=1).T))
        for edge, values in zip(EDGES, running, strict=True):
            yield f"{name}_bucket", {**labels, "le": edge}, values
        yield f"{name}_sum", labels, part(share, counts @ MIDDLES)
        yield f"{name}_count", labels, running[-1]


def _flows(books: Instants) -> list[Labels]:
    return [
        {"namespace": flow.namespace, "pattern": flow.pattern, "operation": flow.operation}
        for flow in books.past.scenario.flows
    ]


def _requests(books: Instants, share: Share) -> Rows:
    good, bad = (np.ascontiguousarray(one.sum(axis=2).T) for one in (books.succeeded, books.failed))
    for labels, succeeded, failed in zip(_flows(books), good, bad, strict=True):
        for status, values in (("success", succeeded), ("error", failed)):
            yield "prism_requests_total", {**labels, "status": status}, part(share, values)


def _durations(books: Instants, share: Share) -> Rows:
    rows = ((labels, books.total[:, at]) for at, labels in enumerate(_flows(books)))
    return histogram("prism_request_duration_seconds", rows, share)


def _auth(books: Instants, share: Share) -> Rows:
    name, decisions = "prism_auth_requests_total", "prism_authz_decisions_total"
    yield name, {"result": "success", "reason": ""}, part(share, books.valid)
    for reason, count in books.refused.items():
        yield name, {"result": "failure", "reason": reason}, part(share, count)
    yield "prism_auth_token_refreshes_total", {}, part(share, books.refreshes)
    yield decisions, {"decision": "allowed", "reason": ""}, part(share, books.requests)
    for reason, count in books.denied.items():
        yield decisions, {"decision": "denied", "reason": reason}, part(share, count)
    attempts = books.valid + sum(books.refused.values())
    yield "prism_jwks_cache_hits_total", {}, part(share, attempts - books.misses)
    yield "prism_jwks_cache_misses_total", {}, part(share, books.misses)
    first = books.past.proxy_started - JWKS_PERIOD_SECONDS / 2
    fetched = first + JWKS_PERIOD_SECONDS * ((books.times - first) // JWKS_PERIOD_SECONDS)
    yield "prism_jwks_last_refresh_timestamp_seconds", {}, fetched
    yield "prism_jwks_next_refresh_timestamp_seconds", {}, fetched + JWKS_PERIOD_SECONDS


def _pubsub(books: Instants, share: Share) -> Rows:
    for spec in books.past.scenario.topics:
        topic, labels = TopicPast(books, spec), {"topic": spec.name}
        for name, values in (
            ("published_total", topic.published),
            ("delivered_total", topic.received.sum(axis=1)),
            ("dropped_total", topic.dropped.sum(axis=1)),
            ("pending", topic.pending.sum(axis=1)),
            ("subscribers", np.full(len(books.times), len(spec.subscribers))),
        ):
            yield f"prism_pubsub_{name}", labels, part(share, values)
        yield from histogram("prism_pubsub_delivery_duration_seconds", [(labels, topic.delivery)], share)
        for at, (subscriber, _) in enumerate(spec.subscribers):
            own = {**labels, "subscriber": subscriber}
            yield "prism_pubsub_subscriber_received_total", own, part(share, topic.received[:, at])
            yield "prism_pubsub_subscriber_lag_seconds", own, topic.lag_seconds[:, at]


def _pools(books: Instants, share: Share) -> Rows:
    for spec in books.past.scenario.patterns:
        if not share.part(spec.maximum):
            continue
        pool, labels = PoolPast(books, spec), {"backend": spec.backend, "pattern": spec.name}
        active, idle, waiting = pool.gauges.T
        yield "prism_pool_connections_active", labels, part(share, active)
        yield "prism_pool_connections_idle", labels, part(share, active + idle) - part(share, active)
        yield "prism_pool_connections_max", labels, part(share, np.full(len(active), spec.maximum))
        yield "prism_pool_waiting", labels, part(share, waiting)
        yield from histogram("prism_pool_acquire_duration_seconds", [(labels, pool.acquired)], share)
        for reason, count in pool.errors.items():
            yield "prism_pool_errors_total", {**labels, "reason": reason}, part(share, count)
        if spec.driver in QUERIED:
            yield "prism_backend_active_queries", labels, part(share, active)
            yield from histogram("prism_backend_query_duration_seconds", [(labels, pool.queried)], share)
        if spec.maximum == 1:
            yield from _nats(books, share, labels, spec)


def _nats(books: Instants, share: Share, labels: Labels, spec: PatternSpec) -> Rows:
    topics = [TopicPast(books, topic) for topic in books.past.scenario.topics]
    none = np.zeros(len(books.times), dtype=np.int64)
    pending = sum((topic.pending.sum(axis=1) for topic in topics), none)
    got = sum((topic.received.sum(axis=1) for topic in topics), none)
    sent = sum((topic.published for topic in topics), none)
    subscriptions = sum(len(topic.subscribers) for topic in books.past.scenario.topics)
    yield "prism_backend_reconnects_total", labels, part(share, books.restarts(spec))
    yield "prism_backend_pending_messages", labels, part(share, pending)
    yield "prism_backend_subscriptions", labels, np.full(len(books.times), subscriptions)
    for way, count, size in (("in", got, BYTES_IN), ("out", sent, BYTES_OUT)):
        own = {**labels, "direction": way}
        yield "prism_backend_messages_total", own, part(share, count)
        yield "prism_backend_bytes_total", own, part(share, count * size)


def _patterns(books: Instants, share: Share) -> Rows:
    ends, phases = [until for until, _ in STARTING], [*(phase for _, phase in STARTING), Phase.RUNNING]
    for number, spec in list(enumerate(books.past.scenario.patterns))[share.number :: share.of]:
        labels, up, started = {"pattern": spec.name}, books.up(spec.name), books.started(spec)
        age = books.times - started
        yield "prism_pattern_restarts_total", labels, books.restarts(spec)
        yield "prism_pattern_start_time_seconds", labels, started
        at = np.searchsorted(ends, age, side="right")
        for phase in Phase:
            held = np.isin(at, [n for n, one in enumerate(phases) if one is phase]) & up
            values = held if phase is not Phase.FAILED else ~up
            yield "prism_pattern_phase", {**labels, "phase": phase.value}, values.astype(np.int64)
        wave = 1 + 0.01 * np.sin(books.times / 90 + first_pid(number))
        for name, value in (
            ("resident_memory_bytes", np.floor(spec.memory_bytes * wave)),
            ("cpu_seconds_total", age * spec.cpu_cores),
            ("goroutines", constant(books, spec.goroutines)),
        ):
            yield f"prism_pattern_{name}", labels, np.where(up, value, np.nan)


def _process(books: Instants, share: Share) -> Rows:
    wave = np.sin(books.times / 300.0)
    yield "process_resident_memory_bytes", {}, np.floor((212 + 6 * wave) * MIB)
    yield "process_memory_limit_bytes", {}, constant(books, MEMORY_LIMIT_BYTES)
    cpu = PROXY_CORES * (0.9 * books.up_seconds + 0.1 * books.requests / USUAL_RATE)
    yield "process_cpu_seconds_total", {}, cpu
    yield "process_cpu_limit_cores", {}, constant(books, CPU_LIMIT_CORES)
    yield "process_threads", {}, constant(books, THREADS)
    yield "process_open_fds", {}, 143 + np.trunc(8 * wave)
    yield "process_max_fds", {}, constant(books, MAX_DESCRIPTORS)
    yield "process_start_time_seconds", {}, constant(books, books.past.proxy_started)
    yield "prism_build_info", {"version": "0.3.0", "commit": "c45f0c7d"}, constant(books, 1)
    yield "tokio_workers", {}, constant(books, 8)
    yield "tokio_alive_tasks", {}, 388 + np.trunc(20 * wave)


PROXY: tuple[Build, ...] = (_requests, _durations, _auth, _pubsub, _pools, _patterns, _process)
"""All that a proxy exposes."""
