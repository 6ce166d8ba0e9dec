"""What a reader gives: one sample name over a window as pandas frames, a block per source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd

from model.series import Series
from store.series_table import FamilyColumns, Floats, SeriesTable


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


Loader = Callable[[float, float, float], Iterable[Readable]]
"""Yields the segments that overlap [start, end], in time order within each source.

Before the third time, `fine`, one-minute points may stand for the reads.
"""


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
