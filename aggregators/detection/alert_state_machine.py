"""From conditions to alerts: quiet → pending → firing → resolved, without flapping. Explicit state, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from aggregators.alerts.rules import Rule
from aggregators.detection.conditions import Condition
from model.series import Event, Severity, labels_of

VOTE_SECONDS = 0.9
"""Evaluations count once a second however often they are made."""
REOPEN_SECONDS = 60.0
PENDING_AGAIN_SECONDS = 60.0
KEEP_SECONDS = 6 * 3600.0
"""A firing alert is told again this often, so that the 24 hours of history never lose it."""
FREE_REFIRES = 2
LONGEST_HOLD_SECONDS = 60.0
_SEVERITIES = list(Severity)


class Stage(StrEnum):
    """Where one rule stands for one component."""

    QUIET = "quiet"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(slots=True)
class Watch:
    """One rule's state for one component. Times are seconds since 1970; 0.0 means never."""

    rule: Rule
    component: str
    stage: Stage = Stage.QUIET
    id: str = ""
    started: float = 0.0
    resolved_at: float = 0.0
    refires: int = 0
    votes: deque[bool] = field(default_factory=lambda: deque(maxlen=4))
    voted_at: float = 0.0
    good_since: float = 0.0
    severity: Severity = Severity.WARNING
    words: str = ""
    usual: float | None = None
    pending_told_at: float = 0.0
    told_at: float = 0.0
    missing_since: float = 0.0

    @property
    def is_open(self) -> bool:
        """True while there is something to watch for: an alert that fires, is pending, or may come back."""
        return self.stage in (Stage.PENDING, Stage.FIRING)

    def is_over(self, now: float) -> bool:
        """True when nothing of it need be kept."""
        if self.stage is Stage.RESOLVED:
            return now - self.resolved_at > REOPEN_SECONDS
        return self.stage is Stage.QUIET and now - self.pending_told_at > PENDING_AGAIN_SECONDS and not any(self.votes)


def advance(watch: Watch, found: Condition, now: float) -> list[Event]:
    """Let a condition bear on the state; the edges that this makes."""
    raised = _vote(watch, found, now)
    if watch.stage is Stage.FIRING:
        return _while_firing(watch, found, now)
    if raised:
        return _fire(watch, found, now)
    if watch.stage in (Stage.QUIET, Stage.RESOLVED) and found.bad:
        return _pend(watch, found, now)
    if watch.stage is Stage.PENDING and not any(watch.votes):
        return _withdraw(watch, now)
    return []


def _vote(watch: Watch, found: Condition, now: float) -> bool:
    """Count the evaluation; True when enough of the last ones were bad. A state fact needs no second one."""
    wanted, of = watch.rule.votes
    if wanted == 1:
        watch.votes.append(found.bad)
        return found.bad
    if now - watch.voted_at >= VOTE_SECONDS:
        watch.votes.append(found.bad)
        watch.voted_at = now
    return found.bad and sum(list(watch.votes)[-of:]) >= wanted


def _fire(watch: Watch, found: Condition, now: float) -> list[Event]:
    again = watch.stage is Stage.RESOLVED and now - watch.resolved_at <= REOPEN_SECONDS
    if again:
        watch.refires += 1
    elif watch.stage is not Stage.PENDING:
        _open(watch, now)
    watch.stage, watch.good_since = Stage.FIRING, 0.0
    watch.severity = found.severity or watch.rule.severity
    watch.usual, watch.words = found.usual, found.words or watch.words
    return [edge(watch, now)]


def _open(watch: Watch, now: float) -> None:
    watch.started, watch.refires, watch.resolved_at = now, 0, 0.0
    watch.id = f"{watch.rule.id}:{watch.component}:{now:.3f}"


def _pend(watch: Watch, found: Condition, now: float) -> list[Event]:
    """A first bad evaluation. It is told at most once a minute, or a value on the edge would fill the history."""
    if watch.stage is Stage.RESOLVED and now - watch.resolved_at <= REOPEN_SECONDS:
        return []
    _open(watch, now)
    watch.stage, watch.words = Stage.PENDING, found.words
    watch.severity = found.severity or watch.rule.severity
    if now - watch.pending_told_at < PENDING_AGAIN_SECONDS:
        return []
    watch.pending_told_at = now
    return [edge(watch, now)]


def _withdraw(watch: Watch, now: float) -> list[Event]:
    told = watch.pending_told_at == watch.started
    watch.stage = Stage.QUIET
    return [edge(watch, now, "resolved")] if told else []


def _while_firing(watch: Watch, found: Condition, now: float) -> list[Event]:
    if found.good:
        watch.good_since = watch.good_since or now
        if now - watch.good_since >= hold_seconds(watch):
            watch.stage, watch.resolved_at = Stage.RESOLVED, now
            watch.votes.clear()
            return [edge(watch, now)]
        return []
    watch.good_since = 0.0
    severity = (found.severity or watch.rule.severity) if found.bad else watch.severity
    worse = _SEVERITIES.index(severity) > _SEVERITIES.index(watch.severity)
    if worse:
        watch.severity = severity
    refresh = watch.rule.refresh_seconds or KEEP_SECONDS
    if worse or now - watch.told_at >= refresh:
        watch.words = found.words or watch.words
        return [edge(watch, now)]
    return []


def hold_seconds(watch: Watch) -> float:
    """How long it must be good: longer each time that it keeps coming back."""
    doubled = watch.rule.clear_seconds * 2.0 ** min(max(0, watch.refires - FREE_REFIRES), 10)
    return max(watch.rule.clear_seconds, min(doubled, LONGEST_HOLD_SECONDS))


def edge(watch: Watch, now: float, state: str = "") -> Event:
    """The event of a change of state; it carries all that is needed to go on from it after a restart."""
    watch.told_at = now
    labels = {
        "id": watch.id,
        "rule": watch.rule.id,
        "component": watch.component,
        "state": state or watch.stage.value,
        "page": watch.rule.page.format(component=watch.component),
        "since": f"{watch.started:.3f}",
        "refires": str(watch.refires),
    }
    if watch.usual is not None:
        labels["usual"] = repr(watch.usual)
    if watch.stage is Stage.RESOLVED and watch.missing_since:
        labels["how"] = "left"  # nothing was found to be good: nobody tells of the component any more
    return Event(now, "alert", watch.severity, labels_of(labels), watch.words)
