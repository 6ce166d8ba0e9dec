"""What the writer holds: the stored manifest, the open minute, and what waits for a disk that is full."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from model.series import Event, Scrape
from model.sources import SourceState
from store.disk.commits import Row, commit_key, encode_commit
from store.disk.database import Database
from store.disk.manifest import MANIFEST_KEY, ChunkRef, Manifest, encode_manifest, in_order
from store.disk.store_directory import StoreDirectory
from store.errors import StoreUnwritable
from store.series_table import Segment
from store.writing.backfill import added_to, hours_of
from store.writing.chunker import (
    Chunk,
    Commit,
    closed_hours,
    cut_chunk,
    hour_chunk,
    last_row,
    raw_and_points,
    values_of,
)
from store.writing.columns import Tables
from store.writing.eventlog import appended, until
from store.writing.intake import Intake
from store.writing.loading import load
from store.writing.retention import MINUTE, expired

GRACE_SECONDS = 30.0
"""How long a key outlives the manifest that named it, so that readers of that manifest still find it."""
RETRY_SECONDS = 10.0
VERIFY_EVERY = 10
"""Every so many versions the manifest is read back: SQLite's own cache hides damage done to its file meanwhile."""
WAITING_BYTES = 64 * 1024 * 1024
LISTED, LISTED_WHEN_FULL = 120, 30
"""How many commits of the tail lie on disk at most; the older ones are in memory until their minute closes."""
BUDGET_BYTES = 2 * 1024 * 1024 * 1024
_log = logging.getLogger(__name__)


