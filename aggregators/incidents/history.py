"""The alerts of 24 hours, and the incidents that they make: what the Alerts page says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

from aggregators.alerts.history import AlertHistory, alert_history
from aggregators.incidents.incident import Incident
from aggregators.incidents.incidents import known_incidents
from store.snapshot import Snapshot

MOST_ACTIVE, MOST, LEAST_OVER = 12, 8, 3
"""So many incidents that last are listed, and the latest of the others as far as there is room, but always some."""


@dataclass(frozen=True, slots=True)
class AlertsByCause(AlertHistory):
    """Alerts of the last 24 hours, active and worst first: `alerts` are those that were asked for, of `total`.

    Each of the three tallies counts what the other two filters let through; `counts` and `states` count everything.
    `incidents` are the first of /api/incidents.
    """

    incidents: tuple[Incident, ...]


def alerts_by_cause(
    snapshot: Snapshot, now: float, severity: str = "", component: str = "", state: str = ""
) -> AlertsByCause:
    """What was wrong in the last 24 hours; `state` may also be "active". The incidents are not filtered."""
    found = alert_history(snapshot, now, severity, component, state)
    known = {one.name: getattr(found, one.name) for one in fields(found)}
    return AlertsByCause(**known, incidents=newest(known_incidents(snapshot, now)))


def newest(found: Sequence[Incident]) -> tuple[Incident, ...]:
    """Those that last, then the latest that are over."""
    active = [one for one in found if one.is_active]
    over = [one for one in found if not one.is_active]
    return tuple(active[:MOST_ACTIVE] + over[: max(LEAST_OVER, MOST - len(active))])
