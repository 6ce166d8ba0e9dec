"""A whole, unchanging view of the store at one version: all that an aggregator may see."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from model.series import Event, Scrape, Series
from model.sources import SourceState
from store.frames import Block, Frame, Loader, Readable
from store.series_table import Segment, SeriesTable
from store.window_reads import WindowReads

BASELINE_SECONDS = 60.0
"""Rows kept before a window's start, so that an increase has its baseline and a new series is known to be new."""
FINE_SECONDS = 300.0
"""How much of the end of a coarse window is read whole."""

SMALL_CELLS = 20_000
"""A frame of so few values is kept for whoever asks next."""

Known = TypeVar("Known")


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
    reads_since: float = 0.0
    """From when on every read is kept; before that there are one-minute points."""
    is_past: bool = False
    """True for a snapshot as of an earlier instant (store/past.py)."""
    left_out: frozenset[str] = frozenset()
    """Instances, and keys of sources, of which nothing is shown (`without`)."""
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, key: Hashable, work_out: Callable[[], Known]) -> Known:
        """What a pure function of this snapshot answers, worked out once however many figures need it.

        `key` names the function and whatever else it was asked with.
        """
        if key not in self._known:
            self._known[key] = work_out()
        found: Known = self._known[key]
        return found

    def frame(self, name: str, start: float, end: float, coarse: bool = False, fine: float = FINE_SECONDS) -> Frame:
        """Samples named `name` in [start, end], with up to BASELINE_SECONDS of rows before `start`.

        Raw reads where they are kept (1 hour), one-minute points before that. A `coarse` frame has points for all but
        its last `fine` seconds, and twice the baseline: increases are the same, and an hour costs a twelfth. Even at
        0 the open minute is read whole.
        """
        first = start - BASELINE_SECONDS * (2 if coarse else 1)
        whole = max(first, end - fine) if coarse else first
        key = (Snapshot.frame, name, first, end, whole)
        if key in self._known:
            known: Frame = self._known[key]
            return known
        reads = self._reads(first, end, whole)
        frame = Frame(name, self._shown(reads.blocks(name, first, end, self.load)))
        if sum(block.samples.size for block in frame.blocks) <= SMALL_CELLS:
            self._known[key] = frame
        return frame

    def newest(self, name: str, end: float, max_age: float) -> Frame:
        """The last read of each source in [end - max_age, end], where that has `name`: blocks of one row.

        Of 200 sources it takes a tenth of the time of their frames: a look of the rules took 85 ms, and 30 with it.
        """
        first = end - max_age
        return self.once(
            (Snapshot.newest, name, first, end),
            lambda: Frame(name, self._shown(self._reads(first - BASELINE_SECONDS, end).newest(name, first, end))),
        )

    def rows(self, name: str, after: float, end: float) -> list[Block]:
        """The reads of (after, end], source by source, without a baseline."""
        first = float(np.nextafter(after, np.inf))
        return list(self._shown(self._reads(first, end).blocks(name, first, end, self.load)))

    def _reads(self, first: float, end: float, fine: float | None = None) -> WindowReads:
        """What all families of a window are cut from; before `fine`, if given, points may stand for reads."""
        whole = first if fine is None else fine
        return self.once((WindowReads, first, end, whole), lambda: WindowReads(self.load(first, end, whole)))

    def _shown(self, blocks: Iterable[Block]) -> tuple[Block, ...]:
        """What is not left out."""
        if not self.left_out:
            return tuple(blocks)
        kept = (block.without(self.left_out) for block in blocks if block.source not in self.left_out)
        return tuple(block for block in kept if block is not None)

    def without(self, instances: Set[str], components: Set[str] = frozenset()) -> Snapshot:
        """The same without series and sources of these instances, and without events about these components."""
        left_out = {key for key, state in self.sources.items() if state.instance in instances}
        sources = {key: state for key, state in self.sources.items() if key not in left_out}
        events = tuple(event for event in self.events if event.label("component") not in components)
        return replace(self, sources=sources, events=events, left_out=frozenset(left_out | instances))


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
