"""What somebody who looks elsewhere is called for: the incidents that fire, each once, the gravest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aggregators.alerts.rows import Alert, AlertState
from aggregators.alerts.rules import FAMILIES
from aggregators.incidents.incident import Incident, incident_id
from aggregators.incidents.incidents import known_incidents
from model.series import Severity
from store.snapshot import Snapshot

ELSEWHERE = "Other tools"
"""The kind of alerts that no rule of ours raised."""
KINDS = (*FAMILIES, ELSEWHERE)
MOST_NAMES = 50
_KIND = {rule.id: name for name, rules in FAMILIES.items() for rule in rules}


@dataclass(frozen=True, slots=True)
class Notice:
    """One incident that fires. `names` are those of its alerts, by which it is known again when it becomes a part of
    another. `kinds` are the families of rules that raised it; `seen_to` when every alert of it that fires is
    acknowledged. `started` in seconds since 1970.
    """

    id: str
    names: tuple[str, ...]
    headline: str
    severity: Severity
    kinds: tuple[str, ...]
    page: str
    started: float
    alerts: int
    seen_to: bool


def notices(found: Iterable[Incident]) -> tuple[Notice, ...]:
    """Of `found`, in its order, those that fire with more than information; what is pending or muted calls nobody."""
    return tuple(_notice(one) for one in found if one.state is AlertState.FIRING and one.severity is not Severity.INFO)


def called_for(snapshot: Snapshot, now: float, mildest: Severity) -> tuple[Notice, ...]:
    """Whom somebody is called for at `now`, of `mildest` and graver: critical or warning."""
    grave = (Severity.CRITICAL,) if mildest is Severity.CRITICAL else (Severity.CRITICAL, Severity.WARNING)
    return tuple(one for one in notices(known_incidents(snapshot, now)) if one.severity in grave)


def _notice(one: Incident) -> Notice:
    firing = [alert for alert in one.alerts if alert.state is AlertState.FIRING]
    loud = [alert for alert in firing if alert.severity is not Severity.INFO]
    return Notice(
        id=one.id,
        names=tuple(incident_id(alert) for alert in one.alerts[:MOST_NAMES]),
        headline=one.headline,
        severity=one.severity,
        kinds=tuple(sorted({_kind(alert) for alert in loud})),
        page=one.path,
        started=one.started,
        alerts=len(loud),
        seen_to=all(alert.acknowledged for alert in loud),
    )


def _kind(alert: Alert) -> str:
    return _KIND.get(alert.rule, ELSEWHERE)
