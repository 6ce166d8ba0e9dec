"""Requests over any window of the last 24 hours as chart lines: what the incident report draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregators.performance.performance_series import performance_series
from aggregators.requests.labels import REQUESTS, is_failure
from aggregators.requests.traffic_series import Line, line, whole_steps
from aggregators.series.stepped_rates import rate_over_time
from store.snapshot import Snapshot

FINE_SECONDS, FINE_STEP, COARSE_STEP, DAY_STEP = 1800.0, 10.0, 60.0, 300.0
"""Windows up to half an hour are drawn from every read."""
SIX_HOURS = 21600.0


@dataclass(frozen=True, slots=True)
class ReportLines:
    """`times` end each step of `step_seconds`, in seconds since 1970. Latency in seconds, requests per second by
    pattern, `errors` per minute. None where nothing was read.
    """

    step_seconds: float
    times: tuple[float, ...]
    p50: Line
    p99: Line
    throughput: tuple[tuple[str, Line], ...]
    error_times: tuple[float, ...]
    errors: Line


def report_series(snapshot: Snapshot, until: float, seconds: float) -> ReportLines:
    """The lines of the `seconds` before `until`."""
    step = FINE_STEP if seconds <= FINE_SECONDS else COARSE_STEP if seconds <= SIX_HOURS else DAY_STEP
    found = performance_series(snapshot, until, seconds, step)
    rest = (("others", found.throughput.others),) if found.throughput.more else ()
    heat, step = found.heat, found.heat.step_seconds
    times, errors = _errors(snapshot, until, seconds, step)
    return ReportLines(step, heat.times, heat.p50, heat.p99, (*found.throughput.lines, *rest), times, errors)


def _errors(snapshot: Snapshot, until: float, seconds: float, step: float) -> tuple[tuple[float, ...], Line]:
    """Failed requests per minute."""
    start, end = whole_steps(until, seconds, step)
    coarse = step >= COARSE_STEP
    frame = snapshot.frame(REQUESTS, start, end, coarse=coarse, fine=0.0)
    table = rate_over_time(frame, start, end, step, ("status",))
    times = tuple(float(one) for one in table.index)
    statuses = np.array([group[0] for group in table.columns], dtype=object)
    if not len(statuses):
        return times, (None,) * len(times)
    rates = table.to_numpy(dtype=np.float64)
    failed = np.nansum(rates[:, is_failure(statuses)], axis=1) * 60.0
    failed[np.isnan(rates).all(axis=1)] = np.nan
    return times, line(failed)
