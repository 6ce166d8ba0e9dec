"""What the rules on traffic find at one instant: each against its own last minute, its peers, its limit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from types import MappingProxyType

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.alert_state_machine import OUTLASTED_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.traffic_matrix import (
    LONG_SECONDS,
    MOMENT_SECONDS,
    SHORT_SECONDS,
    STEP_SECONDS,
    Past,
    TrafficMatrix,
    everybody,
    namespace_of,
    pattern_of,
    proxy_of,
)
from aggregators.namespaces.config import LIMIT
from aggregators.namespaces.row import NOISY_REQUESTS
from aggregators.requests.attribution import ALL, NAMESPACE, too_many, whose
from aggregators.series.counters import edges, growth
from aggregators.series.histograms import layouts, merged_counters
from aggregators.series.quantiles import shares_under
from model.number_text import lasting, round_percent
from model.rollup import PATTERNS
from model.series import Severity
from model.slo import slo_of

LEAST_EXPECTED = 40.0
SURELY = 5.0
"""Standard deviations that chance does not reach."""
LEAST_RATE = 5.0
LONGER_SECONDS, HALF_MINUTE = 300.0, 30.0
CPU, CPU_SECONDS = "process_cpu_seconds_total", 60.0
Name = Callable[[tuple[str, str, str]], str]


def traffic_stopped(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """All requests; else those to a proxy, else those for a pattern."""
    whole, fallen = facts.traffic, set[str]()
    longer = facts.slowly(rule.id, lambda: _longer(facts))
    for name_of in (everybody, pattern_of) if facts.spans else (everybody, proxy_of, pattern_of):
        found = list(_fallen(rule, whole.by(name_of), usual, longer))
        bad = {one.component for one in found if one.bad}
        if bad and name_of is pattern_of:
            bad -= _stopped_by_namespaces(rule, whole, bad)
            found = [one for one in found if one.component in bad or not one.bad]
        if fallen:  # the cause is named already: its parts are good again with it
            found = [one for one in found if not one.bad]
        yield from found
        fallen |= bad
    facts.blamed[rule.id] = fallen


def _longer(facts: DetectionInputs) -> dict[str, float]:
    """Requests per second of all, of each proxy and of each pattern: the median of the half minutes of 5 minutes.

    What lasted a minute or two and ends, such as a batch, has not collapsed.
    """
    window, now = facts.summed(PATTERNS, LONGER_SECONDS), facts.asked_at
    known = [(block.source, one) for block, one in zip(window.frame.blocks, window.counters, strict=True)]
    since = max((float(one.times[0]) for _, one in known if len(one.times)), default=now)
    found: dict[str, list[float]] = {}
    for end in np.arange(now - HALF_MINUTE, max(since, now - LONGER_SECONDS) + HALF_MINUTE, -HALF_MINUTE):
        asked: dict[str, float] = {}
        for source, one in known:
            for (pattern,), count in (growth([one], end - HALF_MINUTE, end, ("pattern",)) or {}).items():
                for name in (ALL, proxy_of((source, pattern, "")), pattern):
                    asked[name] = asked.get(name, 0.0) + count / HALF_MINUTE
        for name, rate in asked.items():
            found.setdefault(name, []).append(rate)
    return {name: float(np.median(rates)) for name, rates in found.items()}


def _stopped_by_namespaces(rule: Rule, whole: TrafficMatrix, patterns: set[str]) -> set[str]:
    """Those of the patterns for which the namespaces that still ask do so as usual: not they have stopped."""
    silent = {one.component for one in _fallen(rule, whole.by(namespace_of), {}) if one.bad}
    rest = whole.without(namespace_of, silent).by(pattern_of) if silent else {}
    return {one.component for one in _fallen(rule, {name: rest[name] for name in patterns & set(rest)}, {}) if one.good}


def namespace_silent(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Namespaces, over what is not said of everybody and of patterns already."""
    fallen = facts.blamed.get("traffic_stopped", set())
    if ALL in fallen or any(one.startswith("proxy ") for one in fallen):
        return
    yield from _fallen(rule, facts.traffic.without(pattern_of, fallen).by(namespace_of), usual)


