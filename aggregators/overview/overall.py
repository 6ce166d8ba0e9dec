"""The one answer of the banner: the RFC's rule over the patterns, never greener than the alerts, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.alerts.rules import LOUDNESS
from aggregators.patterns.health import PatternHealth, by_trouble, pattern_health, worst_status
from aggregators.series.sources import collector_state, is_blackout, of_kind, source_table
from aggregators.series.text import listed, span
from model.series import Severity
from model.status import Status
from store.snapshot import Snapshot

OF_SEVERITY = {Severity.CRITICAL: Status.UNHEALTHY, Severity.WARNING: Status.DEGRADED, Severity.INFO: Status.HEALTHY}
"""How bad a firing alert makes the whole."""
_SEEN_AS_UNKNOWN = "what is not known is not called healthy"


@dataclass(frozen=True, slots=True)
class Overall:
    """The state of the whole. `reason` is the worst trouble in plain words, '' when there is none.

    `since` is when that trouble began, as far as it is known; `page` where to look next.
    """

    status: Status
    reason: str
    since: float | None
    component: str
    page: str
    known_patterns: int


def overall(
    snapshot: Snapshot,
    now: float,
    patterns: Sequence[PatternHealth] | None = None,
    found: Sequence[Alert] | None = None,
) -> Overall:
    """GREEN if all healthy, YELLOW if any degraded, RED if any unhealthy; UNKNOWN when nobody can tell.

    A firing critical alert makes it UNHEALTHY, a firing warning at least DEGRADED. `patterns` and `found` when the
    caller has asked for them already.
    """
    known = pattern_health(snapshot, now) if patterns is None else tuple(patterns)
    firing = [one for one in (alerts(snapshot, now) if found is None else found) if counts(one)]
    blind = _blindness(snapshot, now, known)
    if blind is not None:
        why, since = blind
        return Overall(Status.UNKNOWN, why, since, "", "/", len(known))
    by_rule = worst_status(one.status for one in known)
    status = worst_status([by_rule, *(OF_SEVERITY[one.severity] for one in firing)])
    reason, since, component, page = _worst(status, known, firing)
    return Overall(status, reason, since, component, page, len(known))


def counts(alert: Alert) -> bool:
    """Whether an alert bears on the whole: it fires, whoever says so."""
    return alert.state is AlertState.FIRING and alert.severity is not Severity.INFO


def _blindness(snapshot: Snapshot, now: float, patterns: Sequence[PatternHealth]) -> tuple[str, float | None] | None:
    """Why nothing can be said of the whole, and since when; None when something can."""
    collector = collector_state(snapshot, now)
    if collector.silent_seconds is not None and not collector.alive:
        silent = collector.silent_seconds
        return f"the collector has been silent for {span(silent)}: nothing is read", now - silent
    health = of_kind(snapshot, "patterns")
    once = [state for state in health if state.last_success > 0.0]
    gone = bool(once) and all(state.error is not None or state.is_stale(now) for state in once)
    unseen = all(one.status is Status.UNKNOWN for one in patterns)
    if is_blackout(snapshot, now) or (gone and unseen):
        lost = [row for row in source_table(snapshot, now) if row.lost or row.error is not None]
        names = listed(sorted({row.source for row in lost}))
        since = max((state.last_success for state in once), default=0.0) or None
        age = f" for {span(now - since)}" if since else ""
        return f"no source of pattern health answers{age} ({names} gone)", since
    if not patterns:
        return "no pattern has been seen yet", None
    return None


def _worst(
    status: Status, patterns: Sequence[PatternHealth], firing: Sequence[Alert]
) -> tuple[str, float | None, str, str]:
    """(words, since, component, page) of what makes it so: the likeliest cause first, not the latest symptom."""
    guilty = [one for one in firing if OF_SEVERITY[one.severity] is status]
    if guilty:
        first = min(guilty, key=lambda one: (LOUDNESS.get(one.rule, len(LOUDNESS)), one.started))
        return first.words, first.started, first.component, first.page
    if status is Status.HEALTHY or not patterns:
        return "", None, "", "/"
    worst = next((one for one in by_trouble(patterns) if one.status is status), by_trouble(patterns)[0])
    words = worst.reason or worst.message or f"reports {worst.status.value}"
    if not words.startswith(worst.name):
        words = f"{worst.name}: {words}"
    if status is Status.UNKNOWN:
        words = f"{words}; {_SEEN_AS_UNKNOWN}"
    return words, worst.since, worst.name, worst.path
