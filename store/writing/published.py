"""What readers can see: the manifest on disk and what it names, changed in whole transactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from store.disk.manifest import MANIFEST_KEY, ChunkRef, Manifest, encode_manifest, in_order
from store.errors import StoreUnwritable
from store.series_table import SeriesTable
from store.storage import Claim, Database
from store.writing.chunker import Chunk, closed_hours, hour_chunk, values_of
from store.writing.columns import Tables
from store.writing.loading import Loaded, load
from store.writing.retention import expired
from store.writing.retention_clock import RetentionClock

GRACE_SECONDS = 30.0
"""How long a key outlives the manifest that named it, so that readers of that manifest still find it."""
VERIFY_EVERY = 10
"""Every so many versions the manifest is read back: SQLite's own cache hides damage done to its file meanwhile."""


class Published:
    """The database, its `manifest`, and the keys that no manifest names any more.

    `facts` are what the next manifest says beside what it names: `written_at`, `sources`, `meta`. What writes raises
    StoreUnwritable (nothing changed) and StoreDamaged.
    """

    def __init__(self, version: int, tables: Tables) -> None:
        self.manifest = Manifest(version=version)
        self.facts = Manifest()
        self.clock = RetentionClock()
        self._tables = tables
        self._database: Database | None = None
        self._tables_of: dict[str, frozenset[str]] = {}
        self._retired: dict[str, float] = {}

    @property
    def is_open(self) -> bool:
        """False before `open` and after `close`."""
        return self._database is not None

    @property
    def database(self) -> Database:
        """The open database. Raises StoreUnwritable."""
        if self._database is None:
            raise StoreUnwritable("the database is not open")
        return self._database

    def open(self, claim: Claim) -> Loaded:
        """Go on with what is on disk, or start a new life when there is nothing."""
        database = claim.database()
        try:
            loaded = load(database, self._tables, self.manifest.version)
        except BaseException:
            database.close()
            raise
        self._database = database
        self.manifest, self._tables_of = loaded.manifest, loaded.tables_of
        if not self.facts.written_at:
            self.facts = self.manifest
        return loaded

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def start_over(self) -> None:
        """What is on disk is gone: only the version goes on."""
        self.manifest = Manifest(version=self.manifest.version)
        self._tables_of, self._retired = {}, {}
        self._tables.unsave()

    def write(self, values: Mapping[str, bytes], manifest: Manifest, retire: Iterable[str] = ()) -> None:
        """One transaction: values, new tables, manifest. What it no longer names is removed after the grace."""
        tables = self._tables.unsaved()
        needed = {key: data for key, data in tables.items() if key not in self._retired}
        facts = self.facts
        manifest = replace(manifest, written_at=facts.written_at, sources=facts.sources, meta=facts.meta)
        data = encode_manifest(manifest)
        self.database.write({**values, **needed, MANIFEST_KEY: data})
        if manifest.version % VERIFY_EVERY == 0:
            self.database.verify(MANIFEST_KEY, data)
        self.manifest = manifest
        self._tables.saved(tables)
        for key in tables:
            self._retired.pop(key, None)
        self._retire(retire)

    def replace_chunks(self, old: Iterable[ChunkRef], new: Sequence[Chunk]) -> None:
        """`new` chunks in the place of `old` ones."""
        gone = {ref.key for ref in old} - {chunk.ref.key for chunk in new}
        kept = [ref for ref in self.manifest.chunks if ref.key not in gone]
        chunks = in_order([*kept, *(chunk.ref for chunk in new)])
        self.write(values_of(new), replace(self.manifest, chunks=chunks), gone)
        for key in gone:
            self._tables_of.pop(key, None)
        self.name(new)

    def name(self, chunks: Iterable[Chunk]) -> None:
        """The manifest names these now: their tables stay."""
        self._tables_of.update({chunk.ref.key: chunk.tables for chunk in chunks})

    def close_hours(self) -> None:
        """The minute points of every hour that is over become one chunk."""
        for refs in closed_hours(self.manifest.chunks, self.clock.now):
            chunk = hour_chunk(refs, self.database.values.open, self._tables)
            self.replace_chunks(refs, [] if chunk is None else [chunk])

    def expire(self, budget_bytes: int, in_use: Iterable[SeriesTable]) -> None:
        """Let go of chunks past their time or beyond the budget, and of tables that neither they nor `in_use` name."""
        gone = expired(self.manifest.chunks, self.clock.now, budget_bytes)
        if gone:
            self.replace_chunks(gone, [])
        wanted = {key for keys in self._tables_of.values() for key in keys}
        wanted |= {self._tables.key_of(table) for table in in_use}
        self._retire(self._tables.keep(wanted))

    def delete_retired(self, grace_seconds: float = GRACE_SECONDS) -> None:
        """Delete what no manifest has named for `grace_seconds`."""
        now = self.facts.written_at
        due = [key for key, since in self._retired.items() if abs(now - since) >= grace_seconds]
        if due:
            self.database.delete(due)
            for key in due:
                del self._retired[key]

    def _retire(self, keys: Iterable[str]) -> None:
        self._retired.update(dict.fromkeys(keys, self.facts.written_at))
