"""The rule about telemetry that does not get through: by the judgement of each exporter that Observability shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from aggregators.alerts.rules import Rule
from aggregators.detection.condition import Condition, Finders, Usual
from aggregators.detection.detection_inputs import DetectionInputs
from aggregators.observability.exports import ACCEPTED, DATA_TYPES, REFUSED, SENT, family
from aggregators.observability.ingest import coverage
from aggregators.observability.pipeline import NOT_AVAILABLE, TROUBLE, Hop, collector_hop, health_check, span_hops
from aggregators.observability.queues import SIZE, Exporter
from aggregators.requests.attribution import too_many
from model.number_text import listed, round_percent
from model.series import Severity
from model.status import Reading, Status

LOOKED_BACK_SECONDS = 60.0
STUCK, STUCK_SECONDS = "its queue grows and it sends nothing", 6.0
FEW_TRACES = 100.0
TRACES, SERVICE = "signoz_pattern_traces", "service traces"


def telemetry_exporter(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Each exporter of a collector, by the worst of its signals; while its collector is not read it stays as it was."""
    signals: dict[tuple[str, str], list[Exporter]] = {}
    stuck = _stuck(facts)
    for one in facts.exporters:  # the worst first
        signals.setdefault((one.exporter, one.collector), []).append(one)
    for (name, collector), found in signals.items():
        worst, known = found[0], all(one.status is not Status.UNKNOWN for one in found)
        if worst.status is Status.HEALTHY and (name, collector) in stuck:
            worst = replace(worst, status=Status.DEGRADED, reason=STUCK)
        bad = worst.status in (Status.DEGRADED, Status.UNHEALTHY)
        alike = [one.signal for one in found if one.status is worst.status and one.signal]
        of = f" ({listed(alike)})" if alike else ""
        words = rule.words.format(exporter=f"{name}{of}", collector=collector, reason=worst.reason)
        figure = max(one.fill.value or 0.0 for one in found)
        yield Condition(f"exporter {name} of {collector}", bad, known and not bad, words, figure=figure)


def _stuck(facts: DetectionInputs) -> set[tuple[str, ...]]:
    """Exporters whose queue grows from read to read while nothing is sent: sooner than a window without it is over."""
    by = ("exporter", "instance")
    growing = {tuple(one.labels.get(name, "") for name in by) for one in facts.tracks(SIZE, LOOKED_BACK_SECONDS)
               if one.grows()}  # fmt: skip
    parts = (facts.recent(family(SENT, items), by, LOOKED_BACK_SECONDS) for items in DATA_TYPES) if growing else ()
    sent = [one.grown(STUCK_SECONDS) or {} for one in parts]
    return {one for one in growing if not any(counted.get(one) for counted in sent)}


def telemetry_hop(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """Whether the proxy's and the patterns' spans arrive in SigNoz."""
    return [_arrives(rule, hop) for hop in span_hops(facts.snapshot, facts.now)]


def telemetry_collector(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The collector by its health check and by what it sends; trouble of its exporters, or of reading it, has rules of
    its own.
    """
    if facts.lost("otel"):
        return
    found = _arrives(rule, collector_hop(facts.snapshot, facts.now, facts.exporters))
    refuses = health_check(facts.snapshot, facts.now)[0] == NOT_AVAILABLE
    is_theirs = not refuses and any(one.status in TROUBLE for one in facts.exporters)
    yield replace(found, bad=False, good=True) if is_theirs else found


def _arrives(rule: Rule, hop: Hop) -> Condition:
    bad = hop.status in TROUBLE
    severity = Severity.CRITICAL if hop.status is Status.UNHEALTHY else None
    words = rule.words.format(hop=hop.name, reason=hop.reason) if bad else ""
    return Condition(f"service {hop.name}", bad, hop.status is Status.HEALTHY, words, severity)


def receiver_refused(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """What each receiver of a collector turns away, of all that it gets; the signal of which it is most."""
    found: dict[tuple[str, ...], dict[str, list[float]]] = {}
    for items in DATA_TYPES:
        for at, what in enumerate((ACCEPTED, REFUSED)):
            reported = facts.recent(family(what, items), ("receiver", "instance"), LOOKED_BACK_SECONDS)
            for group, count in (reported.grown(rule.window_seconds) or {}).items():
                found.setdefault(group, {}).setdefault(items, [0.0, 0.0])[at] += count
    for (receiver, collector), signals in found.items():
        shares = {items: refused / (taken + refused) if refused else 0.0 for items, (taken, refused) in signals.items()}
        items = max(shares, key=lambda one: shares[one])
        said = {"receiver": receiver, "collector": collector, "items": items.replace("_", " ")}
        words = rule.words.format(percent=round_percent(shares[items]), **said)
        bad, good = shares[items] >= rule.raise_at, shares[items] <= rule.clear_at
        yield Condition(f"receiver {receiver} of {collector}", bad, good, words, figure=shares[items])


def coverage_low(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The share of whole traces, and what most of the others lack."""
    counted = coverage(facts.snapshot, facts.now)
    ratio = counted.complete_share.value
    if ratio is None or counted.complete_share.reading is not Reading.VALUE or (counted.traces.value or 0) < FEW_TRACES:
        return
    worst = max(counted.gaps, key=lambda gap: gap.traces.value or 0.0)
    words = rule.words.format(percent=round_percent(ratio), part=f"the {worst.part}")
    yield Condition(SERVICE, ratio < rule.raise_at, ratio >= rule.clear_at, words, figure=-ratio)


def spans_missing(rule: Rule, facts: DetectionInputs, usual: Usual) -> Iterable[Condition]:
    """The newest traces of patterns without a span of a backend, against their own past: some never have one."""
    parts = {(one.source, one.labels["part"]): one for one in facts.tracks(TRACES, rule.window_seconds)}
    for (source, part), lacking in parts.items():
        whole = parts.get((source, "all"))
        if part == "all" or whole is None or not np.array_equal(whole.times, lacking.times):
            continue
        shares = replace(lacking, values=lacking.values / np.maximum(whole.values, 1.0))
        before = usual.get(SERVICE)
        before = shares.usual() if before is None else before
        if before is None or whole.now < FEW_TRACES:
            continue
        limit = before + rule.raise_at
        bad = bool(too_many(np.array(lacking.now), np.array(whole.now), limit, before))
        words = rule.words.format(percent=round_percent(shares.now), usual=round_percent(before))
        good = shares.now <= before + rule.clear_at
        yield Condition(SERVICE, bad, good, words, usual=before, figure=shares.now)


FINDERS: Finders = {
    one.__name__: one
    for one in (
        telemetry_exporter,
        telemetry_hop,
        telemetry_collector,
        receiver_refused,
        spans_missing,
        coverage_low,
    )
}
