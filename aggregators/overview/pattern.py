"""One pattern in one answer: its health, its requests, what happened to it in a day (RFC view 1, a row of its grid)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.alerts import Alert, alerts
from aggregators.patterns.health import PatternHealth, pattern_health
from aggregators.patterns.restarts import DAY_SECONDS, Restart, recent_restarts
from aggregators.requests.traffic import traffic
from aggregators.series.label_filter import of_pattern
from model.measure import Count, PerSecond, Ratio, Seconds
from store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Pattern:
    """Ratios and quantiles over the last 5 minutes, rates over the last 5 s, alerts and restarts over 24 hours."""

    health: PatternHealth
    success: Ratio
    error: Ratio
    errors_last_minute: Count
    requests: PerSecond
    reads: PerSecond
    writes: PerSecond
    latency_p50: Seconds
    latency_p99: Seconds
    latency_p999: Seconds
    restarts: tuple[Restart, ...]
    alerts: tuple[Alert, ...]


def pattern(snapshot: Snapshot, now: float, name: str) -> Pattern | None:
    """The pattern called `name`; None when no source reports it."""
    health = next((one for one in pattern_health(snapshot, now) if one.name == name), None)
    if health is None:
        return None
    flow = traffic(of_pattern(snapshot, name), now)
    return Pattern(
        health=health,
        success=flow.success_ratio,
        error=flow.error_ratio,
        errors_last_minute=flow.errors_last_minute,
        requests=flow.per_second,
        reads=flow.read_per_second,
        writes=flow.write_per_second,
        latency_p50=flow.p50,
        latency_p99=flow.p99,
        latency_p999=flow.p999,
        restarts=tuple(one for one in recent_restarts(snapshot, now, DAY_SECONDS) if one.pattern == name),
        alerts=tuple(one for one in alerts(snapshot, now) if one.component == name),
    )
