"""Remembers which alerts of another tool are open, so that each beginning and end becomes one event, once."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.open_alerts import FIRING, RESOLVED, OpenAlert, Subject
from model.series import Event

KEEP_SECONDS = 25 * 3600.0
RETELL_SECONDS = 6 * 3600.0
"""An open alert is told again this often, so that a history of 24 hours never loses it."""
UNSEEN_SECONDS = 30.0
"""Looked away for longer than this, nobody can say when or how an alert ended meanwhile."""
LEARNS_SECONDS = 150.0
"""Who was started anew knows nothing until it is told again. Prometheus tells Alertmanager what still fires every
minute, or at its second look after that; what is missing for longer is over.
"""
MOST_TOLD = 10_000
"""Alerts whose edges are remembered; of more than so many in a day the oldest are forgotten first."""
UNSEEN = "unseen"
"""How an alert ended that was open before such a gap and is not after it."""

_OWN_LABELS = {"alertname", "severity", "fingerprint", "state", "instance", "starts_at", "how"}

Edge = tuple[float, str, OpenAlert]
"""(time, what it is from then on, the alert)."""


class EdgeBook:
    """The edges that were told already, for a day, by what they are about.

    Two tellings of one edge (our own look, and a history) never agree on its time to the second. What makes them one
    is that nothing lies between them: an alert cannot begin twice without ending.
    """

    def __init__(self, instance: str, kind: str) -> None:
        self._instance = instance
        self._kind = kind
        self._open: dict[Subject, OpenAlert] = {}
        self._told: dict[Subject, list[tuple[float, str]]] = {}
        self._retold: dict[Subject, float] = {}
        self._listed: dict[Subject, float] = {}

    def restore(self, events: Iterable[Event]) -> None:
        """Take over what an earlier run told."""
        for event in sorted(events, key=lambda one: one.time):
            labels = dict(event.labels)
            if event.kind != self._kind or labels.get("instance") != self._instance:
                continue
            alert, state = _alert_of(event, labels), labels.get("state", "")
            self._told.setdefault(alert.subject, []).append((event.time, state))
            self._retold[alert.subject] = event.time
            self._listed[alert.subject] = event.time
            if state == RESOLVED:
                self._open.pop(alert.subject, None)
            else:
                self._open[alert.subject] = alert

    def told_by_history(self, edges: Iterable[Edge]) -> list[Event]:
        """Events for the edges that nobody told yet, oldest first."""
        alerts: dict[Subject, OpenAlert] = {}
        batches: dict[Subject, list[tuple[float, str]]] = {}
        for at, state, alert in edges:
            alerts[alert.subject] = alert
            batches.setdefault(alert.subject, []).append((at, state))
        events = [
            self._event(alerts[subject], at, state)
            for subject, batch in batches.items()
            for at, state in self._merge(subject, batch)
        ]
        return sorted(events, key=lambda event: event.time)

    def lacks(self, alerts: Iterable[OpenAlert]) -> bool:
        """True when one that was open is not among these."""
        return not self._open.keys() <= {alert.subject for alert in alerts}

    def seen(self, alerts: Iterable[OpenAlert], now: float, started: float = 0.0) -> list[Event]:
        """Events for what is open now and was not, for what was and is not, and for what changed its standing.

        `started` is when the tool that lists them was started; what it has listed before that, it may have forgotten.
        """
        present = {alert.subject: alert for alert in alerts}
        missing = {subject: alert for subject, alert in self._open.items() if subject not in present}
        doubted = {subject: alert for subject, alert in missing.items() if self._doubts(subject, now, started)}
        looks = [(alert, alert.standing, self._began(alert, now)) for alert in present.values()]
        looks += [(alert, RESOLVED, now) for subject, alert in missing.items() if subject not in doubted]
        unseen = {subject for subject in missing if now - self._listed[subject] > UNSEEN_SECONDS}
        self._open = {**present, **doubted}
        self._listed = {subject: self._listed[subject] for subject in doubted} | dict.fromkeys(present, now)
        events = [
            self._event(alert, time, told, UNSEEN if told == RESOLVED and alert.subject in unseen else "")
            for alert, state, at in looks
            for time, told in self._merge(alert.subject, [(at, state)])
        ]
        events += [self._event(alert, now, alert.standing) for alert in self._open.values() if self._is_due(alert, now)]
        self._forget(now)
        return events

    def _doubts(self, subject: Subject, now: float, started: float) -> bool:
        return self._listed[subject] < started and now - started < LEARNS_SECONDS

    def _event(self, alert: OpenAlert, time: float, state: str, how: str = "") -> Event:
        self._retold[alert.subject] = max(time, self._retold.get(alert.subject, time))
        return alert.edge(self._kind, time, state, self._instance, how)

    def _is_due(self, alert: OpenAlert, now: float) -> bool:
        return now - self._retold.get(alert.subject, now) >= RETELL_SECONDS

    def _began(self, alert: OpenAlert, now: float) -> float:
        """When it says it began, unless we have told of its end or of another standing since: then it is so now."""
        at = min(alert.starts_at or now, now)
        told = self._told.get(alert.subject)
        if not told or told[-1][1] == alert.standing:
            return at
        return now if told[-1][1] != RESOLVED or told[-1][0] >= at else at

    def _merge(self, subject: Subject, batch: list[tuple[float, str]]) -> list[tuple[float, str]]:
        """Of each run of equal states in time, one edge stays: one that was told, else the first. Returns the new."""
        known = self._told.get(subject, [])
        merged: list[tuple[float, str]] = []
        fresh: list[tuple[float, str]] = []
        run_is_known = False
        for edge, told in sorted([(one, True) for one in known] + [(one, False) for one in batch]):
            if merged and merged[-1][1] == edge[1]:
                if told and not run_is_known:
                    fresh.remove(merged[-1])
                    merged[-1], run_is_known = edge, True
                continue
            merged.append(edge)
            run_is_known = told
            if not told:
                fresh.append(edge)
        self._told[subject] = merged
        return fresh

    def _forget(self, now: float) -> None:
        """The last edge of what is open stays, however old: it tells that its beginning was told."""
        surplus = len(self._told) - MOST_TOLD
        for at, (subject, told) in enumerate(list(self._told.items())):
            kept = [edge for edge in told[:-1] if now - edge[0] < KEEP_SECONDS]
            if subject in self._open or (now - told[-1][0] < KEEP_SECONDS and at >= surplus):
                self._told[subject] = [*kept, told[-1]]
            else:
                del self._told[subject]
                self._retold.pop(subject, None)


def _alert_of(event: Event, labels: dict[str, str]) -> OpenAlert:
    useful = tuple((name, value) for name, value in event.labels if name not in _OWN_LABELS)
    starts_at = float(labels["starts_at"]) if "starts_at" in labels else None
    state = labels.get("state", "")
    return OpenAlert(
        labels.get("alertname", ""), labels.get("severity", ""), "", starts_at, useful, event.message,
        FIRING if state == RESOLVED else state,
    )  # fmt: skip
