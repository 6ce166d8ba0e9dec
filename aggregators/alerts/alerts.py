"""Alerts from the edges that are stored: ours, and those of other tools beside them without doubles (view 1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from aggregators.alerts.external_alerts import (
    ALERTMANAGER,
    FAMILIES,
    SIGNOZ,
    TOOLS,
    Tool,
    component_of,
    family_of,
    page_of,
    same_component,
    same_name,
    words_of,
)
from aggregators.alerts.rules import BY_ID
from aggregators.patterns.restarts import events_since
from aggregators.series.sources import is_lost, of_kind
from model.series import Event, Severity
from store.snapshot import Snapshot

__all__ = ["ALERTMANAGER", "HUD", "SIGNOZ", "Alert", "AlertState", "Ending", "alerts", "recent"]

HUD = "HUD"
HISTORY_SECONDS = 86400.0
SAME_SECONDS = 120.0
"""Two tools look at the same trouble through windows of their own: this far apart it is still the same."""


class AlertState(StrEnum):
    """Where an alert stands. Silenced and inhibited ones last too, but nobody is called for them."""

    PENDING = "pending"
    FIRING = "firing"
    SILENCED = "silenced"
    INHIBITED = "inhibited"
    RESOLVED = "resolved"


class Ending(StrEnum):
    """How an alert came to its end, as far as anybody can say."""

    OPEN = "open"
    CLEARED = "cleared by itself"
    ELSEWHERE = "resolved in its tool"
    UNSEEN = "over, not seen when"
    LEFT = "its component is not told of any more"
    UNKNOWN = "source gone: not known"


@dataclass(frozen=True, slots=True)
class Alert:
    """One piece of trouble. `refires` counts how often it came back soon after it had gone.

    `open_in` are the sources that still hold it open; for a resolved one of ours that may be a tool whose window is
    longer. `muted_in` are the tools that tell nobody of it. Times are seconds since 1970.
    """

    id: str
    rule: str
    title: str
    family: str
    severity: Severity
    component: str
    state: AlertState
    started: float
    resolved_at: float | None
    duration_seconds: float
    words: str
    page: str
    sources: tuple[str, ...]
    open_in: tuple[str, ...]
    refires: int = 0
    ending: Ending = Ending.OPEN
    muted_in: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        """It lasts, whoever is told of it."""
        return self.state is not AlertState.RESOLVED


def alerts(snapshot: Snapshot, now: float, every_run: bool = False) -> tuple[Alert, ...]:
    """Every alert of the last 24 hours as of `now`: active ones by severity, then the latest resolved first.

    A tool's alert that came and went several times is its last run, unless `every_run` is wanted.
    """
    rows = _ours(snapshot, now)
    for tool in TOOLS:
        rows = _joined(rows, _theirs(snapshot, now, tool, every_run), tool)
    return tuple(sorted(rows, key=_order))


def recent(found: Sequence[Alert], count: int = 5) -> tuple[Alert, ...]:
    """The first `count` that are worth a line: active ones first, then the latest resolved."""
    return tuple(sorted(found, key=_order))[:count]


def _order(alert: Alert) -> tuple[int, int, float]:
    if alert.is_active:
        loudness = (Severity.CRITICAL, Severity.WARNING, Severity.INFO).index(alert.severity)
        return (0 if alert.state is AlertState.FIRING else 1, loudness, -alert.started)
    return (2, 0, -(alert.resolved_at or 0.0))


def _ours(snapshot: Snapshot, now: float) -> list[Alert]:
    """The HUD's own; what was only ever pending leaves no trace once it is over."""
    told = events_since(snapshot.events, "alert", now - HISTORY_SECONDS, now)
    folded = (_our_alert(name, edges, now) for name, edges in _by_name(told, "id").items())
    return [alert for alert in folded if alert is not None]


def _theirs(snapshot: Snapshot, now: float, tool: Tool, every_run: bool) -> list[Alert]:
    """A tool's. What one holds open that is read no more, nobody tells of: it is left out."""
    states = {state.instance: state for state in of_kind(snapshot, tool.source)}
    told = events_since(snapshot.events, tool.events, now - HISTORY_SECONDS, now)
    found: list[Alert] = []
    for name, edges in _by_name(told, "fingerprint", "alertname").items():
        runs = _runs(edges)
        for at, run in enumerate(runs):
            last = at == len(runs) - 1
            if not (last or every_run) or not _is_known(run):
                continue
            alert = _tool_alert(f"{tool.source}:{name}" + ("" if last else f":{run[0].time:.0f}"), run, now, tool)
            state = states.get(run[-1].label("instance") or "")
            if alert.is_active and state is not None and is_lost(state, now):
                alert = replace(alert, ending=Ending.UNKNOWN)
            if state is not None or not (alert.is_active and snapshot.sources and run[-1].label("instance")):
                found.append(alert)
    return found


def _by_name(events: Iterable[Event], *labels: str) -> dict[str, list[Event]]:
    """Edges by the first of these labels that they have, oldest first."""
    edges: dict[str, list[Event]] = {}
    for event in events:
        name = next(filter(None, map(event.label, labels)), None)
        edges.setdefault(name or f"{event.time}", []).append(event)
    return edges


