"""Rows of the past, for sources that can report their history: they go among the points and reads that are stored.

Nothing that is stored is changed: a row of a minute in which its source has rows already is left out, unless it lies
before all reads of that minute, in which it was read for the first time. All times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from store.disk.manifest import HOUR_POINTS, MINUTE_POINTS, RAW, ChunkRef
from store.incoming import ReadFrame
from store.series_table import Segment, SeriesTable
from store.writing.chunker import Chunk, Commit, Open, chunk_of, last_row, segments_in
from store.writing.columns import Tables
from store.writing.retention import HOUR, MINUTE, POINT_SECONDS, RAW_SECONDS, merge

BEGAN_SECONDS = 2.0
"""Where all is read from the beginning of a minute on, its first read comes no later."""
Stored = Mapping[str, Sequence[Segment]]
"""Segments in time order by their source's key."""


class Fresh(NamedTuple):
    """Rows of one hour; `hour` is its start."""

    hour: float
    segments: tuple[Segment, ...]


class Added(NamedTuple):
    """What comes of them: `chunks` in the place of `replaced`; `last` is each source's last row among those added."""

    replaced: Sequence[ChunkRef]
    chunks: Sequence[Chunk]
    last: Mapping[str, Segment]


def segments_of(frames: Iterable[ReadFrame]) -> list[Segment]:
    """The frames' rows, over one table for as long as a source's columns are the same."""
    found, known = [], dict[str, tuple[pd.Index, SeriesTable]]()
    for one in frames:
        values = one.values
        if one.source not in known or not known[one.source][0].is_(values.columns):
            known[one.source] = values.columns, SeriesTable(one.series)
        found.append(Segment(one.source, known[one.source][1], one.times, values.to_numpy(dtype=np.float64)))
    return found


def hours_of(segments: Iterable[Segment], now: float) -> list[Fresh]:
    """The rows by hour, oldest first; without those of the running minute and of times that are not kept any more."""
    found: dict[float, list[Segment]] = {}
    for one in segments:
        low, high = one.times.searchsorted([now - POINT_SECONDS, now // MINUTE * MINUTE], "left").tolist()
        hours = one.times // HOUR
        for hour in np.unique(hours[low:high]).tolist():
            chosen = np.flatnonzero(hours[low:high] == hour) + low
            found.setdefault(hour * HOUR, []).append(_rows(one, chosen))
    return [Fresh(hour, tuple(pieces)) for hour, pieces in sorted(found.items())]


def added_to(
    refs: Iterable[ChunkRef], fresh: Fresh, commits: Iterable[Commit], now: float, open_value: Open, tables: Tables
) -> Added | None:
    """An hour's rows put among its stored points, and among its reads where these are kept; None when nothing is new.

    `commits` are those that are in no chunk yet.
    """
    refs = list(refs)
    around = [ref for ref in refs if ref.kind != RAW and ref.start < fresh.hour + HOUR and ref.end >= fresh.hour]
    own = [ref for ref in around if ref.start // HOUR == fresh.hour // HOUR]
    stored = segments_in(own, open_value, tables)
    others = segments_in([ref for ref in around if ref not in own], open_value, tables)
    known = _minutes_of([stored, others], commits)
    rows = _tabled(_unknown(fresh.segments, known), tables)
    firsts = _first_reads(refs, fresh.hour, open_value, tables)
    early = _tabled(_before_reads(fresh.segments, known, firsts), tables)
    reads = _reads([*rows, *early], now - RAW_SECONDS, tables)
    last = {one.source: last_row(one) for one in rows}
    if not rows:
        return Added((), reads, last) if reads else None
    pieces: dict[str, list[Segment]] = {source: list(segments) for source, segments in stored.items()}
    for one in rows:
        pieces.setdefault(one.source, []).append(_last_of_minutes(one))
    joined = [_in_order(merge(found)) for found in pieces.values()]
    kind = HOUR_POINTS if fresh.hour // HOUR < now // HOUR else MINUTE_POINTS
    return Added(own, [chunk_of(kind, _tabled(joined, tables), tables), *reads], last)


def _minutes_of(stored: Iterable[Stored], commits: Iterable[Commit]) -> dict[str, set[int]]:
    """The minutes since 1970 in which each source has rows."""
    known: dict[str, set[int]] = {}
    for source, pieces in (item for one in stored for item in one.items()):
        for piece in pieces:
            known.setdefault(source, set()).update(_minutes(piece).tolist())
    for read in (read for commit in commits for read in commit.reads):
        known.setdefault(read.source, set()).add(int(read.time // MINUTE))
    return known


def _unknown(segments: Iterable[Segment], known: Mapping[str, set[int]]) -> list[Segment]:
    """The rows of minutes in which their source has none."""
    kept = []
    for one in segments:
        rows = np.flatnonzero(~np.isin(_minutes(one), list(known.get(one.source, ()))))
        if len(rows):
            kept.append(_rows(one, rows))
    return kept


def _first_reads(
    refs: Iterable[ChunkRef], hour: float, open_value: Open, tables: Tables
) -> dict[str, dict[int, float]]:
    """By source, when it was first read in each minute of the hour in whose midst reads began."""
    by_minute: dict[int, list[ChunkRef]] = {}
    for ref in refs:
        if ref.kind == RAW and hour <= ref.start < hour + HOUR:
            by_minute.setdefault(int(ref.start // MINUTE), []).append(ref)
    found: dict[str, dict[int, float]] = {}
    for minute, ours in by_minute.items():
        if min(ref.start for ref in ours) >= minute * MINUTE + BEGAN_SECONDS:
            for source, pieces in segments_in(ours, open_value, tables).items():
                found.setdefault(source, {})[minute] = min(float(piece.times[0]) for piece in pieces)
    return found


def _before_reads(
    segments: Iterable[Segment], known: Mapping[str, set[int]], firsts: Mapping[str, Mapping[int, float]]
) -> list[Segment]:
    """The rows of minutes in which their source has later ones, and nothing before these."""
    kept = []
    for one in segments:
        minutes = firsts.get(one.source, {})
        until = np.array(
            [minutes.get(at, 0.0) if at in known.get(one.source, ()) else 0.0 for at in _minutes(one).tolist()]
        )
        rows = np.flatnonzero(one.times < until)
        if len(rows):
            kept.append(_rows(one, rows))
    return kept


def _reads(segments: Iterable[Segment], since: float, tables: Tables) -> list[Chunk]:
    """The rows after `since` as reads, a chunk for each minute as ever."""
    by_minute: dict[int, list[Segment]] = {}
    for one in segments:
        minutes = _minutes(one)
        for minute in np.unique(minutes[one.times > since]).tolist():
            by_minute.setdefault(minute, []).append(_rows(one, np.flatnonzero(minutes == minute)))
    return [chunk_of(RAW, pieces, tables) for _, pieces in sorted(by_minute.items())]


def _minutes(segment: Segment) -> npt.NDArray[np.int64]:
    return (segment.times // MINUTE).astype(np.int64)


def _last_of_minutes(segment: Segment) -> Segment:
    """The last row of each minute."""
    return _rows(segment, np.flatnonzero(np.diff(_minutes(segment), append=-1) != 0))


def _tabled(segments: Iterable[Segment], tables: Tables) -> list[Segment]:
    return [one._replace(table=tables.add(one.table)) for one in segments]


def _rows(segment: Segment, rows: npt.NDArray[np.intp]) -> Segment:
    return segment._replace(times=segment.times[rows], values=segment.values[rows])


def _in_order(segment: Segment) -> Segment:
    return _rows(segment, np.argsort(segment.times, kind="stable"))
