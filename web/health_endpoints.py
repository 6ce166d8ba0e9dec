"""The dashboard about itself: `/healthz` (the process is up), `/readyz` (there is something to show), `/metrics`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flask import Flask, Response, g
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from aggregators.series.sources import collector_state
from model.sources import SourceState
from store.snapshot import Snapshot
from web.feed import StoreFeed
from web.hub import Hub, HubStats

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
        registry.register(_Own(feed().snapshot(), hub().stats(), time.time()))
        ProcessCollector(registry=registry)
        return Response(generate_latest(registry), content_type=TEXT)


def why_not_ready(snapshot: Snapshot, now: float) -> list[str]:
    """What is missing before a page could show live figures; nothing when all is well."""
    reasons = []
    collector = collector_state(snapshot, now)
    if collector.silent_seconds is None:
        reasons.append("the collector has not started yet")
    elif not collector.alive:
        reasons.append(f"the collector has been silent for {collector.silent_seconds:.0f} s")
    if not any(state.last_success > 0.0 for state in snapshot.sources.values()):
        reasons.append("no source has been read yet")
    return reasons


class _Own:
    """One snapshot and one hub as metric families."""

    def __init__(self, snapshot: Snapshot, hub: HubStats, now: float) -> None:
        self._snapshot = snapshot
        self._hub = hub
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """The families, as prometheus_client wants them."""
        yield from self._sources()
        yield from self._store()
        for name, words, value in (
            ("hud_live_connections", "Live connections held by this web process.", self._hub.clients),
            ("hud_live_views", "Distinct views that are computed for them.", self._hub.views),
        ):
            yield GaugeMetricFamily(name, words, value)
        for name, words, value in (
            ("hud_view_refreshes", "Times that a view was computed for live connections.", self._hub.refreshes),
            ("hud_view_failures", "Times that a view could not be computed.", self._hub.failures),
            ("hud_pushes", "Frames handed to live connections.", self._hub.pushes),
            ("hud_live_refused", "Live connections refused because all places were taken.", self._hub.refused),
        ):
            yield CounterMetricFamily(name, words, value)

    def _sources(self) -> Iterator[Metric]:
        for name, words, value in (
            ("hud_source_success", "1 when the last read of the source went well.", _success),
            ("hud_source_duration_seconds", "How long the last read took.", lambda one: one.duration_seconds),
            ("hud_source_samples", "Samples in the last good read.", lambda one: float(one.samples)),
            (
                "hud_source_consecutive_failures",
                "Failed reads since the last good one.",
                lambda one: float(one.failures),
            ),
            ("hud_source_interval_seconds", "How often the source is read.", lambda one: one.interval_seconds),
        ):
            family = GaugeMetricFamily(name, words, labels=("source", "instance"))
            for state in self._snapshot.sources.values():
                family.add_metric((state.source, state.instance), value(state))
            yield family
        age = GaugeMetricFamily(
            "hud_source_age_seconds",
            "Time since the last good read; absent until there was one.",
            labels=("source", "instance"),
        )
        for state in self._snapshot.sources.values():
            seconds = state.age_seconds(self._now)
            if seconds is not None:
                age.add_metric((state.source, state.instance), seconds)
        yield age

    def _store(self) -> Iterator[Metric]:
        collector = collector_state(self._snapshot, self._now)
        yield GaugeMetricFamily(
            "hud_collector_up", "1 when the collector showed a sign of life.", float(collector.alive)
        )
        if collector.silent_seconds is not None:
            words = "Time since the collector's last sign of life."
            yield GaugeMetricFamily("hud_collector_silent_seconds", words, collector.silent_seconds)
        trouble = "1 when the collector cannot write its store."
        yield GaugeMetricFamily("hud_store_trouble", trouble, float(bool(collector.trouble)))
        version = "Commits of the collector so far, as this process sees them."
        yield CounterMetricFamily("hud_store_version", version, self._snapshot.version)


def _success(state: SourceState) -> float:
    return float(state.error is None and state.last_success > 0.0)
