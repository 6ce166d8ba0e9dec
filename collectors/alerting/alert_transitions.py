"""Remembers which alerts of another tool are open, so that each beginning and end becomes one event, once."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from collectors.alerting.listed_alerts import Listed
from collectors.alerting.open_alerts import FIRING, RESOLVED, OpenAlert
from model.series import Event

KEEP_SECONDS = 25 * 3600.0
RETELL_SECONDS = 6 * 3600.0
RETELL_EVENTS = 6_000
"""An open alert is reported again this often, so that a history of 24 hours, or of 10,000 events, never loses it."""
WORDS_SECONDS = 30.0
"""What one open alert says of itself is reported anew when it changes, at most this often; with many, each more
rarely."""
UNSEEN_SECONDS = 30.0
"""Looked away for longer than this, nobody can say when or how an alert ended meanwhile."""
LEARNS_SECONDS = 150.0
"""An Alertmanager that was restarted knows no alert until it is told of it again. Prometheus tells it what still fires
every minute, or at its second look after that; what is missing for longer is over.
"""
LEAST_SECONDS = 0.001
"""Two edges of one alert are so far apart at least, or they have no order."""
MOST_TOLD = 10_000
"""Alerts whose edges are remembered; of more than so many in a day the oldest are forgotten first."""
UNSEEN = "unseen"
"""How an alert ended that was open before such a gap and is not after it."""

_OWN_LABELS = {"alertname", "severity", "fingerprint", "state", "instance", "starts_at", "how"}

Transition = tuple[float, str, OpenAlert]
"""(time, what it is from then on, the alert)."""
Telling = tuple[float, int, str]
"""(when an alert was last reported, how many events there had been by then, what the alert said of itself)."""


class AlertTransitions:
    """The edges that were reported already, for a day, by what they are about.

    Two reports of one edge (our own look, and a history) never agree on its time to the second. What makes them one
    is that nothing lies between them: an alert cannot begin twice without ending.
    """

    def __init__(self, instance: str, kind: str) -> None:
        self._instance = instance
        self._kind = kind
        self._open: dict[str, OpenAlert] = {}
        self._reported: dict[str, list[tuple[float, str]]] = {}
        self._reported_again: dict[str, Telling] = {}
        self._listed: dict[str, float] = {}
        self._count = 0

    @property
    def open(self) -> Collection[str]:
        """The fingerprints of what was open at the last look."""
        return self._open.keys()

    def restore(self, events: Iterable[Event]) -> None:
        """Take over what an earlier run reported."""
        for event in sorted(events, key=lambda one: one.time):
            labels = dict(event.labels)
            if event.kind != self._kind or labels.get("instance") != self._instance:
                continue
            alert, state = _alert_of(event, labels), labels.get("state", "")
            name = alert.fingerprint
            self._reported.setdefault(name, []).append((event.time, state))
            self._remember(alert, event.time)
            self._listed[name] = event.time
            if state == RESOLVED:
                self._open.pop(name, None)
            else:
                self._open[name] = alert

    def reported_by_history(self, edges: Iterable[Transition], open_now: Iterable[OpenAlert] = ()) -> list[Event]:
        """Events for the edges that nobody reported yet, oldest first. `open_now` know best what they say of
        themselves."""
        present = {alert.fingerprint: alert for alert in open_now}
        alerts: dict[str, OpenAlert] = {}
        batches: dict[str, list[tuple[float, str]]] = {}
        for at, state, alert in edges:
            alerts[alert.fingerprint] = alert
            batches.setdefault(alert.fingerprint, []).append((at, state))
        events = []
        for name, batch in batches.items():
            for edge in self._merge(name, batch):
                lasts = edge[1] != RESOLVED and edge == self._reported[name][-1]
                events.append(self._event(present.get(name, alerts[name]) if lasts else alerts[name], *edge))
        return sorted(events, key=lambda event: event.time)

    def lacks(self, found: Listed) -> bool:
        """True when one that was open is not listed."""
        return bool(self._open.keys() - {alert.fingerprint for alert in found.alerts} - found.beyond)

    def seen(self, found: Listed, now: float, started: float = 0.0) -> list[Event]:
        """Events for what is open now and was not, for what was and is not, and for what changed its standing.

        `started` is when the tool that lists them was started; what it has listed before that, it may have forgotten.
        """
        present = {alert.fingerprint: alert for alert in found.alerts}
        missing = {name: alert for name, alert in self._open.items() if name not in present}
        kept = {name: one for name, one in missing.items() if name in found.beyond or self._doubts(name, now, started)}
        looks = [(alert, alert.alert_state, self._began(alert, now)) for alert in present.values()]
        looks += [(alert, RESOLVED, now) for name, alert in missing.items() if name not in kept]
        unseen = {name for name in missing if now - self._listed[name] > UNSEEN_SECONDS}
        lasting = self._open.keys() & (present.keys() | kept.keys())
        self._open = {**present, **kept}
        lost = {name: self._listed[name] for name in kept if name not in found.beyond}
        self._listed = dict.fromkeys(self._open, now) | lost
        events = [
            self._event(alert, time, reported, UNSEEN if reported == RESOLVED and alert.fingerprint in unseen else "")
            for alert, state, at in looks
            for time, reported in self._merge(alert.fingerprint, [(self._after(alert.fingerprint, state, at), state)])
        ]
        events += self._told_again(lasting, now)
        due = [alert for alert in self._open.values() if self._is_due(alert, now)]
        events += [self._event(alert, now, alert.alert_state) for alert in due]
        self._forget(now)
        return events

    def _told_again(self, lasting: Collection[str], now: float) -> list[Event]:
        """What lasts, as of now, where the clock was set back since it was reported: what lies ahead of the clock is
        stored no more.
        """
        ahead = [self._open[name] for name in lasting if self._reported.get(name, [(0.0, "")])[-1][0] > now]
        for alert in ahead:
            self._reported[alert.fingerprint] = [(now, alert.alert_state)]
            self._reported_again.pop(alert.fingerprint, None)
        return [self._event(alert, now, alert.alert_state) for alert in ahead]

    def _doubts(self, name: str, now: float, started: float) -> bool:
        return self._listed[name] < started and now - started < LEARNS_SECONDS

    def _event(self, alert: OpenAlert, time: float, state: str, how: str = "") -> Event:
        self._remember(alert, time)
        return alert.edge(self._kind, time, state, self._instance, how)

    def _remember(self, alert: OpenAlert, time: float) -> None:
        before = self._reported_again.get(alert.fingerprint)
        self._count += 1
        self._reported_again[alert.fingerprint] = max(time, before[0] if before else time), self._count, alert.summary

    def _is_due(self, alert: OpenAlert, now: float) -> bool:
        """Reported long ago, or so many events ago that it may be forgotten; or what it says is not what was
        reported."""
        at, count, summary = self._reported_again.get(alert.fingerprint, (now, self._count, alert.summary))
        if now - at >= RETELL_SECONDS or self._count - count >= RETELL_EVENTS:
            return True
        return summary != alert.summary and now - at >= WORDS_SECONDS * len(self._open)

    def _began(self, alert: OpenAlert, now: float) -> float:
        """When it says it began, unless we have reported its end or of another standing since: then it is so now."""
        at = min(alert.starts_at or now, now)
        reported = self._reported.get(alert.fingerprint)
        if not reported or reported[-1][1] == alert.alert_state:
            return at
        return now if reported[-1][1] != RESOLVED or reported[-1][0] >= at else at

    def _after(self, name: str, state: str, at: float) -> float:
        """What is seen now comes after all that was reported, even if the clock was set back since."""
        last, known_as = (self._reported.get(name) or [(at, state)])[-1]
        return at if known_as == state else max(at, last + LEAST_SECONDS)

    def _merge(self, name: str, batch: list[tuple[float, str]]) -> list[tuple[float, str]]:
        """Of each run of equal states in time, one edge stays: one that was reported, else the first. Returns the
        new."""
        known = self._reported.get(name, [])
        merged: list[tuple[float, str]] = []
        fresh: list[tuple[float, str]] = []
        run_is_known = False
        for edge, reported in sorted([(one, True) for one in known] + [(one, False) for one in batch]):
            if merged and merged[-1][1] == edge[1]:
                if reported and not run_is_known:
                    fresh.remove(merged[-1])
                    merged[-1], run_is_known = edge, True
                continue
            merged.append(edge)
            run_is_known = reported
            if not reported:
                fresh.append(edge)
        self._reported[name] = merged
        return fresh

    def _forget(self, now: float) -> None:
        """The last edge of what is open stays, however old: it shows that its beginning was reported."""
        surplus = len(self._reported) - MOST_TOLD
        for at, (name, reported) in enumerate(list(self._reported.items())):
            kept = [edge for edge in reported[:-1] if now - edge[0] < KEEP_SECONDS]
            if name in self._open or (now - reported[-1][0] < KEEP_SECONDS and at >= surplus):
                self._reported[name] = [*kept, reported[-1]]
            else:
                del self._reported[name]
                self._reported_again.pop(name, None)


def _alert_of(event: Event, labels: dict[str, str]) -> OpenAlert:
    useful = tuple((name, value) for name, value in event.labels if name not in _OWN_LABELS)
    starts_at = float(labels["starts_at"]) if "starts_at" in labels else None
    state = labels.get("state", "")
    return OpenAlert(
        labels.get("alertname", ""),
        labels.get("severity", ""),
        starts_at,
        useful,
        event.message,
        labels.get("fingerprint", ""),
        FIRING if state == RESOLVED else state,
    )
