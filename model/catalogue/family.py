"""What a family is, and how one is written down."""

from __future__ import annotations

from dataclasses import dataclass

from model.series import Kind, Unit

C, G, H, I, S = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Kind.INFO, Kind.STATESET
N, SEC, B, TS = Unit.COUNT, Unit.SECONDS, Unit.BYTES, Unit.TIMESTAMP
NONE, PER_SECOND, RATIO, CORES = Unit.NONE, Unit.PER_SECOND, Unit.RATIO, Unit.CORES


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """One family. `source` is the collector that reads it; `origin` the RFC or contract section that names it.

    Of a `limit` 0 is "no limit", however its source says that (-1, +Inf, the largest number there is).
    """

    name: str
    kind: Kind
    unit: Unit
    labels: tuple[str, ...]
    help: str
    source: str
    origin: str
    limit: bool = False


def family(
    name: str, kind: Kind, unit: Unit, labels: str, help_: str, source: str, origin: str, *, limit: bool = False
) -> MetricFamily:
    """One family; `labels` are separated by spaces."""
    return MetricFamily(name, kind, unit, tuple(labels.split()), help_, source, origin, limit)
