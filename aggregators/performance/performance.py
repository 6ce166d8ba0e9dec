"""How fast Prism answers, operation by operation, and whether that is what was promised (RFC view 2)."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from aggregators.alerts.verdict import Look, Verdict, judged, leads_to
from aggregators.performance.fleet import ProxyRow, fleet
from aggregators.performance.slo import NOW_SECONDS, PROXY, SIGNOZ, SloResult, objective
from aggregators.performance.slowest import SPAN_SECONDS, Slowest, slowest
from aggregators.performance.span_operations import Operation, span_operations
from aggregators.requests.spans import of_all, requests_a_span, summed_window
from aggregators.series.availability import TWO_READS
from aggregators.series.grouping import totals_by
from aggregators.series.histograms import Group, merged_counters, whole
from aggregators.series.quantiles import Buckets, Quantile, histogram_quantile, quantile_rows
from aggregators.series.rollups import rolled_up
from aggregators.series.window import Window
from model.measure import Measure, PerSecond, Ratio, Seconds
from model.number_text import round_percent
from model.rollup import LATENCY, OPERATIONS, PATTERNS
from model.series import Unit
from model.slo import HOUR_SECONDS
from model.status import Reading, Status
from store.snapshot import Snapshot

QUANTILES = (0.5, 0.99, 0.999)
RATE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class PatternRate:
    """How much of all requests one pattern handles: the last 15 s."""

    pattern: str
    per_second: PerSecond
    share: Ratio


@dataclass(frozen=True, slots=True)
class Performance:
    """The objective, P99 of the last 5 minutes, operations (the slowest first), patterns (the busiest first).

    Operations are of `operations_window`, of which `operations_covered` was read, as `operations_reported_by` reports
    them;
    `operations_note` says why there are none.
    `proxies` stand beside each other, the one in most trouble first.
    `status` is that of the objective now, with the alerts that lead here.
    """

    status: Status
    reason: str
    slo: SloResult
    p99: Seconds
    operations: tuple[Operation, ...]
    operations_window: Seconds
    operations_covered: Seconds
    operations_reported_by: str
    operations_note: str
    patterns: tuple[PatternRate, ...]
    proxies: tuple[ProxyRow, ...]


def performance(snapshot: Snapshot, now: float) -> Performance:
    """SLO compliance, latency by operation over 1 h, and throughput by pattern."""
    timed = rolled_up(snapshot, now, OPERATIONS, HOUR_SECONDS, fine=0.0)
    rows, window, covered, reported_by = _operations(timed, slowest(snapshot, now)), HOUR_SECONDS, 0.0, PROXY
    if timed.reports:
        covered = timed.covered_seconds(HOUR_SECONDS)
    elif spans := span_operations(snapshot, now):
        rows, window, covered, reported_by = spans, SPAN_SECONDS, SPAN_SECONDS, SIGNOZ
    slo = objective(snapshot, now)
    verdict = _verdict(Look(snapshot, now), slo)
    return Performance(
        status=verdict.status,
        reason=verdict.reason,
        slo=slo,
        p99=_p99(snapshot, now),
        operations=tuple(sorted(rows, key=_by_slowness)),
        operations_window=Measure.of(window, Unit.SECONDS),
        operations_covered=Measure.of(covered, Unit.SECONDS),
        operations_reported_by=reported_by,
        operations_note="" if timed.reports else timed.availability.note,
        patterns=_patterns(snapshot, now),
        proxies=fleet(snapshot, now),
    )


def performance_verdict(look: Look) -> Verdict:
    """By the objective over the last 5 minutes and by how fast the budget burns."""
    return _verdict(look, objective(look.snapshot, look.now))


def _verdict(look: Look, slo: SloResult) -> Verdict:
    sli = slo.current.sli
    part = (Status.UNKNOWN, sli.note or sli.reading.value)
    if sli.reading is Reading.VALUE and slo.current.met is not None:
        share, wanted = round_percent(sli.value or 0.0), round_percent(slo.objective.value or 0.0)
        missed = f"{share} of requests are fast enough, wanted are {wanted}"
        part = (Status.HEALTHY, "") if slo.current.met else (Status.DEGRADED, missed)
        if slo.current.met and any(one.burning for one in slo.burns):
            part = Status.DEGRADED, "the error budget burns too fast"
    return judged(look, [part], leads_to("/performance"))


def _p99(snapshot: Snapshot, now: float) -> Measure:
    reported = summed_window(snapshot, now, LATENCY, NOW_SECONDS)
    buckets = whole(merged_counters(reported.laid_out(LATENCY.by), reported.at - NOW_SECONDS, reported.at))
    waiting = None if len(buckets.bounds) else Measure.not_reported(Unit.SECONDS, TWO_READS)
    return reported.measure(Unit.SECONDS, histogram_quantile(0.99, buckets.bounds, buckets.counts), waiting)


def _operations(reported: Window, maxima: Slowest) -> tuple[Operation, ...]:
    found = merged_counters(reported.laid_out(OPERATIONS.by), reported.at - HOUR_SECONDS, reported.at)
    quantiles = _quantiles(found)
    patterns = Tally(operation for _, operation in found)
    rows = []
    for (pattern, operation), buckets in found.items():
        p50, p99, p999 = (reported.measure(Unit.SECONDS, one) for one in quantiles[pattern, operation])
        idle = buckets.total == 0
        most = Measure.no_traffic(Unit.SECONDS) if idle else maxima.of(operation, patterns[operation], buckets, p999)
        count = reported.measure(Unit.COUNT, buckets.total)
        rows.append(Operation(pattern, operation, p50, p99, p999, most, count))
    return tuple(rows)


def _by_slowness(row: Operation) -> tuple[float, float, str, str]:
    """By P99; those that nobody asked for last."""
    slow = -1.0 if row.p99.value is None else row.p99.value
    return -slow, -(row.count.value or 0.0), row.pattern, row.operation


def _quantiles(found: Mapping[Group, Buckets]) -> dict[Group, list[Quantile]]:
    """Each of QUANTILES per group; those of the same edges at once."""
    alike: dict[bytes, list[Group]] = {}
    for group, buckets in found.items():
        alike.setdefault(buckets.bounds.tobytes(), []).append(group)
    answer: dict[Group, list[Quantile]] = {group: [] for group in found}
    for groups in alike.values():
        counts = np.array([found[group].counts for group in groups])
        for q in QUANTILES:
            values, bounds = quantile_rows(q, found[groups[0]].bounds, counts)
            for group, value, bound in zip(groups, values.tolist(), bounds.tolist(), strict=True):
                answer[group].append(Quantile(None if value != value else value, bound))
    return answer


def _patterns(snapshot: Snapshot, now: float) -> tuple[PatternRate, ...]:
    """The busiest first."""
    reported = summed_window(snapshot, now, PATTERNS, RATE_SECONDS)
    factor = requests_a_span(snapshot, now)
    found = totals_by(reported.rates(), "pattern")
    total = sum(found.values())
    return tuple(
        PatternRate(
            name,
            of_all(reported, Unit.PER_SECOND, rate, factor),
            reported.measure(Unit.RATIO, rate / total if total > 0 else None),
        )
        for (name,), rate in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    )
