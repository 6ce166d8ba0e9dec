"""What the writer holds: the open minute, and what waits for a disk that is full; it becomes chunks in time."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from model.series import Event
from model.sources import SourceState
from store.disk.commits import Row, commit_key, encode_commit
from store.disk.manifest import in_order
from store.errors import StoreUnreachable, StoreUnwritable
from store.incoming import ReadFrame
from store.series_table import Segment, SeriesTable
from store.storage import Claim
from store.writing.backfill import added_to, hours_of, segments_of
from store.writing.chunker import Commit, cut_chunk, last_row, raw_and_points, values_of
from store.writing.columns import Tables
from store.writing.eventlog import appended, until
from store.writing.intake import Intake
from store.writing.published import Published
from store.writing.retention import MINUTE

RETRY_SECONDS = 10.0
WAITING_BYTES = 64 * 1024 * 1024
LISTED, LISTED_WHEN_FULL = 120, 30
"""How many commits of the tail lie on disk at most; the older ones are in memory until their minute closes."""
BUDGET_BYTES = 2 * 1024 * 1024 * 1024
_log = logging.getLogger(__name__)


class History:
    """`open` and `save` raise StoreUnwritable (nothing is lost, try again) and StoreDamaged, the rest neither."""

    def __init__(self, claim: Claim, version: int, budget_bytes: int = BUDGET_BYTES) -> None:
        self._claim = claim
        self._budget = budget_bytes
        self._tables = Tables()
        self._published = Published(version, self._tables)
        self._intake = Intake(self._tables)
        self._last: dict[str, Segment] = {}
        self._open_minute: list[tuple[int, Commit]] = []
        self._waiting: list[Commit] = []
        self._set_back_to: float | None = None
        self._full = self._behind = False
        self._stuck: tuple[float, StoreUnwritable] | None = None

    @property
    def version(self) -> int:
        """The last version on disk."""
        return self._published.manifest.version

    @property
    def epoch(self) -> str:
        """The name of this life of the database."""
        return self._published.manifest.epoch

    def table(self, key: str) -> SeriesTable | None:
        """The table of a key, when it is in use."""
        return self._tables.get(key)

    def open(self) -> None:
        """Go on with what is on disk, or start a new life when there is nothing."""
        loaded = self._published.open(self._claim)
        self._open_minute, self._last = loaded.open_minute, loaded.last

    def take(
        self,
        now: float,
        frames: Iterable[ReadFrame],
        sources: Mapping[str, SourceState],
        events: Iterable[Event],
        meta: Mapping[str, Any] | None,
    ) -> None:
        """Hold one commit in memory until `save`."""
        if now < self._published.facts.written_at:
            self._clock_set_back(now)
        reads, own_events = self._intake.reads(frames)
        known = tuple(replace(event, known_at=now) for event in (*own_events, *events))
        self._waiting.append(Commit(int(now // MINUTE), reads, known))
        self._bound_waiting()
        kept = self._published.facts.meta if meta is None else dict(meta)
        self._published.facts = replace(self._published.facts, written_at=now, sources=dict(sources), meta=kept)
        self._published.clock.tell(now)

    def take_past(self, frames: Iterable[ReadFrame]) -> None:
        """Write rows of the past, seen with the next version. Raises StoreUnwritable with some hours written."""
        database, now = self._published.database, self._published.facts.written_at
        if self._set_back_to is not None:
            raise StoreUnwritable("the clock was set back just now")
        commits = [*(commit for _, commit in self._open_minute), *self._waiting]
        for fresh in hours_of(segments_of(frames), now):
            added = added_to(self._published.manifest.chunks, fresh, commits, now, database.values.open, self._tables)
            if added is not None:
                self._published.replace_chunks(added.replaced, added.chunks)
                for source, row in added.last.items():
                    if source not in self._last or self._last[source].times[-1] < row.times[-1]:
                        self._last[source] = row

    def save(self) -> None:
        """Write what waits, close minutes that are over, let go of what is past its time."""
        try:
            self._save()
        except StoreUnreachable:  # there is room: nothing has to make way
            self._behind = True
            raise
        except StoreUnwritable:
            self._full = True
            self._make_room()
            raise
        self._full = self._behind = False

    def _save(self) -> None:
        if not self._published.is_open:
            self.open()
        if self._set_back_to is not None:
            self._forget_after(self._set_back_to)
            self._set_back_to = None
        if self._waiting:
            self._write_waiting()
        now, minute = self._published.facts.written_at, int(self._published.facts.written_at // MINUTE)
        over = [item for item in self._open_minute if item[1].minute < minute]
        if over:
            self._tidy(over, now)
        self._published.delete_retired()

    def _tidy(self, over: Sequence[tuple[int, Commit]], now: float) -> None:
        """Close the minutes that are over. A full disk is asked again after some seconds only: chunks cost work."""
        if self._stuck is not None and abs(now - self._stuck[0]) < RETRY_SECONDS:
            raise self._stuck[1]
        try:
            for _, group in groupby(over, key=lambda item: item[1].minute):
                self._close_minute(list(group))
            self._published.close_hours()
            in_use = [read.table for _, commit in self._open_minute for read in commit.reads]
            self._published.expire(self._budget, [*in_use, *self._intake.in_use()])
        except StoreUnwritable as error:
            self._stuck = now, error
            raise
        self._stuck = None

    def _make_room(self) -> None:
        """While the disk is full the newest reads still go out, in the room that the older ones leave.

        The older ones stay in memory and are written when there is room again.
        """
        manifest = self._published.manifest
        listed = manifest.open_minute[-LISTED_WHEN_FULL:]
        gone = [commit_key(version) for version in manifest.open_minute if version not in listed]
        try:
            self._published.database.checkpoint()
            self._published.write({}, replace(manifest, open_minute=listed), gone)
            self._published.delete_retired(0.0)
        except StoreUnwritable as error:
            _log.debug("no room to be made: %s", error)

    def set_aside(self, why: str) -> None:
        """Give up a damaged cache: it is moved aside, and what is in memory goes into a new one."""
        self.close()
        if self._claim.holds_data:
            self._claim.set_aside(why)
        self._start_over()

    def move(self, claim: Claim) -> None:
        """Go on in another place with what is in memory."""
        self._claim = claim
        self._start_over()

    def close(self) -> None:
        """Close the database."""
        self._published.close()

    def _start_over(self) -> None:
        self._published.start_over()
        self._waiting = [*(commit for _, commit in self._open_minute), *self._waiting]
        self._open_minute, self._last = [], {}

    def _clock_set_back(self, now: float) -> None:
        back = self._published.facts.written_at - now
        _log.warning("the clock was set back by %.1f s: what was stored for the time after now is forgotten", back)
        self._set_back_to = now if self._set_back_to is None else min(now, self._set_back_to)
        self._waiting = [commit.until(now) for commit in self._waiting]
        self._intake.set_back(now)

    def _bound_waiting(self) -> None:
        """While the disk takes nothing the oldest reads make room for the newest."""
        if not (self._full or self._behind):
            return
        listed = set(self._published.manifest.open_minute)
        unlisted = [item for item in self._open_minute if item[0] not in listed]
        size = sum(commit.size for commit in (*(commit for _, commit in unlisted), *self._waiting))
        while size > WAITING_BYTES and (unlisted or len(self._waiting) > 1):
            size -= (unlisted.pop(0)[1] if unlisted else self._waiting.pop(0)).size
        self._open_minute = [*unlisted, *(item for item in self._open_minute if item[0] in listed)]

    def _write_waiting(self) -> None:
        manifest = self._published.manifest
        commits = list(enumerate(self._waiting, start=manifest.version + 1))
        listed = commits[-(LISTED_WHEN_FULL if self._full else LISTED) :]
        values = {}
        for version, commit in listed:
            rows = [Row(read.source, self._tables.key_of(read.table), read.time, read.values) for read in commit.reads]
            values[commit_key(version)] = encode_commit(rows, commit.events)
        open_minute = (*manifest.open_minute, *(version for version, _ in listed))
        self._published.write(values, replace(manifest, version=commits[-1][0], open_minute=open_minute))
        self._open_minute, self._waiting = [*self._open_minute, *commits], []

    def _close_minute(self, closed: Sequence[tuple[int, Commit]]) -> None:
        """Commits of a minute that is over become two chunks, and their events join the log."""
        commits = [commit for _, commit in closed]
        chunks, segments = raw_and_points(commits, self._last, self._tables)
        events = [event for commit in commits for event in commit.events]
        before = self._published.manifest
        log = appended(before.events, events, self._published.clock.now, self._published.database.get)
        manifest = replace(
            before,
            open_minute=tuple(version for version in before.open_minute if version > closed[-1][0]),
            chunks=in_order([*before.chunks, *(chunk.ref for chunk in chunks)]),
            events=log.refs,
            events_dropped=before.events_dropped + log.dropped,
        )
        gone = {ref.key for ref in before.events} - {ref.key for ref in log.refs}
        gone |= {commit_key(version) for version, _ in closed}
        self._published.write({**values_of(chunks), **log.values}, manifest, gone)
        self._open_minute = self._open_minute[len(closed) :]
        self._published.name(chunks)
        for segment in segments:
            self._last[segment.source] = last_row(segment)
            self._intake.settle(segment)

    def _forget_after(self, now: float) -> None:
        """Cut everything stored at `now`. The open minute is written again as what waits."""
        database, before = self._published.database, self._published.manifest
        values, events, _ = until(before.events, now, database.get)
        kept = [ref for ref in before.chunks if ref.end <= now]
        late = [ref for ref in before.chunks if ref.end > now]
        cuts = (cut_chunk(ref, now, database.values.open, self._tables) for ref in late if ref.start <= now)
        chunks = [chunk for chunk in cuts if chunk is not None]
        left = in_order([*kept, *(chunk.ref for chunk in chunks)])
        manifest = replace(before, open_minute=(), chunks=left, events=events)
        gone = {ref.key for ref in before.events} - {ref.key for ref in events}
        gone |= {ref.key for ref in late} | {commit_key(version) for version, _ in self._open_minute}
        self._published.write({**values, **values_of(chunks)}, manifest, gone)
        self._published.name(chunks)
        self._waiting = [*(commit.until(now) for _, commit in self._open_minute), *self._waiting]
        self._open_minute, self._last = [], {}
