"""The last 5 minutes of requests as chart lines: latency, reads and writes, errors (view 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aggregators.requests.labels import CLASSES, class_codes, is_failure
from aggregators.series.counters import Counter
from aggregators.series.grouping import column
from aggregators.series.histograms import Layout, quantiles_by_group
from aggregators.series.stepped_rates import grid, steps

QUANTILES = (0.5, 0.99, 0.999)
ERROR_STEP_SECONDS = 10.0

Line = tuple[float | None, ...]
"""A chart line: one value per instant, None where nothing was read."""
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lines:
    """The last 5 minutes as chart lines. `times` end each step, in seconds since 1970; aligned to whole steps.

    Latency is in seconds; where `p99_bounds` is '<' or '>' the value is the bucket edge that it lies beyond.
    Rates are per second. `error_times` end 10 s steps; `errors_per_minute` are the errors of a step, per minute.
    """

    times: tuple[float, ...]
    p50: Line
    p99: Line
    p999: Line
    p99_bounds: tuple[str, ...]
    read: Line
    write: Line
    other: Line
    error_times: tuple[float, ...]
    errors_per_minute: Line


def traffic_lines(
    parts: Sequence[Counter],
    histograms: Sequence[tuple[Counter, Sequence[Layout]]],
    at: float,
    window: float,
    step: float,
) -> Lines:
    """The lines that end at the last whole step before `at`: a redraw adds points and moves none."""
    start, end = whole_steps(at, window, step)
    ends = grid(start, end, step)
    none: Line = (None,) * len(ends)
    latency = quantiles_by_group(histograms, QUANTILES, start, end, step).get(())
    slow = [none if latency is None else line(latency.values[q].to_numpy()) for q in QUANTILES]
    rates = stacked(parts, start, end, step)
    classes = [none if rates is None else line(rates[:, position]) for position in range(len(CLASSES))]
    bar = max(ERROR_STEP_SECONDS, step)
    bar_start, bar_end = whole_steps(at, window, bar)
    return Lines(
        times=tuple(ends.tolist()),
        p50=slow[0],
        p99=slow[1],
        p999=slow[2],
        p99_bounds=("",) * len(ends) if latency is None else tuple(latency.bounds[0.99]),
        read=classes[0],
        write=classes[1],
        other=classes[2],
        error_times=tuple(grid(bar_start, bar_end, bar).tolist()),
        errors_per_minute=line(_errors(parts, bar_start, bar_end, bar) * 60),
    )


def whole_steps(at: float, window: float, step: float) -> tuple[float, float]:
    """(start, end) of the whole steps in the last `window` seconds, both multiples of `step`."""
    end = float(np.floor(at / step) * step)
    return end - float(np.floor(window / step) * step), end


def line(values: Floats) -> Line:
    """An array as a chart line: NaN becomes None."""
    return tuple(None if np.isnan(one) else one for one in values.tolist())


def stacked(parts: Sequence[Counter], start: float, end: float, step: float) -> Floats | None:
    """Requests per second by class (R, 3); NaN where nothing was read; None when there is no family at all."""
    if not parts:
        return None
    return _summed([_step_rates(part, start, end, step, class_codes(part.labels), len(CLASSES)) for part in parts])


def _errors(parts: Sequence[Counter], start: float, end: float, step: float) -> Floats:
    """Failed requests per second (R,); NaN where nothing was read or no request says how it went."""
    known = [part for part in parts if "status" in part.labels.columns]
    if not known:
        return np.full(len(grid(start, end, step)), np.nan)
    failures = [is_failure(column(part.labels, "status")).astype(np.intp) for part in known]
    return _summed(
        [_step_rates(part, start, end, step, codes, 2) for part, codes in zip(known, failures, strict=True)]
    )[:, 1]


def _step_rates(
    part: Counter, start: float, end: float, step: float, codes: npt.NDArray[np.intp], count: int
) -> Floats:
    ends = grid(start, end, step)
    if len(part.times) == 0:
        return np.full((len(ends), count), np.nan)
    last, base, seconds = steps(part.times, ends, step)
    weights = np.zeros((len(codes), count))
    weights[np.arange(len(codes)), codes] = 1.0
    grown: Floats = (part.totals[last] - part.totals[base]) @ weights
    return grown / seconds[:, None]


def _summed(rates: list[Floats]) -> Floats:
    """Several proxies' rates added; NaN only where none of them was read."""
    stack = np.stack(rates)
    total: Floats = np.nansum(stack, axis=0)
    total[np.isnan(stack).all(axis=0)] = np.nan
    return total
