"""One incident with what it touches and what had changed before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aggregators.alerts.verdict import Look
from aggregators.changes.change import Change, ChangeKind
from aggregators.changes.changes import changes_between
from aggregators.incidents.dependencies import Component, Kind
from aggregators.incidents.incident import Incident
from aggregators.incidents.incidents import incident_named, known_incidents
from aggregators.incidents.signs import component_of
from aggregators.incidents.topology import Topology
from aggregators.incidents.wiring import health_keys, topology_of
from aggregators.requests.labels import REQUESTS
from aggregators.series.window import Window
from model.measure import Measure, Ratio
from model.series import Unit
from store.snapshot import Snapshot

BEFORE_SECONDS = 900.0
MOST_CHANGES = 12
TRAFFIC_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Touches:
    """Whose requests an incident touches. `share` is of the requests in the minute before now, or before its end."""

    namespaces: tuple[str, ...]
    patterns: tuple[str, ...]
    share: Ratio


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """An incident on its own page; `known` is False for an id of which nothing is known in the last 24 hours.

    `before` are the changes of the quarter of an hour before it, the newest first.
    """

    known: bool
    incident: Incident | None
    touches: Touches
    before: tuple[Change, ...]


def incident_detail(snapshot: Snapshot, now: float, name: str) -> IncidentDetail:
    """The incident of the id `name`."""
    found = incident_named(known_incidents(snapshot, now), name)
    if found is None:
        return IncidentDetail(False, None, Touches((), (), Measure.not_reported(Unit.RATIO, "no such incident")), ())
    return IncidentDetail(True, found, _touches(snapshot, now, found), _before(snapshot, now, found))


def _touches(snapshot: Snapshot, now: float, one: Incident) -> Touches:
    look = Look(snapshot, now)
    topology, keys = topology_of(look, everyone=True), health_keys(look.patterns)
    hit = {component_of(alert, keys) for alert in one.alerts}
    patterns = {part.name for part in hit if part.kind in (Kind.PATTERN, Kind.POOL)}
    patterns |= _resting_on(hit, [each.name for each in look.patterns], topology)
    named = {part.name for part in hit if part.kind is Kind.NAMESPACE}
    end = now if one.resolved_at is None else min(now, one.resolved_at)
    window = Window.of(snapshot, end, REQUESTS, TRAFFIC_SECONDS)
    grown = window.growth("pattern", "namespace")
    everything = Component(Kind.PROXY, "") in hit
    touched = {
        key: count for key, count in (grown or {}).items() if everything or key[0] in patterns or key[1] in named
    }
    part, whole = sum(touched.values()), sum((grown or {}).values())
    share = window.ratio(part if grown is not None else None, whole if grown is not None else None)
    askers = {namespace for (_, namespace), count in touched.items() if count and namespace}
    return Touches(tuple(sorted(askers | named)), tuple(sorted(patterns)), share)


def _resting_on(hit: Iterable[Component], patterns: Iterable[str], topology: Topology) -> set[str]:
    """The patterns whose server is in trouble."""
    servers = {one for one in hit if one.kind is Kind.SERVER}
    return {name for name in patterns if servers & topology.foundation(Component(Kind.PATTERN, name))}


def _before(snapshot: Snapshot, now: float, one: Incident) -> tuple[Change, ...]:
    """What had changed; what its own components crossed is the incident, and not before it."""
    mine = {alert.component for alert in one.alerts}
    since = one.started - BEFORE_SECONDS
    found = changes_between(snapshot, now, since, one.started + 1.0).changes
    return tuple(each for each in found if each.kind is not ChangeKind.ALERT or each.component not in mine)[
        :MOST_CHANGES
    ]
