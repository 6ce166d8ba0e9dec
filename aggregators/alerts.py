"""Alerts from the edges that are stored: ours, and SigNoz's beside them without doubles (view 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from aggregators.restarts import events_since
from aggregators.rules import BY_ID
from model.series import Event, Severity
from store.snapshot import Snapshot

HUD, SIGNOZ = "HUD", "SigNoz"
HISTORY_SECONDS = 86400.0
SAME_SECONDS = 120.0
"""Two tools look at the same trouble through windows of their own: this far apart it is still the same."""


class AlertState(StrEnum):
    """Where an alert stands."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One piece of trouble. `refires` counts how often it came back soon after it had gone.

    `open_in` are the sources that still hold it open; for a resolved one that may be SigNoz, whose window is longer.
    Times are seconds since 1970.
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

    @property
    def is_active(self) -> bool:
        """Pending or firing."""
        return self.state is not AlertState.RESOLVED


def alerts(snapshot: Snapshot, now: float) -> tuple[Alert, ...]:
    """Every alert of the last 24 hours as of `now`: active ones by severity, then the latest resolved first."""
    ours = _folded(events_since(snapshot.events, "alert", now - HISTORY_SECONDS, now), now, HUD)
    theirs = _folded(events_since(snapshot.events, "signoz_alert", now - HISTORY_SECONDS, now), now, SIGNOZ)
    return tuple(sorted(_without_doubles(ours, theirs), key=_order))


def recent(found: Sequence[Alert], count: int = 5) -> tuple[Alert, ...]:
    """The first `count` that are worth a line: active ones first, then the latest resolved."""
    return tuple(sorted(found, key=_order))[:count]


def _order(alert: Alert) -> tuple[int, int, float]:
    if alert.is_active:
        loudness = (Severity.CRITICAL, Severity.WARNING, Severity.INFO).index(alert.severity)
        return (1 if alert.state is AlertState.PENDING else 0, loudness, -alert.started)
    return (2, 0, -(alert.resolved_at or 0.0))


def _folded(events: Iterable[Event], now: float, source: str) -> list[Alert]:
    """Edges of the same id as one alert each; what was only ever pending leaves no trace once it is over."""
    edges: dict[str, list[Event]] = {}
    for event in events:
        name = event.label("id") if source == HUD else _signoz_id(event)
        edges.setdefault(name or f"{event.time}", []).append(event)
    folded = [_fold(name, told, now, source) for name, told in edges.items()]
    return [alert for alert in folded if alert is not None]


def _signoz_id(event: Event) -> str:
    return f"signoz:{event.label('fingerprint') or event.label('alertname') or event.message}"


def _fold(name: str, told: list[Event], now: float, source: str) -> Alert | None:
    last = told[-1]
    labels = dict(last.labels)
    fired = [event for event in told if _state(event) is AlertState.FIRING]
    state = _state(last)
    if state is AlertState.RESOLVED and not fired:
        return None
    runs = _last_run(told) if source == SIGNOZ else told
    started = _number(labels.get("since")) or _number(dict(runs[0].labels).get("starts_at")) or runs[0].time
    resolved = last.time if state is AlertState.RESOLVED else None
    rule = BY_ID.get(labels.get("rule", ""))
    family = rule.family if rule else signoz_family(labels.get("alertname", ""))
    title = rule.title if rule else labels.get("title") or labels.get("alertname", "")
    worst = max((event.severity for event in fired or [last]), key=list(Severity).index)
    return Alert(
        id=name,
        rule=labels.get("rule", labels.get("alertname", "")),
        title=title,
        family=family,
        severity=worst if state is AlertState.RESOLVED else last.severity,
        component=labels.get("component") or signoz_component(labels),
        state=state,
        started=started,
        resolved_at=resolved,
        duration_seconds=max(0.0, (resolved or now) - started),
        words=last.message if source == HUD else _signoz_words(last.message, labels),
        page=labels.get("page", "/"),
        sources=(source,),
        open_in=() if resolved else (source,),
        refires=int(_number(labels.get("refires")) or 0),
    )


def _signoz_words(message: str, labels: dict[str, str]) -> str:
    """Its name, whom it is about unless the name says so, and what it adds: "Pattern down (redis): is not serving"."""
    name, component = labels.get("alertname", ""), signoz_component(labels)
    whom = f" ({component})" if component and component.lower() not in name.lower() else ""
    added = f": {message}" if message and message != name else ""
    return f"{name}{whom}{added}" or "an alert without a name"


def _last_run(told: list[Event]) -> list[Event]:
    """The edges from its last opening on: the same fingerprint comes back whenever the same alert does."""
    over = [_state(event) is AlertState.RESOLVED for event in told]
    openings = [at for at in range(len(told)) if not over[at] and (at == 0 or over[at - 1])]
    return told[openings[-1] :] if openings else told


def _state(event: Event) -> AlertState:
    word = (event.label("state") or "firing").lower()
    if word in ("resolved", "inactive", "normal", "ok"):
        return AlertState.RESOLVED
    return AlertState.PENDING if word == "pending" else AlertState.FIRING


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


_FAMILY_WORDS = (
    ("restart", r"restart|crash ?loop|flap"),
    ("pool", r"pool|connections? (exhaust|satur|full)"),
    ("latency", r"latency|slow|p9\d|duration"),
    ("auth", r"auth|login|jwt|token"),
    ("errors", r"error|fail|5xx|success"),
    ("down", r"down|unhealthy|not serving|unreachable|absent|hang|unavailable"),
    ("degraded", r"degraded"),
)


def signoz_family(name: str) -> str:
    """Which kind of problem an alert's name speaks of; its own name when none is known."""
    lowered = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]+", " ", name).lower()
    return next((family for family, words in _FAMILY_WORDS if re.search(words, lowered)), lowered)


def signoz_component(labels: dict[str, str]) -> str:
    """Whom an alert of another tool is about; '' when it does not say."""
    for key in ("pattern", "backend", "component", "namespace", "service_name", "service.name"):
        if labels.get(key):
            return f"namespace {labels[key]}" if key == "namespace" else labels[key]
    return ""


def _without_doubles(ours: list[Alert], theirs: list[Alert]) -> list[Alert]:
    """SigNoz's alerts folded into ours where they are the same trouble."""
    rows = list(ours)
    for other in theirs:
        same = [at for at, mine in enumerate(rows) if HUD in mine.sources and _is_same(mine, other)]
        if not same:
            rows.append(other)
            continue
        at = max(same, key=lambda one: (rows[one].component == other.component, rows[one].started))
        mine = rows[at]
        rows[at] = replace(
            mine,
            sources=tuple(dict.fromkeys((*mine.sources, SIGNOZ))),
            open_in=tuple(dict.fromkeys((*mine.open_in, *other.open_in))),
        )
    return rows


def _is_same(mine: Alert, other: Alert) -> bool:
    """The same kind of problem, of the same component (or one of them speaks of all), at about the same time."""
    if mine.family != other.family or not _same_component(mine.component, other.component):
        return False
    mine_end, other_end = mine.resolved_at or float("inf"), other.resolved_at or float("inf")
    return mine.started - SAME_SECONDS <= other_end and other.started - SAME_SECONDS <= mine_end


def _same_component(mine: str, other: str) -> bool:
    whole = ("", "all", "auth")
    return mine.lower() == other.lower() or mine in whole or other in whole
