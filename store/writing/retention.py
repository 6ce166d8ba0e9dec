"""What is kept how long, and what a minute leaves behind: pure functions over segments, times in seconds since 1970."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from model.series import Series
from store.disk.manifest import RAW, ChunkRef
from store.series_table import Floats, Segment, SeriesTable

RAW_SECONDS = 3600.0 + 120.0
"""Every read is kept for an hour, and two minutes more so that a window of one hour has its baseline."""
POINT_SECONDS = 86400.0 + 300.0
"""One-minute points are kept for a day, and a little more for the same reason."""
EVENT_SECONDS = 86400.0
SAFE_SECONDS = 900.0
"""Never dropped for want of room: what the pages of now look at."""
MINUTE, HOUR = 60.0, 3600.0


def merge(pieces: Sequence[Segment]) -> Segment:
    """Segments of one source, in time order, as one over the union of their series; columns never reported fall out."""
    times = np.concatenate([piece.times for piece in pieces])
    if all(piece.table is pieces[0].table for piece in pieces):
        table, values = pieces[0].table, np.concatenate([piece.values for piece in pieces])
    else:
        table, values = _united(pieces, len(times))
    reported = ~np.isnan(values).all(axis=0)
    if not reported.all():
        table = SeriesTable(one for one, kept in zip(table.series, reported, strict=True) if kept)
        values = values[:, reported]
    return Segment(pieces[0].source, table, times, values)


def _united(pieces: Sequence[Segment], rows: int) -> tuple[SeriesTable, Floats]:
    """One table for all pieces, the last piece's when it already names everything."""
    place: dict[Series, int] = {one: at for at, one in enumerate(pieces[-1].table.series)}
    for piece in pieces:
        for one in piece.table.series:
            place.setdefault(one, len(place))
    table = pieces[-1].table if len(place) == len(pieces[-1].table.series) else SeriesTable(place)
    values = np.full((rows, len(place)), np.nan)
    row = 0
    for piece in pieces:
        values[row : row + len(piece.times), [place[one] for one in piece.table.series]] = piece.values
        row += len(piece.times)
    return table, values


def aligned(row: Segment, table: SeriesTable) -> Floats:
    """The last row of `row` over the columns of `table`, NaN where it had none. Shape (S,)."""
    if row.table is table:
        return np.asarray(row.values[-1])
    known = dict(zip(row.table.series, row.values[-1].tolist(), strict=True))
    return np.array([known.get(one, np.nan) for one in table.series], dtype=np.float64)


def kept_rows(segment: Segment, before: Floats | None) -> npt.NDArray[np.bool_]:
    """Which rows a minute leaves as points: the last one, and both sides of every turn of an accumulating series.

    A turn is a reset, an appearance or a disappearance. Between turns a counter only grows, so the differences that
    are left sum to the same increase as those of all rows. `before` is the row before the segment, over its columns;
    without one the first row is the source's first and is kept as the baseline.
    """
    accumulating = segment.table.accumulating
    kept = np.zeros(len(segment.values), dtype=bool)
    kept[0] = before is None
    kept[-1] = True
    previous = (segment.values[0] if before is None else before)[accumulating]
    for at, row in enumerate(segment.values):  # row by row: of 100,000 series a minute at once is too much for a cache
        values = row[accumulating]
        if ((values < previous) | (np.isnan(values) != np.isnan(previous))).any():
            kept[max(0, at - 1) : at + 1] = True
        previous = values
    return kept


def thin(segment: Segment, before: Floats | None) -> Segment:
    """The one-minute points of a minute of reads. `before` as in `kept_rows`."""
    kept = kept_rows(segment, before)
    return Segment(segment.source, segment.table, segment.times[kept], segment.values[kept])


def expired(chunks: Sequence[ChunkRef], now: float, budget_bytes: int) -> set[ChunkRef]:
    """Which chunks to let go: those past their time, and while the rest weighs more than the budget the oldest.

    Reads go before points, since points still report what happened; the last minutes of both always stay.
    """
    gone = {one for one in chunks if one.end < now - (RAW_SECONDS if one.kind == RAW else POINT_SECONDS)}
    rest = [one for one in chunks if one not in gone]
    over = sum(one.size for one in rest) - budget_bytes
    for one in sorted(rest, key=lambda ref: (ref.kind != RAW, ref.end)):
        if over <= 0:
            break
        if one.end < now - SAFE_SECONDS:
            gone.add(one)
            over -= one.size
    return gone
