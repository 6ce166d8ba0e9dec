"""One incident as every page, the banner and the API report it; and how it is made of a group of signs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aggregators.alerts.rows import Alert, AlertState
from aggregators.alerts.rules import BY_ID, LOUDNESS
from aggregators.incidents.departures import Departure
from aggregators.incidents.dependencies import ANY, Component, Kind
from aggregators.incidents.groups import Group, Node
from aggregators.incidents.topology import Topology
from model.number_text import lasting, listed
from model.series import Severity

ALERT, SAMPLES = "alert", "samples"
EARLY_SECONDS = 60.0
"""A figure that left its range longer before the first alert than this did so for another reason."""


class Sureness(StrEnum):
    """How sure it is that what is named first is the cause."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class Onset:
    """One component as it first left its normal range. `seen_by` is an alert or samples; `through` stands between it
    and the cause on the map, nearest first. `time` in seconds since 1970.
    """

    component: str
    kind: Kind
    time: float
    words: str
    seen_by: str
    page: str
    through: tuple[str, ...] = ()
    is_cause: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """What likely broke first, how sure that is, and why."""

    component: str
    kind: Kind
    words: str
    page: str
    sureness: Sureness
    why: str


@dataclass(frozen=True, slots=True)
class Incident:
    """One cause, and all that is in trouble for it. Times are seconds since 1970.

    `headline` says the cause in words; `steps` are its components in the order in which they first left their normal
    range; `alerts` are its alerts, the cause's first. It lasts while one of them does, and is as loud as the loudest
    that fires.
    """

    id: str
    headline: str
    severity: Severity
    state: AlertState
    started: float
    resolved_at: float | None
    duration_seconds: float
    cause: Cause
    steps: tuple[Onset, ...]
    alerts: tuple[Alert, ...]

    @property
    def is_active(self) -> bool:
        """True while one of its alerts lasts."""
        return self.resolved_at is None

    @property
    def path(self) -> str:
        """Its own page."""
        return incident_path(self.id)


def incident_path(name: str) -> str:
    """Where an incident's page is."""
    return f"/incidents/{name}"


def incident_id(alert: Alert) -> str:
    """The name of the incident that begins with this alert: short, and the same after a restart."""
    return hashlib.sha256(alert.id.encode()).hexdigest()[:12]


def bearing(departures: Iterable[Departure], group: Group, topology: Topology) -> list[Departure]:
    """The departures that bear on a group: of its components, and of what the cause rests on, around its time."""
    near = {node.component for node in group.nodes} | topology.foundation(group.nodes[0].component)
    first, last = min(node.at for node in group.nodes), max(node.end for node in group.nodes)
    return [one for one in departures if one.component in near and first - EARLY_SECONDS <= one.at <= last]


def incident_of(group: Group, departures: Sequence[Departure], topology: Topology, now: float) -> Incident:
    """The incident of a group; `departures` are those that bear on it."""
    alerts = _alerts(group)
    steps = _steps(group, departures)
    active = [one for one in alerts if one.is_active]
    earliest = min(alerts, key=lambda one: (one.started, one.id))
    resolved = None if active else max(one.resolved_at or 0.0 for one in alerts)
    cause = _earlier(group, departures, topology) or _cause(group, steps)
    return Incident(
        id=incident_id(earliest),
        headline=_headline(group),
        severity=_severity(alerts),
        state=_state(alerts),
        started=min(earliest.started, steps[0].time),
        resolved_at=resolved,
        duration_seconds=max(0.0, (resolved or now) - min(earliest.started, steps[0].time)),
        cause=cause,
        steps=steps,
        alerts=alerts,
    )


def _alerts(group: Group) -> tuple[Alert, ...]:
    """The cause's alerts first, the loudest of them first; then the others as they began."""
    first, *rest = group.nodes
    named = sorted((sign.alert for sign in first.signs), key=_loudest)
    others = sorted((sign.alert for node in rest for sign in node.signs), key=lambda one: (one.started, one.id))
    return (*named, *others)


def _loudest(alert: Alert) -> tuple[bool, int, float]:
    return not alert.is_active, LOUDNESS.get(alert.rule, len(LOUDNESS)), alert.started


def _severity(alerts: Sequence[Alert]) -> Severity:
    firing = [one.severity for one in alerts if one.state is AlertState.FIRING]
    return max(firing or [one.severity for one in alerts], key=list(Severity).index)


def _state(alerts: Sequence[Alert]) -> AlertState:
    order = (AlertState.FIRING, AlertState.PENDING, AlertState.SILENCED, AlertState.INHIBITED, AlertState.RESOLVED)
    return min((one.state for one in alerts), key=order.index)


