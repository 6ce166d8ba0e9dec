"""What operators did about alerts: seen to, silenced for a while, or neither any more; from the stored events.

An acknowledgement is of one alert, and ends with it. A silence is of a rule and a component: what comes back is
silenced too, until its time is over. The last word on each holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from aggregators.alerts.rows import Action, Alert, AlertState
from aggregators.patterns.restarts import events_since
from model.series import Event

KIND = "alert_action"
HUD = "HUD"
DAY_SECONDS = 86400.0
LEAST_SECONDS, MOST_SECONDS = 60.0, DAY_SECONDS
"""How long a silence may be: what was said longer ago than a day is not kept."""
Key = tuple[str, str]


class Verb(StrEnum):
    """What may be done."""

    ACKNOWLEDGE = "acknowledge"
    SILENCE = "silence"
    LIFT = "lift"


def wish(alert: Alert, verb: Verb, by: str, why: str, until: float | None) -> dict[str, str]:
    """What is to be stored of an operator's action on an alert; `until` of a silence, in seconds since 1970."""
    said = {Verb.ACKNOWLEDGE: "acknowledged", Verb.SILENCE: "silenced", Verb.LIFT: "spoken of again"}[verb]
    reason = f": {why}" if why else ""
    labels = {
        "action": verb.value,
        "alert": alert.id,
        "rule": alert.rule,
        "component": alert.component,
        "by": by,
        "why": why,
    }
    if until is not None:
        labels["until"] = f"{until:.3f}"
    return labels | {"message": f"{alert.title or alert.rule} ({alert.component}) {said} by {by}{reason}"}


def with_actions(found: Iterable[Alert], events: Sequence[Event], now: float) -> list[Alert]:
    """The alerts with what was done about them. One that is silenced lasts, and nobody is called for it."""
    rows, said = list(found), events_since(events, KIND, now - DAY_SECONDS, now)
    if not said:
        return rows
    seen: dict[str, Action] = {}
    silent: dict[Key, Action] = {}
    for event in said:
        _take(event, seen, silent)
    return [_done(one, seen.get(one.id), silent.get((one.rule, one.component)), now) for one in rows]


def _take(event: Event, seen: dict[str, Action], silent: dict[Key, Action]) -> None:
    labels = dict(event.labels)
    alert, key = labels.get("alert", ""), (labels.get("rule", ""), labels.get("component", ""))
    action = Action(labels.get("by", ""), labels.get("why", ""), event.time, _until(labels.get("until", "")))
    if labels.get("action") == Verb.ACKNOWLEDGE:
        seen[alert] = action
    elif labels.get("action") == Verb.SILENCE and action.until is not None:
        silent[key] = action
    elif labels.get("action") == Verb.LIFT:
        seen.pop(alert, None)
        silent.pop(key, None)


def _done(one: Alert, seen: Action | None, silence: Action | None, now: float) -> Alert:
    holds = silence is not None and (silence.until or 0.0) > now and one.is_active
    if not holds:
        return replace(one, acknowledged=seen) if seen else one
    muted = one.muted_in if HUD in one.muted_in else (*one.muted_in, HUD)
    state = one.state if one.state is AlertState.INHIBITED else AlertState.SILENCED
    return replace(one, state=state, acknowledged=seen, silenced=silence, muted_in=muted)


def _until(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
