"""What the rules on token checks and sign-in find at one instant."""

from __future__ import annotations

from collections.abc import Iterable

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.finders.requests import (
    CLEAR_SECONDS,
    NEWEST_SECONDS,
    QUIET_SECONDS,
    RAISE_WINDOWS,
    bad_ones,
    goes_on,
    is_good,
    of_ratio,
    part_now,
)
from aggregators.requests.attribution import ALL
from aggregators.series.sources import of_kind
from model.series import Severity
from model.status import Status


def auth_success(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Refused over all token checks."""
    if not facts.checks:
        yield Condition("auth", False, False)
        return
    found = {window: facts.refused(window) for window in RAISE_WINDOWS}
    raised = bad_ones(found, rule.raise_at, rule.clear_at)
    windows = (facts.refused(CLEAR_SECONDS), facts.refused(QUIET_SECONDS), found[RAISE_WINDOWS[-1]])
    if is_good(ALL, windows, rule.clear_at):
        yield Condition("auth", False, True)
        return
    part = part_now(ALL, raised.get(ALL) or found[RAISE_WINDOWS[0]], windows[0])
    bad = ALL in raised and goes_on(ALL, facts.refused(NEWEST_SECONDS), rule.raise_at)
    yield of_ratio(rule, "auth", bad, part, {})


def sign_in(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """What Dex' last check makes of it; one that never answered is reported by `source_unreached`."""
    if not of_kind(facts.snapshot, "dex"):
        return
    status, reason = facts.dex.status, facts.dex.reason
    severity = Severity.CRITICAL if status is Status.UNHEALTHY else None
    words = rule.words.format(reason=reason)
    bad = status in (Status.DEGRADED, Status.UNHEALTHY)
    yield Condition("Dex", bad, status is Status.HEALTHY and facts.dex.age is None, words, severity)


FINDERS: Finders = {one.__name__: one for one in (auth_success, sign_in)}
