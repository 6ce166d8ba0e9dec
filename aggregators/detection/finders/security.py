"""What the rules on token checks and sign-in find at one instant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.finders.requests import (
    CLEAR_SECONDS,
    QUIET_SECONDS,
    RAISE_WINDOWS,
    bad_ones,
    goes_on,
    is_good,
    of_ratio,
    part_now,
)
from aggregators.requests.attribution import ALL
from aggregators.security.auth import is_expired
from aggregators.security.auth_failures import attempts, failed_attempts
from aggregators.security.jwks import jwks_cache
from aggregators.security.repeated_failures import ADDRESS, USER
from aggregators.security.security import judged_keys
from aggregators.series.sources import of_kind
from model.number_text import lasting
from model.series import Severity
from model.status import Reading, Status

KEYS_SECONDS = 15.0
SURELY_SAID = 2.0
"""From so many times its limit on the ratio surely says it, and no reason need say it again."""
OTHERS = {ADDRESS: "users", USER: "addresses"}


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
    clear = ALL in raised and part[0] >= SURELY_SAID * rule.raise_at * part[1]
    facts.blamed[rule.id] = {"auth"} if clear else set()
    on, lasting_seconds = goes_on(ALL, raised.get(ALL), facts.refused, rule.raise_at)
    yield replace(of_ratio(rule, "auth", ALL in raised and on, part, {}), lasting_seconds=lasting_seconds)


def sign_in(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """What Dex' last check makes of it; one that never answered is reported by `source_unreached`."""
    if not of_kind(facts.snapshot, "dex"):
        return
    status, reason = facts.dex.status, facts.dex.reason
    severity = Severity.CRITICAL if status is Status.UNHEALTHY else None
    words = rule.words.format(reason=reason)
    bad = status in (Status.DEGRADED, Status.UNHEALTHY)
    yield Condition("Dex", bad, status is Status.HEALTHY and facts.dex.age is None, words, severity)


def keys_overdue(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Keys that the proxy should have fetched again, as the Security page judges them."""
    keys = jwks_cache(facts.snapshot, facts.now, KEYS_SECONDS)
    if keys.next_refresh.reading is not Reading.VALUE:
        return
    status, late = judged_keys(keys), keys.overdue.value if keys.overdue else None
    where = f" by {keys.instance}" if keys.instance else ""
    words = rule.words.format(late=lasting(late), where=where) if late else ""
    yield Condition("keys", status is Status.DEGRADED, status is Status.HEALTHY, words)


def guessing(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Addresses and users that fail again and again, as the Security page lists them."""
    listed = attempts(facts.snapshot, facts.now, failed_attempts(facts.snapshot, facts.now)).repeats
    found: dict[str, Condition] = {}
    for one in listed:
        others = "" if one.others is None else f", {one.others} {OTHERS[one.kind]}"
        words = rule.words.format(
            kind=one.kind, name=one.name, count=f"{one.failures:,}", span=lasting(one.window_seconds), others=others
        )
        fast = one.failures >= rule.critical_at * one.window_seconds and not is_expired(one.mostly)
        severity = Severity.WARNING if fast else None
        component = f"client {one.kind} {one.name}"
        found.setdefault(component, Condition(component, True, False, words, severity, figure=float(one.failures)))
    yield from found.values()
    yield from (Condition(component, False, True) for component in usual if component not in found)


FINDERS: Finders = {one.__name__: one for one in (auth_success, sign_in, keys_overdue, guessing)}
