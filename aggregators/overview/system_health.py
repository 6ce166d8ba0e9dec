"""Is Prism working, in one answer: the banner and the panels of System Health (RFC view 1)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.alerts import Alert, alerts, recent
from aggregators.backends.pools import Pool, pools
from aggregators.backends.servers import Servers, backend_servers
from aggregators.changes.changes import ChangeSpan, change_spans
from aggregators.incidents.incident import Incident
from aggregators.incidents.incidents import known_incidents
from aggregators.namespaces.active_namespaces import active_namespaces
from aggregators.overview.overall import Judgement, Overall
from aggregators.overview.service_map import TROUBLE, MapNode, in_trouble
from aggregators.overview.summary import summary
from aggregators.patterns.health import PatternHealth, active_patterns, by_trouble, pattern_health
from aggregators.patterns.restarts import Restart, recent_restarts
from aggregators.requests.traffic import WINDOW_SECONDS, request_figures, traffic, traffic_series
from aggregators.requests.traffic_series import Lines
from aggregators.security.auth import auth_success
from aggregators.series.source_rows import SourceRow
from aggregators.series.sources import Collector, collector_state
from model.measure import Count, Measure, PerSecond, Ratio, Seconds
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot

RECENT = 5
"""So many incidents have room on the first page."""


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """Ratios and quantiles over the last 5 minutes, rates over the last 5 s; `simulated` when no real Prism is read.

    `reason` says why the status is what it is, `since` when that began as far as it is known, `component` and `page`
    where to look next, `unseen` what cannot be seen; `incident` is the id of the incident that it is, '' for none, and
    `symptoms` are the other alerts of it that last. Patterns are the worst first; of the alerts and of the incidents of
    24 hours the first. `changes` are those of the last 10 minutes, hour and day; `in_trouble` are the components
    of the service map that are, while something is wrong.
    """

    status: Status
    reason: str
    since: float | None
    component: str
    page: str
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
    pattern_health: tuple[PatternHealth, ...]
    incident: str
    symptoms: int
    recent_alerts: tuple[Alert, ...]
    recent_incidents: tuple[Incident, ...]
    pools: tuple[Pool, ...]
    servers: Servers
    collector: Collector
    sources: tuple[SourceRow, ...]
    changes: tuple[ChangeSpan, ...]
    in_trouble: tuple[MapNode, ...]

    @property
    def whole(self) -> Overall:
        """The judgement that it holds."""
        known = len(self.pattern_health)
        where = self.component, self.page, known, self.unseen
        return Overall(self.status, self.reason, self.since, *where, self.incident, self.symptoms)


@dataclass(frozen=True, slots=True)
class RequestSeries:
    """The last 5 minutes of requests as chart lines, and the restarts within them, oldest first."""

    lines: Lines
    restarts: tuple[Restart, ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """Every pattern, the worst first."""

    patterns: tuple[PatternHealth, ...]


def system_health(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> SystemHealth:
    """The figures of the banner and of the panels; `judged` when the whole is judged already, with all views."""
    found = summary(snapshot, now, judged)
    whole, flow = found.whole, traffic(snapshot, now)
    return SystemHealth(
        status=whole.status,
        reason=whole.reason,
        since=whole.since,
        component=whole.component,
        page=whole.page,
        unseen=whole.unseen,
        simulated=found.simulated,
        **request_figures(flow),
        auth_success=auth_success(snapshot, now).success_ratio,
        namespaces=active_namespaces(snapshot, now),
        active_patterns=active_patterns(found.patterns),
        patterns=Measure.of(float(len(found.patterns)), Unit.COUNT),
        pattern_health=found.patterns,
        incident=whole.incident,
        symptoms=whole.symptoms,
        recent_alerts=recent(alerts(snapshot, now)),
        recent_incidents=known_incidents(snapshot, now)[:RECENT],
        pools=pools(snapshot, now),
        servers=backend_servers(snapshot, now),
        collector=collector_state(snapshot, now),
        sources=found.sources,
        changes=change_spans(snapshot, now),
        in_trouble=in_trouble(snapshot, now, judged) if whole.status in TROUBLE else (),
    )


def system_health_series(snapshot: Snapshot, now: float) -> RequestSeries:
    """What the charts of all of Prism draw."""
    restarts = recent_restarts(snapshot, now, WINDOW_SECONDS)
    return RequestSeries(traffic_series(snapshot, now), tuple(restarts))


def all_patterns(snapshot: Snapshot, now: float) -> Patterns:
    """The rows of the pattern grid."""
    return Patterns(by_trouble(pattern_health(snapshot, now)))
