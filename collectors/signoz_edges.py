"""Remembers which SigNoz alerts are open, so that each beginning and end becomes one event, once."""

from __future__ import annotations

from collections.abc import Iterable

from collectors.signoz_alerts import FIRING, KIND, RESOLVED, SignozAlert, Subject
from collectors.signoz_history import Edge
from model.series import Event

KEEP_SECONDS = 25 * 3600.0

_OWN_LABELS = {"alertname", "severity", "fingerprint", "state", "instance"}


class EdgeBook:
    """The edges that were told already, for a day, by what they are about.

    Two tellings of one edge (our own look, and the rule's history) never agree on its time to the second. What makes
    them one is that nothing lies between them: an alert cannot begin twice without ending.
    """

    def __init__(self, instance: str) -> None:
        self._instance = instance
        self._open: dict[Subject, SignozAlert] = {}
        self._told: dict[Subject, list[tuple[float, str]]] = {}

    def restore(self, events: Iterable[Event]) -> None:
        """Take over what an earlier run told."""
        for event in sorted(events, key=lambda one: one.time):
            labels = dict(event.labels)
            if event.kind != KIND or labels.get("instance") != self._instance:
                continue
            alert = _alert_of(event, labels)
            state = labels.get("state", "")
            self._told.setdefault(alert.subject, []).append((event.time, state))
            if state == FIRING:
                self._open[alert.subject] = alert
            else:
                self._open.pop(alert.subject, None)

    def told_by_history(self, edges: Iterable[Edge]) -> list[Event]:
        """Events for the edges that nobody told yet, oldest first."""
        alerts: dict[Subject, SignozAlert] = {}
        batches: dict[Subject, list[tuple[float, str]]] = {}
        for at, state, alert in edges:
            alerts[alert.subject] = alert
            batches.setdefault(alert.subject, []).append((at, state))
        events = [
            alerts[subject].edge(at, state, self._instance)
            for subject, batch in batches.items()
            for at, state in self._merge(subject, batch)
        ]
        return sorted(events, key=lambda event: event.time)

    def seen(self, alerts: Iterable[SignozAlert], now: float) -> list[Event]:
        """Events for what is open now and was not, and for what was and is not."""
        present = {alert.subject: alert for alert in alerts}
        gone = [alert for subject, alert in self._open.items() if subject not in present]
        looks = [(alert, FIRING, self._began(alert, now)) for alert in present.values()]
        looks += [(alert, RESOLVED, now) for alert in gone]
        self._open = present
        events = [
            alert.edge(time, told, self._instance)
            for alert, state, at in looks
            for time, told in self._merge(alert.subject, [(at, state)])
        ]
        self._forget(now)
        return events

    def _began(self, alert: SignozAlert, now: float) -> float:
        """When it says it began, unless we have told of its end since: then it is back now."""
        at = min(alert.starts_at or now, now)
        told = self._told.get(alert.subject)
        return now if told and told[-1][1] == RESOLVED and told[-1][0] >= at else at

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
        for subject, told in list(self._told.items()):
            kept = [edge for edge in told[:-1] if now - edge[0] < KEEP_SECONDS]
            if subject in self._open or now - told[-1][0] < KEEP_SECONDS:
                self._told[subject] = [*kept, told[-1]]
            else:
                del self._told[subject]


def _alert_of(event: Event, labels: dict[str, str]) -> SignozAlert:
    useful = tuple((name, value) for name, value in event.labels if name not in _OWN_LABELS)
    return SignozAlert(labels.get("alertname", ""), labels.get("severity", ""), "", event.time, useful, event.message)
