"""What the rules on things that should hardly happen find: more of them in seconds than the last minute explains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from math import sqrt

from aggregators.alerts.rules import Rule
from aggregators.backends.server_status import name_at
from aggregators.detection.alert_state_machine import BLIP_SECONDS, READ_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.recent import Recent, Sums
from aggregators.security.auth import ALLOWED, DECISIONS, FAMILY, SUCCESSES, is_expired
from aggregators.series.histograms import Group
from model.number_text import lasting

PAST_SECONDS, RARE_SECONDS = 60.0, 300.0
"""What is usual is that of the minute before; of what hardly happens, of five where so much was read."""
SURELY, AT_LEAST, UNSEEN = 6.0, 2.0, 1.0
"""Standard deviations, and events above them, that chance does not reach, and events that the past holds beside those
it shows. Few are spread wider than many: with 4 and none, two to six in 5 s made a burst twice a day by chance, and
what comes once a minute three times.
"""
NEWEST_SECONDS, FEWEST_NEWEST = 0.3, 3.0
"""About one read that was made at once: what so many of them show goes on just now."""
LATEST_SECONDS, HALF = 1.2, 0.5
"""What lasts has half of its part in them, where that part is enough to tell by."""
OVER_SECONDS = BLIP_SECONDS + READ_SECONDS + NEWEST_SECONDS
"""When such a read does not reach back to a blip any more."""
POOL_ERRORS, RECONNECTS = "prism_pool_errors_total", "prism_backend_reconnects_total"
EVICTED, LEAST_EVICTED = "redis_server_evicted_keys_total", 10.0
Naming = Callable[[Group], str]
"""The component of a group; '' for one that does not count."""


def _burst(
    rule: Rule,
    past: Recent,
    usual: Usual,
    name: Naming,
    least: float,
    counts_all: bool = False,
    asked: float = 1.0,
) -> Iterator[tuple[Condition, Mapping[str, str]]]:
    """The condition of each component, without words, and what its words need.

    Of a family that `counts_all`, what went well too, no more is news than the growth of all of it makes; else than
    `asked`, how many times as much is asked as before.
    """
    span = rule.window_seconds
    before, known = _before(past, span)
    now = past.grown(span)
    if before is None or now is None:
        return
    newest, latest = (_named(past.grown(seconds) or {}, name) for seconds in (NEWEST_SECONDS, LATEST_SECONDS))
    counts, rates = _named(now, name), _named(before, name)
    usually = sum(before.values()) * span
    more = max(1.0, sum(now.values()) / usually) if counts_all and usually else asked
    for component, count in counts.items():
        expected = usual.get(component)
        if expected is None:
            expected = (rates.get(component, 0.0) + UNSEEN / known) * span * more
        beyond_chance = count >= beyond(expected, span / known)
        due = HALF * (count - expected) * LATEST_SECONDS / span
        is_over = due >= AT_LEAST and latest.get(component, 0.0) < due
        bad = count >= least and beyond_chance and count >= rule.raise_at * expected and not is_over
        good = count <= max(rule.clear_at * expected, 1.0)
        goes_on = newest.get(component, 0.0) >= max(FEWEST_NEWEST, rule.raise_at * expected * NEWEST_SECONDS / span)
        facts_said = {"count": f"{count:,.0f}", "span": lasting(span), "usual": f"{expected:,.0f}"}
        lasts = OVER_SECONDS if goes_on else 0.0
        yield Condition(component, bad, good, "", usual=expected, figure=count, lasting_seconds=lasts), facts_said


def _before(past: Recent, span: float) -> tuple[Sums | None, float]:
    """How many a second there were before the last `span`, and over how many seconds."""
    longest = past.seconds - span
    rates = past.rates(longest, span)
    return (past.rates(PAST_SECONDS - span, span), PAST_SECONDS - span) if rates is None else (rates, longest)


def beyond(expected: float, share: float) -> float:
    """What chance does not make of so many events, expected by a past of which their window is so great a `share`."""
    return expected + SURELY * sqrt(expected * (1.0 + share)) + AT_LEAST


def _named(sums: Mapping[Group, float], name: Naming) -> dict[str, float]:
    found: dict[str, float] = {}
    for group, value in sums.items():
        if component := name(group):
            found[component] = found.get(component, 0.0) + value
    return found


def _worded(rule: Rule, one: Condition, **said: str) -> Condition:
    return replace(one, words=rule.words.format(**said))


def auth_burst(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Refused tokens by reason; where `auth_success` says that tokens are refused, it need not be said again."""
    again = bool(facts.blamed.get("auth_success"))
    name: Naming = lambda group: "" if group[0] in SUCCESSES else f"{TOKENS} {group[1] or 'no reason'}"  # noqa: E731
    counts_all = facts.spans is None
    asked = 1.0 if counts_all else _asked(facts, rule.window_seconds)
    past = facts.recent(FAMILY, ("result", "reason"), PAST_SECONDS)
    for one, said in _burst(rule, past, usual, name, LEAST_REFUSED, counts_all, asked):
        reason = one.component.removeprefix(f"{TOKENS} ")
        if one.bad and again and usual.get(one.component) is None:  # it does not fire yet
            continue
        few = is_expired(reason) and one.figure < max(LEAST_EXPIRED, EXPIRED_TIMES * (one.usual or 0.0))
        if not few or one.component in usual:  # what is open must be told that it is over
            yield _worded(rule, replace(one, bad=one.bad and not few), reason=reason, **said)


