"""From conditions to alerts: quiet → pending → firing → resolved, without flapping. Explicit state, no clock."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from aggregators.alerts.rules import Rule
from aggregators.detection.alert_text import is_other
from aggregators.detection.condition import Condition
from model.series import Event, Severity, labels_of

VOTE_SECONDS = 0.2
"""Reads that follow each other faster than this count as one."""
BLIP_SECONDS, CONFIRMED_SECONDS, RATE_SECONDS = 0.5, 1.2, 1.9
"""What lasts so short calls nobody. It has been bad for so long before it fires, from read to read, however many
confirm it: a gauge, which a pause of a second moves, and what is worked out over more than that.
"""
READ_SECONDS, PAUSE_SECONDS = 0.2, 1.0
"""Between reads that are made at once, at least; and for how long a process may stand still, so that all waits."""
OUTLASTED_SECONDS = BLIP_SECONDS + READ_SECONDS  # what no pause moves is no blip when it has been bad for so long
MOST_READS = 12
"""Reads at once that one suspicion is worth: who hovers about a limit leaves the rest of a minute's to others."""
REOPEN_SECONDS = 60.0
PENDING_AGAIN_SECONDS = 60.0
KEEP_SECONDS = 6 * 3600.0
"""A firing alert is reported again this often, so that the 24 hours of history never lose it."""
FREE_REFIRES = 2
LONGEST_HOLD_SECONDS = 60.0
SAYS_SECONDS, FIGURES_SECONDS = 2.0, 10.0
"""What a firing alert says is reported anew when it says something else, at most this often, and when its figures have
changed a little; with many alerts, or an old one, more rarely: their events stay few."""
OLD_SHARE, MILDER_SECONDS = 0.01, 10.0
"""It becomes a warning again once it has been no worse for so many seconds."""
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
    voted_on: float = 0.0
    bad_since: float = 0.0
    bad_reads: int = 0
    good_since: float = 0.0
    severity: Severity = Severity.WARNING
    words: str = ""
    figure: float = 0.0
    reported_words: str = ""
    reported_figure: float = 0.0
    milder_since: float = 0.0
    began: str = ""
    worst: str = ""
    worst_severity: Severity = Severity.INFO
    worst_figure: float = 0.0
    usual: float | None = None
    pending_reported_at: float = 0.0
    reported_at: float = 0.0
    missing_since: float = 0.0

    @property
    def is_open(self) -> bool:
        """True for an alert that fires or is pending."""
        return self.stage in (Stage.PENDING, Stage.FIRING)

    @property
    def is_suspect(self) -> bool:
        """True for a figure that was bad lately and does not fire: another read would tell more, if few did not yet."""
        lately = any(list(self.votes)[-2:]) and self.bad_reads <= MOST_READS
        return self.rule.votes[0] > 1 and self.stage is not Stage.FIRING and lately

    def is_over(self, now: float) -> bool:
        """True when nothing of it need be kept."""
        if self.stage is Stage.RESOLVED:
            return now - self.resolved_at > REOPEN_SECONDS
        return (
            self.stage is Stage.QUIET and now - self.pending_reported_at > PENDING_AGAIN_SECONDS and not any(self.votes)
        )


def advance(watch: Watch, found: Condition, now: float, firing: int = 1, read_at: float | None = None) -> list[Event]:
    """Let a condition bear on the state; the edges that this makes. `firing` is how many alerts fire in all, `read_at`
    when what it rests on was read.
    """
    raised = _vote(watch, found, now, now if read_at is None else read_at)
    if watch.stage is Stage.FIRING:
        return _while_firing(watch, found, now, firing)
    if raised:
        return _fire(watch, found, now)
    if watch.stage in (Stage.QUIET, Stage.RESOLVED) and found.bad:
        return _pend(watch, found, now)
    if watch.stage is Stage.PENDING and not any(watch.votes):
        return _withdraw(watch, now)
    return []


def _vote(watch: Watch, found: Condition, now: float, read_at: float) -> bool:
    """Count the evaluation of a fresh read; True when enough of the last ones were bad, for long enough. A state fact
    needs no second one.
    """
    wanted, of = watch.rule.votes
    if wanted == 1:
        watch.votes.append(found.bad)
        return found.bad
    if abs(now - watch.voted_at) >= VOTE_SECONDS and read_at != watch.voted_on:
        if found.bad and not any(watch.votes):
            watch.bad_since = read_at
        watch.votes.append(found.bad)
        watch.bad_reads = watch.bad_reads + 1 if any(watch.votes) else 0
        watch.voted_at, watch.voted_on = now, read_at
    lasting = found.lasting_seconds or (RATE_SECONDS if wanted > 2 else CONFIRMED_SECONDS)
    return found.bad and abs(read_at - watch.bad_since) >= lasting and sum(list(watch.votes)[-of:]) >= wanted


def _fire(watch: Watch, found: Condition, now: float) -> list[Event]:
    again = watch.stage is Stage.RESOLVED and now - watch.resolved_at <= REOPEN_SECONDS
    if again:
        watch.refires += 1
    elif watch.stage is not Stage.PENDING:
        _open(watch, now)
    watch.stage, watch.good_since, watch.milder_since = Stage.FIRING, 0.0, 0.0
    watch.severity = found.severity or watch.rule.severity
    watch.usual, watch.words, watch.figure = found.usual, found.words or watch.words, found.figure
    if not again:
        watch.began, watch.worst, watch.worst_severity = watch.words, watch.words, watch.severity
        watch.worst_figure = found.figure
    _note_worst(watch, found)
    return [edge(watch, now)]


