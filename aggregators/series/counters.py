"""Counters to increases and rates, over resets, gaps and many proxies (law 4).

Everything rests on one matrix per block: `monotone`, the counters with their resets taken out, so that the increase
between any two rows is a subtraction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregators.series.process_tracks import filled, increments, tracks_of
from model.catalogue.source_kinds import KINDS
from model.rollup import SUMMED
from store.snapshot import Block, Frame

WHOLE_READS = frozenset(kind.name for kind in KINDS if kind.exposition)
"""Sources that report all that they count in one answer."""
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

VALUE, READ_AT, READ_FROM = "value", "read_at", "read_from"
LABEL_VALUE = "value_label"
"""What a label that is itself called "value" is called in an answer."""


class Counter(NamedTuple):
    """One block made monotone: `times` (T,), `totals` (T, S) never falling, `labels` (S rows)."""

    times: Floats
    totals: Floats
    labels: pd.DataFrame


def monotone(values: Floats) -> Floats:
    """Counters (T, S) without resets and gaps: each column never falls; differences are increases.

    A NaN repeats the last known value. A series first seen after other series of its family counts from 0; rows
    before the whole family was first seen say nothing, so its first row is a baseline.
    """
    values = filled(values)
    fell = values[1:] < values[:-1]
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
    values = block.values.to_numpy(dtype=np.float64)
    times = block.values.index.to_numpy(dtype=np.float64)
    summed = block.series[0].name in SUMMED
    started = None if summed else block.started()
    if np.isnan(values[0]).all():
        some = ~np.isnan(values).all(axis=1)
        first = int(some.argmax()) if some.any() else len(values)
        born = 0 < first < len(values) and block.source.partition("@")[0] in WHOLE_READS
        first -= born
        values, times = values[first:], times[first:]
        started = None if started is None else started[first:]
        if born:
            values = np.concatenate([np.zeros_like(values[:1]), values[1:]])
    totals = monotone(values) if summed or not len(values) else _totals(times, values, started)
    return Counter(times, totals, block.labels)


def _totals(times: Floats, values: Floats, started: Floats | None) -> Floats:
    """`monotone`, process by process where several answered at one address."""
    full = filled(values)
    tracks = tracks_of(times, full.sum(axis=1), started)
    if tracks is None:
        return monotone(full)
    return np.asarray(full[0] + np.cumsum(increments(values, tracks), axis=0), dtype=np.float64)


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
        parts.append(_named(counter.labels).assign(**{VALUE: scale(grown, seconds)}))
    return joined(parts)


def _named(labels: pd.DataFrame) -> pd.DataFrame:
    return labels.rename(columns={VALUE: LABEL_VALUE}) if VALUE in labels.columns else labels


def joined(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Answers of several blocks as one; a label that a block lacks is ''."""
    if not parts:
        return pd.DataFrame({VALUE: np.array([], dtype=np.float64)})
    if len(parts) == 1:
        return parts[0]
    whole = pd.concat(parts, ignore_index=True)
    labels = [name for name in whole.columns if name != VALUE]
    return whole.fillna(dict.fromkeys(labels, ""))


def column(labels: pd.DataFrame, name: str) -> npt.NDArray[np.object_]:
    """One label of every row; '' throughout when no row has it."""
    if name not in labels.columns:
        return np.full(len(labels), "", dtype=object)
    return labels[name].to_numpy(dtype=object)


def group_codes(labels: pd.DataFrame, by: Sequence[str]) -> tuple[Indices, list[tuple[str, ...]]]:
    """Which group each row is in, and the groups in order of first appearance, as tuples of label values."""
    codes = np.zeros(len(labels), dtype=np.intp)
    for name in by:
        own, values = pd.factorize(column(labels, name))
        codes = codes * max(len(values), 1) + own
    _, first, packed = np.unique(codes, return_index=True, return_inverse=True)
    columns = [column(labels, name) for name in by]
    groups = [tuple(str(values[row]) for values in columns) for row in first]
    return packed.astype(np.intp), groups


def sum_by(answer: pd.DataFrame, labels: Sequence[str]) -> pd.DataFrame:
    """The answer summed over all but these labels: one row per distinct combination."""
    codes, groups = group_codes(answer, labels)
    sums = np.bincount(codes, weights=answer[VALUE].to_numpy(dtype=np.float64), minlength=len(groups))
    data: dict[str, object] = {name: [group[i] for group in groups] for i, name in enumerate(labels)}
    return pd.DataFrame(data | {VALUE: sums})