def _asked(facts: DetectionInputs, span: float) -> float:
    """How many times as many requests there were in the last `span` seconds as in those of the minute before; at least
    as many.
    """
    newest, minute = facts.failures(span), facts.failures(PAST_SECONDS)
    if newest is None or minute is None:
        return 1.0
    now, before = float(newest.total.sum()), float(minute.total.sum() - newest.total.sum())
    return max(1.0, now / before * (PAST_SECONDS - span) / span) if before > 0 else 1.0


TOKENS = "sign-in tokens"
LEAST_REFUSED, LEAST_EXPIRED, EXPIRED_TIMES = 10.0, 50.0, 4.0
"""Tokens expire in flocks, those of one client that did not renew them: so many, and so many times the usual."""


def authz_denied(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Denials by reason."""
    name: Naming = lambda group: "" if group[0] in ALLOWED else f"sign-in authorization {group[1]}".strip()  # noqa: E731
    past = facts.recent(DECISIONS, ("decision", "reason"), PAST_SECONDS)
    for one, said in _burst(rule, past, usual, name, LEAST_REFUSED, True):
        reason = one.component.removeprefix("sign-in authorization").strip() or "no reason that it says"
        yield _worded(rule, one, reason=reason, **said)


def pool_errors(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Connections that were refused, timed out or were reset, by pattern; the reason that most of them had."""
    past = facts.recent(POOL_ERRORS, ("backend", "pattern", "reason"), RARE_SECONDS)
    reasons: dict[str, dict[str, float]] = {}
    for group, count in (past.grown(rule.window_seconds) or {}).items():
        reasons.setdefault(_client(group), {})[group[2]] = count
    for one, said in _burst(rule, past, usual, _client, rule.raise_at):
        own = reasons.get(one.component, {})
        yield _worded(rule, one, component=one.component, reason=max(own, key=lambda key: own[key], default=""), **said)


def reconnects(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Connections that do not hold."""
    past = facts.recent(RECONNECTS, ("backend", "pattern"), RARE_SECONDS)
    for one, said in _burst(rule, past, usual, _client, rule.raise_at):
        yield _worded(rule, one, component=one.component, **said)


def _client(group: Group) -> str:
    return group[1] or group[0]


def server_evicts(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Keys that a full Redis throws out."""
    name: Naming = lambda group: f"redis@{group[0]}"  # noqa: E731
    past = facts.recent(EVICTED, ("instance",), RARE_SECONDS)
    for one, said in _burst(rule, past, usual, name, LEAST_EVICTED):
        yield _worded(rule, one, server=name_at(facts.snapshot, one.component), **said)


FINDERS: Finders = {one.__name__: one for one in (auth_burst, authz_denied, pool_errors, reconnects, server_evicts)}
