"""Counters to increases and rates, over resets, gaps and many proxies (law 4).

Everything rests on one matrix per block: `monotone`, the counters with their resets taken out, so that the increase
between any two rows is a subtraction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from aggregators.series.grouping import VALUE, Floats, group_codes, joined, named
from aggregators.series.histogram_shape import with_every_edge
from aggregators.series.process_tracks import fallen, filled, increments, levels_of, tracks_of
from model.catalogue.source_kinds import KINDS
from model.process_tracker import CLOCK_SLACK_SECONDS, JUMP_FACTOR, LEAST_FALL, SAME_START_SECONDS
from model.rollup import SUMMED
from store.frames import Block, Frame
from store.series_table import emptied

WHOLE_READS = frozenset(kind.name for kind in KINDS if kind.exposition)
"""Sources that report all that they count in one answer."""


class Counter(NamedTuple):
    """One block made monotone: `times` (T,), `totals` (T, S) never falling, `labels` (S rows)."""

    times: Floats
    totals: Floats
    labels: pd.DataFrame


def monotone(values: Floats, together: float = -np.inf) -> Floats:
    """Counters (T, S) without resets and gaps: each column never falls; differences are increases.

    Where one fell to a sum of no more than `together` all were reset, and what is higher by then was counted since.

    A NaN repeats the last known value. A series first seen after other series of its family counts from 0; rows
    before the whole family was first seen say nothing, so its first row is a baseline.
    """
    values = filled(values)
    fell = fallen(values, together)
    columns = np.flatnonzero(fell.any(axis=0))
    if len(columns) == 0:
        return values
    repaired = values.copy()
    lost = np.where(fell[:, columns], values[:-1, columns], 0.0)
    repaired[1:, columns] += np.cumsum(lost, axis=0)
    return repaired


def counters(frame: Frame) -> tuple[Counter, ...]:
    """The blocks of a counter family, made monotone.

    Of the rows before the family was first seen the last one counts as 0, where a source reports all in one answer
    (`SourceKind.exposition`): a counter is born at its first event. Elsewhere they are left out, since nothing
    was known.
    """
    return tuple(_counter(block) for block in frame.blocks)


def _counter(block: Block) -> Counter:
    values = with_every_edge(block.labels, block.samples)
    times = block.times
    summed = block.series[0].name in SUMMED
    started = None if summed else block.started()
    if np.isnan(values[0]).all():
        some = ~np.isnan(values).all(axis=1)
        first = int(some.argmax()) if some.any() else len(values)
        born = 0 < first < len(values) and block.source.partition("@")[0] in WHOLE_READS
        born = born and not _returns(block, started, first)
        first -= born
        values, times = values[first:], times[first:]
        started = None if started is None else started[first:]
        if born:
            values = np.concatenate([np.zeros_like(values[:1]), values[1:]])
    values = _bridged(times, values if summed else emptied(times, values, started), started)
    totals = monotone(values) if summed or not len(values) else _totals(times, values, started)
    return Counter(times, totals, block.labels)


def _returns(block: Block, started: Floats | None, first: int) -> bool:
    """Whether what was first seen in row `first` was counted long before, and only not reported.

    A process that began since had counted nothing; of one that lived it shows by what it had reported before.
    """
    level, start = float(np.nansum(block.samples[first])), np.nan if started is None else float(started[first])
    if start >= block.times[first - 1] - CLOCK_SLACK_SECONDS:
        return False
    return level > JUMP_FACTOR * LEAST_FALL or level >= block.before()


def _bridged(times: Floats, values: Floats, started: Floats | None) -> Floats:
    """(T, S) where nothing of the family was reported for some reads and it then went on: it was counted meanwhile,
    evenly as far as anybody knows, and not all at once when it returned. Where anything was reset, or another process
    answered meanwhile, nothing went on.
    """
    reported = np.flatnonzero(~np.isnan(values).all(axis=1))
    gaps = np.flatnonzero(np.diff(reported) > 1)
    if not len(gaps):
        return values
    bridged, carried = values.copy(), filled(values)
    for before, after in zip(reported[gaps], reported[gaps + 1], strict=True):
        if started is not None and np.ptp(started[before : after + 1]) >= SAME_START_SECONDS:
            continue
        share = (times[before + 1 : after] - times[before]) / (times[after] - times[before])
        grown = carried[after] - carried[before]
        between = carried[before] + share[:, None] * grown
        bridged[before + 1 : after] = np.where((grown >= 0).all() & ~np.isnan(values[before]), between, np.nan)
    return bridged


def _totals(times: Floats, values: Floats, started: Floats | None) -> Floats:
    """`monotone`, process by process where several answered at one address."""
    full = filled(values)
    tracks = tracks_of(times, levels_of(values, full, started), started)
    together = LEAST_FALL if started is None else -np.inf
    if tracks is None:
        return monotone(full, together)
    return np.asarray(full[0] + np.cumsum(increments(values, tracks, together), axis=0), dtype=np.float64)


def edges(times: Floats, start: float, end: float) -> tuple[int, int] | None:
    """Baseline row and last row of a window: the last at or before `start` (else the first), the last up to `end`.

    None when fewer than two rows bear on the window.
    """
    last = int(times.searchsorted(end, "right")) - 1
    base = max(int(times.searchsorted(start, "right")) - 1, 0)
    return (base, last) if last > base else None


def increase(frame: Frame, start: float, end: float) -> pd.DataFrame:
    """How much each counter grew in (start, end]: its labels and `value`, one row per series of every block.

    Blocks with fewer than two reads in the window give no rows: nothing is known of them.
    """
    return increases(counters(frame), start, end)


def rate(frame: Frame, start: float, end: float) -> pd.DataFrame:
    """Per second, over the time that the reads really cover; no rows for a block with fewer than two reads."""
    return rates(counters(frame), start, end)


def increases(known: Sequence[Counter], start: float, end: float) -> pd.DataFrame:
    """`increase`, from counters already made monotone."""
    return _per_series(known, start, end, lambda grown, seconds: grown)


def growth(
    known: Sequence[Counter], start: float, end: float, by: Sequence[str]
) -> dict[tuple[str, ...], float] | None:
    """`increases` summed by these labels' values; None before two reads of anything."""
    found: dict[tuple[str, ...], float] = {}
    for counter in known:
        rows = edges(counter.times, start, end)
        if rows is not None:
            codes, groups = group_codes(counter.labels, by)
            grown = counter.totals[rows[1]] - counter.totals[rows[0]]
            sums = np.bincount(codes, weights=grown, minlength=len(groups)).tolist()
            for group, value in zip(groups, sums, strict=True):
                found[group] = found.get(group, 0.0) + value
    return found or None


def rates(known: Sequence[Counter], start: float, end: float) -> pd.DataFrame:
    """`rate`, from counters already made monotone."""
    return _per_series(known, start, end, lambda grown, seconds: grown / seconds)


def _per_series(
    known: Sequence[Counter], start: float, end: float, scale: Callable[[Floats, float], Floats]
) -> pd.DataFrame:
    parts = []
    for counter in known:
        rows = edges(counter.times, start, end)
        if rows is None:
            continue
        base, last = rows
        grown = counter.totals[last] - counter.totals[base]
        seconds = float(counter.times[last] - counter.times[base])
        parts.append(named(counter.labels).assign(**{VALUE: scale(grown, seconds)}))
    return joined(parts)


def sli_ratio(good: float, total: float) -> float | None:
    """Good events over all events, sums over sums; None for 0/0, which is "no traffic" and never 100 %."""
    return good / total if total > 0 else None
