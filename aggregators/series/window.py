"""One family up to the instant to answer for, and what the state of its sources makes of figures from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from aggregators.series.availability import TWO_READS, Availability, availability_of, source_of
from aggregators.series.counters import Counter, counters, growth, increases, rates, sli_ratio
from aggregators.series.histograms import Layout, layouts
from aggregators.series.last_reads import Last, last_read, last_reads
from aggregators.series.quantiles import Quantile
from aggregators.series.sources import reach, read_until
from model.measure import Measure
from model.series import Unit
from store.frames import Frame
from store.snapshot import FINE_SECONDS, Snapshot

GAP_SECONDS = 100.0
"""Rows of one-minute points farther apart than this have nothing read between them."""


@dataclass(frozen=True)
class Window:
    """`frame` holds the `seconds` before `at`: now, or the last good read of a kind of source that is lost as a whole.

    `availability` is that of its last reads: whether a figure is a value, stale, not reported or an error.
    """

    frame: Frame
    availability: Availability
    at: float
    seconds: float

    @classmethod
    def of(
        cls,
        snapshot: Snapshot,
        now: float,
        family: str,
        seconds: float,
        coarse: bool = False,
        fine: float = FINE_SECONDS,
    ) -> Window:
        """The last `seconds` of a family of the catalogue; minute by minute but for its `fine` end when `coarse`."""
        at = read_until(snapshot, now, source_of(family))
        frame = snapshot.frame(family, at - seconds, at, coarse, fine)
        return cls(frame, availability_of(snapshot, now, frame), at, seconds)

    @classmethod
    def newest(cls, snapshot: Snapshot, now: float, family: str, source: str = "") -> Window:
        """The newest reads of a family, as far back as they are not stale; `source` of one outside the catalogue."""
        kind = source or source_of(family)
        at, seconds = read_until(snapshot, now, kind), reach(snapshot, kind)
        frame = snapshot.frame(family, at - seconds, at)
        return cls(frame, availability_of(snapshot, now, frame, kind), at, seconds)

    @property
    def start(self) -> float:
        """Where it begins, in seconds since 1970."""
        return self.at - self.seconds

    @property
    def reports(self) -> bool:
        """True when there is data to work a figure out from."""
        return self.availability.reports

    @cached_property
    def counters(self) -> tuple[Counter, ...]:
        """Its counters made monotone, a block per source."""
        return counters(self.frame)

    def laid_out(self, by: Sequence[str]) -> list[tuple[Counter, list[Layout]]]:
        """The counters of a histogram's buckets with their layouts by these labels."""
        return [(one, layouts(one.labels, by)) for one in self.counters]

    def last(self) -> list[Last]:
        """What each source's last read said."""
        return last_read(self.frame, self.at, self.seconds)

    def increases(self) -> pd.DataFrame:
        """How much each counter grew: its labels and `value`; no rows before two reads."""
        return increases(self.counters, self.start, self.at)

    def rates(self) -> pd.DataFrame:
        """Per second over the time between its reads: labels and `value`; no rows before two reads."""
        return rates(self.counters, self.start, self.at)

    def growth(self, *by: str) -> Mapping[tuple[str, ...], float] | None:
        """How much its counters grew by these labels' values; None before two reads."""
        return growth(self.counters, self.start, self.at, by)

    def total(self) -> float | None:
        """How much its counters grew altogether; None before two reads."""
        grown = self.growth()
        return None if grown is None else sum(grown.values())

    def measure(self, unit: Unit, value: float | Quantile | None, nothing: Measure | None = None) -> Measure:
        """A figure in the state of its sources; a value of None is `nothing`, which is "no traffic" unless given."""
        return self.availability.measure(unit, value, nothing)

    def counted(self, unit: Unit, value: float | None) -> Measure:
        """A figure that takes two reads: without a value there were not two of them."""
        return self.measure(unit, value, Measure.not_reported(unit, TWO_READS))

    def ratio(self, part: float | None, whole: float | None) -> Measure:
        """A share, sums over sums; 0/0 is no traffic, and None has not been read twice."""
        if part is None or whole is None:
            return self.counted(Unit.RATIO, None)
        return self.measure(Unit.RATIO, sli_ratio(part, whole))

    def covered_seconds(self, seconds: float | None = None) -> float:
        """How much of its last `seconds`, or of all, lies between reads of at least one source that reported it."""
        spans = [span for counter in self.counters for span in _read_spans(counter)]
        return _length(spans, self.at - (self.seconds if seconds is None else seconds), self.at)


def newest_reads(snapshot: Snapshot, now: float, family: str, source: str = "") -> list[Last]:
    """What `Window.newest` would say of the last reads: for who asks nothing else of it."""
    kind = source or source_of(family)
    return last_reads(snapshot, family, read_until(snapshot, now, kind), reach(snapshot, kind))


def _read_spans(counter: Counter) -> list[tuple[float, float]]:
    """Where reads follow each other closely."""
    times = counter.times
    if len(times) < 2:
        return []
    breaks = np.flatnonzero(np.diff(times) > GAP_SECONDS)
    firsts, lasts = [0, *(breaks + 1).tolist()], [*breaks.tolist(), len(times) - 1]
    return [(float(times[first]), float(times[last])) for first, last in zip(firsts, lasts, strict=True)]


def _length(spans: list[tuple[float, float]], start: float, end: float) -> float:
    """The length of the union of `spans` within [start, end]."""
    length, reached = 0.0, start
    for first, last in sorted(spans):
        low, high = max(first, reached), min(last, end)
        if high > low:
            length += high - low
            reached = high
    return length
