"""The books in plain JSON: what any dashboard reading this Prism must come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.signoz import coverage
from simulator.traffic.latency import quantile
from simulator.traffic.nats import nats_client
from simulator.traffic.patterns import MOST_KEYS
from simulator.traffic.resources import of_proxy, pattern_memory_bytes
from simulator.traffic.scenario import BOUNDS, Flow
from simulator.traffic.traffic_model import TrafficModel

COVERED = (360.0, 60.0)
"""The traces that are reported began so many seconds ago, the older edge first: the newest are never whole."""


def figures(traffic_model: TrafficModel, now: float) -> dict[str, Any]:
    """Totals since the start, and per namespace, pattern and operation; pools, topics, patterns, alerts; at `now`."""
    with traffic_model.lock:
        traffic_model.advance(now)
        return {
            "now": traffic_model.at,
            "started": traffic_model.started,
            "bounds": list(BOUNDS),
            "totals": _sums(traffic_model, np.ones(len(traffic_model.scenario.flows), dtype=bool)),
            "namespaces": _grouped(traffic_model, "namespace"),
            "patterns": _patterns(traffic_model),
            "operations": _grouped(traffic_model, "operation"),
            "flows": [_flow(traffic_model, index, flow) for index, flow in enumerate(traffic_model.scenario.flows)],
            "pools": _pools(traffic_model),
            "nats": nats_client(traffic_model)._asdict(),
            "memstore": {"keys": traffic_model.memstore_keys, "max_keys": MOST_KEYS},
            "topics": _topics(traffic_model),
            "auth": _auth(traffic_model),
            "pipeline": {
                name: {"accepted": one.accepted, "sent": one.sent, "failed": one.failed, "queued": one.queued}
                for name, one in traffic_model.pipeline.signals.items()
            },
            "traces": coverage.traces(
                traffic_model, traffic_model.at - COVERED[0], traffic_model.at - COVERED[1]
            )._asdict(),
            "proxy": of_proxy(traffic_model)._asdict(),
            "alerts": [{**alert.labels, "since": alert.since} for alert in traffic_model.alerts.open.values()],
        }


def _sums(traffic_model: TrafficModel, chosen: Sequence[int] | NDArray[np.bool_]) -> dict[str, Any]:
    failing = traffic_model.failed[chosen].sum(axis=0)
    histogram = traffic_model.succeeded[chosen].sum(axis=0) + failing
    failed = int(failing.sum())
    total = int(histogram.sum())
    return {
        "requests": total,
        "success": total - failed,
        "error": failed,
        "error_ratio": failed / total if total else None,
        "rate": total / (traffic_model.at - traffic_model.started)
        if traffic_model.at > traffic_model.started
        else None,
        "duration_seconds_sum": float(traffic_model.seconds[chosen].sum()),
        "histogram": histogram.tolist(),
        **{
            name: quantile(q, histogram) if total else None
            for name, q in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999))
        },
    }


def _grouped(traffic_model: TrafficModel, label: str) -> dict[str, Any]:
    places: dict[str, list[int]] = {}
    for place, flow in enumerate(traffic_model.scenario.flows):
        places.setdefault(str(getattr(flow, label)), []).append(place)
    return {name: _sums(traffic_model, chosen) for name, chosen in places.items()}


def _flow(traffic_model: TrafficModel, index: int, flow: Flow) -> dict[str, Any]:
    histogram = traffic_model.succeeded[index] + traffic_model.failed[index]
    return {
        "namespace": flow.namespace,
        "pattern": flow.pattern,
        "operation": flow.operation,
        "success": int(traffic_model.succeeded[index].sum()),
        "error": int(traffic_model.failed[index].sum()),
        "histogram": histogram.tolist(),
    }


def _patterns(traffic_model: TrafficModel) -> dict[str, Any]:
    return {
        name: {
            "driver": process.spec.driver,
            "status": traffic_model.status(name),
            "up": process.up,
            "phase": process.phase(traffic_model.at).value,
            "started": process.started,
            "uptime_seconds": traffic_model.at - process.started if process.up else 0.0,
            "restarts": process.restarts,
            "restarts_24h": process.restarts_within(86400.0, traffic_model.at),
            "pid": process.pid,
            "memory_bytes": pattern_memory_bytes(process, traffic_model.at) if process.up else None,
            "cpu_seconds": process.cpu_seconds if process.up else None,
            "goroutines": process.spec.goroutines if process.up else None,
            **_sums(traffic_model, traffic_model.of_pattern(name)),
        }
        for name, process in traffic_model.processes.items()
    }


def _pools(traffic_model: TrafficModel) -> dict[str, Any]:
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
        for name, pool in traffic_model.pools.items()
    }


def _topics(traffic_model: TrafficModel) -> dict[str, Any]:
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
        for topic in traffic_model.topics
    }


def _auth(traffic_model: TrafficModel) -> dict[str, Any]:
    auth = traffic_model.auth
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
