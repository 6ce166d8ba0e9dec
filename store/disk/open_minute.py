"""The reader's copy of the open minute: grows by the new commits only; snapshots see the rows of their time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from model.series import Event
from store.disk.codec import Floats
from store.series_table import Segment, SeriesTable

FIRST_ROWS = 64


class OpenRow(NamedTuple):
    """One read of one source; `values` (S,) over `table`."""

    source: str
    table: SeriesTable
    time: float
    values: Floats


class OpenView(NamedTuple):
    """The open minute as of one version."""

    segments: tuple[Segment, ...] = ()
    events: tuple[Event, ...] = ()


ReadCommit = Callable[[int], tuple[Sequence[OpenRow], Sequence[Event]]]


class _Run:
    """Rows of one source over one table. Rows once written never change, so views of them may be handed out."""

    def __init__(self, source: str, table: SeriesTable) -> None:
        self.source, self.table, self.rows = source, table, 0
        self.times: Floats = np.empty(FIRST_ROWS)
        self.values: Floats = np.empty((FIRST_ROWS, len(table.series)))

    def add(self, time: float, values: Floats) -> None:
        if self.rows == len(self.times):
            self.times = np.concatenate([self.times, np.empty_like(self.times)])
            self.values = np.concatenate([self.values, np.empty_like(self.values)])
        self.times[self.rows] = time
        self.values[self.rows] = values
        self.rows += 1

    def segment(self) -> Segment:
        return Segment(self.source, self.table, self.times[: self.rows], self.values[: self.rows])


class OpenMinute:
    """Follows the manifest's list of commits. Used under its reader's lock."""

    def __init__(self) -> None:
        self._versions: list[int] = []
        self._runs: dict[str, list[_Run]] = {}
        self._events: list[Event] = []

    def follow(self, versions: Sequence[int], read: ReadCommit) -> OpenView:
        """Take in the commits that are new. Raises what `read` raises, having taken those before."""
        if list(versions[: len(self._versions)]) != self._versions:
            self._versions, self._runs, self._events = [], {}, []
        for version in versions[len(self._versions) :]:
            self._take(version, *read(version))
        segments = tuple(run.segment() for runs in self._runs.values() for run in runs)
        return OpenView(segments, tuple(self._events))

    def _take(self, version: int, rows: Sequence[OpenRow], events: Sequence[Event]) -> None:
        for row in rows:
            runs = self._runs.setdefault(row.source, [])
            if not runs or runs[-1].table is not row.table:
                runs.append(_Run(row.source, row.table))
            runs[-1].add(row.time, row.values)
        self._events.extend(events)
        self._versions.append(version)
