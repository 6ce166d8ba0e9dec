"""Readers: whole snapshots without locks, without writing a byte, and without ever failing for want of a writer."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from bisect import bisect_left
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from model.series import Event
from store.choice import storage_at
from store.disk.chunk_reader import ChunkReader, KnownTable
from store.disk.lru_cache import LruCache
from store.disk.manifest import RAW, EventsRef, Manifest
from store.disk.open_minute import OpenMinute
from store.errors import StoreError, StoreMoved, StoreUnreachable
from store.snapshot import Snapshot
from store.snapshot_loader import SnapshotLoader
from store.status import StoreStatus
from store.storage import Storage
from store.writing.retention import EVENT_SECONDS

CACHE_BYTES = 24 * 1024 * 1024
ATTEMPTS = 20
UNBEGUN = "there is no room on the disk to begin the store"
_log = logging.getLogger(__name__)


class _Told(NamedTuple):
    """The events of a snapshot, and of which runs and which open minute they were put in order."""

    before: list[Event] | None = None
    newest: tuple[Event, ...] = ()
    events: tuple[Event, ...] = ()


class Reader:
    """Reads a store that another process writes. Safe to use from several threads, and again after a fork.

    A store that is not there yet is an empty one. One that is rebuilt or replaced is followed. `known` gives the series
    tables of a writer in the same process, which are then not read and held once more.
    """

    def __init__(
        self, where: Storage | Path, cache_bytes: int = CACHE_BYTES, known: KnownTable = lambda key: None
    ) -> None:
        self._storage, self._known = storage_at(where), known
        self._lock = threading.Lock()
        self._lru = LruCache(cache_bytes)
        self._watch = self._storage.watch()
        self._pid = os.getpid()
        self._inherited: list[ChunkReader] = []
        self._chunk_reader: ChunkReader | None = None
        self._identity: Hashable | None = None
        self._open_minute = OpenMinute()
        self._last = Snapshot()
        self._epoch = ""
        self._events: tuple[tuple[EventsRef, ...], list[Event]] = ((), [])
        self._told = _Told()
        self._failing = False

    def version(self) -> int:
        """The last version written; 0 before the first. Cheap enough to ask twenty times a second."""
        return self._watch.read().version

    def status(self) -> StoreStatus:
        """What the writer last said: when it was alive, its pid, and what troubles it; of one that could not say
        anything yet, whether that is for want of room.
        """
        said = self._watch.read()
        return replace(said, trouble=UNBEGUN) if said.alive_at == 0.0 and self._storage.no_room else said

    def snapshot(self) -> Snapshot:
        """Everything stored, whole, as of the newest version. Never raises: what cannot be read is said in `meta`."""
        with self._lock:
            self._leave_parents_handles()
            status = self.status()
            trouble = self._refresh(status)
            meta: dict[str, Any] = {
                **self._last.meta,
                "collector_alive_at": status.alive_at,
                "store_trouble": status.trouble or trouble,
            }
            if status.away:
                meta["store_away"] = True
            return replace(self._last, meta=meta)

    def close(self) -> None:
        """Let go of files. Snapshots already given answer with what is in memory."""
        with self._lock:
            self._close_chunk_reader()
            self._watch.close()

    def _refresh(self, status: StoreStatus) -> str:
        """Bring `_last` up to date; returns why that is not possible, empty when it is."""
        current = status.version and (status.version, status.epoch) == (self._last.version, self._epoch)
        if current and self._chunk_reader is not None:
            return ""
        try:
            self._follow()
        except StoreUnreachable as error:  # said by whoever noticed; what is held stays
            return str(error)
        except (sqlite3.Error, StoreError, OSError) as error:
            self._close_chunk_reader()
            if not self._failing:
                _log.error("cannot read the store in %s: %s; showing what was read last", self._storage.name, error)
            self._failing = True
            return f"the store cannot be read: {error}"
        if self._failing:
            _log.warning("the store in %s can be read again", self._storage.name)
        self._failing = False
        return ""

    def _follow(self) -> None:
        """Read the manifest and the commits it names; again when keys went away meanwhile."""
        seen = -1
        for attempt in range(ATTEMPTS):
            chunk_reader = self._opened()
            manifest = None if chunk_reader is None else chunk_reader.manifest()
            if chunk_reader is None or manifest is None:
                self._last = Snapshot()
                return
            try:
                self._last = self._snapshot_of(chunk_reader, manifest, lenient=manifest.version == seen)
            except StoreMoved:
                if attempt == ATTEMPTS - 1:
                    raise
                seen = manifest.version
            else:
                self._epoch = manifest.epoch
                return

    def _snapshot_of(self, chunk_reader: ChunkReader, manifest: Manifest, lenient: bool) -> Snapshot:
        open_minute = self._open_minute.follow(
            manifest.open_minute, lambda version: chunk_reader.commit(version, lenient)
        )
        if self._events[0] != manifest.events:
            self._events = manifest.events, chunk_reader.events(manifest.events, lenient)
        kept = self._kept_events(open_minute.events, manifest.written_at - EVENT_SECONDS)
        meta = dict(manifest.meta)
        if manifest.events_dropped:
            meta["events_dropped"] = manifest.events_dropped
        load = SnapshotLoader(chunk_reader, manifest.chunks, open_minute).load
        since = min((ref.start for ref in manifest.chunks if ref.kind == RAW), default=manifest.written_at // 60 * 60)
        return Snapshot(manifest.version, manifest.written_at, manifest.sources, kept, meta, load, since)

    def _kept_events(self, newest: tuple[Event, ...], oldest: float) -> tuple[Event, ...]:
        """All of them in order of time; the same tuple as long as none comes or goes, which is most of the time."""
        before, told = self._events[1], self._told
        if told.before is not before or told.newest != newest:
            told = _Told(before, newest, tuple(sorted((*before, *newest), key=lambda event: event.time)))
        if told.events and told.events[0].time < oldest:
            told = told._replace(events=told.events[bisect_left(told.events, oldest, key=lambda event: event.time) :])
        self._told = told
        return told.events

    def _opened(self) -> ChunkReader | None:
        """The reader of the database that lies there now; None when there is none."""
        identity = self._storage.identity()
        if identity is None:
            self._close_chunk_reader()
            return None
        if self._chunk_reader is None or self._chunk_reader.frozen or identity != self._identity:
            self._close_chunk_reader()
            self._chunk_reader = ChunkReader(self._storage.values(), self._lru, self._known)
            self._identity = identity
        return self._chunk_reader

    def _close_chunk_reader(self) -> None:
        if self._chunk_reader is not None:
            self._chunk_reader.close()
        self._forget()

    def _forget(self) -> None:
        self._chunk_reader, self._open_minute, self._events, self._told = None, OpenMinute(), ((), []), _Told()
        self._lru.clear()

    def _leave_parents_handles(self) -> None:
        """SQLite connections do not survive a fork: the parent's is kept unused, a new one is opened."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            if self._chunk_reader is not None:
                self._inherited.append(self._chunk_reader)
            self._forget()
