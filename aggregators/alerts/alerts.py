"""Alerts from the edges that are stored: ours, and those of other tools beside them without doubles (view 1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from aggregators.alerts.actions import with_actions
from aggregators.alerts.external_alerts import ALERTMANAGER, SIGNOZ, TOOLS, Tool, family_of, page_of, words_of
from aggregators.alerts.joining import joined
from aggregators.alerts.read_back import is_read_back, muted_elsewhere
from aggregators.alerts.rows import Alert, AlertState, Ending
from aggregators.alerts.rules import BY_ID
from aggregators.alerts.subjects import Subjects
from aggregators.patterns.restarts import events_since
from aggregators.series.sources import is_lost, of_kind
from model.series import Event, Severity
from store.snapshot import Snapshot

__all__ = ["ALERTMANAGER", "HUD", "SIGNOZ", "Alert", "AlertState", "Ending", "alerts", "recent"]

HUD = "HUD"
HISTORY_SECONDS = 86400.0


def alerts(snapshot: Snapshot, now: float, every_run: bool = False) -> tuple[Alert, ...]:
    """Every alert of the last 24 hours as of `now`: active ones by severity, then the latest resolved first.

    A tool's alert that came and went several times is its last run, unless `every_run` is wanted.
    """
    return snapshot.once((alerts, now, every_run), lambda: _alerts(snapshot, now, every_run))


def own_alerts(snapshot: Snapshot, now: float) -> list[Alert]:
    """The HUD's own of the last 24 hours, whatever other tools say of them."""
    return with_actions(_ours(snapshot, now), snapshot.events, now)


def _alerts(snapshot: Snapshot, now: float, every_run: bool) -> tuple[Alert, ...]:
    rows = ours = snapshot.once((_ours, now), lambda: muted_elsewhere(_ours(snapshot, now), snapshot.events, now))
    subjects = snapshot.once((Subjects, now), lambda: Subjects(snapshot, now))
    for tool in TOOLS:
        rows = joined(rows, _theirs(snapshot, now, tool, subjects, ours, every_run), tool)
    return tuple(sorted(with_actions(rows, snapshot.events, now), key=_order))


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
    reported = events_since(snapshot.events, "alert", now - HISTORY_SECONDS, now)
    folded = (_our_alert(name, edges, now) for name, edges in by_name(reported, "id").items())
    return [alert for alert in folded if alert is not None]


def _theirs(
    snapshot: Snapshot, now: float, tool: Tool, subjects: Subjects, ours: Sequence[Alert], every_run: bool
) -> list[Alert]:
    """A tool's. What one holds open that is read no more, nobody reports: it is left out."""
    states = {state.instance: state for state in of_kind(snapshot, tool.source)}
    made: dict[str, Alert] = snapshot.once((_tool_alert, now), dict)  # last runs are wanted with and without the others
    reported = events_since(snapshot.events, tool.events, now - HISTORY_SECONDS, now)
    found: list[Alert] = []
    for name, edges in by_name(reported, "fingerprint", "alertname").items():
        runs = _runs(edges)
        for at, run in enumerate(runs):
            last = at == len(runs) - 1
            if not (last or every_run) or not _is_known(run) or is_read_back(run, ours):
                continue
            row = f"{tool.source}:{name}" + ("" if last else f":{run[0].time:.0f}")
            alert = made.get(row) or made.setdefault(row, _tool_alert(row, run, now, tool, subjects))
            state = states.get(run[-1].label("instance") or "")
            if alert.is_active and state is not None and is_lost(state, now):
                alert = replace(alert, ending=Ending.UNKNOWN)
            if state is not None or not (alert.is_active and snapshot.sources and run[-1].label("instance")):
                found.append(alert)
    return found


def by_name(events: Iterable[Event], *labels: str) -> dict[str, list[Event]]:
    """Edges by the first of these labels that they have, oldest first."""
    edges: dict[str, list[Event]] = {}
    for event in events:
        name = next(filter(None, map(event.label, labels)), None)
        edges.setdefault(name or f"{event.time}", []).append(event)
    return edges


