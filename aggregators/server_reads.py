"""What the last reads of one backend's server said, as figures in their right state (law 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aggregators.counters import Last, counters, increases, last_read, totals_by
from aggregators.sources import WAITING
from aggregators.traffic import TWO_READS
from aggregators.words import span
from model.measure import Measure
from model.series import Unit
from model.sources import SourceState
from store.snapshot import Frame, Snapshot

SLACK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ServerReads:
    """One source at the instant to answer for: `now`, or its last good read when that is stale."""

    snapshot: Snapshot
    now: float
    state: SourceState

    @property
    def is_stale(self) -> bool:
        """True when it was read once and is not any more."""
        return self.state.last_success > 0.0 and self.state.is_stale(self.now)

    @property
    def at(self) -> float:
        """The instant whose figures these are."""
        return min(self.now, self.state.last_success) if self.is_stale else self.now

    def last(self, family: str) -> list[Last]:
        """What the last read said of a family."""
        window = 3 * self.state.interval_seconds + SLACK_SECONDS
        return last_read(self._frame(family, window), self.at, window) if self.state.last_success else []

    def value(self, family: str, **labels: str) -> float | None:
        """The sum of a family's values with these labels; None when there is none."""
        return _sum(one for one in self.last(family) if _fits(one, labels))

    def word(self, family: str, label: str) -> str:
        """A label of an info family; '' when it is not told."""
        return next((one.label(label) for one in self.last(family)), "")

    def gauge(self, unit: Unit, family: str, **labels: str) -> Measure:
        """The last value of a family, summed over what these labels leave open."""
        return self.measure(unit, self.value(family, **labels), family)

    def grown(self, family: str, window: float, *by: str) -> dict[tuple[str, ...], float] | None:
        """How much a counter family grew in `window` seconds, by these labels; None before two reads of it."""
        frame = self._frame(family, window)
        answer = increases(counters(frame), self.at - window, self.at)
        return totals_by(answer, *by) if len(answer) else None

    def increase(self, unit: Unit, family: str, window: float, **labels: str) -> Measure:
        """How much a counter family, or its part with these labels, grew in `window` seconds."""
        found = self.grown(family, window, *labels)
        return self.counted(unit, family, None if found is None else found.get(tuple(labels.values())))

    def rate(self, unit: Unit, family: str, window: float, **labels: str) -> Measure:
        """The same per second."""
        found = self.grown(family, window, *labels)
        total = None if found is None else found.get(tuple(labels.values()))
        seconds = self._seconds(family, window)
        return self.counted(unit, family, total / seconds if total is not None and seconds else None)

    def counted(self, unit: Unit, family: str, value: float | None) -> Measure:
        """A figure worked out from a counter family: what is told but was read only once is not known yet."""
        if value is None and self.last(family):
            return Measure.not_reported(unit, TWO_READS)
        return self.measure(unit, value, family)

    def measure(self, unit: Unit, value: float | None, family: str) -> Measure:
        """`value` in the state of its source; without one `family` would fill it."""
        if self.state.last_success == 0.0:
            return Measure.error(unit, why(self.state))
        if value is None:
            return Measure.not_reported(unit, f"{family} is not told by this server")
        known = Measure.of(value, unit)
        return known.stale(self.now - self.at, gone(self.state, self.now)) if self.is_stale else known

    def _frame(self, family: str, window: float) -> Frame:
        whole = self.snapshot.frame(family, self.at - window, self.at)
        return Frame(family, tuple(block for block in whole.blocks if block.source == self.state.key))

    def _seconds(self, family: str, window: float) -> float:
        """The time between the reads that an increase over `window` was worked out from."""
        for block in self._frame(family, window).blocks:
            times = block.values.index.to_numpy(dtype=float)
            last = int(times.searchsorted(self.at, "right")) - 1
            base = max(int(times.searchsorted(self.at - window, "right")) - 1, 0)
            if last > base:
                return float(times[last] - times[base])
        return 0.0


def why(state: SourceState) -> str:
    """Why it was never read."""
    if state.error is None:
        return WAITING
    return f"{state.error.value}: {state.detail}" if state.detail else state.error.value


def gone(state: SourceState, now: float) -> str:
    """What it answers no more, and for how long."""
    silent = span(state.age_seconds(now) or 0.0)
    return f"{state.error.value if state.error else 'no news'} for {silent}"


def _fits(one: Last, labels: dict[str, str]) -> bool:
    return all(one.label(name) == value for name, value in labels.items())


def _sum(found: Iterable[Last]) -> float | None:
    values = [one.value for one in found]
    return sum(values) if values else None
