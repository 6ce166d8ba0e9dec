"""A whole, unchanging view of the store at one version: all that an aggregator may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.series import Event, Scrape, Series
from model.sources import SourceState

BASELINE_SECONDS = 60.0
"""Rows kept before a window's start, so that an increase has its baseline and a new series is known to be new."""
FINE_SECONDS = 300.0
"""How much of the end of a coarse window is read whole."""

START_FAMILIES = ("process_start_time_seconds", "prism_admin_process_start_time_seconds")
"""What a process says of its own start."""

Floats = npt.NDArray[np.float64]


class FamilyColumns(NamedTuple):
    """Where one sample name sits in a table: positions, their series, and their labels as a frame."""

    positions: npt.NDArray[np.intp]
    series: tuple[Series, ...]
    labels: pd.DataFrame


@cache
def _absent() -> FamilyColumns:
    return FamilyColumns(np.empty(0, dtype=np.intp), (), pd.DataFrame())


class SeriesTable:
    """The columns of a segment. Compared by identity; lookups by name are worked out once."""

    def __init__(self, series: Iterable[Series]) -> None:
        self.series = tuple(series)
        self._positions: dict[str, list[int]] = {}
        for position, one in enumerate(self.series):
            self._positions.setdefault(one.name, []).append(position)
        self._orders: dict[str, int] = {}
        self._families: dict[str, FamilyColumns] = {}

    @property
    def names(self) -> Iterable[str]:
        """The sample names present, in the order of their first series."""
        return self._positions.keys()

    def positions(self, name: str) -> Sequence[int]:
        """Where the series of one sample name sit; empty when it is absent."""
        return self._positions.get(name, ())

    def order(self, name: str) -> int:
        """Which of `names` this is, counted from 0. Raises KeyError when it is absent."""
        if not self._orders:
            self._orders = {known: at for at, known in enumerate(self._positions)}
        return self._orders[name]

    def family(self, name: str) -> FamilyColumns:
        """The columns of one sample name; empty when it is absent."""
        if name not in self._positions:
            return _absent()
        if name not in self._families:
            positions = self._positions[name]
            chosen = tuple(self.series[i] for i in positions)
            labels = pd.DataFrame([dict(s.labels) for s in chosen], dtype=object).fillna("")
            self._families[name] = FamilyColumns(np.array(positions, dtype=np.intp), chosen, labels)
        return self._families[name]


class Segment(NamedTuple):
    """Consecutive reads of one source: `times` (T,) ascending, `values` (T, S), NaN where a read lacked a series."""

    source: str
    table: SeriesTable
    times: Floats
    values: Floats

    def cut(self, name: str) -> Floats:
        """The columns of one sample name, (T, n); n is 0 when the table lacks it."""
        return self.values[:, self.table.family(name).positions]


class Readable(Protocol):
    """What a frame is cut from: a Segment, or a stored one that reads one family at a time."""

    @property
    def source(self) -> str:
        """The source's key."""

    @property
    def table(self) -> SeriesTable:
        """Its columns."""

    @property
    def times(self) -> Floats:
        """(T,), ascending, at least one."""

    def cut(self, name: str) -> Floats | None:
        """(T, n), or None when the values can be read no more (an old snapshot of a store that went on)."""


@dataclass(frozen=True)
class Block:
    """Consecutive reads of one source, for one family.

    `values`: index is time (seconds since 1970, ascending), columns are positions in `series`; NaN where that
    read lacked that series. `labels`: one row per column, one string column per label ('' where absent).
    """

    source: str
    series: tuple[Series, ...]
    labels: pd.DataFrame
    values: pd.DataFrame
    started: Callable[[], Floats | None] = lambda: None
    """(T,) when the process that answered each read had started, in seconds since 1970, NaN where a read did not say;
    None when no read did."""


@dataclass(frozen=True)
class Frame:
    """One family over a window: a block per source that reported it; empty when nobody did."""

    name: str
    blocks: tuple[Block, ...] = ()

    @property
    def reported(self) -> bool:
        """False means *not reported* (law 2), which is not zero."""
        return bool(self.blocks)


Loader = Callable[[float, float, float], Iterable[Readable]]
"""Yields the segments that overlap [start, end], in time order within each source.

Before the third time, `fine`, one-minute points may stand for the reads.
"""


def _nothing(start: float, end: float, fine: float) -> Iterable[Readable]:
    return ()


