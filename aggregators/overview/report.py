"""What happened in a window, in one answer: the incident report, for whoever was not there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregators.alerts.alerts import Alert, alerts
from aggregators.alerts.rows import AlertState
from aggregators.changes.change import Change, ChangeKind
from aggregators.changes.changes import RANGES, Changes, changes_between
from aggregators.incidents.incident import Incident
from aggregators.incidents.incidents import incident_named, known_incidents
from aggregators.overview.unseen import unseen
from aggregators.patterns.health import pattern_health
from store.snapshot import Snapshot

DEFAULT = "1h"
BEFORE_SECONDS, AFTER_SECONDS = 900.0, 300.0
"""What belongs to the report of one incident: what came before it, and its end."""
LEAST_SECONDS, DAY_SECONDS = 300.0, 86400.0
MOST_INCIDENTS, MOST_ALERTS, MOST_CHANGES = 10, 100, 200
CLIENTS = ("client user ", "client address ", "user ", "address ")
"""How the components begin that are who failed to log in."""
HIDDEN = "failed logins of a name that is not shown here"


@dataclass(frozen=True, slots=True)
class Report:
    """The `seconds` from `since` on (seconds since 1970): incidents first that lasted then, the gravest first.

    `known` is False when an incident was asked for of which nothing is known. Alerts and changes are the newest first;
    of each list the first are here, and so many `more` are not. `gaps` are the changes that say what was not seen in
    the window, `unseen` what cannot be seen now.
    """

    known: bool
    since: float
    seconds: float
    simulated: bool
    incidents: tuple[Incident, ...]
    incidents_more: int
    alerts: tuple[Alert, ...]
    alerts_more: int
    changes: Changes
    gaps: tuple[Change, ...]
    unseen: tuple[str, ...]


def report(snapshot: Snapshot, now: float, range: str = "", incident: str = "", hide: str = "") -> Report:
    """The last 5m to 24h, an hour unless said, or the time of one incident; who failed to log in is left out when
    `hide` is not ''.
    """
    every = known_incidents(snapshot, now)
    asked = incident_named(every, incident) if incident else None
    since, until = _around(asked, now) if asked else (now - RANGES.get(range, RANGES[DEFAULT]), now)
    found = [one for one in every if _lasted(one.started, one.resolved_at, since, until)]
    fired = [one for one in alerts(snapshot, now) if _lasted(one.started, one.resolved_at, since, until)]
    fired = [one for one in fired if one.state is not AlertState.PENDING]
    changed = changes_between(snapshot, now, since, until, MOST_CHANGES)
    whole = Report(
        known=asked is not None or not incident,
        since=since,
        seconds=until - since,
        simulated=bool(snapshot.meta.get("simulated")),
        incidents=tuple(sorted(found, key=lambda one: one is not asked)[:MOST_INCIDENTS]),
        incidents_more=max(0, len(found) - MOST_INCIDENTS),
        alerts=tuple(sorted(fired, key=lambda one: -one.started)[:MOST_ALERTS]),
        alerts_more=max(0, len(fired) - MOST_ALERTS),
        changes=changed,
        gaps=tuple(one for one in changed.changes if one.kind is ChangeKind.SOURCE),
        unseen=unseen(snapshot, now, pattern_health(snapshot, now)),
    )
    return _without_names(whole) if hide else whole


def _around(one: Incident, now: float) -> tuple[float, float]:
    end = now if one.resolved_at is None else min(now, one.resolved_at + AFTER_SECONDS)
    since = max(min(one.started - BEFORE_SECONDS, end - LEAST_SECONDS), now - DAY_SECONDS)
    return since, end


def _lasted(started: float, resolved_at: float | None, since: float, until: float) -> bool:
    return started <= until and (resolved_at is None or resolved_at >= since)


def _without_names(found: Report) -> Report:
    """The same without who failed to log in."""
    changed = replace(found.changes, changes=tuple(map(_change, found.changes.changes)))
    return replace(
        found,
        incidents=tuple(_incident(one) for one in found.incidents if not _is_client(one.cause.component)),
        alerts=tuple(map(_alert, found.alerts)),
        changes=changed,
    )


def _incident(one: Incident) -> Incident:
    steps = tuple(step for step in one.steps if not _is_client(step.component))
    return replace(one, steps=steps, alerts=tuple(map(_alert, one.alerts)))


def _alert(one: Alert) -> Alert:
    if not _is_client(one.component):
        return one
    return replace(one, component="client", words=HIDDEN, began_as=HIDDEN, worst=HIDDEN, id=one.rule)


def _change(one: Change) -> Change:
    return replace(one, component="client", words=HIDDEN) if _is_client(one.component) else one


def _is_client(component: str) -> bool:
    return component.startswith(CLIENTS)