def _steps(group: Group, departures: Sequence[Departure]) -> tuple[Onset, ...]:
    """A step per component, in order of time: by its first alert, or by samples that left their range before it."""
    cause = group.nodes[0].component
    found = {node.component: _alert_step(node, group) for node in group.nodes}
    for one in sorted(departures, key=lambda one: -one.at):
        known = found.get(one.component)
        if known is None or one.at < known.time:
            page = known.page if known else "/backends"
            through = known.through if known else ()
            found[one.component] = Onset(
                one.component.words,
                one.component.kind,
                one.at,
                one.words,
                SAMPLES,
                page,
                through,
                one.component == cause,
            )
    return tuple(sorted(found.values(), key=lambda step: (step.time, not step.is_cause, step.component)))


def _alert_step(node: Node, group: Group) -> Onset:
    first = min(node.signs, key=lambda sign: (sign.at, LOUDNESS.get(sign.alert.rule, len(LOUDNESS))))
    path = group.paths.get(node.component, ())
    return Onset(
        component=node.component.words,
        kind=node.component.kind,
        time=first.at,
        words=first.alert.began_as or first.alert.words,
        seen_by=ALERT,
        page=first.alert.page,
        through=tuple(one.words for one in path[1:] if one.name != ANY),
        is_cause=node is group.nodes[0],
    )


def _cause(group: Group, steps: Sequence[Onset]) -> Cause:
    node = group.nodes[0]
    alert = min((sign.alert for sign in node.signs), key=_loudest)
    sureness, why = _how_sure(group, steps)
    named = group.shared or node.component
    return Cause(named.words, named.kind, alert.words, alert.page, sureness, why)


def _earlier(group: Group, departures: Sequence[Departure], topology: Topology) -> Cause | None:
    """What the first component rests on, and left its range before it, without an alert of its own."""
    node = group.nodes[0]
    below = topology.foundation(node.component)
    found = [one for one in departures if one.component in below and one.at <= node.at]
    if group.shared is not None or not found:
        return None
    first = min(found, key=lambda one: one.at)
    lead = lasting(node.at - first.at)
    why = f"{_depend([node])} on it, and it left its normal range {lead} before; it has no alert of its own"
    return Cause(first.component.words, first.component.kind, first.words, "/backends", Sureness.POSSIBLE, why)


def _headline(group: Group) -> str:
    if group.shared is not None and group.shared.kind is Kind.NETWORK:
        return "several sources went silent at once: the network between them and the dashboard, or its own machine"
    named = [sign.alert for sign in group.nodes[0].signs]
    others = [sign.alert for node in group.nodes[1:] for sign in node.signs if sign.alert.is_active]
    over = others and not any(one.is_active for one in named)  # what is over is told as the cause, not as what is so
    return min(others if over else named, key=_loudest).words


def _depend(nodes: Sequence[Node]) -> str:
    """'redis depends', 'all requests depend', 'redis and nats depend'."""
    several = len(nodes) > 1 or nodes[0].component == Component(Kind.PROXY, "")
    return f"{listed([one.component.words for one in nodes], 3)} depend{'' if several else 's'}"


def _how_sure(group: Group, steps: Sequence[Onset]) -> tuple[Sureness, str]:
    """By three things: whether it is a fact or a figure, whether the others depend on it, and whether it was first."""
    node, others = group.nodes[0], group.nodes[1:]
    fact = any(_is_fact(sign.alert) for sign in node.signs)
    if group.shared is not None and group.shared != node.component:
        words = listed([one.component.words for one in group.nodes], 4)
        return Sureness.POSSIBLE, f"{words} left their normal range together, and all depend on {group.shared.words}"
    if not others:
        alone = "nothing else is in trouble with it"
        return (Sureness.SURE, f"{alone}, and its state is a fact") if fact else (Sureness.LIKELY, alone)
    depend = f"{_depend(others)} on it"
    own = min(step.time for step in steps if step.component == node.component.words)
    lead = min(step.time for step in steps if step.component != node.component.words) - own
    if lead >= 0:
        first = f"and it was first{f' by {lasting(lead)}' if lead >= 1 else ''}"
        return (Sureness.SURE if fact else Sureness.LIKELY), f"{depend}, {first}"
    return Sureness.LIKELY if fact else Sureness.POSSIBLE, f"{depend}, though it was seen {lasting(-lead)} later"


def _is_fact(alert: Alert) -> bool:
    rule = BY_ID.get(alert.rule)
    return rule is not None and rule.is_fact
