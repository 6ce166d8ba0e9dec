"""Latency by bucket and requests by pattern over a window, step by step: the charts of view 2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregators.requests.traffic import FINE_STEP_SECONDS
from aggregators.requests.traffic_series import Line, line, whole_steps
from aggregators.series.histograms import combined, counts_in_steps
from aggregators.series.quantiles import Floats, quantile_rows
from aggregators.series.resolution import kept_step
from aggregators.series.rollups import rolled_up
from aggregators.series.stepped_rates import grid, rate_over_time, steps
from aggregators.series.window import Window
from model.rollup import LATENCY, PATTERNS, RollUp
from model.status import Reading
from store.snapshot import Snapshot

MOST_PATTERNS = 6
LEAST_SHARE = 0.01
"""Where there are more than that, less than this of all requests could not be seen anyway."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Requests per step and bucket. `times` (R,) end each step, in seconds since 1970; `bounds` (B,) are upper edges in
    seconds, the last may be infinite; `counts` R rows of B, None for a step without reads.

    `p50` and `p99` are in seconds; where their bounds are '<' or '>' the value is the edge that it lies beyond.
    """

    step_seconds: float
    times: tuple[float, ...]
    bounds: tuple[float, ...]
    counts: tuple[tuple[float, ...] | None, ...]
    p50: Line
    p99: Line
    p50_bounds: tuple[str, ...]
    p99_bounds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Throughput:
    """Requests per second and step: `lines` by pattern, the busiest first; `others` are those beyond, `more` of them.

    `times` as in Heat. A pattern called '' is named by no label.
    """

    step_seconds: float
    times: tuple[float, ...]
    lines: tuple[tuple[str, Line], ...]
    others: Line
    more: int


@dataclass(frozen=True, slots=True)
class PerformanceLines:
    """Both charts, and how what they stand on is read."""

    heat: Heat
    throughput: Throughput
    heat_reading: Reading
    throughput_reading: Reading


def performance_series(snapshot: Snapshot, now: float, window: float, step: float) -> PerformanceLines:
    """The last `window` seconds in steps of `step`, or of what is kept: a redraw adds steps and moves none."""
    step = kept_step(snapshot, now - window, now, step)
    timed, asked = (_read(snapshot, now, rule, window, step) for rule in (LATENCY, PATTERNS))
    return PerformanceLines(
        _heat(timed, window, step),
        _throughput(asked, window, step),
        timed.availability.reading,
        asked.availability.reading,
    )


def _read(snapshot: Snapshot, now: float, rule: RollUp, window: float, step: float) -> Window:
    """A step more than the window, since it begins at a whole one."""
    return rolled_up(snapshot, now, rule, window + step, fine=window + step if step < FINE_STEP_SECONDS else 0.0)


def _heat(reported: Window, window: float, step: float) -> Heat:
    start, end = whole_steps(reported.at, window, step)
    ends = grid(start, end, step)
    found = combined(counts_in_steps(reported.laid_out(LATENCY.by), ends, step)).get(())
    if found is None:
        none: Line = (None,) * len(ends)
        return Heat(
            step, tuple(ends.tolist()), (), (None,) * len(ends), none, none, ("",) * len(ends), ("",) * len(ends)
        )
    bounds, cumulative = found
    unread = np.ones(len(ends), dtype=bool)
    for counter in reported.counters:
        if len(counter.times):
            unread &= np.isnan(steps(counter.times, ends, step)[2])
    rose = np.maximum.accumulate(cumulative, axis=1)
    counts = np.diff(rose, axis=1, prepend=0.0).tolist()
    lines = [quantile_rows(q, bounds, cumulative) for q in (0.5, 0.99)]
    return Heat(
        step_seconds=step,
        times=tuple(ends.tolist()),
        bounds=tuple(bounds.tolist()),
        counts=tuple(None if gap else tuple(row) for gap, row in zip(unread.tolist(), counts, strict=True)),
        p50=line(lines[0][0]),
        p99=line(lines[1][0]),
        p50_bounds=tuple(lines[0][1].tolist()),
        p99_bounds=tuple(lines[1][1].tolist()),
    )


def _throughput(reported: Window, window: float, step: float) -> Throughput:
    start, end = whole_steps(reported.at, window, step)
    times = tuple(grid(start, end, step).tolist())
    if not reported.counters:
        return Throughput(step, times, (), (None,) * len(times), 0)
    table = rate_over_time(reported.frame, start, end, step, ("pattern",))
    rates: Floats = table.to_numpy(dtype=np.float64)
    names = [str(group[0]) for group in table.columns]
    total = np.nansum(rates, axis=0) if len(rates) else np.zeros(len(names))
    order = sorted(range(len(names)), key=lambda at: (-total[at], names[at]))
    asked = [at for at in order if total[at] > 0] or order
    seen = sum(total[at] >= LEAST_SHARE * total.sum() for at in asked) if len(asked) > MOST_PATTERNS else len(asked)
    shown, rest = asked[: min(seen, MOST_PATTERNS)], asked[min(seen, MOST_PATTERNS) :]
    unread = np.asarray(np.isnan(rates).all(axis=1))
    summed = np.where(unread, np.nan, np.nansum(rates[:, rest], axis=1))
    filled = np.where(unread[:, None], np.nan, np.nan_to_num(rates))
    return Throughput(
        step_seconds=step,
        times=times,
        lines=tuple((names[at], line(filled[:, at])) for at in shown),
        others=line(summed) if rest else (None,) * len(times),
        more=len(rest),
    )
