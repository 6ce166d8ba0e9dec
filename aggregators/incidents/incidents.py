"""Alerts in, incidents out: one per cause, what broke first in front.

`incidents_of` is the pure function: alerts, a topology and departures of figures, nothing else. `incidents` asks a
snapshot for all three.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aggregators.alerts.history import alerts_verdict
from aggregators.alerts.rows import Alert
from aggregators.alerts.rules import LOUDNESS
from aggregators.alerts.verdict import OF_SEVERITY, Look
from aggregators.incidents.departures import Departure
from aggregators.incidents.grouping import grouped
from aggregators.incidents.incident import Incident, bearing, incident_id, incident_of
from aggregators.incidents.observer import stored_departures
from aggregators.incidents.signs import sign_of
from aggregators.incidents.topology import Topology
from aggregators.incidents.wiring import health_keys, topology_of
from model.status import Status
from store.snapshot import Snapshot

MOST_SIGNS = 1000
"""Of more alerts in a day the newest are grouped: nobody reads on."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """Every incident of the last 24 hours: what lasts first, the banner's choice in front, then the latest that ended;
    `reason` as the alerts' own verdict has it. `active` are those that last.
    """

    status: Status
    reason: str
    active: int
    incidents: tuple[Incident, ...]


def incidents_of(
    found: Iterable[Alert],
    now: float,
    topology: Topology | None = None,
    evidence: Iterable[Departure] = (),
    health: Mapping[str, str] | None = None,
) -> tuple[Incident, ...]:
    """Alerts grouped by cause, as of `now` in seconds since 1970: active and gravest first; what is over, the latest.

    `topology` says who depends on whom; without one only the kinds do (`Topology`). `evidence` are departures of
    figures, of any components and times. `health` are patterns' names by the key of the source that reads their
    health. Pure: the same in gives the same out, whatever the order of the alerts.
    """
    kept = sorted(found, key=lambda one: (-one.started, one.id))[:MOST_SIGNS]
    known, left = topology or Topology(), tuple(evidence)
    groups = grouped([sign_of(one, health) for one in kept], known)
    made = (incident_of(one, bearing(left, one, known), known, now) for one in groups)
    return tuple(sorted(made, key=_order))


def incidents(snapshot: Snapshot, now: float) -> Incidents:
    """The answer of the Alerts page and of /api/incidents."""
    verdict, found = alerts_verdict(Look(snapshot, now)), known_incidents(snapshot, now)
    return Incidents(verdict.status, verdict.reason, sum(one.is_active for one in found), found)


def known_incidents(snapshot: Snapshot, now: float) -> tuple[Incident, ...]:
    """The incidents of the last 24 hours, worked out once per snapshot and instant."""
    return snapshot.once(("incidents", now), lambda: _known(snapshot, now))


def _known(snapshot: Snapshot, now: float) -> tuple[Incident, ...]:
    look = Look(snapshot, now)
    if not look.alerts:
        return ()
    evidence, health = stored_departures(snapshot.events, now), health_keys(look.patterns)
    return incidents_of(look.alerts, now, topology_of(look), evidence, health)


def incident_named(found: Sequence[Incident], name: str) -> Incident | None:
    """The incident of this id: also by the id that it had before it became a part of another."""
    known = next((one for one in found if one.id == name), None)
    return known or next((one for one in found if any(incident_id(alert) == name for alert in one.alerts)), None)


def _order(one: Incident) -> tuple[bool, int, int, float, str]:
    """What lasts as the alerts' verdict orders it: the gravest, then what likeliest names a cause, then the oldest, and
    of those that began at once (a tool's group of rules does) the first alert's name.
    """
    if not one.is_active:
        return True, 0, 0, -one.started, one.id
    gravity = [Status.UNHEALTHY, Status.DEGRADED, Status.HEALTHY].index(OF_SEVERITY[one.severity])
    return False, gravity, LOUDNESS.get(one.alerts[0].rule, len(LOUDNESS)), one.started, one.alerts[0].id
