"""Is Prism working, in one answer: the banner and the panels of System Health (RFC view 1)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.alerts import Alert, alerts
from aggregators.backends.pools import Pool, pools
from aggregators.overview.active_namespaces import active_namespaces
from aggregators.overview.overall import Overall, overall
from aggregators.patterns.health import PatternHealth, active_patterns, by_trouble, pattern_health
from aggregators.requests.traffic import traffic
from aggregators.security.auth import auth_success
from aggregators.series.sources import Collector, SourceRow, collector_state, source_table
from model.measure import Count, Measure, PerSecond, Ratio, Seconds
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """Ratios and quantiles over the last 5 minutes, rates over the last 5 s; `simulated` when no real Prism is read.

    `reason` says why the status is what it is, `unseen` what cannot be seen.
    """

    status: Status
    reason: str
    unseen: tuple[str, ...]
    simulated: bool
    success: Ratio
    error: Ratio
    errors_last_minute: Count
    requests: PerSecond
    reads: PerSecond
    writes: PerSecond
    latency_p50: Seconds
    latency_p99: Seconds
    latency_p999: Seconds
    auth_success: Ratio
    namespaces: Count
    active_patterns: Count
    patterns: Count
    pools: tuple[Pool, ...]
    collector: Collector
    sources: tuple[SourceRow, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Every pattern, the worst first."""

    patterns: tuple[PatternHealth, ...]


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts of the last 24 hours, active ones first."""

    alerts: tuple[Alert, ...]


def system_health(snapshot: Snapshot, now: float, whole: Overall | None = None) -> SystemHealth:
    """The figures of the banner and of the panels; `whole` when it is judged already, with all views."""
    known = pattern_health(snapshot, now)
    whole = whole or overall(snapshot, now, known)
    flow, auth = traffic(snapshot, now), auth_success(snapshot, now)
    return SystemHealth(
        status=whole.status,
        reason=whole.reason,
        unseen=whole.unseen,
        simulated=bool(snapshot.meta.get("simulated")),
        success=flow.success_ratio,
        error=flow.error_ratio,
        errors_last_minute=flow.errors_last_minute,
        requests=flow.per_second,
        reads=flow.read_per_second,
        writes=flow.write_per_second,
        latency_p50=flow.p50,
        latency_p99=flow.p99,
        latency_p999=flow.p999,
        auth_success=auth.success_ratio,
        namespaces=active_namespaces(snapshot, now),
        active_patterns=active_patterns(known),
        patterns=Measure.of(float(len(known)), Unit.COUNT),
        pools=pools(snapshot, now, known),
        collector=collector_state(snapshot, now),
        sources=tuple(source_table(snapshot, now)),
    )


def all_patterns(snapshot: Snapshot, now: float) -> Patterns:
    """The rows of the pattern grid."""
    return Patterns(tuple(by_trouble(pattern_health(snapshot, now))))


def all_alerts(snapshot: Snapshot, now: float) -> Alerts:
    """What the alert list holds."""
    return Alerts(alerts(snapshot, now))
