"""The dashboard about itself: `/healthz` (the process is up), `/readyz` (there is something to show), `/metrics`."""

from __future__ import annotations

import time
from collections.abc import Callable

from flask import Flask, Response, g
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from aggregators.series.sources import collector_state
from store.snapshot import Snapshot
from web.feed import StoreFeed
from web.hub import Hub
from web.own.metrics import OwnMetrics

TEXT = "text/plain; version=0.0.4; charset=utf-8"


def register(server: Flask, feed: Callable[[], StoreFeed], hub: Callable[[], Hub]) -> None:
    """Add the three routes to `server`."""

    @server.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @server.get("/readyz")
    def readyz() -> Response:
        reasons = why_not_ready(feed().snapshot(), time.time())
        if reasons and "person" not in g:
            reasons = ["not ready; sign in to be told why"]
        return Response(
            "".join(f"{one}\n" for one in reasons or ["ready"]), 503 if reasons else 200, mimetype="text/plain"
        )

    @server.get("/metrics")
    def metrics() -> Response:
        registry = CollectorRegistry()
        registry.register(OwnMetrics(feed().snapshot(), hub().stats(), time.time()))
        ProcessCollector(registry=registry)
        return Response(generate_latest(registry), content_type=TEXT)


def why_not_ready(snapshot: Snapshot, now: float) -> list[str]:
    """What is missing before a page could show live figures; nothing when all is well."""
    reasons = []
    collector = collector_state(snapshot, now)
    if collector.away:
        reasons.append(collector.trouble)
    elif collector.silent_seconds is None:
        reasons.append(collector.trouble or "the collector has not started yet")
    elif not collector.alive:
        reasons.append(f"the collector has been silent for {collector.silent_seconds:.0f} s")
    if not any(state.last_success > 0.0 for state in snapshot.sources.values()):
        reasons.append("no source has been read yet")
    return reasons
