"""What a reader gives: one sample name over a window as pandas frames, a block per source."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from model.series import Series
from store.series_table import FamilyColumns, Floats, Segment, SeriesTable

START_FAMILIES = ("process_start_time_seconds", "prism_admin_process_start_time_seconds")
"""What a process says of its own start."""


class Readable(Protocol):
    """What a frame is cut from: a Segment, or a stored one that reads one family at a time."""

    @property
    def source(self) -> str:
        """The source's key."""

    @property
    def table(self) -> SeriesTable:
        """The series of its columns."""

    @property
    def times(self) -> Floats:
        """(T,), ascending, at least one."""

    def cut(self, name: str, low: int = 0, high: int | None = None) -> Floats | None:
        """The rows [low, high) of (T, n), or None when they can be read no more (of an old snapshot)."""

    def until(self, time: float) -> Readable:
        """The rows no later than `time`; perhaps none."""


@dataclass(frozen=True)
class Block:
    """Consecutive reads of one source, for one family.

    `times` (T,), seconds since 1970, ascending; `samples` (T, S), S as in `series`, NaN where that read lacked that
    series.
    """

    source: str
    columns: FamilyColumns
    times: Floats
    samples: Floats
    started: Callable[[], Floats | None] = lambda: None
    """(T,) when the process that answered each read had started, in seconds since 1970, NaN where a read did not say;
    None when no read did."""
    before: Callable[[], float] = lambda: np.nan
    """What the source last reported in the hour before the first row, all of it together; NaN for nothing."""

    @property
    def series(self) -> tuple[Series, ...]:
        """What the columns are."""
        return self.columns.series

    @property
    def labels(self) -> pd.DataFrame:
        """One row per column, one string column per label ('' where absent)."""
        return self.columns.labels

    @cached_property
    def values(self) -> pd.DataFrame:
        """`samples` as a frame: index is time, columns are positions in `series`.

        Made when asked for: the rules read 55 blocks a look, and their frames were a seventh of what they cost.
        """
        return pd.DataFrame(self.samples, index=pd.Index(self.times, name="time"), copy=False)

    def without(self, instances: Set[str]) -> Block | None:
        """The series of other instances than these; itself when it has none of theirs, None when no other."""
        if not instances:
            return self
        kept = [at for at, one in enumerate(self.series) if one.label("instance") not in instances]
        if len(kept) == len(self.series):
            return self
        return replace(self, columns=self.columns.of(kept), samples=self.samples[:, kept]) if kept else None


@dataclass(frozen=True)
class Frame:
    """One family over a window: a block per source that reported it; empty when nobody did."""

    name: str
    blocks: tuple[Block, ...] = ()

    @property
    def reported(self) -> bool:
        """False means *not reported* (law 2), which is not zero."""
        return bool(self.blocks)


def block_of(name: str, segments: Sequence[Readable], first: float, end: float) -> Block | None:
    """One source's rows in [first, end]; None when none of its tables has the name."""
    for segment in segments:
        if segment.table.positions(name):
            break
    else:
        return None
    pieces: list[Segment] = []
    cuts: list[tuple[Readable, int, int]] = []
    for segment in segments:
        times = segment.times
        if times[0] < first or times[-1] > end:
            low, high = int(times.searchsorted(first, "left")), int(times.searchsorted(end, "right"))
        else:
            low, high = 0, len(times)
        cut = segment.cut(name, low, high) if low < high else None
        if cut is not None:
            pieces.append(Segment(segment.source, segment.table, times[low:high], cut))
            cuts.append((segment, low, high))
    block = _joined(name, pieces) if pieces else None
    return None if block is None else replace(block, started=lambda: _started(name, cuts))


def _started(name: str, cuts: Sequence[tuple[Readable, int, int]]) -> Floats | None:
    """When the process behind each row had started: as it says itself, else when its oldest series was created."""
    created = f"{name.removesuffix('_total')}_created"
    found = [np.full(high - low, np.nan) for _, low, high in cuts]
    for at, (segment, low, high) in enumerate(cuts):
        for family in (*START_FAMILIES, created):
            column = segment.cut(family, low, high) if segment.table.positions(family) else None
            if column is not None and column.shape[1]:
                with np.errstate(all="ignore"):
                    found[at] = np.fmin.reduce(column, axis=1)
                break
    whole = np.concatenate(found)
    return None if np.isnan(whole).all() else whole


def _joined(name: str, pieces: list[Segment]) -> Block | None:
    """The pieces of one source as one block, over the union of their series; None when no piece has any."""
    columns = pieces[0].table.family(name)
    times = np.concatenate([piece.times for piece in pieces])
    if all(piece.table is pieces[0].table for piece in pieces):
        values = np.concatenate([piece.values for piece in pieces])
    else:
        place: dict[Series, int] = {}
        for piece in pieces:
            for one in piece.table.family(name).series:
                place.setdefault(one, len(place))
        values = np.full((len(times), len(place)), np.nan)
        row = 0
        for piece in pieces:
            at = [place[one] for one in piece.table.family(name).series]
            values[row : row + len(piece.times), at] = piece.values
            row += len(piece.times)
        columns = SeriesTable(place).family(name)
    if not columns.series:
        return None
    values.flags.writeable = False  # whoever asks next may be given the same
    return Block(pieces[0].source, columns, times, values)
