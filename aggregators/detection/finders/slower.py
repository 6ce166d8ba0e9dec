"""What the rules on slowness find that compare with an own past or with the budget of the objective."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.shifts import PAST_SECONDS, Shift, shifts
from aggregators.performance.slo import Burn, objective
from aggregators.requests.attribution import ALL
from aggregators.series.histograms import Group
from model.number_text import about_latency, lasting, round_percent
from model.series import Severity

OPERATION = "operation "
FAST_SECONDS = 0.002
"""What is slower than usual and still faster than this is news only."""
QUERIES = "prism_backend_query_duration_seconds_bucket"


def operation_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """An operation; its pattern when all of the pattern's are, and all when all are. What `latency_p99` says already
    is left to it.
    """
    kept = {_group(name): value for name, value in usual.items() if value is not None and name.startswith(OPERATION)}
    found = {group: one for group, one in shifts(facts.usual_laid_out, facts.now, kept).items() if group[1]}
    named, said = set(_culprits(rule, found)), facts.blamed.get("latency_p99", set())
    for component in {*named, *usual}:
        parts = {group: one for group, one in found.items() if _is_of(component, group)}
        if not parts:
            continue
        pattern = next(iter(parts))[0]
        bad = component in named and ALL not in said and pattern not in said
        yield _condition(rule, component, parts.values(), bad, {"whose": _whose(component)})


def _culprits(rule: Rule, found: Mapping[Group, Shift]) -> Iterator[str]:
    bad = {group for group, one in found.items() if one.is_bad(rule.raise_at)}
    patterns = {group[0] for group in found}
    whole = {name for name in patterns if _all_bad(name, found, bad)}
    if len(patterns) > 1 and whole == patterns:
        yield ALL
        return
    yield from whole
    yield from (f"{OPERATION}{operation} of {name}" for name, operation in bad if name not in whole)


def _all_bad(pattern: str, found: Mapping[Group, Shift], bad: set[Group]) -> bool:
    own = {group for group in found if group[0] == pattern}
    return len(own) > 1 and own <= bad


def _group(component: str) -> Group:
    operation, _, pattern = component.removeprefix(OPERATION).rpartition(" of ")
    return pattern, operation


def _is_of(component: str, group: Group) -> bool:
    return component in (ALL, group[0]) or (component.startswith(OPERATION) and _group(component) == group)


def _whose(component: str) -> str:
    if component == ALL:
        return "all requests"
    return component if component.startswith(OPERATION) else f"requests to {component}"


def _condition(rule: Rule, component: str, parts: Iterable[Shift], bad: bool, said: Mapping[str, str]) -> Condition:
    """Of several parts the worst is in the words; it is good when all are."""
    known = list(parts)
    worst = max(known, key=lambda one: one.share * one.total)
    total = sum(one.total for one in known)
    share = sum(one.share * one.total for one in known) / total
    words = rule.words.format(
        percent=round_percent(share), usual=about_latency(worst.usual), latency=about_latency(worst.p99), **said
    )
    severity = Severity.INFO if worst.p99 < FAST_SECONDS else None
    own = worst.usual if len(known) == 1 else None
    return Condition(component, bad, share < rule.clear_at, words, severity, own, share)


def backend_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Queries in a backend, as the pattern's client times them."""
    laid_out = facts.laid_out_of(QUERIES, ("pattern", "backend"), PAST_SECONDS)
    for (pattern, backend), one in shifts(laid_out, facts.now, {}).items():
        component = pattern or backend
        yield _condition(rule, component, [one], one.is_bad(rule.raise_at), {"component": component})


def budget_burn(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The pairs of windows that the Performance page shows: the fastest that burns."""
    burns = objective(facts.snapshot, facts.now).burns
    pairs = [one for one in burns if one.burning is not None and _is_known(one)]
    burning = [one for one in pairs if one.burning]
    if not pairs:
        return
    worst = max(burning, key=lambda one: one.limit, default=pairs[0])
    severity = Severity.CRITICAL if burning and worst.limit >= rule.critical_at else None
    yield Condition(ALL, bool(burning), not burning, _burn_words(rule, worst), severity, figure=worst.limit)


def _is_known(one: Burn) -> bool:
    """Whether more of the long window was read than the short one holds: else both are the same requests."""
    return (one.long.covered.value or 0.0) >= one.short.window_seconds


def _burn_words(rule: Rule, one: Burn) -> str:
    spans = {"long": lasting(one.long.window_seconds), "short": lasting(one.short.window_seconds)}
    return rule.words.format(times=f"{one.short.burn_rate.value or 0.0:.0f}", **spans)


FINDERS: Finders = {one.__name__: one for one in (operation_slow, backend_slow, budget_burn)}
