"""One pattern in one answer: its health, its requests, what happened to it in a day (RFC view 1, a row of its grid)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.alerts import Alert, alerts
from aggregators.alerts.verdict import Look, Verdict
from aggregators.changes.changes import ChangeSpan, change_spans
from aggregators.overview.map_parts import pattern_part
from aggregators.patterns.health import PatternHealth, pattern_health, unreported
from aggregators.patterns.restarts import DAY_SECONDS, Restart, events_since, recent_restarts
from aggregators.patterns.status_history import StatusHistory, status_changes, status_history
from aggregators.requests.traffic import request_figures, traffic, traffic_series
from aggregators.requests.traffic_series import Lines
from aggregators.series.label_filter import of_pattern
from model.measure import Count, PerSecond, Ratio, Seconds
from model.series import Event
from model.status import Status
from store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Pattern:
    """Ratios and quantiles over the last 5 minutes, rates over the last 5 s, alerts and restarts over 24 hours.

    `known` is False when no source reports it. `verdict` is that of the service map: what it reports of itself
    (`health`), and no better than the alerts that blame it. `restarts` are from the best evidence that there is; the
    two kinds of events, the newest first, say in which words it changed its status and was seen to restart. `changes`
    are all of it in the last 10 minutes, hour and day.
    """

    known: bool
    health: PatternHealth
    verdict: Verdict
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
    restart_events: tuple[Event, ...]
    status_events: tuple[Event, ...]
    alerts: tuple[Alert, ...]
    changes: tuple[ChangeSpan, ...]


@dataclass(frozen=True, slots=True)
class PatternSeries:
    """The last 5 minutes of its requests as chart lines, and the worst status of each step of a day."""

    lines: Lines
    day: StatusHistory


def pattern(snapshot: Snapshot, now: float, name: str) -> Pattern:
    """The pattern called `name`."""
    health = next((one for one in pattern_health(snapshot, now) if one.name == name), None)
    part = pattern_part(Look(snapshot, now), health) if health else None
    flow = traffic(of_pattern(snapshot, name), now)
    seen = events_since(snapshot.events, "restart", now - DAY_SECONDS, now)
    return Pattern(
        known=health is not None,
        health=health or unreported(name, now),
        verdict=Verdict(part.status, part.reason) if part else Verdict(Status.UNKNOWN),
        **request_figures(flow),
        restarts=tuple(one for one in recent_restarts(snapshot, now, DAY_SECONDS) if one.pattern == name),
        restart_events=tuple(event for event in reversed(seen) if event.label("pattern") == name),
        status_events=status_changes(snapshot, now, name),
        alerts=tuple(one for one in alerts(snapshot, now) if one.component == name),
        changes=change_spans(snapshot, now, name),
    )


def pattern_series(snapshot: Snapshot, now: float, name: str) -> PatternSeries:
    """What the charts of the pattern called `name` draw."""
    return PatternSeries(traffic_series(of_pattern(snapshot, name), now), status_history(snapshot, now, name))
