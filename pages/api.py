"""The System Health answers as JSON, for programs: `/api/health`, `/api/patterns`, `/api/alerts`.

Units are in the names. A figure that is no plain value is null or old, and says why under `states`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
from flask import Flask, Response

from aggregators.alerts import alerts
from aggregators.auth import auth_success
from aggregators.health import by_trouble, pattern_health, worst_status
from aggregators.pools import pools
from aggregators.sources import collector_state, source_table
from aggregators.tenancy import active_namespaces
from aggregators.traffic import traffic
from model.measure import Measure
from model.series import Unit
from pages.feed import StoreFeed
from pages.plain import measures, plain
from store.snapshot import Snapshot

Answer = Callable[[Snapshot, float], dict[str, Any]]
KEPT_SECONDS = 1.0
"""Ages advance, so an answer is worked out again after this long even when nothing is new."""


def health(snapshot: Snapshot, now: float) -> dict[str, Any]:
    """The banner and the panels of System Health."""
    patterns = pattern_health(snapshot, now)
    flow, auth = traffic(snapshot, now), auth_success(snapshot, now)
    active = sum(one.is_active for one in patterns)
    figures: dict[str, Measure] = {
        "success": flow.success_ratio,
        "error": flow.error_ratio,
        "errors_last_minute": flow.errors_last_minute,
        "requests": flow.per_second,
        "reads": flow.read_per_second,
        "writes": flow.write_per_second,
        "latency_p50": flow.p50,
        "latency_p99": flow.p99,
        "latency_p999": flow.p999,
        "auth_success": auth.success_ratio,
        "namespaces": active_namespaces(snapshot, now),
        "active_patterns": Measure.of(float(active), Unit.COUNT),
        "patterns": Measure.of(float(len(patterns)), Unit.COUNT),
    }
    return {
        "status": worst_status(one.status for one in patterns).value,
        "simulated": bool(snapshot.meta.get("simulated")),
        **measures(figures),
        "pools": plain(pools(snapshot, now, patterns)),
        "collector": plain(collector_state(snapshot, now)),
        "sources": plain(source_table(snapshot, now)),
    }


def patterns(snapshot: Snapshot, now: float) -> dict[str, Any]:
    """Every pattern, the worst first."""
    return {"patterns": plain(by_trouble(pattern_health(snapshot, now)))}


def recent_alerts(snapshot: Snapshot, now: float) -> dict[str, Any]:
    """The alerts of the last 24 hours, active ones first."""
    return {"alerts": plain(alerts(snapshot, now))}


ANSWERS: dict[str, Answer] = {"health": health, "patterns": patterns, "alerts": recent_alerts}


class _Kept:
    """One answer, worked out at most once per version or second however many ask."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._lock = threading.Lock()
        self._version = -1
        self._at = 0.0
        self._body = b""

    def body(self, feed: StoreFeed, now: float) -> bytes:
        """The answer as JSON."""
        with self._lock:
            version = feed.version()
            if version != self._version or not 0.0 <= now - self._at < KEPT_SECONDS:
                snapshot = feed.snapshot()
                head = {"now_seconds": now, "version": snapshot.version, "written_at_seconds": snapshot.written_at}
                answer = {**head, **self._answer(snapshot, now)}
                self._body = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
                self._version, self._at = version, now
            return self._body


def register(server: Flask, feed: Callable[[], StoreFeed]) -> None:
    """Add the routes to `server`."""
    for name, answer in ANSWERS.items():
        _route(server, name, _Kept(answer), feed)


def _route(server: Flask, name: str, kept: _Kept, feed: Callable[[], StoreFeed]) -> None:
    def view() -> Response:
        return Response(kept.body(feed(), time.time()), mimetype="application/json")

    server.add_url_rule(f"/api/{name}", f"api-{name}", view)