def _our_alert(name: str, reported: list[Event], now: float) -> Alert | None:
    last, fired = reported[-1], [event for event in reported if _state(event) is AlertState.FIRING]
    state, labels = _state(last), dict(last.labels)
    if state is AlertState.RESOLVED and not fired:
        return None
    rule = BY_ID.get(labels.get("rule", ""))
    started = _number(labels.get("since")) or reported[0].time
    resolved = last.time if state is AlertState.RESOLVED else None
    left = labels.get("how") == "left"
    began_as, worst = (fired or reported)[0], _worst(fired or reported)
    most = Severity(labels.get("worst_severity", worst.severity))
    gravest = labels.get("worst", worst.message)
    return Alert(
        id=name,
        rule=labels.get("rule", ""),
        title=rule.title if rule else labels.get("title", ""),
        family=rule.family if rule else family_of(""),
        severity=most if resolved else last.severity,
        component=labels.get("component", ""),
        state=state,
        started=started,
        resolved_at=resolved,
        duration_seconds=max(0.0, (resolved or now) - started),
        words=gravest if resolved else last.message,
        page=labels.get("page") or (rule.page.format(component=labels.get("component", "")) if rule else "/"),
        sources=(HUD,),
        open_in=() if resolved else (HUD,),
        refires=int(_number(labels.get("refires")) or 0),
        ending=Ending.OPEN if resolved is None else Ending.LEFT if left else Ending.CLEARED,
        began_as=labels.get("began", began_as.message),
        worst=gravest,
        worst_severity=most,
    )


def _tool_alert(name: str, run: list[Event], now: float, tool: Tool, subjects: Subjects) -> Alert:
    last, state = run[-1], _state(run[-1])
    labels = dict(last.labels)
    started = _number(dict(run[0].labels).get("starts_at")) or run[0].time
    resolved = last.time if state is AlertState.RESOLVED else None
    unseen = labels.get("how") == "unseen"
    muted = state in (AlertState.SILENCED, AlertState.INHIBITED)
    title, began_as, worst = labels.get("alertname", ""), _open_edges(run)[0], _worst(_open_edges(run))
    about = subjects.of(labels, family_of(title), labels.get("instance", ""))
    gravest = words_of(worst.message, title, about.words)
    return Alert(
        id=name,
        rule=title,
        title=title,
        family=about.family,
        severity=worst.severity if resolved else last.severity,
        component=about.component,
        state=state,
        started=min(started, run[0].time),
        resolved_at=resolved,
        duration_seconds=max(0.0, (resolved or now) - min(started, run[0].time)),
        words=gravest if resolved else words_of(last.message, title, about.words),
        page=about.page or page_of(about.family),
        sources=(tool.name,),
        open_in=() if resolved else (tool.name,),
        ending=Ending.OPEN if resolved is None else Ending.UNSEEN if unseen else Ending.ELSEWHERE,
        muted_in=(tool.name,) if muted else (),
        in_prism=about.known,
        began_as=words_of(began_as.message, title, about.words),
        worst=gravest,
        worst_severity=worst.severity,
    )


def _worst(reported: Sequence[Event]) -> Event:
    """The edge of the highest severity, of several the last."""
    return max(reversed(reported), key=lambda event: list(Severity).index(event.severity))


def _open_edges(run: Sequence[Event]) -> Sequence[Event]:
    return [event for event in run if _state(event) is not AlertState.RESOLVED] or run


def _runs(reported: list[Event]) -> list[list[Event]]:
    """The edges of one alert, cut before each opening: the same fingerprint comes back whenever the alert does."""
    over = [_state(event) is AlertState.RESOLVED for event in reported]
    openings = [at for at in range(len(reported)) if not over[at] and (at == 0 or over[at - 1])]
    if not openings:
        return [reported]
    return [reported[first:end] for first, end in zip(openings, [*openings[1:], len(reported)], strict=True)]


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
