"""Requests of the last 5 minutes: success, rate, reads and writes, latency and errors (view 1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from aggregators.requests.labels import CLASSES, REQUESTS, class_codes, failed_and_total
from aggregators.requests.spans import of_all, requests_a_span, requests_window, summed_window
from aggregators.requests.traffic_series import QUANTILES, Lines, traffic_lines
from aggregators.series.availability import TWO_READS
from aggregators.series.counters import rates
from aggregators.series.grouping import VALUE, column
from aggregators.series.histograms import merged_counters, whole
from aggregators.series.last_reads import latest
from aggregators.series.quantiles import histogram_quantile
from aggregators.series.resolution import POINT_SECONDS, kept_step
from aggregators.series.rollups import rolled_up
from aggregators.series.sources import of_kind
from aggregators.series.window import Window
from model.measure import Measure
from model.rollup import LATENCY
from model.series import Unit
from model.sources import SourceState
from model.status import Reading
from store.snapshot import Snapshot

SPANS = "signoz_operation_duration_seconds"
WINDOW_SECONDS = 300.0
NOW_SECONDS = 5.0
MIN_STEP_SECONDS = 2.0
FINE_STEP_SECONDS = 60.0
"""Shorter steps need every read."""
_ALL_OPERATIONS = ("", "*", "all")


@dataclass(frozen=True, slots=True)
class Traffic:
    """Figures of the last 5 minutes, but the rates (last 5 s) and `errors_last_minute` (failed in the last 60 s)."""

    success_ratio: Measure
    error_ratio: Measure
    requests: Measure
    errors_last_minute: Measure
    per_second: Measure
    read_per_second: Measure
    write_per_second: Measure
    other_per_second: Measure
    p50: Measure
    p99: Measure
    p999: Measure


def traffic(snapshot: Snapshot, now: float) -> Traffic:
    """The answer for all patterns and namespaces together."""
    asked = requests_window(snapshot, now, WINDOW_SECONDS)
    timed = summed_window(snapshot, now, LATENCY, WINDOW_SECONDS)
    failed, total = failed_and_total(asked.counters, asked.start, asked.at)
    minute, _ = failed_and_total(asked.counters, asked.at - 60.0, asked.at)
    why = _why_none(total)
    success = error = asked.measure(Unit.RATIO, None, Measure.not_reported(Unit.RATIO, why))
    if failed is not None and total is not None:
        success, error = asked.ratio(total - failed, total), asked.ratio(failed, total)
    factor = requests_a_span(snapshot, now)
    requests = of_all(asked, Unit.COUNT, total, factor)
    everything, read, write, other = (of_all(asked, Unit.PER_SECOND, one, factor) for one in _rates_now(asked))
    p50, p99, p999 = _latency(snapshot, now, timed)
    return Traffic(
        success_ratio=success,
        error_ratio=error,
        requests=requests,
        errors_last_minute=asked.measure(Unit.COUNT, minute, Measure.not_reported(Unit.COUNT, why)),
        per_second=everything,
        read_per_second=read,
        write_per_second=write,
        other_per_second=other,
        p50=p50,
        p99=p99,
        p999=p999,
    )


def request_figures(flow: Traffic) -> dict[str, Any]:
    """The figures by the names that they have in an answer of the whole and in one of a pattern."""
    return {
        "success": flow.success_ratio,
        "error": flow.error_ratio,
        "errors_last_minute": flow.errors_last_minute,
        "requests": flow.per_second,
        "reads": flow.read_per_second,
        "writes": flow.write_per_second,
        "latency_p50": flow.p50,
        "latency_p99": flow.p99,
        "latency_p999": flow.p999,
    }


def traffic_series(snapshot: Snapshot, now: float, window: float = WINDOW_SECONDS, step: float = 0.0) -> Lines:
    """The last `window` seconds of all patterns and namespaces together as chart lines, a point each `step` or what two
    reads take; of a past that was loaded, a point for each that is kept.
    """
    step = max([step, MIN_STEP_SECONDS, *(_least_step(snapshot, one) for one in of_kind(snapshot, "proxy"))])
    step = kept_step(snapshot, now - window, now, step)
    fine = window if step < FINE_STEP_SECONDS else 0.0
    asked = Window.of(snapshot, now, REQUESTS, window, coarse=fine == 0.0, fine=fine)
    laid_out = rolled_up(snapshot, now, LATENCY, window, fine=fine).laid_out(LATENCY.by)
    return traffic_lines(asked.counters, laid_out, asked.at, window, step)


def _least_step(snapshot: Snapshot, proxy: SourceState) -> float:
    every = proxy.interval_seconds
    return every if snapshot.is_past and every >= POINT_SECONDS else 2 * every


def _why_none(total: float | None) -> str:
    return TWO_READS if total is None else f"{REQUESTS} has no status label; one would fill it"


def _rates_now(asked: Window) -> tuple[float | None, ...]:
    """Requests per second of the last 5 s: all, read, write, other; None when fewer than two reads bear on them."""
    grown = rates(asked.counters, asked.at - NOW_SECONDS, asked.at)
    if len(grown) == 0:
        return (None,) * (1 + len(CLASSES))
    values = grown[VALUE].to_numpy(dtype=np.float64)
    sums = np.bincount(class_codes(grown), weights=values, minlength=len(CLASSES))
    return (float(values.sum()), *sums.tolist())


def _latency(snapshot: Snapshot, now: float, timed: Window) -> list[Measure]:
    """The quantiles of the last 5 minutes; from SigNoz when the proxy reports no histogram."""
    if timed.availability.reading is Reading.NOT_REPORTED:
        return [_from_signoz(snapshot, now, q, timed.availability.note) for q in QUANTILES]
    buckets = whole(merged_counters(timed.laid_out(LATENCY.by), timed.start, timed.at))
    waiting = None if len(buckets.bounds) else Measure.not_reported(Unit.SECONDS, TWO_READS)
    return [
        timed.measure(Unit.SECONDS, histogram_quantile(q, buckets.bounds, buckets.counts), waiting) for q in QUANTILES
    ]


def _from_signoz(snapshot: Snapshot, now: float, q: float, why: str) -> Measure:
    """SigNoz's quantiles are per operation and cannot be merged: used only when it reports one, or of all as one."""
    if not of_kind(snapshot, "signoz"):
        return Measure.not_reported(Unit.SECONDS, why)
    spans = Window.newest(snapshot, now, SPANS)
    if not spans.reports:
        return Measure.not_reported(Unit.SECONDS, why)
    reported = latest(spans.frame, spans.at, spans.seconds)
    of_q = reported[np.array([_same_quantile(str(one), q) for one in column(reported, "quantile")], dtype=bool)]
    of_all = of_q[np.isin(column(of_q, "operation").astype(str), _ALL_OPERATIONS)]
    chosen = of_all if len(of_all) else of_q
    if len(chosen) != 1:
        return Measure.not_reported(
            Unit.SECONDS, f"{why}; SigNoz reports it per operation only, which cannot be merged"
        )
    measure = spans.measure(Unit.SECONDS, float(chosen[VALUE].iloc[0]))
    return replace(measure, note="from SigNoz's spans, which are sampled: the proxy reports no histogram")


def _same_quantile(word: str, q: float) -> bool:
    try:
        return abs(float(word) - q) < 1e-9
    except ValueError:
        return False
