"""Evidence that lasts: when an alert fires, what samples show of its component and of what that rests on is an event.

Read by read the past is kept for an hour; the events tell of it for a day, and cost nothing when they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aggregators.alerts.alerts import alerts
from aggregators.alerts.rows import AlertState
from aggregators.alerts.verdict import Look
from aggregators.incidents.departures import Departure
from aggregators.incidents.dependencies import Component, Kind
from aggregators.incidents.evidence import departures
from aggregators.incidents.signs import component_of
from aggregators.incidents.wiring import health_keys, topology_of
from aggregators.patterns.restarts import events_since
from model.series import Event, Severity, labels_of
from store.snapshot import Snapshot

KIND = "departure"
AGAIN_SECONDS = 120.0
"""Of a component that has just left its range nothing new is looked for."""
MOST_AT_ONCE = 6
"""So many components are looked at in one step: more trouble than that needs no finer order."""
DAY_SECONDS = 86400.0


class EvidenceObserver:
    """Remembers which components it has looked at. `step` is given the edges of the same instant."""

    def __init__(self) -> None:
        self._looked: dict[Component, float] = {}

    def step(self, snapshot: Snapshot, now: float, edges: Iterable[Event]) -> list[Event]:
        """The departures of the components of what has just begun to fire, as events."""
        fired = [one for one in edges if one.kind == "alert" and one.label("state") == AlertState.FIRING.value]
        if not fired:
            return []
        look = Look(snapshot, now)
        wanted = self._fresh(look, fired, now)
        at = min(float(one.label("since") or one.time) for one in fired)
        return [_event(one, now) for one in departures(snapshot, wanted[:MOST_AT_ONCE], at, now)]

    def _fresh(self, look: Look, fired: Sequence[Event], now: float) -> list[Component]:
        """The components that fire and what they rest on, without those that were looked at a moment ago."""
        topology, keys = topology_of(look), health_keys(look.patterns)
        begun = alerts(Snapshot(events=tuple(fired)), now)
        named = [component_of(one, keys) for one in begun]
        wanted = list(dict.fromkeys([*named, *(below for one in named for below in sorted(topology.foundation(one)))]))
        self._looked = {one: time for one, time in self._looked.items() if 0.0 <= now - time < AGAIN_SECONDS}
        fresh = [one for one in wanted if one not in self._looked]
        self._looked |= dict.fromkeys(fresh, now)
        return fresh


def stored_departures(events: Sequence[Event], now: float) -> list[Departure]:
    """The departures of the last 24 hours, oldest first."""
    found = []
    for one in events_since(events, KIND, now - DAY_SECONDS, now):
        kind, name, at = one.label("of") or "", one.label("name") or "", one.label("at") or ""
        if kind in set(Kind) and at:
            found.append(Departure(Component(Kind(kind), name), float(at), one.message))
    return sorted(found, key=lambda one: one.at)


def _event(one: Departure, now: float) -> Event:
    labels = {"of": one.component.kind.value, "name": one.component.name, "at": f"{one.at:.3f}"}
    return Event(now, KIND, Severity.INFO, labels_of(labels), one.words)
