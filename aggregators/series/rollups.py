"""A proxy's counters over all namespaces: as the collector summed them, else the proxy's own series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from aggregators.series.availability import Availability, availability
from aggregators.series.counters import Counter, counters
from aggregators.series.grouping import Floats
from aggregators.series.histograms import Layout, layouts
from aggregators.series.sources import read_until
from model.rollup import RollUp
from model.status import Reading
from store.frames import Block, Frame
from store.snapshot import FINE_SECONDS, Snapshot

GAP_SECONDS = 100.0
"""Rows of one-minute points farther apart than this have nothing read between them."""
Span = tuple[float, float]


class RolledUp(NamedTuple):
    """One roll-up over a window that ends at `at`: its frame, its counters, and what its source's state makes of it."""

    frame: Frame
    known: tuple[Counter, ...]
    stands: Availability
    at: float

    def laid_out(self, rule: RollUp) -> list[tuple[Counter, list[Layout]]]:
        """A histogram's counters by the labels of its roll-up."""
        return [(one, layouts(one.labels, rule.by)) for one in self.known]

    def covered_seconds(self, window: float) -> float:
        """How much of the last `window` seconds lies between reads of at least one proxy that reported it."""
        spans = [span for counter in self.known for span in _read_spans(counter)]
        return _length(spans, self.at - window, self.at)


def rolled_up(snapshot: Snapshot, now: float, rule: RollUp, window: float, fine: float = FINE_SECONDS) -> RolledUp:
    """The last `window` seconds of it, its last `fine` seconds read by read, the others minute by minute."""
    at = read_until(snapshot, now, "proxy")
    frame = snapshot.frame(rule.summed, at - window, at, coarse=True, fine=fine)
    stands = availability(snapshot, now, frame)
    if stands.reading is Reading.NOT_REPORTED or not frame.blocks:
        frame = snapshot.frame(rule.whole, at - window, at, coarse=True, fine=fine)
        stands = availability(snapshot, now, frame)
    reported = Frame(frame.name, tuple(_reported(snapshot, rule, frame.blocks)) if stands.reports else ())
    return RolledUp(reported, counters(reported), stands, at)


def _reported(snapshot: Snapshot, rule: RollUp, blocks: Iterable[Block]) -> Iterator[Block]:
    """Without the reads that lacked the family: what was not reported is a gap, not a standstill.

    The one before the family's first stays where it counted from 0 from there on.
    """
    for block in blocks:
        rows = ~np.isnan(block.values.to_numpy(dtype=np.float64)).all(axis=1)
        first = int(rows.argmax())
        if first > 0:
            rows[first - 1] = not _counted(snapshot, rule, block.source, float(block.values.index[first - 1]))
        if rows.all():
            yield block
        elif rows.any():
            yield replace(block, values=block.values[rows], started=partial(_chosen, block.started, rows))


def _counted(snapshot: Snapshot, rule: RollUp, source: str, at: float) -> bool:
    """True when a source reported at `at` what was not summed yet: the sums that came later are no births.

    So it is of what is read through a Prometheus while its past is still being loaded.
    """
    whole = (block for block in snapshot.frame(rule.whole, at, at).blocks if block.source == source)
    return any(not np.isnan(block.values.to_numpy(dtype=np.float64)).all() for block in whole)


def _chosen(started: Callable[[], Floats | None], rows: npt.NDArray[np.bool_]) -> Floats | None:
    whole = started()
    return None if whole is None else whole[rows]


def _read_spans(counter: Counter) -> list[Span]:
    """Where reads follow each other closely."""
    times = counter.times
    if len(times) < 2:
        return []
    breaks = np.flatnonzero(np.diff(times) > GAP_SECONDS)
    firsts, lasts = [0, *(breaks + 1).tolist()], [*breaks.tolist(), len(times) - 1]
    return [(float(times[first]), float(times[last])) for first, last in zip(firsts, lasts, strict=True)]


def _length(spans: list[Span], start: float, end: float) -> float:
    """The length of the union of `spans` within [start, end]."""
    length, reached = 0.0, start
    for first, last in sorted(spans):
        low, high = max(first, reached), min(last, end)
        if high > low:
            length += high - low
            reached = high
    return length
