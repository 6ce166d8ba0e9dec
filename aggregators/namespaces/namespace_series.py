"""The last hour of one namespace as chart lines: P99, throughput, error ratio (view 5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregators.requests.labels import CLASSES, LATENCY, REQUESTS, is_failure
from aggregators.requests.traffic_series import Line, line, stacked, whole_steps
from aggregators.series.counters import counters
from aggregators.series.histograms import layouts, quantiles_by_group
from aggregators.series.label_filter import with_label
from aggregators.series.resolution import kept_step
from aggregators.series.sources import read_until
from aggregators.series.stepped_rates import grid, rate_over_time
from store.frames import Frame
from store.snapshot import Snapshot

FINE_SECONDS = 300.0
"""A window up to this long is drawn from every read, a longer one from one-minute points."""
COARSE_STEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class NamespaceLines:
    """`times` end each step, in seconds since 1970. Latency in seconds, rates per second, failed over all requests.

    None where nothing was read; a latency and a ratio also where nothing was asked.
    """

    times: tuple[float, ...]
    p50: Line
    p99: Line
    read: Line
    write: Line
    other: Line
    error_ratio: Line


def namespace_series(snapshot: Snapshot, now: float, name: str, window: float, step: float) -> NamespaceLines:
    """The lines that end at the last whole step before `now`, or before the last good read of the proxy."""
    at, narrowed = read_until(snapshot, now, "proxy"), with_label(snapshot, "namespace", name)
    coarse = window > FINE_SECONDS
    step = max(step, COARSE_STEP_SECONDS) if coarse else step
    step = kept_step(snapshot, at - window, at, step)
    start, end = whole_steps(at, window, step)

    def frame(family: str) -> Frame:
        return narrowed.frame(family, start, end, coarse=coarse, fine=0.0)

    requests, timed = frame(REQUESTS), counters(frame(LATENCY))
    ends = grid(start, end, step)
    none: Line = (None,) * len(ends)
    latency = quantiles_by_group([(part, layouts(part.labels, ())) for part in timed], (0.5, 0.99), start, end, step)
    reported = latency.get(())
    p50, p99 = (none if reported is None else line(reported.values[q].to_numpy()) for q in (0.5, 0.99))
    rates = stacked(counters(requests), start, end, step)
    classes = [none if rates is None else line(rates[:, kind]) for kind in range(len(CLASSES))]
    read, write, other = classes
    return NamespaceLines(tuple(ends.tolist()), p50, p99, read, write, other, _error_ratio(requests, start, end, step))


def _error_ratio(requests: Frame, start: float, end: float, step: float) -> Line:
    """Failed over all requests that say how they went, step by step."""
    table = rate_over_time(requests, start, end, step, ("status",))
    statuses = np.empty(table.shape[1], dtype=object)
    statuses[:] = [group[0] for group in table.columns]
    reported = statuses != ""
    rates = table.to_numpy(dtype=np.float64)[:, reported]
    with np.errstate(invalid="ignore", divide="ignore"):
        return line(np.nansum(rates[:, is_failure(statuses[reported])], axis=1) / np.nansum(rates, axis=1))
