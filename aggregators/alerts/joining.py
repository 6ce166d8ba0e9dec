"""When the alerts of two are one: component, kind and time agree. In doubt they are two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from aggregators.alerts.external_alerts import FAMILIES, Tool, family_of, letters
from aggregators.alerts.rows import Alert, AlertState
from aggregators.alerts.rules import BY_ID
from model.series import Severity

SAME_SECONDS = 120.0
"""Two tools look at the same trouble through windows of their own: this far apart it is still the same."""
_LASTING = (AlertState.FIRING, AlertState.PENDING, AlertState.SILENCED, AlertState.INHIBITED, AlertState.RESOLVED)
"""Of two reports the one that comes first here says where the alert stands."""


def joined(rows: Sequence[Alert], theirs: Sequence[Alert], tool: Tool) -> list[Alert]:
    """A tool's alerts folded into the rows that are the same trouble: one into each row, what is open before the rest.

    Those of one tool stay apart from each other.
    """
    answer = list(rows)
    places: dict[tuple[str, str], list[int]] = {}
    for at, mine in enumerate(answer):
        for trait in _traits(mine):
            places.setdefault(trait, []).append(at)
    for other in sorted(theirs, key=lambda one: not one.is_active):
        near = {at for trait in _traits(other) for at in places.get(trait, ())}
        same = [at for at in near if tool.name not in answer[at].sources and _overlap(answer[at], other)]
        if same:
            at = max(same, key=lambda one: _likeness(answer[one], other))
            answer[at] = _one_of(answer[at], other)
        else:
            answer.append(other)
    return answer


def _traits(alert: Alert) -> tuple[tuple[str, str], ...]:
    """What two must share one of: the component, and the name or the kind. Without a component the name must do."""
    whom, kind = alert.component.lower(), _kind(alert)
    named = (whom, f"name {letters(alert.title)}")
    return (named, (whom, kind)) if whom and kind in FAMILIES else (named,)


def _kind(alert: Alert) -> str:
    """The kind of problem. Our own rules of servers and sources report by their severity and name whether one is
    gone."""
    rule = BY_ID.get(alert.rule)
    if rule is None:
        return family_of(alert.title)
    if rule.family == "backend":
        return "down" if alert.severity is Severity.CRITICAL else "degraded"
    return "down" if rule.id == "source_lost" else rule.family


def _overlap(mine: Alert, other: Alert) -> bool:
    mine_end, other_end = mine.resolved_at or float("inf"), other.resolved_at or float("inf")
    return mine.started - SAME_SECONDS <= other_end and other.started - SAME_SECONDS <= mine_end


def _likeness(mine: Alert, other: Alert) -> tuple[bool, float]:
    """Of the same name first, and of those the one that began when it did."""
    return letters(mine.title) == letters(other.title) != "", -abs(mine.started - other.started)


def _one_of(mine: Alert, other: Alert) -> Alert:
    """Both as one: it lasts while either does, and is as bad as the worse of those that say so."""
    shown = _shown(mine, other)
    started = min(mine.started, other.started)
    alike = [one for one in (mine, other) if one.state is shown.state]
    worst = max((shown, mine, other), key=lambda one: list(Severity).index(one.worst_severity))
    return replace(
        mine,
        state=shown.state,
        severity=max((one.severity for one in alike), key=list(Severity).index),
        words=mine.words if mine in alike else shown.words,
        started=started,
        resolved_at=shown.resolved_at,
        duration_seconds=shown.duration_seconds + shown.started - started,
        sources=(*mine.sources, *other.sources),
        open_in=(*mine.open_in, *other.open_in),
        muted_in=(*mine.muted_in, *other.muted_in),
        ending=shown.ending,
        in_prism=mine.in_prism or other.in_prism,
        worst=worst.worst,
        worst_severity=worst.worst_severity,
    )


def _shown(mine: Alert, other: Alert) -> Alert:
    """The reporting that says where the alert stands: the one by which it lasts; of two that are over the later."""
    if not mine.is_active and not other.is_active:
        return max(mine, other, key=lambda one: one.resolved_at or 0.0)
    return min(mine, other, key=lambda one: _LASTING.index(one.state))