def _fallen(
    rule: Rule, pasts: dict[str, Past], usual: Usual, longer: Mapping[str, float] = MappingProxyType({})
) -> Iterator[Condition]:
    """Each against its own last minute, or against its `longer` past where that was quieter."""
    for component, past in pasts.items():
        kept = usual.get(component)
        if component not in usual and _asks(rule, past):
            yield Condition(component, False, True)
            continue
        if component not in usual and past.steps.max() * LONG_SECONDS < LEAST_EXPECTED:
            continue  # of so few nothing is concluded
        windows = ((past.moment, MOMENT_SECONDS), (past.short, SHORT_SECONDS), (past.long, LONG_SECONDS))
        found = [(count, span, kept or past.usual(1 + int(span // STEP_SECONDS))) for count, span in windows]
        bad, rate, own = False, 0.0, None
        for count, span, before in found:
            before = min(before or 0.0, longer.get(component, inf)) if kept is None else kept
            expected = before * span
            if expected >= LEAST_EXPECTED and not bad:
                bad = count <= rule.raise_at * expected and count <= expected - SURELY * np.sqrt(expected)
                rate, own = count / span, before
                break
        good = own is not None and rate >= rule.clear_at * own
        words = ""
        if own is not None:
            words = rule.words.format(whose=whose(component), now=_rate(rate), usual=_rate(own))
        fallen = -rate / own if own else 0.0
        # windows of 2 s and more show no pause of a second as a collapse: no more than a blip is to be outlasted
        yield Condition(component, bool(bad), good, words, usual=own, figure=fallen, lasting_seconds=OUTLASTED_SECONDS)


def _asks(rule: Rule, past: Past) -> bool:
    """Whether it clearly has not fallen, told cheaply: a large site has thousands of them."""
    most = rule.clear_at * float(past.steps.max())
    return past.moment >= most * MOMENT_SECONDS and past.short >= most * SHORT_SECONDS


def _rate(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.1f}"


def proxy_frozen(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Neither CPU time nor requests of a proxy that was busy and is read move."""
    requests = facts.traffic.by(proxy_of)
    for one in facts.tracks(CPU, CPU_SECONDS):
        component = f"proxy {one.instance}"
        past = requests.get(component)
        still = one.times[-1] - one.times[np.flatnonzero(one.values != one.values[-1])[-1:]]
        span = float(still[0]) if len(still) else 0.0
        asked = past is not None and float(np.nanmax(past.steps, initial=0.0)) >= LEAST_RATE
        bad = (asked or component in usual) and past is not None and past.short == 0 and span >= rule.raise_at
        words = rule.words.format(proxy=one.instance, span=lasting(span))
        yield Condition(component, bad, bool(span <= rule.clear_at and past and past.short), words, figure=span)


def proxy_odd(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """What one of several proxies has and the others have not: failures, or slow answers."""
    limit = slo_of(facts.snapshot.meta).threshold_seconds
    ways = (
        ("fail", _failed(facts, rule.window_seconds)),
        (f"take over {1000 * limit:g} ms", _slow(facts, rule, limit)),
    )
    found: dict[str, Condition] = {}
    for how, parts in ways:
        for proxy, (bad, total) in parts.items() if len(parts) > 1 else ():
            others = [part for name, part in parts.items() if name != proxy]
            rest = sum(one for one, _ in others) / max(sum(one for _, one in others), 1.0)
            many = bool(too_many(np.array(bad), np.array(total), rule.raise_at, rule.clear_at)) and total > 0
            odd, ratio = many and rest < min(rule.clear_at, bad / total / 3), bad / total if total else 0.0
            shares = {"percent": round_percent(ratio), "others": round_percent(rest)}
            words = rule.words.format(proxy=proxy, how=how, **shares)
            before = found.get(proxy)
            good = total > 0 and not odd and (before is None or before.good)
            if before is None or odd:
                found[proxy] = Condition(f"proxy {proxy}", odd, good, words, figure=ratio)
            elif not good and not before.bad:
                found[proxy] = Condition(f"proxy {proxy}", False, False)
    yield from found.values()


def _failed(facts: DetectionInputs, seconds: float) -> dict[str, tuple[float, float]]:
    """(failed, all) requests by proxy."""
    found = {}
    for one in facts.asked:
        rows = edges(one.counter.times, facts.now - seconds, facts.now)
        if rows is not None:
            grown = one.counter.totals[rows[1]] - one.counter.totals[rows[0]]
            found[one.source.partition("@")[2]] = float(grown[one.failed].sum()), float(grown.sum())
    return found


def _slow(facts: DetectionInputs, rule: Rule, limit: float) -> dict[str, tuple[float, float]]:
    """(slower than the limit, all) requests by proxy."""
    found = {}
    for source, counter in facts.buckets_by_source if len(facts.buckets) > 1 else ():
        parts = [(counter, layouts(counter.labels, ()))]
        whole = merged_counters(parts, facts.now - rule.window_seconds, facts.now).get(())
        if whole is not None and whole.total:
            under = float(shares_under(np.array([limit]), whole.bounds, whole.counts[None, :])[0])
            found[source.partition("@")[2]] = whole.total * (1 - under), whole.total
    return found


def namespace_noisy(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Who makes most of all requests, where there are neighbours to be bothered."""
    pasts = facts.traffic.by(namespace_of)
    total = sum(one.long for one in pasts.values())
    if len(pasts) < 2 or total < NOISY_REQUESTS:
        return
    earlier = sum(float(one.steps[0]) for one in pasts.values())
    for component, past in pasts.items():
        ratio, namespace = past.long / total, component.removeprefix(NAMESPACE)
        was_so = earlier > 0 and float(past.steps[0]) > rule.raise_at * earlier
        said = ratio > rule.clear_at
        words = rule.words.format(namespace=namespace, percent=round_percent(ratio)) if said else ""
        severity = Severity.INFO if was_so and component not in usual else None
        bad = rule.raise_at < ratio < 1.0
        yield Condition(component, bad, ratio <= rule.clear_at, words, severity, figure=ratio)


def namespace_quota(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """How much of its configured requests per second each namespace asks; of a sample of them nothing is concluded."""
    if not facts.relation.is_whole:
        return
    limits = facts.recent(LIMIT, ("namespace",), LONG_SECONDS).last()
    for component, past in facts.traffic.by(namespace_of).items() if limits else ():
        namespace, rate = component.removeprefix(NAMESPACE), past.long / LONG_SECONDS
        limit = limits.get((namespace,), 0.0)
        if limit > 0:
            ratio = rate / limit
            said = ratio >= rule.clear_at  # a large site has thousands of which there is nothing to say
            worded = {"namespace": namespace, "rate": _rate(rate), "percent": round_percent(ratio)} if said else {}
            words = rule.words.format(**worded) if said else ""
            yield Condition(component, ratio > rule.raise_at, ratio < rule.clear_at, words, figure=ratio)


FINDERS: Finders = {
    one.__name__: one
    for one in (proxy_frozen, proxy_odd, traffic_stopped, namespace_silent, namespace_noisy, namespace_quota)
}
