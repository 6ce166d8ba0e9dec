"""The segments of one manifest, as a Snapshot's loader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from store.disk.chunk_reader import ChunkReader, StoredSegment
from store.disk.manifest import RAW, ChunkRef
from store.disk.open_minute import OpenView
from store.frames import Readable


@dataclass(frozen=True, slots=True)
class SnapshotLoader:
    """What was alive when the manifest was read."""

    chunk_reader: ChunkReader
    chunks: tuple[ChunkRef, ...]
    open_minute: OpenView

    def load(self, start: float, end: float, fine: float) -> Iterator[Readable]:
        """Points, then reads, then the open minute: in time order within each source, no row twice.

        Points of a source are taken up to its first read: where its reads begin to be kept, or are wanted (`fine`).
        """
        kept = list(self._overlapping(max(start, fine), end, raw=True))
        reads: list[Readable] = [part for ref in kept for part in self.chunk_reader.segments(ref)]
        first: dict[str, float] = {}
        for segment in [*reads, *self.open_minute.segments]:
            first.setdefault(segment.source, float(segment.times[0]))
        yield from self._points(start, end, min((ref.start for ref in kept), default=float("inf")), first)
        yield from reads
        yield from (one for one in self.open_minute.segments if one.times[0] <= end and one.times[-1] >= start)

    def _points(self, start: float, end: float, oldest: float, first: dict[str, float]) -> Iterator[StoredSegment]:
        if start >= oldest:
            return
        for ref in self._overlapping(start, end, raw=False):
            if ref.start >= oldest:
                continue
            for part in self.chunk_reader.segments(ref):
                reads_from = first.get(part.source)
                if reads_from is None or part.times[-1] < reads_from:
                    yield part
                elif part.times[0] < reads_from:
                    yield part.before(reads_from)

    def _overlapping(self, start: float, end: float, raw: bool) -> Iterator[ChunkRef]:
        return (ref for ref in self.chunks if ref.start <= end and ref.end >= start and (ref.kind == RAW) == raw)
