"""A figure with its state: *zero*, *not reported*, *stale* and *error* can never be confused (law 2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from model.series import Unit
from model.status import Reading


@dataclass(frozen=True, slots=True)
class Measure:
    """One shown figure. `value` is in base units of `unit` and is None unless the reading is VALUE or STALE.

    `note` says why there is no value and what would fill it. `age_seconds` is set when the reading is STALE.
    `bound` is '<' or '>' when the figure is only known to lie beyond the first or last bucket.
    """

    unit: Unit
    reading: Reading
    value: float | None = None
    note: str = ""
    age_seconds: float | None = None
    bound: str = ""

    @classmethod
    def of(cls, value: float, unit: Unit, bound: str = "") -> Measure:
        """A known value."""
        return cls(unit, Reading.VALUE, value, bound=bound)

    @classmethod
    def no_traffic(cls, unit: Unit) -> Measure:
        """0/0: nothing happened in the window, so there is no ratio and no quantile."""
        return cls(unit, Reading.NO_TRAFFIC, note="no traffic in this window")

    @classmethod
    def not_reported(cls, unit: Unit, note: str) -> Measure:
        """No source emits this; `note` says what would fill it."""
        return cls(unit, Reading.NOT_REPORTED, note=note)

    @classmethod
    def error(cls, unit: Unit, note: str) -> Measure:
        """The source that would report cannot be read and never gave a value; `note` is the typed reason."""
        return cls(unit, Reading.ERROR, note=note)

    def stale(self, age_seconds: float, note: str = "") -> Measure:
        """The same value, known to be old. A figure without a value stays what it is."""
        if self.value is None:
            return self
        return replace(self, reading=Reading.STALE, age_seconds=age_seconds, note=note or self.note)


# An answer's figure declares its unit with its type: what is served as JSON is named and described after it.
Seconds = Annotated[Measure, Unit.SECONDS]
Bytes = Annotated[Measure, Unit.BYTES]
Ratio = Annotated[Measure, Unit.RATIO]
PerSecond = Annotated[Measure, Unit.PER_SECOND]
Count = Annotated[Measure, Unit.COUNT]
Cores = Annotated[Measure, Unit.CORES]
Timestamp = Annotated[Measure, Unit.TIMESTAMP]
Number = Annotated[Measure, Unit.NONE]
