"""Our own alerts as another tool takes them: what fires, and for a while what is over, with labels that stay the same.

The labels come from the rule and the component alone, so that several dashboards of one Prism, and one that was
restarted, speak of the same alert. Whoever gets them knows by OURS whose they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from aggregators.alerts.alerts import HISTORY_SECONDS, by_name, own_alerts
from aggregators.alerts.read_back import OURS, US
from aggregators.alerts.rows import Alert, AlertState
from aggregators.patterns.restarts import events_since
from model.series import Event, Labels, Severity, labels_of
from store.snapshot import Snapshot

RESOLVED_SECONDS = 900.0
"""That an alert is over is said for so long, as Prometheus does: whoever was away hears it too."""

SEVERITIES = [one.value for one in Severity]
"""From the mildest."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One alert with one severity. Times are seconds since 1970; `ends` is None while it fires."""

    labels: Labels
    words: str
    page: str
    starts: float
    ends: float | None


def outgoing(snapshot: Snapshot, now: float) -> tuple[Outgoing, ...]:
    """What fires, and what is over since RESOLVED_SECONDS; of labels that are said twice the one that lasts longer.

    A severity that an alert had before is over since it changed. What an operator silenced here is over there too.
    """
    found: dict[Labels, Outgoing] = {}
    edges = by_name(events_since(snapshot.events, "alert", now - HISTORY_SECONDS, now), "id")
    for alert in own_alerts(snapshot, now):
        for one in _all_of(alert, edges.get(alert.id, ())):
            recent = one.ends is None or one.ends > now - RESOLVED_SECONDS
            if recent and (one.labels not in found or _end(one) > _end(found[one.labels])):
                found[one.labels] = one
    return tuple(sorted(found.values(), key=lambda one: one.labels))


class FiringSeries(NamedTuple):
    """One alert with one severity as a series: it fires or has just ceased to."""

    rule: str
    component: str
    severity: str
    fires: bool


def firing_series(snapshot: Snapshot, now: float) -> tuple[FiringSeries, ...]:
    """What is sent to others, each (rule, component, severity) once: what fires first, of that the gravest."""
    found: dict[tuple[str, str, str], bool] = {}
    for one in outgoing(snapshot, now):
        labels = dict(one.labels)
        key = labels["rule"], labels["component"], labels["severity"]
        found[key] = found.get(key, False) or one.ends is None
    rows = (FiringSeries(*key, fires) for key, fires in found.items())
    return tuple(sorted(rows, key=lambda one: (not one.fires, -SEVERITIES.index(one.severity), one)))


def _all_of(alert: Alert, edges: Sequence[Event]) -> Iterator[Outgoing]:
    """An alert by each severity with which it has fired."""
    fired = [event for event in edges if event.label("state") == AlertState.FIRING.value]
    if not fired:
        return
    last = fired[-1].severity
    for severity in dict.fromkeys(event.severity for event in fired):
        ends = _ended(alert) if severity is last else _changed(fired, severity)
        yield Outgoing(_labels(alert, severity), alert.words, alert.page, alert.started, ends)


def _ended(alert: Alert) -> float | None:
    if alert.silenced is not None:
        return alert.silenced.time
    return alert.resolved_at


def _changed(fired: Sequence[Event], severity: Severity) -> float:
    """When it was last another severity's turn."""
    at = max(place for place, event in enumerate(fired) if event.severity is severity)
    return fired[at + 1].time


def _labels(alert: Alert, severity: Severity) -> Labels:
    name = "".join(part.capitalize() for part in alert.rule.split("_"))
    known = {"alertname": name, "component": alert.component, "rule": alert.rule, "severity": severity.value, OURS: US}
    if alert.page.startswith("/patterns/"):
        known["pattern"] = alert.component
    return labels_of(known)


def _end(one: Outgoing) -> float:
    return float("inf") if one.ends is None else one.ends
