"""Turning commits into chunks: a closed minute into reads and points, a closed hour of points into one chunk."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from typing import NamedTuple

import numpy as np

from model.series import Event
from store.disk.chunks import encode_chunk, parts_of, segment_of
from store.disk.codec import Floats, Stored
from store.disk.manifest import HOUR_POINTS, MINUTE_POINTS, RAW, ChunkRef
from store.errors import StoreDamaged
from store.series_table import Segment, SeriesTable
from store.writing.columns import Tables
from store.writing.retention import HOUR, aligned, merge, thin

_log = logging.getLogger(__name__)
Open = Callable[[str], Stored | None]


class Read(NamedTuple):
    """One read of one source in memory; `values` (S,) over `table`."""

    source: str
    table: SeriesTable
    time: float
    values: Floats


class Commit(NamedTuple):
    """One commit in memory; `minute` counts wall-clock minutes since 1970."""

    minute: int
    reads: tuple[Read, ...]
    events: tuple[Event, ...]

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        return sum(read.values.nbytes for read in self.reads) + 256 * len(self.events)

    def until(self, now: float) -> Commit:
        """Without what lies after `now`."""
        return Commit(
            min(self.minute, int(now // 60)),
            tuple(read for read in self.reads if read.time <= now),
            tuple(event for event in self.events if event.time <= now),
        )


class Chunk(NamedTuple):
    """A chunk to write."""

    ref: ChunkRef
    data: bytes
    tables: frozenset[str]


def chunk_of(kind: str, segments: Sequence[Segment], tables: Tables) -> Chunk:
    """Segments of different sources as one chunk."""
    start = min(float(one.times[0]) for one in segments)
    end = max(float(one.times[-1]) for one in segments)
    data = encode_chunk(segments, tables.key_of)
    key = f"{kind}/{int(start)}-{uuid.uuid4().hex[:12]}"
    return Chunk(ChunkRef(key, kind, start, end, len(data)), data, frozenset(tables.key_of(s.table) for s in segments))


def values_of(chunks: Iterable[Chunk]) -> dict[str, bytes]:
    """Chunks as values to write."""
    return {chunk.ref.key: chunk.data for chunk in chunks}


def minute_segments(commits: Iterable[Commit], tables: Tables) -> list[Segment]:
    """The reads of a minute, one segment per source."""
    by_source: dict[str, list[Segment]] = {}
    for read in (read for commit in commits for read in commit.reads):
        piece = Segment(read.source, read.table, np.array([read.time]), read.values[np.newaxis])
        by_source.setdefault(read.source, []).append(piece)
    merged = (merge(pieces) for pieces in by_source.values())
    return [one._replace(table=tables.add(one.table)) for one in merged]


def minute_points(segments: Iterable[Segment], last: Mapping[str, Segment]) -> list[Segment]:
    """What the minute leaves behind. `last` holds each source's last row before the minute."""
    points = []
    for one in segments:
        before = last.get(one.source)
        points.append(thin(one, None if before is None else aligned(before, one.table)))
    return points


def last_row(segment: Segment) -> Segment:
    """The last row alone, as a segment of its own memory."""
    return Segment(segment.source, segment.table, segment.times[-1:].copy(), segment.values[-1:].copy())


def closed_hours(chunks: Iterable[ChunkRef], now: float) -> list[list[ChunkRef]]:
    """The minute points that are ready to become hour chunks, an hour each."""
    ready = [one for one in chunks if one.kind == MINUTE_POINTS and one.start // HOUR < now // HOUR]
    return [list(group) for _, group in groupby(ready, key=lambda one: one.start // HOUR)]


def segments_in(refs: Iterable[ChunkRef], open_value: Open, tables: Tables) -> dict[str, list[Segment]]:
    """The stored segments of some chunks by source, in order. A damaged chunk is skipped with one log line."""
    found: dict[str, list[Segment]] = {}
    for ref in refs:
        try:
            for segment in _segments(open_value(ref.key), tables):
                found.setdefault(segment.source, []).append(segment)
        except StoreDamaged as error:
            _log.error("skipping stored chunk %s: %s", ref.key, error)
    return found


def _segments(stored: Stored | None, tables: Tables) -> list[Segment]:
    if stored is None:
        raise StoreDamaged("it is missing")
    segments = []
    for part in parts_of(stored):
        table = tables.get(part.table)
        if table is None:
            raise StoreDamaged(f"its {part.table} is missing")
        segments.append(segment_of(stored, part, table))
    return segments


def hour_chunk(refs: Sequence[ChunkRef], open_value: Open, tables: Tables) -> Chunk | None:
    """An hour of minute points as one chunk; None when nothing of them can be read."""
    found = segments_in(refs, open_value, tables)
    merged = [merge(pieces) for pieces in found.values()]
    merged = [one._replace(table=tables.add(one.table)) for one in merged]
    return chunk_of(HOUR_POINTS, merged, tables) if merged else None


def cut_chunk(ref: ChunkRef, now: float, open_value: Open, tables: Tables) -> Chunk | None:
    """A chunk without its rows after `now`; None when nothing is left."""
    kept = []
    for pieces in segments_in([ref], open_value, tables).values():
        for piece in pieces:
            rows = int(piece.times.searchsorted(now, "right"))
            if rows:
                kept.append(piece._replace(times=piece.times[:rows], values=piece.values[:rows]))
    return chunk_of(ref.kind, kept, tables) if kept else None


def raw_and_points(
    commits: Sequence[Commit], last: Mapping[str, Segment], tables: Tables
) -> tuple[list[Chunk], list[Segment]]:
    """A closed minute as its two chunks, and the segments they were made of; no chunks when nothing was read.

    Packing lets other threads run, so that the one does not wait for the other.
    """
    segments = minute_segments(commits, tables)
    if not segments:
        return [], []
    with ThreadPoolExecutor(1, "hud-chunk") as beside:
        raw = beside.submit(chunk_of, RAW, segments, tables)
        points = chunk_of(MINUTE_POINTS, minute_points(segments, last), tables)
    return [raw.result(), points], segments