@dataclass(frozen=True)
class Snapshot:
    """Everything stored, as of one version. Reading it twice gives the same answer.

    `sources` by key; `events` of the last 24 hours, oldest first. `meta` holds plain JSON facts from the collector
    process: `simulated` (bool), `control_url` (str), `thresholds`, `store_trouble` (str).
    """

    version: int = 0
    written_at: float = 0.0
    sources: Mapping[str, SourceState] = field(default_factory=dict)
    events: Sequence[Event] = ()
    meta: Mapping[str, Any] = field(default_factory=dict)
    load: Loader = _nothing

    def frame(self, name: str, start: float, end: float, coarse: bool = False, fine: float = FINE_SECONDS) -> Frame:
        """Samples named `name` in [start, end], with up to BASELINE_SECONDS of rows before `start`.

        Raw reads where they are kept (1 hour), one-minute points before that. A `coarse` frame has points for all but
        its last `fine` seconds, and twice the baseline: increases are the same, and an hour costs a twelfth. Even at
        0 the open minute is read whole.
        """
        first = start - BASELINE_SECONDS * (2 if coarse else 1)
        found: dict[str, list[Readable]] = {}
        for segment in self.load(first, end, max(first, end - fine) if coarse else first):
            found.setdefault(segment.source, []).append(segment)
        blocks = (_block(name, found[source], first, end) for source in sorted(found))
        return Frame(name, tuple(block for block in blocks if block is not None))


def _block(name: str, segments: Sequence[Readable], first: float, end: float) -> Block | None:
    """One source's rows in [first, end]; None when none of its tables has the name."""
    if not any(segment.table.family(name).series for segment in segments):
        return None
    pieces: list[Segment] = []
    cuts: list[tuple[Readable, int, int]] = []
    for segment in segments:
        times = segment.times
        if times[0] < first or times[-1] > end:
            low, high = times.searchsorted(first, "left"), times.searchsorted(end, "right")
        else:
            low, high = np.intp(0), np.intp(len(times))
        cut = segment.cut(name) if low < high else None
        if cut is not None:
            pieces.append(Segment(segment.source, segment.table, times[low:high], cut[low:high]))
            cuts.append((segment, int(low), int(high)))
    block = _joined(name, pieces) if pieces else None
    return None if block is None else replace(block, started=lambda: _started(name, cuts))


def _started(name: str, cuts: Sequence[tuple[Readable, int, int]]) -> Floats | None:
    """When the process behind each row had started: as it says itself, else when its oldest series was created."""
    created = f"{name.removesuffix('_total')}_created"
    found = [np.full(high - low, np.nan) for _, low, high in cuts]
    for at, (segment, low, high) in enumerate(cuts):
        for family in (*START_FAMILIES, created):
            column = segment.cut(family) if segment.table.family(family).series else None
            if column is not None and column.shape[1]:
                with np.errstate(all="ignore"):
                    found[at] = np.fmin.reduce(column[low:high], axis=1)
                break
    whole = np.concatenate(found)
    return None if np.isnan(whole).all() else whole


def _joined(name: str, pieces: list[Segment]) -> Block | None:
    """The pieces of one source as one block, over the union of their series; None when no piece has any."""
    columns = pieces[0].table.family(name)
    times = np.concatenate([piece.times for piece in pieces])
    if all(piece.table is pieces[0].table for piece in pieces):
        values = np.concatenate([piece.values for piece in pieces])
        series, labels = columns.series, columns.labels
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
        series = tuple(place)
        labels = SeriesTable(series).family(name).labels
    if not series:
        return None
    table = pd.DataFrame(values, index=pd.Index(times, name="time"), copy=False)  # nobody else holds `values`
    return Block(pieces[0].source, series, labels, table)


def snapshot_of(
    scrapes: Iterable[Scrape],
    *,
    sources: Iterable[SourceState] = (),
    events: Iterable[Event] = (),
    meta: Mapping[str, Any] | None = None,
    version: int = 1,
) -> Snapshot:
    """A snapshot held in memory: what a store that had been given these scrapes would answer. For tests and replay."""
    tables: dict[tuple[Series, ...], SeriesTable] = {}
    ordered = sorted(scrapes, key=lambda s: (s.source, s.instance, s.time))
    segments = [_segment(scrape, tables) for scrape in ordered]

    def load(start: float, end: float, fine: float) -> Iterable[Readable]:
        return (s for s in segments if start <= s.times[0] <= end)

    written = max((float(s.times[-1]) for s in segments), default=0.0)
    return Snapshot(version, written, {s.key: s for s in sources}, tuple(events), dict(meta or {}), load)


def _segment(scrape: Scrape, tables: dict[tuple[Series, ...], SeriesTable]) -> Segment:
    identity = tuple(scrape.series)
    table = tables.setdefault(identity, SeriesTable(identity))
    values = np.array([scrape.values], dtype=np.float64)
    return Segment(f"{scrape.source}@{scrape.instance}", table, np.array([scrape.time]), values)
