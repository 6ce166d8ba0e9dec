"""The rules about requests and token checks: ratios over short windows, reported for whoever suffers of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.alert_state_machine import PAUSE_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.persistence import (
    A_FEW,
    CLEAR_SECONDS,
    QUIET_SECONDS,
    RAISE_WINDOWS,
    goes_on,
    in_trouble,
    is_good,
    part_now,
)
from aggregators.detection.request_inputs import USUAL_SECONDS
from aggregators.requests.attribution import ALL, NAMESPACE, Cells, too_many, whose
from aggregators.series.histograms import Group, combined, counts_in_steps
from aggregators.series.quantiles import SLOW_SHARE, Floats, Quantile, histogram_quantile, quantile_rows
from aggregators.series.stepped_rates import grid
from model.number_text import about_latency, round_percent
from model.series import Severity

RELATIVE_FACTOR, RELATIVE_FLOOR = 3.0, 0.002
HALF_AS_SLOW_AGAIN = 1.5
USUAL_SLOTS, LEAST_SLOTS = 10, 3
NOBODY = Cells((), (), np.zeros((0, 0)), np.zeros((0, 0)))


def error_ratio(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Failed over all requests; of spans among which failures are more frequent, as many times as much."""
    most, usually = (limit * facts.relation.failures for limit in (rule.raise_at, rule.clear_at))
    raised, found = in_trouble(facts.failures, most, usually)
    windows = (facts.failures(CLEAR_SECONDS), facts.failures(QUIET_SECONDS), found[RAISE_WINDOWS[-1]])
    for component in {**raised, **usual}:
        if component in usual and is_good(component, windows, usually):
            yield Condition(component, False, True)
        else:
            cells = raised.get(component) or found[RAISE_WINDOWS[0]]
            bad = component in raised or _is_bad(component, cells, most, usually)
            on, lasting = goes_on(component, cells, facts.failures, most) if bad else (False, 0.0)
            words = {"whose": whose(component)}
            found_now = of_ratio(rule, component, bad and on, part_now(component, cells, windows[0]), words)
            yield replace(found_now, lasting_seconds=lasting)


def of_ratio(rule: Rule, component: str, bad: bool, part: tuple[float, float], words: Mapping[str, str]) -> Condition:
    """A condition that is not good, with (bad, total) as they stand; without words when there is nothing."""
    failed, total = part
    if not total:
        return Condition(component, bad, False)
    ratio = failed / total
    severity = Severity.CRITICAL if ratio >= rule.critical_at and failed >= A_FEW else None
    reported = rule.words.format(percent=round_percent(ratio), **words)
    return Condition(component, bad, False, reported, severity, figure=ratio)


def _is_bad(component: str, cells: Cells | None, limit: float, usual: float) -> bool:
    """An open alert stays where it is while its own figure is bad, whoever else is blamed by now."""
    if cells is None:
        return False
    bad, total = cells.of(component)
    return bool(total and too_many(np.array(bad), np.array(total), limit, usual))


