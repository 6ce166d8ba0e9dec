"""What `/metrics` says of the dashboard itself: its sources, its store, its live connections and its alerts."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from aggregators.alerts.outgoing import firing_series
from aggregators.overview.promises import promises
from aggregators.series.sources import collector_state
from model.sources import SourceState
from store.snapshot import Snapshot
from web.hub import HubStats

MOST_ALERTS = 1000
"""Series of `hud_alert_firing`; what fires comes before what is over, the graver first."""


class OwnMetrics:
    """One snapshot and one hub as metric families."""

    def __init__(self, snapshot: Snapshot, hub: HubStats, now: float) -> None:
        self._snapshot = snapshot
        self._hub = hub
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """The families, as prometheus_client wants them."""
        yield from self._sources()
        yield from self._store()
        yield from self._alerts()
        yield from self._promises()
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

    def _alerts(self) -> Iterator[Metric]:
        found = firing_series(self._snapshot, self._now)
        words = "1 while the alert fires, 0 for 15 minutes after; silenced ones do not fire."
        family = GaugeMetricFamily("hud_alert_firing", words, labels=("rule", "component", "severity"))
        for one in found[:MOST_ALERTS]:
            family.add_metric((one.rule, one.component, one.severity), float(one.fires))
        yield family
        left = "Alerts that hud_alert_firing has no room for."
        yield GaugeMetricFamily("hud_alerts_left_out", left, float(len(found[MOST_ALERTS:])))

    def _promises(self) -> Iterator[Metric]:
        """What was measured in the last hour beside its target, as the page of the dashboard itself says."""
        words = "One of the dashboard's own promises as measured in the last hour, in base units; see its target."
        measured = GaugeMetricFamily("hud_promise", words, labels=("promise", "unit"))
        target = GaugeMetricFamily("hud_promise_target", "What was promised.", labels=("promise", "unit"))
        for one in promises(self._snapshot, self._now):
            target.add_metric((one.id, one.unit), one.target)
            if one.hour.value is not None:
                measured.add_metric((one.id, one.unit), one.hour.value)
        yield from (measured, target)


def _success(state: SourceState) -> float:
    return float(state.error is None and state.last_success > 0.0)
