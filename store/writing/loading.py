"""What a starting writer finds on disk: the manifest, the commits in no chunk yet, and the tables they stand on."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from typing import NamedTuple

from store.disk.chunks import parts_of
from store.disk.commits import commit_key, decode_commit
from store.disk.manifest import MANIFEST_KEY, RAW, ChunkRef, Manifest, decode_manifest
from store.disk.tables import decode_table
from store.errors import StoreDamaged
from store.series_table import Segment, SeriesTable
from store.storage import Database
from store.writing.chunker import Commit, Read, last_row, segments_in
from store.writing.columns import Tables
from store.writing.retention import MINUTE

_log = logging.getLogger(__name__)


class Loaded(NamedTuple):
    """`tables_of` by chunk key; `last` holds each source's last stored point."""

    manifest: Manifest
    open_minute: list[tuple[int, Commit]]
    tables_of: dict[str, frozenset[str]]
    last: dict[str, Segment]


def load(database: Database, tables: Tables, version: int) -> Loaded:
    """Read all that is needed to go on; versions go on from `version` at least. What no manifest names is removed.

    Single damaged chunks and commits are left out with a log line each. Raises StoreDamaged when the manifest cannot
    be read, StoreUnwritable.
    """
    found = database.get(MANIFEST_KEY)
    manifest = Manifest(epoch=uuid.uuid4().hex) if found is None else decode_manifest(found)
    tables_of: dict[str, frozenset[str]] = {}
    for ref in manifest.chunks:
        try:
            tables_of[ref.key] = _tables_of_chunk(database, tables, ref)
        except StoreDamaged as error:
            _log.error("skipping stored chunk %s: %s", ref.key, error)
    open_minute: list[tuple[int, Commit]] = []
    for one in manifest.open_minute:
        try:
            open_minute.append((one, _commit(database, tables, one, manifest.written_at)))
        except StoreDamaged as error:
            _log.error("skipping stored commit %d: %s", one, error)
    chunks = tuple(ref for ref in manifest.chunks if ref.key in tables_of)
    manifest = replace(
        manifest,
        version=max(manifest.version, version),
        chunks=chunks,
        open_minute=tuple(one for one, _ in open_minute),
    )
    _clean(database, manifest, tables)
    return Loaded(manifest, open_minute, tables_of, _last_points(database, tables, chunks))


def _tables_of_chunk(database: Database, tables: Tables, ref: ChunkRef) -> frozenset[str]:
    stored = database.values.open(ref.key)
    if stored is None:
        raise StoreDamaged("it is missing")
    keys = frozenset(part.table for part in parts_of(stored))
    for key in keys:
        _table(database, tables, key)
    return keys


def _table(database: Database, tables: Tables, key: str) -> SeriesTable:
    known = tables.get(key)
    if known is None:
        known = decode_table(key, database.get(key))
        tables.know(key, known)
    return known


def _commit(database: Database, tables: Tables, version: int, written_at: float) -> Commit:
    """A stored commit. Its minute is that of its reads, or the manifest's when it only carried events."""
    rows, events = decode_commit(database.get(commit_key(version)))
    reads = [Read(row.source, _table(database, tables, row.table), row.time, row.values) for row in rows]
    for read in reads:
        if len(read.values) != len(read.table.series):
            raise StoreDamaged("a row does not fit its table")
    at = max([read.time for read in reads] + [event.time for event in events], default=written_at)
    return Commit(int(min(at, written_at) // MINUTE), tuple(reads), tuple(events))


def _clean(database: Database, manifest: Manifest, tables: Tables) -> None:
    """Remove keys that nothing names, and files that no key names: a killed writer leaves both."""
    wanted = {MANIFEST_KEY, *tables.keys()}
    wanted |= {commit_key(version) for version in manifest.open_minute}
    wanted |= {ref.key for ref in manifest.chunks} | {ref.key for ref in manifest.events}
    database.delete([key for key in database.every_key() if key not in wanted])
    orphans = database.sweep()
    if orphans:
        _log.info("removed %d value files that an ended writer left behind", orphans)


def _last_points(database: Database, tables: Tables, chunks: tuple[ChunkRef, ...]) -> dict[str, Segment]:
    points = sorted((ref for ref in chunks if ref.kind != RAW), key=lambda ref: ref.end)
    found = segments_in(points[-1:], database.values.open, tables)
    return {source: last_row(pieces[-1]) for source, pieces in found.items()}