def latency_p99(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """P99 above the objective or far above its own usual: more than one request in a hundred slower than that."""
    normal = _usual_p99(facts, usual)
    limits = {name: _limit(rule, normal.get(name), facts.spans is not None) for name in facts.latency_patterns}
    slow = partial(facts.slow, limits=limits)
    raised, found = in_trouble(slow, SLOW_SHARE, SLOW_SHARE / 2)
    if not raised and not usual:
        return
    milder = {name: limit * rule.clear_at / rule.raise_at for name, limit in limits.items()}
    windows = tuple(facts.slow(window, milder) for window in (CLEAR_SECONDS, QUIET_SECONDS, RAISE_WINDOWS[-1]))
    for component in {**raised, **usual}:
        if component in usual and is_good(component, windows, SLOW_SHARE):
            yield Condition(component, False, True)
        else:
            raising = raised.get(component)
            window = next((window for window, one in found.items() if one is raising), RAISE_WINDOWS[0])
            bad = raising is not None or _is_bad(component, found[window], SLOW_SHARE, SLOW_SHARE / 2)
            shown = raising or found[window]
            on, lasting = goes_on(component, shown, slow, SLOW_SHARE, PAUSE_SECONDS) if bad else (False, 0.0)
            bad = bad and on
            facts.blamed.setdefault(rule.id, set()).add(component)
            own = normal.get(_pattern(component))
            many = (raising or found[window] or NOBODY).of(component)[0] >= A_FEW
            said = _of_latency(rule, component, bad, p99_of(facts, component, window), own, many)
            yield replace(said, lasting_seconds=lasting)


def _of_latency(rule: Rule, component: str, bad: bool, p99: Quantile, own: float | None, many: bool) -> Condition:
    """A condition that is not good, with the P99 as it stands; without words when there is none. `many` are slow."""
    if p99.value is None:
        return Condition(component, bad, False, usual=own)
    severity = Severity.CRITICAL if many and p99.value >= rule.critical_at else None
    return Condition(component, bad, False, _slow_words(rule, component, p99, own), severity, own, p99.value)


def _pattern(component: str) -> str:
    return "" if component == ALL or component.startswith(NAMESPACE) else component


def _limit(rule: Rule, normal: float | None, by_spans: bool) -> float:
    """The objective's limit, or a nearer one for who is usually much faster. A sample of spans may hold mostly slow
    ones: by these nobody is slow who is not half as slow again as usual.
    """
    if normal is None:
        return rule.raise_at
    limit = min(rule.raise_at, max(RELATIVE_FLOOR, RELATIVE_FACTOR * normal))
    return max(limit, HALF_AS_SLOW_AGAIN * normal) if by_spans else limit


def _usual_p99(facts: DetectionInputs, usual: Usual) -> dict[str, float]:
    """Each pattern's median P99 of the last 5 minutes (and '' for all), or what it was when its alert was raised.

    Else a lasting slowness would become its own yardstick and clear itself.
    """
    normal = facts.slowly("usual P99", lambda: own_quantiles(facts, 0.99))
    held = {_pattern(name): value for name, value in usual.items() if value is not None}
    everyone = held.get("")
    if everyone is not None:  # all were slow when it was raised: nobody's present figures are usual
        held = {name: min(value, normal[name]) for name, value in held.items() if name in normal} | held
    return normal | held


def own_quantiles(facts: DetectionInputs, quantile: float) -> dict[str, float]:
    """Each pattern's median quantile of the half minutes of the last 5 minutes, and '' for all."""
    step = USUAL_SECONDS / USUAL_SLOTS
    ends = grid(facts.asked_at - USUAL_SECONDS, facts.asked_at, step)
    found: dict[Group, list[tuple[Floats, Floats]]] = {}
    for group, parts in counts_in_steps(facts.usual_laid_out, ends, step).items():
        for whose_ in dict.fromkeys((group[:1], ("",))):
            found.setdefault(whose_, []).extend(parts)
    normal = {}
    for (name,), (bounds, counts) in combined(found).items():
        values, _ = quantile_rows(quantile, bounds, counts)
        known = values[~np.isnan(values)]
        if len(known) >= LEAST_SLOTS:
            normal[name] = float(np.median(known))
    return normal


def p99_of(facts: DetectionInputs, component: str, window: float) -> Quantile:
    """The P99 of a component's requests of the last seconds."""
    label = "namespace" if component.startswith(NAMESPACE) else "pattern"
    by: tuple[str, ...] = () if component == ALL else (label,)
    group = () if component == ALL else (component.removeprefix(NAMESPACE),)
    buckets = facts.merged(window, by).get(group)
    return histogram_quantile(0.99, buckets.bounds, buckets.counts) if buckets else Quantile(None)


def _slow_words(rule: Rule, component: str, p99: Quantile, normal: float | None) -> str:
    value = p99.value or 0.0
    worded = f"over {about_latency(value)}" if p99.bound == ">" else about_latency(value)
    usual = f", {value / normal:.0f} times the usual {about_latency(normal)}" if normal and value > 2 * normal else ""
    return rule.words.format(whose=whose(component), latency=worded, usual=usual)


FINDERS: Finders = {one.__name__: one for one in (error_ratio, latency_p99)}