def totals_by(answer: pd.DataFrame, *labels: str) -> dict[tuple[str, ...], float]:
    """`sum_by` as a mapping from label values to the sum."""
    codes, groups = group_codes(answer, labels)
    sums = np.bincount(codes, weights=answer[VALUE].to_numpy(dtype=np.float64), minlength=len(groups))
    return dict(zip(groups, sums.tolist(), strict=True))


class Last(NamedTuple):
    """One series of a source's last read: its labels, value, when (seconds since 1970) and the source's key."""

    labels: dict[str, str]
    value: float
    read_at: float
    read_from: str

    def label(self, name: str) -> str:
        """One label; '' when there is none of that name."""
        return self.labels.get(name, "")


def last_read(frame: Frame, now: float, max_age: float) -> list[Last]:
    """What each source's last read said, when it is no older than `max_age` seconds.

    A series that the last read lacked is not there any more, whatever an older read said.
    """
    found = []
    for block in frame.blocks:
        times = block.values.index.to_numpy(dtype=np.float64)
        row = int(times.searchsorted(now, "right")) - 1
        if row < 0 or now - times[row] > max_age:
            continue
        values, at = block.values.to_numpy(dtype=np.float64)[row].tolist(), float(times[row])
        for series, value in zip(block.series, values, strict=True):
            if value == value:  # not NaN
                found.append(Last(dict(series.labels), value, at, block.source))
    return found


def latest(frame: Frame, now: float, max_age: float) -> pd.DataFrame:
    """`last_read` as a table: the labels, `value`, `read_at` and `read_from`."""
    found = last_read(frame, now, max_age)
    labels = pd.DataFrame([one.labels for one in found], dtype=object).fillna("")
    return _named(labels).assign(
        **{
            VALUE: np.array([one.value for one in found], dtype=np.float64),
            READ_AT: np.array([one.read_at for one in found], dtype=np.float64),
            READ_FROM: np.array([one.read_from for one in found], dtype=object),
        }
    )


def grid(start: float, end: float, step: float) -> Floats:
    """Step end times in (start, end]: start + step, start + 2 step, …"""
    count = int(np.floor((end - start) / step + 1e-9))
    return np.asarray(start + step * np.arange(1, count + 1), dtype=np.float64)


def steps(times: Floats, ends: Floats, step: float) -> tuple[Indices, Indices, Floats]:
    """For each step (end - step, end]: its last row, its baseline row, and the seconds between them.

    Seconds are NaN for a step without a read, or with nothing before its only read.
    """
    last = times.searchsorted(ends, "right") - 1
    base = times.searchsorted(ends - step, "right") - 1
    empty = last <= base
    base = np.maximum(base, 0)
    last = np.maximum(last, 0)
    seconds = np.where(empty | (last <= base), np.nan, times[last] - times[base])
    return last.astype(np.intp), base.astype(np.intp), seconds


def grouped(matrix: Floats, codes: Indices, count: int) -> Floats:
    """The columns of (R, S) summed by group: (R, count)."""
    order = np.argsort(codes, kind="stable")
    starts = np.searchsorted(codes[order], np.arange(count))
    if matrix.shape[1] == 0 or count == 0:
        return np.zeros((matrix.shape[0], count))
    return np.asarray(np.add.reduceat(matrix[:, order], starts, axis=1), dtype=np.float64)


def rate_over_time(frame: Frame, start: float, end: float, step: float, by: Sequence[str]) -> pd.DataFrame:
    """Per second in each step: index is step end times, columns are tuples of the `by` labels' values.

    A step without reads is NaN (a gap stays a gap); the increase over a gap is spread over the time it took, so the
    first step after it does not spike. Several proxies add up.
    """
    ends = grid(start, end, step)
    sums: dict[tuple[str, ...], Floats] = {}
    for counter in counters(frame):
        if len(counter.times) == 0:
            continue
        last, base, seconds = steps(counter.times, ends, step)
        codes, groups = group_codes(counter.labels, by)
        rates = grouped(counter.totals[last] - counter.totals[base], codes, len(groups)) / seconds[:, None]
        for position, group in enumerate(groups):
            sums[group] = _added(sums.get(group), rates[:, position])
    table = pd.DataFrame(index=pd.Index(ends, name="time"))
    for group, values in sums.items():
        table[group] = values
    table.columns = pd.Index(list(sums), tupleize_cols=False)
    return table


def _added(known: Floats | None, more: Floats) -> Floats:
    """The sum of what is known; NaN only where neither is."""
    if known is None:
        return more
    return np.where(np.isnan(known), more, known + np.nan_to_num(more))


def sli_ratio(good: float, total: float) -> float | None:
    """Good events over all events, sums over sums; None for 0/0, which is "no traffic" and never 100 %."""
    return good / total if total > 0 else None
