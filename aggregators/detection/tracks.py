"""Gauges as they moved: one series of one source over the last minutes, and what is to be told from its course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from aggregators.series.availability import source_of
from aggregators.series.grouping import Floats, column
from aggregators.series.process_tracks import filled
from aggregators.series.sources import of_kind, reach
from aggregators.series.window import Window
from model.status import Reading
from store.snapshot import Snapshot

STEADY_SECONDS, QUICK_SECONDS, STEPS = 10.0, 5.0, 3
"""What grew in each of so many steps of so many seconds grows: short ones for what load does not move up and down."""
SURGE_SECONDS, SURGE = 2.0, 2.0
"""And shorter ones for what grows so many times as much as it ever moved in their time before."""
PILE = 3.0
"""What waits is far more than usual when it is so many times as much."""
STILL_SECONDS = 2.5
"""Who moves in every read and does not move for so long stands still."""
LEAST_READS = 10
"""From fewer older reads nothing is known to be usual."""


@dataclass(frozen=True)
class Track:
    """One series: `times` (T,) in seconds since 1970, `values` (T,), the last of them read lately."""

    source: str
    labels: dict[str, str]
    times: Floats
    values: Floats

    @property
    def instance(self) -> str:
        """Where it was read."""
        return self.source.partition("@")[2]

    @property
    def now(self) -> float:
        """The last value."""
        return float(self.values[-1])

    def ago(self, seconds: float) -> float | None:
        """The value so many seconds before the last; None where none was read then."""
        row = int(self.times.searchsorted(self.times[-1] - seconds, "right")) - 1
        return float(self.values[row]) if row >= 0 else None

    def usual(self, without: float = STEADY_SECONDS * STEPS) -> float | None:
        """The median of all but the last `without` seconds; None of too few reads."""
        older = self._older(without)
        return float(np.median(self.values[older])) if np.count_nonzero(older) >= LEAST_READS else None

    def _older(self, without: float) -> npt.NDArray[np.bool_]:
        return np.asarray(self.times <= self.times[-1] - without, dtype=bool)

    def grows(self) -> bool:
        """Whether it rose in each of the last steps, and altogether by more than it had just fallen before them; or in
        shorter ones, by far more than it usually moves.
        """
        return self._pace(QUICK_SECONDS) > 0

    def piles_up(self, held: float, raise_at: float, clear_at: float) -> tuple[bool, bool]:
        """(Whether what is `held` is too much, far more than usual, and still grows; whether that is over). Some waits
        wherever much is sent, and more with each batch.
        """
        usual, grows = self.usual() or 0.0, self.grows()
        return held >= raise_at and self.now >= PILE * usual and grows, held <= clear_at or not grows

    def _pace(self, step: float) -> float:
        """By how much a second; 0 when it does not grow."""
        rise, surge = self._rose(step), self._rose(SURGE_SECONDS)
        if surge and surge > SURGE * self._moved(SURGE_SECONDS * STEPS):
            return surge / (SURGE_SECONDS * STEPS)
        return rise / (step * STEPS) if rise > self._fell(step * STEPS) else 0.0

    def _rose(self, step: float) -> float:
        """By how much, when it did in each of the last steps; else 0."""
        steps = [self.ago(step * back) for back in range(STEPS, -1, -1)]
        known = [one for one in steps if one is not None]
        rises = len(known) == STEPS + 1 and bool((np.diff(known) > 0).all())
        return self.now - known[0] if rises else 0.0

    def _moved(self, span: float) -> float:
        """By how much it moved at most in so long a time before the last steps; infinite where too little is known."""
        older = self._older(STEADY_SECONDS * STEPS)
        times, values = self.times[older], self.values[older]
        if len(times) < LEAST_READS or times[-1] - times[0] < span:
            return float("inf")
        before = np.maximum(times.searchsorted(times - span, "right") - 1, 0)
        return float(np.abs(values - values[before]).max())

    def _fell(self, span: float) -> float:
        """By how much it fell at most in the `span` before the last one; 0 where nothing was read."""
        end = self.times[-1] - span
        before = self.values[(self.times > end - span) & (self.times <= end)]
        falls = before - np.minimum.accumulate(before[::-1])[::-1]
        return float(falls.max(initial=0.0))

    def seconds_to(self, limit: float, step: float = QUICK_SECONDS) -> float:
        """How long until it reaches `limit` when it goes on growing like this; infinite when it does not grow."""
        pace = self._pace(step)
        return max(0.0, limit - self.now) / pace if pace > 0 else float("inf")


class Stillness(NamedTuple):
    """When what moves in every read last ended to stand still, -inf if never, and whether it stands still now."""

    ended: float
    lasts: bool


def stillness(one: Track) -> Stillness | None:
    """Of a value that usually moves from read to read; None of one that does not."""
    moved = one.times[1:][np.diff(one.values) != 0]
    if not len(moved):
        return None
    pauses = np.diff(moved, prepend=one.times[0])
    if len(pauses) > 2 and np.median(pauses[1:]) >= STILL_SECONDS / 2:
        return None
    long = np.flatnonzero(pauses >= STILL_SECONDS)
    ended = float(moved[long[-1]]) if len(long) else float("-inf")
    return Stillness(ended, bool(one.times[-1] - moved[-1] >= STILL_SECONDS))


def tracks(snapshot: Snapshot, now: float, family: str, seconds: float) -> list[Track]:
    """Every series of a gauge, of the sources of its kind that say it now."""
    kind = source_of(family)
    if kind != "servers" and not of_kind(snapshot, kind):
        return []
    window = Window.of(snapshot, now, family, seconds)
    if window.availability.reading is not Reading.VALUE:
        return []
    return list(_tracks(window, kind, reach(snapshot, kind)))


def _tracks(window: Window, kind: str, near: float) -> Iterator[Track]:
    for block in window.frame.blocks:
        times = block.times
        if not len(times) or window.at - times[-1] > near or not _is_of(block.source, kind):
            continue
        values = block.samples
        known = ~np.isnan(values[-1])
        names: Sequence[str] = list(block.labels.columns)
        texts = {name: column(block.labels, name) for name in names}
        for at in np.flatnonzero(known):
            there = ~np.isnan(values[:, at])
            labels = {name: str(texts[name][at]) for name in names}
            yield Track(block.source, labels, times[there], filled(values[there][:, [at]])[:, 0])


def _is_of(source: str, kind: str) -> bool:
    return kind == "servers" or source.partition("@")[0] == kind
