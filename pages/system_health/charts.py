"""The charts of all of Prism, over the last 5 minutes."""

from __future__ import annotations

from aggregators.overview.system_health import system_health_series
from components.charts.kinds import Figure
from model.measure import Measure
from pages.shared import charts as graphs
from store.snapshot import Snapshot


def of_all(snapshot: Snapshot, now: float, requests: Measure) -> tuple[tuple[str, Figure], ...]:
    """Latency, throughput and errors by slot; `requests` is the rate by which errors are judged."""
    series = system_health_series(snapshot, now)
    return graphs.of_requests("sh", series.lines, requests, now, graphs.moments(series.restarts))
