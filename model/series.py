"""The two shapes that enter the HUD (law 1): samples and events, and the scrape that carries them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

Labels = tuple[tuple[str, str], ...]
"""Label pairs sorted by name; `instance` is always among them once a scrape is stored."""


class Kind(StrEnum):
    """How a family's values behave in time; counters (and a histogram's parts) only ever grow or reset."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    INFO = "info"
    STATESET = "stateset"
    UNKNOWN = "unknown"

    @property
    def accumulates(self) -> bool:
        """True when a falling value means the process restarted."""
        return self in (Kind.COUNTER, Kind.HISTOGRAM)


class Unit(StrEnum):
    """Base units (law 3); model/number_text.py and components/format.py turn them into words."""

    SECONDS = "seconds"
    BYTES = "bytes"
    RATIO = "ratio"
    PER_SECOND = "per second"
    COUNT = "count"
    CORES = "cores"
    TIMESTAMP = "seconds since 1970"
    NONE = ""


class Series(NamedTuple):
    """One line's identity. `name` is the sample name (`…_bucket`, `…_total`), after aliases."""

    name: str
    labels: Labels
    kind: Kind = Kind.UNKNOWN

    def label(self, name: str) -> str | None:
        """The value of one label, or None when the series has no such label."""
        for key, value in self.labels:
            if key == name:
                return value
        return None


class Sample(NamedTuple):
    """One value of one series at one instant (seconds since 1970); base units."""

    series: Series
    value: float
    time: float


class Severity(StrEnum):
    """How loud an event is; `info` never colours a status."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at one instant: an alert edge, a restart, a source lost.

    `known_at` is when it was stored, which may be later than when it happened; 0.0 before that.
    """

    time: float
    kind: str
    severity: Severity
    labels: Labels
    message: str
    known_at: float = field(default=0.0, compare=False)

    def label(self, name: str) -> str | None:
        """The value of one label, or None."""
        return dict(self.labels).get(name)


def labels_of(mapping: Mapping[str, str]) -> Labels:
    """A mapping as sorted label pairs."""
    return tuple(sorted(mapping.items()))


@dataclass(slots=True)
class Scrape:
    """What one collector read from one source in one go: parallel `series` and `values`.

    `time` is the instant that the values are of, in seconds since 1970, by the scheduler's clock: when the source was
    asked or had answered, or what its samples say themselves.
    """

    source: str
    instance: str
    time: float
    series: list[Series] = field(default_factory=list)
    values: array[float] = field(default_factory=lambda: array("d"))
    events: list[Event] = field(default_factory=list)

    def add(self, name: str, value: float, kind: Kind = Kind.GAUGE, /, **labels: str) -> None:
        """Append one sample; `instance` is added to its labels, which may have any name, `value` too."""
        labels.setdefault("instance", self.instance)
        self.series.append(Series(name, labels_of(labels), kind))
        self.values.append(value)

    def samples(self) -> Iterator[Sample]:
        """Every sample of the scrape, in the source's order."""
        for series, value in zip(self.series, self.values, strict=True):
            yield Sample(series, value, self.time)
