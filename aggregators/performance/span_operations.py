"""Operations as SigNoz reports them, for a proxy without a histogram: quantiles of 5 minutes, which cannot be
merged."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.performance.slowest import MAXIMUM, SPANS
from aggregators.series.window import Window, newest_reads
from model.measure import Count, Measure, Seconds
from model.series import Unit
from store.snapshot import Snapshot

COUNTS = "signoz_operation_spans"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one pattern, all namespaces together; `pattern` is '' where nothing reports it."""

    pattern: str
    operation: str
    p50: Seconds
    p99: Seconds
    p999: Seconds
    maximum: Seconds
    count: Count


def span_operations(snapshot: Snapshot, now: float) -> tuple[Operation, ...]:
    """The last 5 minutes of each operation that has spans; none when SigNoz does not report."""
    spans = Window.newest(snapshot, now, SPANS)
    if not spans.reports:
        return ()
    seconds = {(one.label("operation"), one.label("quantile")): one.value for one in spans.last()}
    counts = {one.label("operation"): one.value for one in newest_reads(snapshot, now, COUNTS)}

    def measure(unit: Unit, value: float | None) -> Measure:
        return spans.measure(unit, value, Measure.not_reported(unit, "SigNoz does not report it of this operation"))

    rows = []
    for name in sorted({name for name, _ in seconds}):
        p50, p99, p999, most = (
            measure(Unit.SECONDS, seconds.get((name, q))) for q in ("0.5", "0.99", "0.999", MAXIMUM)
        )
        rows.append(Operation("", name, p50, p99, p999, most, measure(Unit.COUNT, counts.get(name))))
    return tuple(rows)
