"""The writer's door: scrapes become reads over shared tables, in time order within each source."""

from __future__ import annotations

import math
from collections.abc import Iterable

from model.series import Event, Scrape
from store.series_table import Segment, SeriesTable
from store.writing.chunker import Read
from store.writing.columns import Columns, Tables


class Intake:
    """Knows each source's columns and the time of its newest read."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._columns: dict[str, Columns] = {}
        self._newest: dict[str, float] = {}

    def reads(self, scrapes: Iterable[Scrape]) -> tuple[tuple[Read, ...], list[Event]]:
        """The reads and the events of some scrapes. A read that is no newer than its source's newest is left out."""
        reads: list[Read] = []
        events: list[Event] = []
        for scrape in scrapes:
            events += scrape.events
            source = f"{scrape.source}@{scrape.instance}"
            if scrape.time > self._newest.get(source, -math.inf):
                self._newest[source] = scrape.time
                columns = self._columns.setdefault(source, Columns(self._tables))
                values = columns.row(scrape)
                reads.append(Read(source, columns.table, scrape.time, values))
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
