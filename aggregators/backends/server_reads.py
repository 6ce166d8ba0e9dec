"""What the last reads of one backend's server said, as figures in their right state (law 2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from aggregators.series.availability import TWO_READS
from aggregators.series.counters import counters, increases
from aggregators.series.grouping import totals_by
from aggregators.series.last_reads import Last, last_read
from aggregators.series.sources import WAITING
from model.catalogue.servers import PARTS
from model.measure import Measure
from model.number_text import lasting
from model.series import Unit
from model.sources import SourceState
from store.frames import Frame
from store.snapshot import Snapshot

SLACK_SECONDS = 1.0
UNREAD, AT_LEAST = "not read", "at least"
BOUND = "≥"


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
        window = self.state.stale_after_seconds + SLACK_SECONDS
        return last_read(self._frame(family, window), self.at, window) if self.state.last_success else []

    def value(self, family: str, **labels: str) -> float | None:
        """The sum of a family's values with these labels; None when there is none."""
        return _sum(one for one in self.last(family) if _fits(one, labels))

    def word(self, family: str, label: str) -> str:
        """A label of an info family; '' when it is not reported."""
        return next((one.label(label) for one in self.last(family)), "")

    def gauge(self, unit: Unit, family: str, **labels: str) -> Measure:
        """The last value of a family, summed over what these labels leave open: a lower bound where it was cut."""
        known = self.measure(unit, self.value(family, **labels), family)
        cut = known.value is not None and self.part(family)[0] == AT_LEAST
        return replace(known, bound=BOUND) if cut else known

    def part(self, family: str) -> tuple[str, str]:
        """How the part of the last read that reports a family is, where it is not whole, and why; ('', '') else."""
        part = PARTS.get(family, family)
        found = (one for one in self.last("backend_part_info") if one.label("part") == part)
        return next(((one.label("state"), one.label("detail")) for one in found), ("", ""))

    @property
    def refusal(self) -> tuple[str, str]:
        """What its last answer was, where that gave nothing: how it is, and its words; ('', '') else."""
        found = self.last("backend_refusal_info")
        return next(((one.label("state"), one.label("detail")) for one in found), ("", ""))

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
        """How much a counter family, or its part with these labels, grew per second, over `window` seconds."""
        found = self.grown(family, window, *labels)
        total = None if found is None else found.get(tuple(labels.values()))
        seconds = self._seconds(family, window)
        return self.counted(unit, family, total / seconds if total is not None and seconds else None)

    def counted(self, unit: Unit, family: str, value: float | None) -> Measure:
        """A figure worked out from a counter family: what is reported but was read only once is not known yet."""
        if value is None and self.last(family):
            return Measure.not_reported(unit, TWO_READS)
        return self.measure(unit, value, family)

    def measure(self, unit: Unit, value: float | None, family: str) -> Measure:
        """`value` in the state of its source; without one `family` would fill it."""
        if self.state.last_success == 0.0:
            return Measure.error(unit, why(self.state))
        if value is None:
            return self._missing(unit, family)
        known = Measure.of(value, unit)
        return known.stale(self.now - self.at, gone(self.state, self.now)) if self.is_stale else known

    def _missing(self, unit: Unit, family: str) -> Measure:
        """Why a figure has no value although the server answers."""
        state, words = self.refusal
        if state:
            return Measure.not_reported(unit, f"it is {state}: {words}")
        state, words = self.part(family)
        if state == UNREAD:
            return Measure.error(unit, words)
        return Measure.not_reported(unit, words or f"{family} is not reported by this server")

    def _frame(self, family: str, window: float) -> Frame:
        whole = self.snapshot.frame(family, self.at - window, self.at)
        return Frame(family, tuple(block for block in whole.blocks if block.source == self.state.key))

    def _seconds(self, family: str, window: float) -> float:
        """The time between the reads that an increase over `window` was worked out from."""
        for block in self._frame(family, window).blocks:
            times = block.times
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
    """The kind of its error, and for how long it has had it: 'down for 14 s'."""
    silent = lasting(state.age_seconds(now) or 0.0)
    return f"{state.error.value if state.error else 'no news'} for {silent}"


def _fits(one: Last, labels: dict[str, str]) -> bool:
    return all(one.label(name) == value for name, value in labels.items())


def _sum(found: Iterable[Last]) -> float | None:
    values = [one.value for one in found]
    return sum(values) if values else None
