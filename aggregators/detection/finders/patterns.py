"""What the rules on patterns, pools, servers and sign-in find at one instant: a condition per component."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.patterns.health import PatternHealth
from aggregators.patterns.health_judgement import CLOSED, NOT_ANSWERING
from aggregators.patterns.restarts import Restart
from model.number_text import lasting, times
from model.series import Severity
from model.sources import ErrorKind
from model.status import Status

SETTLED_SECONDS = 6.0
"""A pattern that has run this long after a restart is up; a loop's laps of up to 4 s are then surely over."""
LAPS = 1.75
LONGEST_WAIT_SECONDS = 120.0


def pattern_down(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """A port that answered before and is closed; when everything is gone at once it is not this pattern's news."""
    for one in facts.patterns:
        silent = one.silent_seconds
        closed = one.source_error is ErrorKind.DOWN and silent is not None and silent >= rule.raise_at
        why = one.reason.partition(": ")[2] if one.reason.startswith(NOT_ANSWERING) else CLOSED
        words = rule.words.format(component=one.full_name, why=why)
        yield Condition(one.name, closed and not facts.blackout, _answers(one), words)


def pattern_hang(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """A health call that is taken and not answered."""
    for one in facts.patterns:
        words = rule.words.format(component=one.full_name)
        yield Condition(one.name, one.hangs and not facts.blackout, _answers(one), words)


def pattern_unhealthy(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Patterns that say so of themselves."""
    for one in facts.patterns:
        yield _says(rule, one, Status.UNHEALTHY)


def pattern_degraded(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Patterns that say so of themselves."""
    for one in facts.patterns:
        yield _says(rule, one, Status.DEGRADED)


def _answers(one: PatternHealth) -> bool:
    return one.source_error is None and one.status is not Status.UNKNOWN


def _says(rule: Rule, one: PatternHealth, status: Status) -> Condition:
    reported = _answers(one)
    said = one.message or one.reason
    words = rule.words.format(component=one.full_name, message=f": {said}" if said else "")
    return Condition(one.name, reported and one.status is status, reported and one.status is not status, words)


def restart_loop(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Restarts that follow each other, until the pattern has outlived its last lap."""
    for name in _names(facts, usual):
        found = facts.restarts.get(name, [])
        count = sum(one.count for one in found)
        settled = not found or facts.now - found[-1].time >= _settling_seconds(found)
        over = lasting(max(facts.now - found[0].time, 1.0)) if found else ""
        words = rule.words.format(component=facts.full_name(name), times=times(count), span=over)
        severity = Severity.CRITICAL if count >= rule.critical_at else None
        yield Condition(
            name,
            count >= rule.raise_at and not settled,
            settled or count <= rule.clear_at,
            words,
            severity,
            figure=float(count),
        )


def pattern_restarted(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """One restart, reported for as long as it takes to see that it stays one."""
    for name in _names(facts, usual):
        found = facts.restarts.get(name, [])
        young = bool(found) and facts.now - found[-1].time < rule.raise_at
        alone = sum(one.count for one in found) == 1
        words = rule.words.format(component=facts.full_name(name))
        yield Condition(name, young and alone, not (young and alone), words)


def _names(facts: DetectionInputs, usual: Usual) -> list[str]:
    return sorted({*facts.restarts, *usual})


def _settling_seconds(found: list[Restart]) -> float:
    """How long a pattern must run to be out of its loop: longer than any lap of it, once there were two."""
    if len(found) < 3:
        return SETTLED_SECONDS
    lap = max(after.time - before.time for before, after in pairwise(found))
    return min(max(SETTLED_SECONDS, LAPS * lap), LONGEST_WAIT_SECONDS)


FINDERS: Finders = {
    one.__name__: one
    for one in (pattern_down, pattern_hang, pattern_unhealthy, pattern_degraded, restart_loop, pattern_restarted)
}