def _open(watch: Watch, now: float) -> None:
    watch.started, watch.refires, watch.resolved_at = now, 0, 0.0
    watch.id = f"{watch.rule.id}:{watch.component}:{now:.3f}"


def _pend(watch: Watch, found: Condition, now: float) -> list[Event]:
    """A first bad evaluation. It is reported at most once a minute, or a value on the edge would fill the history."""
    if watch.stage is Stage.RESOLVED and now - watch.resolved_at <= REOPEN_SECONDS:
        return []
    _open(watch, now)
    watch.stage, watch.words = Stage.PENDING, found.words
    watch.severity = found.severity or watch.rule.severity
    if now - watch.pending_reported_at < PENDING_AGAIN_SECONDS:
        return []
    watch.pending_reported_at = now
    return [edge(watch, now)]


def _withdraw(watch: Watch, now: float) -> list[Event]:
    reported = watch.pending_reported_at == watch.started
    watch.stage = Stage.QUIET
    return [edge(watch, now, "resolved")] if reported else []


def _while_firing(watch: Watch, found: Condition, now: float, firing: int) -> list[Event]:
    if now < watch.reported_at:  # the clock was set back, and what lies ahead of it is stored no more
        watch.started, watch.good_since, watch.milder_since = min(watch.started, now), 0.0, 0.0
        return [edge(watch, now)]
    lasts_too_long = now - watch.started > watch.rule.longest_seconds
    if found.good or lasts_too_long:
        watch.good_since = watch.good_since or now
        if lasts_too_long or now - watch.good_since >= hold_seconds(watch):
            watch.stage, watch.resolved_at = Stage.RESOLVED, now
            watch.votes.clear()
            return [edge(watch, now)]
        return []
    watch.good_since = 0.0
    if not found.words:  # nothing is known just now
        return [edge(watch, now)] if now - watch.reported_at >= KEEP_SECONDS else []
    watch.words, watch.figure = found.words, found.figure
    _note_worst(watch, found)
    weighed = _weighed(watch, found.severity or watch.rule.severity, now)
    return [edge(watch, now)] if weighed or _is_due(watch, now, firing) else []


def _note_worst(watch: Watch, found: Condition) -> None:
    severity = found.severity or watch.rule.severity
    here = _SEVERITIES.index(severity), found.figure
    if found.bad and here >= (_SEVERITIES.index(watch.worst_severity), watch.worst_figure):
        watch.worst, watch.worst_severity, watch.worst_figure = watch.words, severity, found.figure


def _weighed(watch: Watch, severity: Severity, now: float) -> bool:
    """Take over a severity: a higher one at once, a lower one when it has lasted. True when it is another."""
    change = _SEVERITIES.index(severity) - _SEVERITIES.index(watch.severity)
    if change < 0:
        watch.milder_since = watch.milder_since or now
        if now - watch.milder_since < max(MILDER_SECONDS, OLD_SHARE * (now - watch.started)):
            return False
    watch.milder_since, watch.severity = 0.0, severity
    return change != 0


def _is_due(watch: Watch, now: float, firing: int) -> bool:
    """Whether its words are to be reported anew."""
    since = now - watch.reported_at
    if since >= KEEP_SECONDS:
        return True
    if watch.words == watch.reported_words:
        return False
    if is_other(watch.words, watch.reported_words, watch.figure, watch.reported_figure):
        return since >= max(SAYS_SECONDS, OLD_SHARE * (now - watch.started))
    return since >= FIGURES_SECONDS * max(1, firing)


def hold_seconds(watch: Watch) -> float:
    """How long it must be good: longer each time that it keeps coming back."""
    doubled = watch.rule.clear_seconds * 2.0 ** min(max(0, watch.refires - FREE_REFIRES), 10)
    return max(watch.rule.clear_seconds, min(doubled, LONGEST_HOLD_SECONDS))


def edge(watch: Watch, now: float, state: str = "") -> Event:
    """The event of a change of state; it carries all that is needed to go on from it after a restart."""
    watch.reported_at, watch.reported_words, watch.reported_figure = now, watch.words, watch.figure
    labels = {
        "id": watch.id,
        "rule": watch.rule.id,
        "component": watch.component,
        "state": state or watch.stage.value,
        "page": watch.rule.page.format(component=watch.component),
        "since": f"{watch.started:.3f}",
        "refires": str(watch.refires),
    }
    if watch.worst:
        labels |= {"began": watch.began, "worst": watch.worst, "worst_severity": watch.worst_severity.value,
                   "worst_figure": repr(watch.worst_figure)}  # fmt: skip
    if watch.usual is not None:
        labels["usual"] = repr(watch.usual)
    if watch.stage is Stage.RESOLVED and watch.missing_since:
        labels["how"] = "left"  # nothing was found to be good: nobody reports the component any more
    return Event(now, "alert", watch.severity, labels_of(labels), watch.words)
