"""The writer's door: frames become reads over shared tables, in time order within each source."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from model.series import Event
from store.incoming import ReadFrame
from store.series_table import Segment, SeriesTable
from store.writing.chunker import Read
from store.writing.columns import Columns, Tables


class Intake:
    """Knows each source's columns and the time of its newest read."""

    def __init__(self, tables: Tables) -> None:
        self._columns: defaultdict[str, Columns] = defaultdict(lambda: Columns(tables))
        self._newest: dict[str, float] = {}

    def reads(self, frames: Iterable[ReadFrame]) -> tuple[tuple[Read, ...], list[Event]]:
        """The reads and the events of some frames. A read that is no newer than its source's newest is left out."""
        reads: list[Read] = []
        events: list[Event] = []
        for one in frames:
            events += one.events
            for at, time in enumerate(one.times.tolist()):
                if time > self._newest.get(one.source, -math.inf):
                    self._newest[one.source] = time
                    columns = self._columns[one.source]
                    values = columns.rows(one.values)[at]
                    reads.append(Read(one.source, columns.table, time, values))
        return tuple(reads), events

    def set_back(self, now: float) -> None:
        """The clock was set back: what comes now is newer than what came before."""
        before = math.nextafter(now, 0.0)
        self._newest = {source: min(time, before) for source, time in self._newest.items()}

    def settle(self, closed: Segment) -> None:
        """A minute of a source is closed: go on over the series that it really had."""
        columns = self._columns.get(closed.source)
        if columns is not None and columns.table is not closed.table:
            columns.use(closed.table)

    def in_use(self) -> Iterable[SeriesTable]:
        """The tables that the next reads will be laid over."""
        return [columns.table for columns in self._columns.values()]
