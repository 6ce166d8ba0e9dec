"""The books in plain JSON: what any dashboard reading this Prism must come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.signoz import coverage
from simulator.traffic.latency import quantile
from simulator.traffic.nats import nats_client
from simulator.traffic.patterns import MOST_KEYS, memstore_keys
from simulator.traffic.resources import of_proxy, pattern_memory_bytes
from simulator.traffic.scenario import BOUNDS, Flow
from simulator.traffic.traffic_model import Books

COVERED = (360.0, 60.0)
"""The traces that are told began so many seconds ago, the older edge first: the newest are never whole."""


def figures(books: Books, now: float) -> dict[str, Any]:
    """Totals since the start, and per namespace, pattern and operation; pools, topics, patterns, alerts; at `now`."""
    with books.lock:
        books.advance(now)
        return {
            "now": books.at,
            "started": books.started,
            "bounds": list(BOUNDS),
            "totals": _sums(books, np.ones(len(books.scene.flows), dtype=bool)),
            "namespaces": _grouped(books, "namespace"),
            "patterns": _patterns(books),
            "operations": _grouped(books, "operation"),
            "flows": [_flow(books, index, flow) for index, flow in enumerate(books.scene.flows)],
            "pools": _pools(books),
            "nats": nats_client(books)._asdict(),
            "memstore": {"keys": memstore_keys(books.at), "max_keys": MOST_KEYS},
            "topics": _topics(books),
            "auth": _auth(books),
            "pipeline": {
                name: {"accepted": one.accepted, "sent": one.sent, "failed": one.failed, "queued": one.queued}
                for name, one in books.pipeline.signals.items()
            },
            "traces": coverage.traces(books, books.at - COVERED[0], books.at - COVERED[1])._asdict(),
            "proxy": of_proxy(books)._asdict(),
            "alerts": [{**alert.labels, "since": alert.since} for alert in books.alerts.open.values()],
        }


def _sums(books: Books, chosen: Sequence[int] | NDArray[np.bool_]) -> dict[str, Any]:
    failing = books.failed[chosen].sum(axis=0)
    histogram = books.succeeded[chosen].sum(axis=0) + failing
    failed = int(failing.sum())
    total = int(histogram.sum())
    return {
        "requests": total,
        "success": total - failed,
        "error": failed,
        "error_ratio": failed / total if total else None,
        "rate": total / (books.at - books.started) if books.at > books.started else None,
        "duration_seconds_sum": float(books.seconds[chosen].sum()),
        "histogram": histogram.tolist(),
        **{
            name: quantile(q, histogram) if total else None
            for name, q in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
        },
    }


def _grouped(books: Books, label: str) -> dict[str, Any]:
    places: dict[str, list[int]] = {}
    for place, flow in enumerate(books.scene.flows):
        places.setdefault(str(getattr(flow, label)), []).append(place)
    return {name: _sums(books, chosen) for name, chosen in places.items()}


def _flow(books: Books, index: int, flow: Flow) -> dict[str, Any]:
    histogram = books.succeeded[index] + books.failed[index]
    return {
        "namespace": flow.namespace,
        "pattern": flow.pattern,
        "operation": flow.operation,
        "success": int(books.succeeded[index].sum()),
        "error": int(books.failed[index].sum()),
        "histogram": histogram.tolist(),
    }


def _patterns(books: Books) -> dict[str, Any]:
    return {
        name: {
            "driver": process.spec.driver,
            "status": books.status(name),
            "up": process.up,
            "phase": process.phase(books.at).value,
            "started": process.started,
            "uptime_seconds": books.at - process.started if process.up else 0.0,
            "restarts": process.restarts,
            "restarts_24h": process.restarts_within(86400.0, books.at),
            "pid": process.pid,
            "memory_bytes": pattern_memory_bytes(process, books.at) if process.up else None,
            "cpu_seconds": process.cpu_seconds if process.up else None,
            "goroutines": process.spec.goroutines if process.up else None,
            **_sums(books, books.of_pattern(name)),
        }
        for name, process in books.processes.items()
    }


def _pools(books: Books) -> dict[str, Any]:
    return {
        name: {
            "backend": pool.spec.backend,
            "active": pool.active,
            "idle": pool.idle,
            "max": pool.maximum,
            "waiting": pool.waiting,
            "acquisitions": int(pool.acquired.sum()),
            "acquire_seconds": pool.acquire_seconds,
            "acquire_histogram": pool.acquired.tolist(),
            "queries": int(pool.queried.sum()),
            "query_seconds": pool.query_seconds,
            "query_histogram": pool.queried.tolist(),
            "errors": dict(pool.errors),
        }
        for name, pool in books.pools.items()
    }


def _topics(books: Books) -> dict[str, Any]:
    return {
        topic.spec.name: {
            "subscribers": len(topic.spec.subscribers),
            "published": topic.published,
            "delivered": int(topic.received.sum()),
            "dropped": int(topic.dropped.sum()),
            "pending": int(topic.pending.sum()),
            "lag_seconds": topic.lag_seconds.tolist(),
            "received": {
                name: int(count) for (name, _), count in zip(topic.spec.subscribers, topic.received, strict=True)
            },
            "delivery_histogram": topic.delivery.tolist(),
        }
        for topic in books.topics
    }


def _auth(books: Books) -> dict[str, Any]:
    auth = books.auth
    return {
        "attempts": auth.attempts,
        "success": auth.successes,
        "failures": dict(auth.failures),
        "allowed": auth.allowed,
        "denied": dict(auth.denied),
        "token_refreshes": auth.refreshes,
        "jwks_hits": auth.hits,
        "jwks_misses": auth.misses,
    }
