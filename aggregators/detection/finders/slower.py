"""What the rules on slowness find that compare with an own past or with the budget of the objective."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.shifts import PAST_SECONDS, RECENT_SECONDS, USUAL_SHARE, Shift, shifts, usual_p99s
from aggregators.performance.slo import Burn, objective
from aggregators.requests.attribution import ALL, NAMESPACE
from aggregators.series.histograms import Group, merged_counters
from aggregators.series.quantiles import Buckets, shares_under
from model.number_text import about_latency, lasting, round_percent
from model.series import Severity

OPERATION = "operation "
NEARLY_ALL = 0.8
"""Of a namespace's late requests, when one operation is why it is slow."""
FAST_SECONDS = 0.002
"""What is slower than usual and still faster than this is news only."""
QUERIES, ACQUIRE = "prism_backend_query_duration_seconds_bucket", "prism_pool_acquire_duration_seconds_bucket"


def operation_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """An operation; its pattern when all of the pattern's are, and all when all are. What `latency_p99` says already
    is left to it.
    """
    kept = {_group(name): value for name, value in usual.items() if value is not None and name.startswith(OPERATION)}
    past = facts.slowly(rule.id, lambda: usual_p99s(facts.usual_laid_out, facts.asked_at))
    recent = shifts(facts.usual_laid_out, facts.asked_at, past | kept)
    found = {group: one for group, one in recent.items() if group[1]}
    said = facts.blamed.get("latency_p99", set())
    named = set(_culprits(rule, _of_others(found, facts, {one for one in said if one.startswith(NAMESPACE)})))
    for component in {*named, *usual}:
        parts = {group: one for group, one in found.items() if _is_of(component, group)}
        if not parts:
            continue
        pattern = next(iter(parts))[0]
        bad = component in named and ALL not in said and pattern not in said
        yield _condition(rule, component, parts.values(), bad, {"whose": _whose(component)})


def _of_others(found: Mapping[Group, Shift], facts: DetectionInputs, slow: set[str]) -> Mapping[Group, Shift]:
    """Without what only these namespaces find slow, whichever operations they ask for: it is theirs."""
    if not slow:
        return found
    laid_out = facts.laid_out(("pattern", "operation", "namespace"))
    recent = merged_counters(laid_out, facts.asked_at - RECENT_SECONDS, facts.asked_at)
    parts = {place: (_late(found[place[:2]], part), part.total) for place, part in recent.items() if place[:2] in found}
    slow_by_themselves = slow - _by_one_operation(parts, slow)
    kept: dict[Group, Shift] = {}
    for group, one in found.items():
        others = [
            part
            for place, part in parts.items()
            if place[:2] == group and NAMESPACE + place[2] not in slow_by_themselves
        ]
        late, total = sum(late for late, _ in others), sum(total for _, total in others)
        kept[group] = replace(one, share=late / total if total else 0.0, total=total)
    return kept


def _late(one: Shift, part: Buckets) -> float:
    return part.total * (1 - _under(one.usual, part))


def _by_one_operation(parts: Mapping[Group, tuple[float, float]], slow: set[str]) -> set[str]:
    """Those of the namespaces that are slow in nothing but an operation that is slow for others of them, too, of
    whichever pattern.
    """
    more: dict[str, dict[Group, float]] = {}
    for place, (late, total) in parts.items():
        if NAMESPACE + place[2] in slow:
            more.setdefault(NAMESPACE + place[2], {})[place[:2]] = max(0.0, late - USUAL_SHARE * total)
    worst = {name: max(own, key=lambda group: own[group]) for name, own in more.items()}
    mostly = {name for name, own in more.items() if own[worst[name]] >= NEARLY_ALL * sum(own.values()) > 0}
    return {name for name in mostly if sum(worst[other][1] == worst[name][1] for other in mostly) > 1}


def _under(limit: float, part: Buckets) -> float:
    return float(shares_under(np.array([limit]), part.bounds, part.counts[None, :])[0]) if part.total else 1.0


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
    lasting_seconds = max(one.lasting_seconds for one in known)
    good = share < rule.clear_at
    return Condition(component, bad, good, words, severity, own, share, lasting_seconds)


def backend_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Queries in a backend, as the pattern's client times them."""
    yield from _of_clients(rule, facts, QUERIES)


def _of_clients(rule: Rule, facts: DetectionInputs, family: str) -> Iterator[Condition]:
    laid_out = facts.laid_out_of(family, ("pattern", "backend"), PAST_SECONDS)
    past = facts.slowly(rule.id, lambda: usual_p99s(laid_out, facts.now))
    for (pattern, backend), one in shifts(laid_out, facts.now, past).items():
        component = pattern or backend
        yield _condition(rule, component, [one], one.is_bad(rule.raise_at), {"component": component})


def pool_slow(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Waits for a connection of a pool, as the pattern's client times them."""
    yield from _of_clients(rule, facts, ACQUIRE)


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
    """Whether half of the long window was read at least: else both are about the same requests, and a minute burns."""
    return (one.long.covered.value or 0.0) >= one.long.window_seconds / 2


def _burn_words(rule: Rule, one: Burn) -> str:
    spans = {"long": lasting(one.long.window_seconds), "short": lasting(one.short.window_seconds)}
    return rule.words.format(times=f"{one.short.burn_rate.value or 0.0:.0f}", **spans)


FINDERS: Finders = {one.__name__: one for one in (operation_slow, backend_slow, pool_slow, budget_burn)}
