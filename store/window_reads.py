"""One sample name over a window, cut from what a reader holds: all its rows, or the last of each source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache

import numpy as np

from model.process_tracker import CLOCK_SLACK_SECONDS
from model.series import Series
from store.frames import Block, Loader, Readable
from store.series_table import FamilyColumns, Floats, Segment, SeriesTable

START_FAMILIES = ("process_start_time_seconds", "prism_admin_process_start_time_seconds")
"""What a process says of its own start."""
SERVER_START, KEEPS_COUNTING = "backend_started_timestamp_seconds", "postgres_"
"""When a server was started; and how the families of one begin that goes on counting after that."""
UPTIME = "otelcol_process_uptime_seconds"
"""What a process says that has no word for its start."""
UPTIME_SLACK_SECONDS = 2.0
"""By so much more an uptime may have grown than the time between two reads: they take different times."""
KNOWN_SECONDS = 3600.0
"""How far back it is looked whether a family that a window's first rows lack had been reported before."""


class WindowReads:
    """The segments that a window is cut from, source by source. Of 200 sources few have the name that is asked for: the
    others are passed over by a look at their tables.
    """

    def __init__(self, segments: Iterable[Readable]) -> None:
        by_source: dict[str, list[Readable]] = {}
        for segment in segments:
            by_source.setdefault(segment.source, []).append(segment)
        self._sources = [
            (by_source[source], {segment.table for segment in by_source[source]}) for source in sorted(by_source)
        ]

    def blocks(self, name: str, first: float, end: float, load: Loader) -> list[Block]:
        """The rows of `name` in [first, end], a block per source that has any."""
        found = (_block_of(name, segments, first, end, load) for segments in self._with(name))
        return [block for block in found if block is not None]

    def newest(self, name: str, first: float, end: float) -> list[Block]:
        """A block of one row per source: its last in [first, end], where that has `name`."""
        found = (_newest_of(name, segments, first, end) for segments in self._with(name))
        return [block for block in found if block is not None]

    def _with(self, name: str) -> Iterator[list[Readable]]:
        for segments, tables in self._sources:
            for table in tables:
                if table.positions(name):
                    yield segments
                    break


def _newest_of(name: str, segments: Sequence[Readable], first: float, end: float) -> Block | None:
    """A source's last read in [first, end]; None when there is none, or nothing of that name in it."""
    for segment in reversed(segments):
        row = int(segment.times.searchsorted(end, "right")) - 1
        samples = segment.cut(name, row, row + 1) if row >= 0 else None
        if samples is not None:
            times, columns = segment.times[row : row + 1], segment.table.family(name)
            return Block(segment.source, columns, times, samples) if columns.series and times[0] >= first else None
    return None


def _block_of(name: str, segments: Sequence[Readable], first: float, end: float, load: Loader) -> Block | None:
    """One source's rows; None when there are none, or nothing of that name in them."""
    pieces: list[Segment] = []
    cuts: list[tuple[Readable, int, int]] = []
    for segment in segments:
        times = segment.times
        if times[0] < first or times[-1] > end:
            low, high = int(times.searchsorted(first, "left")), int(times.searchsorted(end, "right"))
        else:
            low, high = 0, len(times)
        cut = segment.cut(name, low, high) if low < high else None
        if cut is not None:
            pieces.append(Segment(segment.source, segment.table, times[low:high], cut))
            cuts.append((segment, low, high))
    if not pieces:
        return None
    columns, times, samples = _joined(name, pieces)
    if not columns.series:
        return None
    before = _before(name, segments[0].source, float(np.nextafter(times[0], -np.inf)), load)
    return Block(segments[0].source, columns, times, samples, lambda: _started(name, cuts), before)


def _before(name: str, source: str, until: float, load: Loader) -> Callable[[], float]:
    """What a source last reported of a family in the hour before its rows, all series together. It holds no snapshot,
    which would outlive its turn.
    """

    @cache
    def last() -> float:
        found = np.nan
        for segment in load(until - KNOWN_SECONDS, until, until):
            if segment.source == source and segment.table.positions(name):
                values = segment.cut(name, 0, int(segment.times.searchsorted(until, "right")))
                if values is not None and not np.isnan(values).all():
                    found = float(np.nansum(values[~np.isnan(values).all(axis=1)][-1]))
        return found

    return last


def _started(name: str, cuts: Sequence[tuple[Readable, int, int]]) -> Floats | None:
    """When the process behind each row had started: as it says itself, else when its oldest series was created."""
    created = f"{name.removesuffix('_total').removesuffix('_bucket')}_created"
    times = np.concatenate([one.times[low:high] for one, low, high in cuts])
    told = _least_of(cuts, (*START_FAMILIES, created))
    told = np.where((told > 0.0) & (told <= times + CLOCK_SLACK_SECONDS), told, np.nan)  # 0 and milliseconds are none
    if np.isnan(told).all():
        server = np.nan if name.startswith(KEEPS_COUNTING) else _least_of(cuts, (SERVER_START,))
        told = _start_by_uptime(times, np.fmin(times - server, _least_of(cuts, (UPTIME,))))
    return None if np.isnan(told).all() else told


def _least_of(cuts: Sequence[tuple[Readable, int, int]], families: Sequence[str]) -> Floats:
    """(T,) the least value of the first of these families that each part has; NaN where it has none."""
    found = [np.full(high - low, np.nan) for _, low, high in cuts]
    for at, (segment, low, high) in enumerate(cuts):
        for family in families:
            column = segment.cut(family, low, high) if segment.table.positions(family) else None
            if column is not None and column.shape[1]:
                with np.errstate(all="ignore"):
                    found[at] = np.fmin.reduce(column, axis=1)
                break
    return np.concatenate(found)


def _start_by_uptime(times: Floats, uptime: Floats) -> Floats:
    """(T,) a start that moves only where the uptime fell, or rose by more than the time that passed: it stands still
    while a machine sleeps.
    """
    lasted, passed = np.diff(uptime), np.diff(times)
    another = np.concatenate([[True], ~((lasted >= 0) & (lasted < passed + UPTIME_SLACK_SECONDS))])
    first = np.maximum.accumulate(np.where(another, np.arange(len(times)), 0))
    return np.asarray((times - uptime)[first], dtype=np.float64)


def _joined(name: str, pieces: list[Segment]) -> tuple[FamilyColumns, Floats, Floats]:
    """The pieces of one source, at least one: (T,) times and (T, S) samples over the union of their series."""
    columns = pieces[0].table.family(name)
    times = np.concatenate([piece.times for piece in pieces])
    if all(piece.table is pieces[0].table for piece in pieces):
        values = np.concatenate([piece.values for piece in pieces])
    else:
        place: dict[Series, int] = {}
        for piece in pieces:
            for one in piece.table.family(name).series:
                place.setdefault(one, len(place))
        values = np.full((len(times), len(place)), np.nan)
        row = 0
        for piece in pieces:
            at = [place[one] for one in piece.table.family(name).series]
            values[row : row + len(piece.times), at] = piece.values
            row += len(piece.times)
        columns = SeriesTable(place).family(name)
    values.flags.writeable = False  # whoever asks next may be given the same
    return columns, times, values
