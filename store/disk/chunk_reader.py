"""One life of the database as a reader sees it: tables, chunks and events, decoded once and held within a bound."""

from __future__ import annotations

import logging
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Sequence

from model.series import Event
from store.disk.chunks import Part, family_of, parts_of, times_of
from store.disk.codec import Floats, Stored
from store.disk.commits import commit_key, decode_commit, decode_events
from store.disk.lru_cache import LruCache
from store.disk.manifest import MANIFEST_KEY, ChunkRef, EventsRef, Manifest, decode_manifest
from store.disk.open_minute import OpenRow
from store.disk.tables import decode_table
from store.errors import StoreDamaged, StoreError, StoreMoved, StoreUnreachable
from store.series_table import SeriesTable
from store.storage import Values

KnownTable = Callable[[str], SeriesTable | None]
"""The table of a key, where somebody in this process has it already: keys are hashes of what a table holds."""
_log = logging.getLogger(__name__)


class StoredSegment:
    """One source's share of a chunk, of which single families are read when they are asked for."""

    __slots__ = ("_chunk_reader", "_part", "_stored", "key", "source", "table", "times")

    def __init__(self, chunk_reader: ChunkReader, key: str, stored: Stored, part: Part, table: SeriesTable) -> None:
        self._chunk_reader, self._stored, self._part = chunk_reader, stored, part
        self.key, self.source, self.table = key, part.source, table
        self.times = times_of(stored, part)

    def cut(self, name: str, low: int = 0, high: int | None = None) -> Floats | None:
        """The columns of one sample name in the rows [low, high), (T, n); None when they can be read no more."""
        values = self._chunk_reader.family(self.key, self._stored, self._part, self.table, name)
        return None if values is None else values[: len(self.times)][low:high]

    def before(self, time: float) -> StoredSegment:
        """The rows earlier than `time`; perhaps none."""
        return self._first(int(self.times.searchsorted(time, "left")))

    def until(self, time: float) -> StoredSegment:
        """The rows no later than `time`; perhaps none."""
        return self._first(int(self.times.searchsorted(time, "right")))

    def _first(self, rows: int) -> StoredSegment:
        earlier = object.__new__(StoredSegment)
        earlier._chunk_reader, earlier._stored, earlier._part = self._chunk_reader, self._stored, self._part
        earlier.key, earlier.source, earlier.table = self.key, self.source, self.table
        earlier.times = self.times[:rows]
        return earlier


class ChunkReader:
    """Safe to use from several threads. `lenient` turns what is missing for good into what is left out."""

    def __init__(self, values: Values, lru: LruCache, known: KnownTable = lambda key: None) -> None:
        self._values = values
        self._lru = lru
        self._known = known
        self._tables: weakref.WeakValueDictionary[str, SeriesTable] = weakref.WeakValueDictionary()
        self._said: set[str] = set()

    @property
    def frozen(self) -> bool:
        """True when newer versions can only be seen by opening again."""
        return self._values.frozen

    def manifest(self) -> Manifest | None:
        """The manifest as it is now; None before the first commit. Raises StoreDamaged, sqlite3.Error."""
        found = self._values.get(MANIFEST_KEY)
        return None if found is None else decode_manifest(found)

    def commit(self, version: int, lenient: bool) -> tuple[Sequence[OpenRow], Sequence[Event]]:
        """One commit; empty when it is damaged. Raises StoreMoved, sqlite3.Error."""
        key = commit_key(version)
        try:
            rows, events = decode_commit(self._found(key, lenient))
            return [
                _fitting(OpenRow(row.source, self._table(row.table, lenient), row.time, row.values)) for row in rows
            ], events
        except StoreDamaged as error:
            self._say(key, error)
            return (), ()

    def events(self, refs: Iterable[EventsRef], lenient: bool) -> list[Event]:
        """The events of some runs, without the damaged ones. Raises StoreMoved, sqlite3.Error."""
        found: list[Event] = []
        for ref in refs:
            events = self._lru.get(ref.key)
            if events is None:
                try:
                    events = decode_events(self._found(ref.key, lenient))
                except StoreDamaged as error:
                    self._say(ref.key, error)
                    events = []
                self._lru.put(ref.key, events, 512 * len(events) + 64)
            found.extend(events)
        return found

    def segments(self, ref: ChunkRef) -> Sequence[StoredSegment]:
        """What a chunk holds; nothing when it is damaged, or gone because the snapshot is old."""
        held = self._lru.get(ref.key)
        if held is not None:
            return list(held)
        try:
            stored = self._values.open(ref.key)
            if stored is None:
                return ()
            segments = [
                StoredSegment(self, ref.key, stored, part, self._table(part.table, lenient=True))
                for part in parts_of(stored)
            ]
        except (StoreError, sqlite3.Error, OSError) as error:
            self._say(ref.key, error)
            return ()
        self._lru.put(ref.key, segments, stored.directory.nbytes + sum(s.times.nbytes + 1000 for s in segments))
        return segments

    def family(self, key: str, stored: Stored, part: Part, table: SeriesTable, name: str) -> Floats | None:
        """One family of one part of a chunk, (T, n); None when it is damaged or gone."""
        place = (key, part.first, name)
        held: Floats | None = self._lru.get(place)
        if held is not None:
            return held
        try:
            values = family_of(stored, part, table, name)
        except (StoreError, OSError) as error:
            self._say(key, error)
            return None
        values.flags.writeable = False
        self._lru.put(place, values, values.nbytes + 200)
        return values

    def close(self) -> None:
        """Let go of the database. Snapshots that still hold this answer with what is in memory."""
        self._values.close()

    def _table(self, key: str, lenient: bool) -> SeriesTable:
        table = self._tables.get(key)
        if table is None:
            table = self._known(key) or decode_table(key, self._found(key, lenient))
            self._tables[key] = table
        return table

    def _found(self, key: str, lenient: bool) -> bytes:
        """A value that the manifest names. Raises StoreMoved, or StoreDamaged when it is missing for good."""
        found = self._values.get(key)
        if found is None:
            raise StoreDamaged("it is missing") if lenient else StoreMoved(key)
        return found

    def _say(self, key: str, error: Exception) -> None:
        """One log line per damaged key; that nothing can be reached is said by whoever noticed it."""
        if key not in self._said and not isinstance(error, StoreUnreachable):
            self._said.add(key)
            _log.error("leaving out %s of the store: %s", key, error)


def _fitting(row: OpenRow) -> OpenRow:
    if len(row.values) != len(row.table.series):
        raise StoreDamaged("a row does not fit its table")
    return row
