"""What the rules on processes find at one instant: by the limits of the Resources page, and by a process' own past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.alert_state_machine import OUTLASTED_SECONDS
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.detection.tracks import Track
from aggregators.resources.control_plane import SOURCE, control_plane
from aggregators.resources.processes import CPU, GOROUTINES, MEMORY
from aggregators.series.counters import monotone
from aggregators.series.sources import of_kind
from model.number_text import lasting, round_percent, times
from model.series import Severity
from model.status import Status

PAST_SECONDS = 300.0
RESTART_SECONDS = 240.0
OWN_MEMORY, MEMORY_LIMIT = "process_resident_memory_bytes", "process_memory_limit_bytes"
DESCRIPTORS, MOST_DESCRIPTORS = "process_open_fds", "process_max_fds"
OWN_CPU, CPU_LIMIT, STARTED = "process_cpu_seconds_total", "process_cpu_limit_cores", "process_start_time_seconds"
LIMITED = {"memory": (OWN_MEMORY, MEMORY_LIMIT), "descriptor": (DESCRIPTORS, MOST_DESCRIPTORS)}
TAKEN = (("memory", OWN_MEMORY, MEMORY), ("goroutines", "", GOROUTINES), ("CPU", OWN_CPU, CPU))
"""What a process may grow in, with the family of the proxy's own ('' for none) and that of the patterns'."""
HALF_RATIO, SHORTER, MUCH_RATIO, LONGER = 0.5, 0.5, 0.8, 2.5
"""Of a limit: below which growth towards it counts so many times as late, and from where on so many as early."""
LEAST = {"memory": 32 * 2.0**20, "goroutines": 100.0, "CPU": 0.2}
"""By which a process must have grown at least: a tiny one may double without meaning anything."""
CPU_SECONDS, SOON_SECONDS = 10.0, 10.0


def process_memory(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each proxy's memory against its own limit."""
    return _limited(rule, facts, *LIMITED["memory"])


