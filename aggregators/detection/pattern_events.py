"""What patterns did: edges of their status and their restarts, as events that outlive the samples."""

from __future__ import annotations

from dataclasses import dataclass, field

from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.patterns.health import PatternHealth
from aggregators.patterns.restarts import BY_RETURN, BY_WATCH, DAY_SECONDS, Restart, events_since
from model.series import Event, Severity, labels_of
from model.sources import ErrorKind
from model.status import Status
from store.snapshot import Snapshot

BURST, REFILL_SECONDS = 10.0, 60.0
"""Ten events of a kind at once, then one a minute: a pattern that flaps for a day must not fill the history."""
_SEVERITY = {Status.UNHEALTHY: Severity.CRITICAL, Status.DEGRADED: Severity.WARNING}


@dataclass(slots=True)
class Seen:
    """What is remembered of one pattern. `allowance` is how many events it may still make."""

    status: Status | None = None
    restart_at: float = 0.0
    unreported_restarts: int = 0
    was_closed: bool = False
    allowance: float = BURST
    refilled_at: float = 0.0


@dataclass(slots=True)
class PatternEvents:
    """Remembers what it has reported of each pattern."""

    seen: dict[str, Seen] = field(default_factory=dict)

    def restore(self, snapshot: Snapshot) -> None:
        """Go on from the events that are stored."""
        until = snapshot.written_at + 60.0
        for event in events_since(snapshot.events, "status", until - DAY_SECONDS, until):
            word = event.label("status") or ""
            if word in Status.__members__:
                self._of(event.label("pattern") or "").status = Status(word)
        for event in events_since(snapshot.events, "restart", until - DAY_SECONDS, until):
            self._of(event.label("pattern") or "").restart_at = event.time

    def step(self, facts: DetectionInputs) -> list[Event]:
        """The edges since the last step."""
        events: list[Event] = []
        for one in facts.patterns:
            seen = self._of(one.name)
            _refill(seen, facts.now)
            events += _restarts(one, seen, facts)
            events += _status(one, seen, facts)
        return events

    def _of(self, pattern: str) -> Seen:
        return self.seen.setdefault(pattern, Seen())


def _refill(seen: Seen, now: float) -> None:
    if seen.refilled_at:
        seen.allowance = min(BURST, seen.allowance + (now - seen.refilled_at) / REFILL_SECONDS)
    seen.refilled_at = now


def _status(one: PatternHealth, seen: Seen, facts: DetectionInputs) -> list[Event]:
    if one.status is seen.status or seen.allowance < 1 or (facts.blackout and one.status is not Status.UNKNOWN):
        return []
    before, seen.status = seen.status, one.status
    seen.allowance -= 1
    labels = {"pattern": one.name, "status": one.status.value, "before": before.value if before else ""}
    words = one.reason or one.message or f"{one.name} is {one.status.value}"
    return [Event(facts.now, "status", _SEVERITY.get(one.status, Severity.INFO), labels_of(labels), words)]


def _restarts(one: PatternHealth, seen: Seen, facts: DetectionInputs) -> list[Event]:
    fresh = [found for found in facts.restarts.get(one.name, ()) if found.time > seen.restart_at + 0.001]
    reported = [found for found in fresh if found.how not in BY_WATCH]  # those are events already
    if not reported and seen.was_closed and one.source_error is None and one.status is not Status.UNKNOWN:
        if not _has_better_evidence(one):
            reported = [Restart(one.name, facts.now, 1, BY_RETURN)]
        seen.was_closed = False
    if one.source_error is ErrorKind.DOWN and not facts.blackout:
        seen.was_closed = True
    elif facts.blackout:
        seen.was_closed = False
    if not reported:
        return []
    count = seen.unreported_restarts + sum(found.count for found in reported)
    seen.restart_at = reported[-1].time
    if seen.allowance < 1:
        seen.unreported_restarts = count
        return []
    seen.allowance -= 1
    seen.unreported_restarts = 0
    labels = {"pattern": one.name, "how": reported[-1].how, "count": str(count), "at": f"{reported[-1].time:.3f}"}
    words = f"{one.name} restarted" + (f" {count} times" if count > 1 else "")
    return [Event(facts.now, "restart", Severity.INFO, labels_of(labels), words)]


def _has_better_evidence(one: PatternHealth) -> bool:
    """True when the proxy counts its restarts or reports its start time: what these do not show was none."""
    return one.started_at is not None or one.restarts.how.startswith("reported")