def _our_alert(name: str, told: list[Event], now: float) -> Alert | None:
    last, fired = told[-1], [event for event in told if _state(event) is AlertState.FIRING]
    state, labels = _state(last), dict(last.labels)
    if state is AlertState.RESOLVED and not fired:
        return None
    rule = BY_ID.get(labels.get("rule", ""))
    started = _number(labels.get("since")) or told[0].time
    resolved = last.time if state is AlertState.RESOLVED else None
    left = labels.get("how") == "left"
    return Alert(
        id=name,
        rule=labels.get("rule", ""),
        title=rule.title if rule else labels.get("title", ""),
        family=rule.family if rule else family_of(""),
        severity=_worst(fired) if resolved else last.severity,
        component=labels.get("component", ""),
        state=state,
        started=started,
        resolved_at=resolved,
        duration_seconds=max(0.0, (resolved or now) - started),
        words=last.message,
        page=labels.get("page", "/"),
        sources=(HUD,),
        open_in=() if resolved else (HUD,),
        refires=int(_number(labels.get("refires")) or 0),
        ending=Ending.OPEN if resolved is None else Ending.LEFT if left else Ending.CLEARED,
    )


def _tool_alert(name: str, run: list[Event], now: float, tool: Tool) -> Alert:
    last, state = run[-1], _state(run[-1])
    labels = dict(last.labels)
    started = _number(dict(run[0].labels).get("starts_at")) or run[0].time
    resolved = last.time if state is AlertState.RESOLVED else None
    unseen = labels.get("how") == "unseen"
    muted = state in (AlertState.SILENCED, AlertState.INHIBITED)
    return Alert(
        id=name,
        rule=labels.get("alertname", ""),
        title=labels.get("alertname", ""),
        family=family_of(labels.get("alertname", "")),
        severity=_worst(run) if resolved else last.severity,
        component=component_of(labels),
        state=state,
        started=min(started, run[0].time),
        resolved_at=resolved,
        duration_seconds=max(0.0, (resolved or now) - min(started, run[0].time)),
        words=words_of(last.message, labels),
        page=page_of(labels),
        sources=(tool.name,),
        open_in=() if resolved else (tool.name,),
        ending=Ending.OPEN if resolved is None else Ending.UNSEEN if unseen else Ending.ELSEWHERE,
        muted_in=(tool.name,) if muted else (),
    )


def _worst(told: Sequence[Event]) -> Severity:
    return max((event.severity for event in told), key=list(Severity).index)


def _runs(told: list[Event]) -> list[list[Event]]:
    """The edges of one alert, cut before each opening: the same fingerprint comes back whenever the alert does."""
    over = [_state(event) is AlertState.RESOLVED for event in told]
    openings = [at for at in range(len(told)) if not over[at] and (at == 0 or over[at - 1])]
    if not openings:
        return [told]
    return [told[first:end] for first, end in zip(openings, [*openings[1:], len(told)], strict=True)]


def _is_known(run: Sequence[Event]) -> bool:
    """False for an end of which no beginning is known."""
    return _state(run[0]) is not AlertState.RESOLVED or bool(run[0].label("starts_at"))


_STATES = {"inactive": AlertState.RESOLVED, "normal": AlertState.RESOLVED, "ok": AlertState.RESOLVED}
_STATES |= {state.value: state for state in AlertState}


def _state(event: Event) -> AlertState:
    return _STATES.get((event.label("state") or "").lower(), AlertState.FIRING)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _joined(rows: list[Alert], theirs: list[Alert], tool: Tool) -> list[Alert]:
    """A tool's alerts folded into the rows that are the same trouble; those of one tool stay apart from each other."""
    rows = list(rows)
    for other in theirs:
        same = [at for at, mine in enumerate(rows) if _may_join(mine, tool) and _is_same(mine, other)]
        if not same:
            rows.append(other)
            continue
        at = max(same, key=lambda one: _likeness(rows[one], other))
        rows[at] = _one_of(rows[at], other)
    return rows


def _may_join(mine: Alert, tool: Tool) -> bool:
    return HUD in mine.sources or tool.name not in mine.sources


def _likeness(mine: Alert, other: Alert) -> tuple[bool, bool, float]:
    """Of the same component first, of the same name next, and of those the one that began when it did."""
    began_apart = abs(mine.started - other.started)
    return mine.component == other.component, same_name(mine.title, other.title), -began_apart


def _one_of(mine: Alert, other: Alert) -> Alert:
    """Both as one. Ours says where it stands; of two tools' the one where it still fires does."""
    shown = mine if HUD in mine.sources or _order(mine)[0] <= _order(other)[0] else other
    started = mine.started if HUD in mine.sources else min(mine.started, other.started)
    return replace(
        shown,
        id=mine.id,
        started=started,
        duration_seconds=shown.duration_seconds + shown.started - started,
        sources=tuple(dict.fromkeys((*mine.sources, *other.sources))),
        open_in=tuple(dict.fromkeys((*mine.open_in, *other.open_in))),
        muted_in=tuple(dict.fromkeys((*mine.muted_in, *other.muted_in))),
    )


def _is_same(mine: Alert, other: Alert) -> bool:
    """The same kind of problem, of the same component (or one of them speaks of all), at about the same time."""
    named = same_name(mine.title, other.title)
    if HUD in mine.sources:
        alike = mine.family == other.family and same_component(mine.component, other.component)
    elif named:
        alike = same_component(mine.component, other.component)
    else:
        alike = mine.family == other.family in FAMILIES and mine.component.lower() == other.component.lower()
    mine_end, other_end = mine.resolved_at or float("inf"), other.resolved_at or float("inf")
    return alike and mine.started - SAME_SECONDS <= other_end and other.started - SAME_SECONDS <= mine_end