def process_descriptors(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each proxy's open descriptors against its own limit."""
    return _limited(rule, facts, *LIMITED["descriptor"])


def process_cpu(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each proxy's cores in use against those that it may use."""
    limits = _limits(facts, CPU_LIMIT)
    for one in facts.tracks(OWN_CPU, PAST_SECONDS):
        used = _cores(one, rule.window_seconds)
        if one.instance in limits and used is not None:
            yield _near(rule, one.instance, used.now / limits[one.instance])


def _limited(rule: Rule, facts: DetectionInputs, family: str, limit: str) -> Iterable[Condition]:
    limits = _limits(facts, limit)
    for one in facts.tracks(family, PAST_SECONDS):
        if one.instance in limits:
            yield _near(rule, one.instance, one.now / limits[one.instance])


def _limits(facts: DetectionInputs, family: str) -> dict[str, float]:
    """By instance; one of 0 is none."""
    return {one.instance: one.now for one in facts.tracks(family, PAST_SECONDS) if one.now > 0}


def _near(rule: Rule, instance: str, ratio: float) -> Condition:
    severity = Severity.CRITICAL if ratio >= rule.critical_at else None
    words = rule.words.format(who=_proxy(instance), percent=round_percent(ratio))
    bad, good = ratio >= rule.raise_at, ratio < rule.clear_at
    lasting_seconds = 0.0 if rule.window_seconds else OUTLASTED_SECONDS
    return Condition(_proxy(instance), bad, good, words, severity, figure=ratio, lasting_seconds=lasting_seconds)


def _proxy(instance: str) -> str:
    return f"proxy {instance}"


def process_filling(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The nearest of the limits that a proxy runs towards."""
    found: dict[str, tuple[float, float, float, str]] = {}
    for what, (family, limit) in LIMITED.items():
        limits = _limits(facts, limit)
        for one in facts.tracks(family, PAST_SECONDS):
            if one.instance in limits:
                ratio = one.now / limits[one.instance]
                left = one.seconds_to(limits[one.instance])
                here = (left / _patience(ratio), left, ratio, what)
                found[one.instance] = min(found.get(one.instance, here), here)
    for instance, (weighed, left, ratio, what) in found.items():
        bad, who = weighed <= rule.raise_at, _proxy(instance)
        words = rule.words.format(who=who, what=what, left=lasting(left), percent=round_percent(ratio)) if bad else ""
        yield Condition(who, bad, weighed > rule.clear_at, words, figure=-weighed)


def _patience(ratio: float) -> float:
    return LONGER if ratio >= MUCH_RATIO else 1.0 if ratio >= HALF_RATIO else SHORTER


def process_grown(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The worst of what a process takes more of than usual, and still more every second."""
    found: dict[str, list[tuple[float, bool, str, float]]] = {}
    for who, what, one in _taken(facts):
        own = usual.get(who) or one.usual()
        if not own:
            continue
        much = one.now - own >= LEAST[what]
        soon = much and one.seconds_to(rule.raise_at * own) <= SOON_SECONDS
        found.setdefault(who, []).append((one.now / own if much else 1.0, soon, what, one.now))
    for who, parts in found.items():
        ratio, soon, what, value = max(parts, key=lambda part: (part[1], part[0]))
        many = f"{ratio:.1f}".removesuffix(".0")
        words = rule.words.format(who=who, what=what, times=many, value=_worded(what, value))
        yield Condition(who, soon, ratio < rule.clear_at and not soon, words, figure=ratio)


def _taken(facts: DetectionInputs) -> Iterator[tuple[str, str, Track]]:
    """(who, what, course) of all that the processes take."""
    for what, own, of_patterns in TAKEN:
        whole = [(_proxy(one.instance), one) for one in facts.tracks(own, PAST_SECONDS)] if own else []
        whole += [(one.labels.get("pattern", ""), one) for one in facts.tracks(of_patterns, PAST_SECONDS)]
        for who, one in whole:
            course = _cores(one) if what == "CPU" else one
            if course is not None and who:
                yield who, what, course


def _cores(one: Track, seconds: float = CPU_SECONDS) -> Track | None:
    """CPU time as cores in use over the last seconds at each read; None before there are enough reads."""
    if len(one.times) < 2:
        return None
    grown = monotone(one.values[:, None])[:, 0]
    before = np.maximum(one.times.searchsorted(one.times - seconds, "right") - 1, 0)
    spans = one.times - one.times[before]
    known = spans >= seconds / 2
    if not known[-1]:
        return None
    used = (grown - grown[before])[known] / spans[known]
    return replace(one, times=one.times[known], values=used)


def _worded(what: str, value: float) -> str:
    if what == "memory":
        return f"{value / 2**20:,.0f} MiB"
    return f"{value:,.0f}" if what == "goroutines" else f"{value:.1f} cores"


def proxy_restarts(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Starts of one proxy that follow each other."""
    for who, started in _starts(facts):
        count = len(started)
        severity = Severity.CRITICAL if count >= rule.critical_at else None
        words = rule.words.format(who=who, times=times(count))
        yield Condition(who, count >= rule.raise_at, count <= rule.clear_at, words, severity, figure=float(count))


def proxy_restarted(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """One start, reported for as long as it takes to see that it stays one."""
    for who, started in _starts(facts):
        young = len(started) == 1 and facts.now - started[0] < rule.raise_at
        yield Condition(who, young, not young, rule.words.format(who=who))


def _starts(facts: DetectionInputs) -> Iterator[tuple[str, list[float]]]:
    """When each proxy was seen to have started anew within the last 4 minutes. Of a proxy behind a balancer nothing."""
    for one in facts.tracks(STARTED, RESTART_SECONDS):
        seen = one.times > facts.now - RESTART_SECONDS
        later = np.flatnonzero(np.diff(one.values) > 1.0) + 1
        if not bool((np.diff(one.values) < -1.0).any()):
            yield _proxy(one.instance), [float(one.times[at]) for at in later if seen[at]]


def control_plane_trouble(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """As the control plane's card on Resources says: it is the same answer."""
    if of_kind(facts.snapshot, SOURCE):
        plane = control_plane(facts.snapshot, facts.now)
        bad = plane.status in (Status.DEGRADED, Status.UNHEALTHY)
        severity = Severity.CRITICAL if plane.status is Status.UNHEALTHY else None
        words = rule.words.format(reason=plane.reason) if bad else ""
        yield Condition("control plane", bad, plane.status is Status.HEALTHY, words, severity)


FINDERS: Finders = {
    one.__name__: one
    for one in (
        process_memory,
        process_descriptors,
        process_cpu,
        process_filling,
        process_grown,
        proxy_restarts,
        proxy_restarted,
    )
} | {"control_plane": control_plane_trouble}
