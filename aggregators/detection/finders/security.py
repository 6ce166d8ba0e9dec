"""What the rules on token checks and sign-in find at one instant."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from aggregators.alerts.rules import Rule
from aggregators.detection.alert_state_machine import OUTLASTED_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.finders.requests import of_ratio
from aggregators.detection.persistence import (
    CLEAR_SECONDS,
    QUIET_SECONDS,
    RAISE_WINDOWS,
    goes_on,
    in_trouble,
    is_good,
    part_now,
)
from aggregators.requests.attribution import ALL
from aggregators.security.auth import is_expired
from aggregators.security.auth_failures import failed_attempts
from aggregators.security.jwks import jwks_cache
from aggregators.security.repeated_failures import (
    ADDRESS,
    SECONDS,
    SHORT,
    USER,
    Repeat,
    every_repeat,
    is_day_counted,
    the_worst,
    usual_failures,
)
from aggregators.security.security import judged_keys
from aggregators.series.sources import of_kind
from model.number_text import lasting
from model.series import Severity
from model.status import Reading, Status

KEYS_SECONDS = 15.0
SURELY_SAID = 2.0
"""From so many times its limit on the ratio surely says it, and no reason need say it again."""
RAISE_TIMES, CLEAR_TIMES, SURELY = 3.0, 2.0, 4.0
"""Who fails so many times as often as in the rest of the day does something new; and standard deviations that chance
does not reach.
"""
LEAST_SHARE = 0.25
"""Of all that fail, a machine that guesses makes a part that stands out."""
COUNTING_SECONDS = 60.0
"""The day is counted this soon after the last ten minutes, where it can be."""
OTHERS = {ADDRESS: ("user", "users"), USER: ("address", "addresses")}


def auth_success(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Refused over all token checks."""
    if not facts.checks:
        yield Condition("auth", False, False)
        return
    raised, found = in_trouble(facts.refused, rule.raise_at, rule.clear_at)
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
    good, lasts = status is Status.HEALTHY and facts.dex.age is None, facts.dex.failing_seconds
    yield Condition("Dex", bad, good, words, severity, figure=lasts, lasting_seconds=OUTLASTED_SECONDS)


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
    """Addresses and users that fail again and again, as the Security page lists them, unless the whole day was so."""
    reported = failed_attempts(facts.snapshot, facts.now)
    if not is_day_counted(facts.snapshot, facts.now) and facts.now - facts.reading_since < COUNTING_SECONDS:
        return
    day = usual_failures(facts.snapshot, facts.now, reported)
    listed = every_repeat(facts.snapshot, facts.now, reported, False)
    own = {one: _usually(one, day, usual) for one in listed}
    of_all = {kind: sum(one.failures for one in listed if one.kind == kind) for kind in OTHERS}
    limits = {one: CLEAR_TIMES if _client(one) in usual else RAISE_TIMES for one in listed}
    found: dict[str, Condition] = {}
    for one in the_worst([one for one in listed if _is_news(one, own[one], limits[one])]):
        found.setdefault(_client(one), _of_guessing(rule, one, own[one], of_all[one.kind]))
    yield from found.values()
    yield from (Condition(component, False, True) for component in usual if component not in found)


def _client(one: Repeat) -> str:
    return f"client {one.kind} {one.name}"


def _usually(one: Repeat, day: Mapping[tuple[str, str], float], usual: Usual) -> float:
    """What is usual of its window, or was when its alert was raised. Who adds up over a day has nothing before it."""
    held = usual.get(_client(one))
    return (
        0.0 if one.window_seconds > SECONDS[SHORT] else held if held is not None else day.get((one.kind, one.name), 0.0)
    )


def _is_news(one: Repeat, usually: float, times: float) -> bool:
    """More than so many times what is usual, and more than chance makes of that."""
    return one.failures >= times * usually + SURELY * math.sqrt(usually)


def _of_guessing(rule: Rule, one: Repeat, usually: float, of_all: int) -> Condition:
    """`of_all` failures are known of its kind: where many clients fail, the reason is not one of them."""
    others = f", {one.others:,} {OTHERS[one.kind][one.others > 1]}" if one.others else ""
    words = rule.words.format(
        kind=one.kind, name=one.name, count=f"{one.failures:,}", span=lasting(one.window_seconds), others=others
    )
    fast = one.failures >= rule.critical_at * one.window_seconds and not is_expired(one.mostly)
    severity = Severity.WARNING if fast and one.failures >= LEAST_SHARE * of_all else None
    bad = _is_news(one, usually, RAISE_TIMES)
    return Condition(_client(one), bad, False, words, severity, usually, float(one.failures))


FINDERS: Finders = {one.__name__: one for one in (auth_success, sign_in, keys_overdue, guessing)}