class History:
    """`open` and `save` raise StoreUnwritable (nothing is lost, try again) and StoreDamaged, the rest neither."""

    def __init__(self, store_directory: StoreDirectory, version: int, budget_bytes: int = BUDGET_BYTES) -> None:
        self._store_directory = store_directory
        self._budget = budget_bytes
        self._database: Database | None = None
        self._manifest = Manifest(version=version)
        self._facts = Manifest()
        self._tables = Tables()
        self._intake = Intake(self._tables)
        self._last: dict[str, Segment] = {}
        self._open_minute: list[tuple[int, Commit]] = []
        self._waiting: list[Commit] = []
        self._tables_of: dict[str, frozenset[str]] = {}
        self._retired: dict[str, float] = {}
        self._set_back_to: float | None = None
        self._full = False
        self._stuck: tuple[float, StoreUnwritable] | None = None

    @property
    def version(self) -> int:
        """The last version on disk."""
        return self._manifest.version

    @property
    def epoch(self) -> str:
        """The name of this life of the database."""
        return self._manifest.epoch

    def open(self) -> None:
        """Go on with what is on disk, or start a new life when there is nothing."""
        database = Database(self._store_directory.data)
        try:
            loaded = load(database, self._tables, self._manifest.version)
        except BaseException:
            database.close()
            raise
        self._database = database
        self._manifest, self._open_minute, self._tables_of, self._last = loaded
        if not self._facts.written_at:
            self._facts = self._manifest

    def take(
        self,
        now: float,
        scrapes: Iterable[Scrape],
        sources: Mapping[str, SourceState],
        events: Iterable[Event],
        meta: Mapping[str, Any] | None,
    ) -> None:
        """Hold one commit in memory until `save`."""
        if now < self._facts.written_at:
            self._clock_set_back(now)
        reads, own_events = self._intake.reads(scrapes)
        self._waiting.append(Commit(int(now // MINUTE), reads, (*own_events, *events)))
        self._bound_waiting()
        kept = self._facts.meta if meta is None else dict(meta)
        self._facts = replace(self._facts, written_at=now, sources=dict(sources), meta=kept)

    def take_past(self, segments: Sequence[Segment]) -> None:
        """Write rows of the past, seen with the next version. Raises StoreUnwritable with some hours written."""
        database, now = self._open_database(), self._facts.written_at
        if self._set_back_to is not None:
            raise StoreUnwritable("the clock was set back just now")
        commits = [*(commit for _, commit in self._open_minute), *self._waiting]
        for fresh in hours_of(segments, now):
            added = added_to(self._manifest.chunks, fresh, commits, now, database.values.open, self._tables)
            if added is not None:
                self._replace_chunks(added.replaced, added.chunks)
                for source, row in added.last.items():
                    if source not in self._last or self._last[source].times[-1] < row.times[-1]:
                        self._last[source] = row

    def save(self) -> None:
        """Write what waits, close minutes that are over, let go of what is past its time."""
        try:
            self._save()
        except StoreUnwritable:
            self._full = True
            self._make_room()
            raise
        self._full = False

    def _save(self) -> None:
        if self._database is None:
            self.open()
        if self._set_back_to is not None:
            self._forget_after(self._set_back_to)
            self._set_back_to = None
        if self._waiting:
            self._write_waiting()
        now, minute = self._facts.written_at, int(self._facts.written_at // MINUTE)
        over = [item for item in self._open_minute if item[1].minute < minute]
        if over:
            self._tidy(over, now)
        self._delete_retired(GRACE_SECONDS)

    def _tidy(self, over: Sequence[tuple[int, Commit]], now: float) -> None:
        """Close the minutes that are over. A full disk is asked again after some seconds only: chunks cost work."""
        if self._stuck is not None and abs(now - self._stuck[0]) < RETRY_SECONDS:
            raise self._stuck[1]
        try:
            for _, group in groupby(over, key=lambda item: item[1].minute):
                self._close_minute(list(group))
            self._close_hours()
            self._expire()
        except StoreUnwritable as error:
            self._stuck = now, error
            raise
        self._stuck = None

    def _make_room(self) -> None:
        """While the disk is full the newest reads still go out, in the room that the older ones leave.

        The older ones stay in memory and are written when there is room again.
        """
        listed = self._manifest.open_minute[-LISTED_WHEN_FULL:]
        gone = [commit_key(version) for version in self._manifest.open_minute if version not in listed]
        try:
            self._open_database().checkpoint()
            self._write({}, replace(self._manifest, open_minute=listed), gone)
            self._delete_retired(0.0)
        except StoreUnwritable as error:
            _log.debug("no room to be made: %s", error)

    def set_aside(self, why: str) -> None:
        """Give up a damaged cache: it is moved aside, and what is in memory goes into a new one."""
        self.close()
        if self._store_directory.data.exists():
            self._store_directory.set_aside(why)
        self._start_over()

    def move(self, store_directory: StoreDirectory) -> None:
        """Go on in another place with what is in memory."""
        self._store_directory = store_directory
        self._start_over()

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _start_over(self) -> None:
        self._manifest = Manifest(version=self._manifest.version)
        self._waiting = [*(commit for _, commit in self._open_minute), *self._waiting]
        self._open_minute, self._last, self._tables_of, self._retired = [], {}, {}, {}
        self._tables.unsave()

    def _clock_set_back(self, now: float) -> None:
        back = self._facts.written_at - now
        _log.warning("the clock was set back by %.1f s: what was stored for the time after now is forgotten", back)
        self._set_back_to = now if self._set_back_to is None else min(now, self._set_back_to)
        self._waiting = [commit.until(now) for commit in self._waiting]
        self._intake.set_back(now)

    def _bound_waiting(self) -> None:
        """While the disk takes nothing the oldest reads make room for the newest."""
        if not self._full:
            return
        listed = set(self._manifest.open_minute)
        unlisted = [item for item in self._open_minute if item[0] not in listed]
        size = sum(commit.size for commit in (*(commit for _, commit in unlisted), *self._waiting))
        while size > WAITING_BYTES and (unlisted or len(self._waiting) > 1):
            size -= (unlisted.pop(0)[1] if unlisted else self._waiting.pop(0)).size
        self._open_minute = [*unlisted, *(item for item in self._open_minute if item[0] in listed)]

    def _open_database(self) -> Database:
        if self._database is None:
            raise StoreUnwritable("the database is not open")
        return self._database

    def _write(self, values: Mapping[str, bytes], manifest: Manifest, retire: Iterable[str] = ()) -> None:
        """One transaction: values, new tables, manifest. What it no longer names is removed after the grace."""
        tables = self._tables.unsaved()
        needed = {key: data for key, data in tables.items() if key not in self._retired}
        facts = self._facts
        manifest = replace(manifest, written_at=facts.written_at, sources=facts.sources, meta=facts.meta)
        data = encode_manifest(manifest)
        self._open_database().write({**values, **needed, MANIFEST_KEY: data})
        if manifest.version % VERIFY_EVERY == 0:
            self._open_database().verify(MANIFEST_KEY, data)
        self._manifest = manifest
        self._tables.saved(tables)
        for key in tables:
            self._retired.pop(key, None)
        self._retired.update(dict.fromkeys(retire, self._facts.written_at))

    def _write_waiting(self) -> None:
        commits = list(enumerate(self._waiting, start=self._manifest.version + 1))
        listed = commits[-(LISTED_WHEN_FULL if self._full else LISTED) :]
        values = {}
        for version, commit in listed:
            rows = [Row(read.source, self._tables.key_of(read.table), read.time, read.values) for read in commit.reads]
            values[commit_key(version)] = encode_commit(rows, commit.events)
        open_minute = (*self._manifest.open_minute, *(version for version, _ in listed))
        self._write(values, replace(self._manifest, version=commits[-1][0], open_minute=open_minute))
        self._open_minute, self._waiting = [*self._open_minute, *commits], []

    def _close_minute(self, closed: Sequence[tuple[int, Commit]]) -> None:
        """Commits of a minute that is over become two chunks, and their events join the log."""
        commits = [commit for _, commit in closed]
        now = self._facts.written_at
        chunks, segments = raw_and_points(commits, self._last, self._tables)
        events = [event for commit in commits for event in commit.events]
        log = appended(self._manifest.events, events, now, self._open_database().get)
        manifest = replace(
            self._manifest,
            open_minute=tuple(version for version in self._manifest.open_minute if version > closed[-1][0]),
            chunks=in_order([*self._manifest.chunks, *(chunk.ref for chunk in chunks)]),
            events=log.refs,
            events_dropped=self._manifest.events_dropped + log.dropped,
        )
        gone = {ref.key for ref in self._manifest.events} - {ref.key for ref in log.refs}
        gone |= {commit_key(version) for version, _ in closed}
        self._write({**values_of(chunks), **log.values}, manifest, gone)
        self._open_minute = self._open_minute[len(closed) :]
        self._know(chunks)
        for segment in segments:
            self._last[segment.source] = last_row(segment)
            self._intake.settle(segment)

    def _close_hours(self) -> None:
        open_value = self._open_database().values.open
        for refs in closed_hours(self._manifest.chunks, self._facts.written_at):
            chunk = hour_chunk(refs, open_value, self._tables)
            self._replace_chunks(refs, [] if chunk is None else [chunk])

    def _expire(self) -> None:
        gone = expired(self._manifest.chunks, self._facts.written_at, self._budget)
        if gone:
            self._replace_chunks(gone, [])
        wanted = {key for keys in self._tables_of.values() for key in keys}
        wanted |= {self._tables.key_of(read.table) for _, commit in self._open_minute for read in commit.reads}
        wanted |= {self._tables.key_of(table) for table in self._intake.in_use()}
        now = self._facts.written_at
        self._retired.update(dict.fromkeys(self._tables.keep(wanted), now))

    def _replace_chunks(self, old: Iterable[ChunkRef], new: Sequence[Chunk]) -> None:
        gone = {ref.key for ref in old} - {chunk.ref.key for chunk in new}
        kept = [ref for ref in self._manifest.chunks if ref.key not in gone]
        chunks = in_order([*kept, *(chunk.ref for chunk in new)])
        self._write(values_of(new), replace(self._manifest, chunks=chunks), gone)
        for key in gone:
            self._tables_of.pop(key, None)
        self._know(new)

    def _forget_after(self, now: float) -> None:
        """Cut everything stored at `now`. The open minute is written again as what waits."""
        database = self._open_database()
        values, events, _ = until(self._manifest.events, now, database.get)
        kept = [ref for ref in self._manifest.chunks if ref.end <= now]
        late = [ref for ref in self._manifest.chunks if ref.end > now]
        cuts = (cut_chunk(ref, now, database.values.open, self._tables) for ref in late if ref.start <= now)
        chunks = [chunk for chunk in cuts if chunk is not None]
        manifest = replace(
            self._manifest, open_minute=(), chunks=in_order([*kept, *(chunk.ref for chunk in chunks)]), events=events
        )
        gone = {ref.key for ref in self._manifest.events} - {ref.key for ref in events}
        gone |= {ref.key for ref in late} | {commit_key(version) for version, _ in self._open_minute}
        self._write({**values, **values_of(chunks)}, manifest, gone)
        self._know(chunks)
        self._waiting = [*(commit.until(now) for _, commit in self._open_minute), *self._waiting]
        self._open_minute, self._last = [], {}

    def _know(self, chunks: Iterable[Chunk]) -> None:
        self._tables_of.update({chunk.ref.key: chunk.tables for chunk in chunks})

    def _delete_retired(self, grace_seconds: float) -> None:
        now = self._facts.written_at
        due = [key for key, since in self._retired.items() if abs(now - since) >= grace_seconds]
        if due:
            self._open_database().delete(due)
            for key in due:
                del self._retired[key]
