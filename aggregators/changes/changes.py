"""Everything that changed in the last 24 hours, newest first: of all of Prism, or of one component."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from aggregators.alerts.alerts import Alert, alerts
from aggregators.changes.change import KIND, Change, ChangeKind, read_back
from aggregators.changes.folding import folded
from aggregators.patterns.restarts import SAME_SECONDS, Restart, events_since, recent_restarts
from model.series import Event, Severity
from model.status import Status
from store.snapshot import Snapshot

DAY_SECONDS = 86400.0
SPANS = (600.0, 3600.0, DAY_SECONDS)
"""The last 10 minutes, the last hour, the last 24 hours."""
RANGES = {"5m": 300.0, "10m": 600.0, "15m": 900.0, "1h": 3600.0, "6h": 21600.0, "24h": DAY_SECONDS}
"""What may be asked for, in seconds."""
MOST = 6
"""So many of each span are listed where all three are."""
MOST_LISTED = 500
SEVERITIES = {Status.UNHEALTHY.value: Severity.CRITICAL, Status.DEGRADED.value: Severity.WARNING}


@dataclass(frozen=True, slots=True)
class ChangeSpan:
    """The changes of the last `seconds` that are not in a shorter span already, newest first, and how many `more` there
    are of them.
    """

    seconds: float
    changes: tuple[Change, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of the last `seconds`, newest first; `more` were left out."""

    seconds: float
    changes: tuple[Change, ...]
    more: int


def changes(snapshot: Snapshot, now: float) -> tuple[Change, ...]:
    """Every change of the last 24 hours, newest first."""
    return snapshot.once((changes, now), lambda: _changes(snapshot, now))


def recent_changes(snapshot: Snapshot, now: float, range: str = "") -> Changes:
    """What changed in the last 24 hours, or in the range (5m to 24h) that is asked for."""
    seconds = RANGES.get(range, DAY_SECONDS)
    return changes_between(snapshot, now, now - seconds, now)


def changes_between(snapshot: Snapshot, now: float, since: float, until: float, most: int = MOST_LISTED) -> Changes:
    """The changes of the whole in [since, until]."""
    found = [one for one in changes(snapshot, now) if since <= one.time <= until and not one.shared]
    return Changes(until - since, tuple(found[:most]), max(0, len(found) - most))


def change_spans(snapshot: Snapshot, now: float, component: str = "") -> tuple[ChangeSpan, ...]:
    """The changes of the last 10 minutes, hour and day; of one component, or of the whole without one."""
    every = changes(snapshot, now)
    found = [one for one in every if one.component == component] if component else folded(every)
    spans, newer = [], 0.0
    for seconds in SPANS:
        here = [one for one in found if newer <= now - one.time < seconds] if newer else [
            one for one in found if now - one.time < seconds]  # fmt: skip
        spans.append(ChangeSpan(seconds, tuple(here[:MOST]), max(0, len(here) - MOST)))
        newer = seconds
    return tuple(spans)


def _changes(snapshot: Snapshot, now: float) -> tuple[Change, ...]:
    since = now - DAY_SECONDS
    found = [read_back(event) for event in events_since(snapshot.events, KIND, since, now)]
    every = [one for one in found if one is not None]
    every += _restarts(snapshot, now)
    every += _of_events(snapshot.events, since, now)
    every += _of_alerts(alerts(snapshot, now, every_run=True), since)
    return tuple(sorted(every, key=lambda one: -one.time))


def _restarts(snapshot: Snapshot, now: float) -> Iterator[Change]:
    """As counters and start times show them, and those that were only seen."""
    known: dict[str, list[float]] = {}
    for one in recent_restarts(snapshot, now, DAY_SECONDS):
        known.setdefault(one.pattern, []).append(one.time)
        yield _restart(one)
    for event in events_since(snapshot.events, "restart", now - DAY_SECONDS, now):
        pattern = event.label("pattern") or ""
        if not any(abs(event.time - time) <= SAME_SECONDS for time in known.get(pattern, ())):
            yield Change(event.time, ChangeKind.RESTART, pattern, event.message, f"/patterns/{pattern}")


def _restart(one: Restart) -> Change:
    words = f"{one.pattern} restarted" + (f" {one.count} times" if one.count > 1 else "")
    return Change(one.time, ChangeKind.RESTART, one.pattern, words, f"/patterns/{one.pattern}")


def _of_events(events: Sequence[Event], since: float, now: float) -> Iterator[Change]:
    """Edges of statuses, backends that were started again, what operators did."""
    for event in events_since(events, "status", since, now):
        pattern, status, before = (event.label(name) or "" for name in ("pattern", "status", "before"))
        if not {before, status} & {"", Status.UNKNOWN.value}:  # first seen, or seen no more: that is its source's news
            words = f"{pattern}: {before} → {status}, {event.message}" if event.message else f"{pattern}: {status}"
            severity = SEVERITIES.get(status, Severity.INFO)
            yield Change(event.time, ChangeKind.STATUS, pattern, words, f"/patterns/{pattern}", severity)
    for event in events_since(events, "backend_restart", since, now):
        component = f"{event.label('source')}@{event.label('instance')}"
        yield Change(event.time, ChangeKind.RESTART, component, event.message, "/backends")
    for event in events_since(events, "alert_action", since, now):
        yield Change(event.time, ChangeKind.OPERATOR, event.label("component") or "", event.message, "/alerts")


def _of_alerts(found: Iterable[Alert], since: float) -> Iterator[Change]:
    """Thresholds crossed: where each alert began and ended. What waits to be one has not crossed its own yet."""
    for one in found:
        if one.started >= since and one.state.value != "pending":
            words = f"raised: {one.began_as or one.words}"
            yield Change(one.started, ChangeKind.ALERT, one.component, words, one.page, one.severity)
        if one.resolved_at is not None:
            yield Change(one.resolved_at, ChangeKind.ALERT, one.component, f"over: {one.words}", one.page)
