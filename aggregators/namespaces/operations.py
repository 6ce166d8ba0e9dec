"""What one namespace asks: its busiest operations, and the patterns that it uses (view 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregators.namespaces.config import Config
from aggregators.namespaces.figures import OWN_WINDOW, Figures
from aggregators.namespaces.flows import Asked, Seen, asked_by, p99_by, timed_by
from aggregators.requests.operations import operation_class
from aggregators.series.availability import TWO_READS, Availability
from aggregators.series.counters import counters
from aggregators.series.histograms import Group
from aggregators.series.quantiles import Quantile
from model.measure import Measure, PerSecond, Ratio, Seconds
from model.series import Unit

BY = ("operation", "pattern")
BY_NAMESPACE_ONLY = "the proxy reports it by namespace only"


@dataclass(frozen=True, slots=True)
class PatternUse:
    """A pattern that it may use, or does: `interfaces` are the first parts of what it asks there ("KeyValue").

    `configured` is False where only its traffic reports it; `backend` is '' where nobody reports it.
    """

    name: str
    backend: str
    interfaces: tuple[str, ...]
    configured: bool


@dataclass(frozen=True, slots=True)
class OperationUse:
    """One operation: the rate of the last 15 s, its share of the namespace's, the last 5 minutes' errors and P99."""

    operation: str
    pattern: str
    per_second: PerSecond
    share_ratio: Ratio
    error_ratio: Ratio
    p99: Seconds


@dataclass(frozen=True, slots=True)
class Operations:
    """The requests of one namespace by operation and pattern, with P99 in seconds."""

    asked: Asked
    p99: Mapping[Group, Quantile]

    def per_second(self, kind: str) -> float:
        """Requests per second of one class of operations (read, write, other)."""
        return sum(rate for (name, _), rate in self.asked.per_second.items() if operation_class(name) == kind)

    def used(self) -> list[Group]:
        """What was asked in the last 5 minutes."""
        return [group for group, grown in self.asked.requests.items() if grown > 0]


def operations(found: Seen, at: float) -> Operations:
    """Of what was seen of one namespace only."""
    asked = asked_by(counters(found.requests), at, BY)
    return Operations(asked, p99_by(timed_by(counters(found.latencies), at, BY)))


def operation_uses(found: Operations, reported: Figures) -> tuple[OperationUse, ...]:
    """Every operation that was asked in the last 5 minutes, the busiest first."""
    total = sum(found.asked.per_second.values())
    uses = (_use(group, found, reported, total) for group in found.used())
    return tuple(sorted(uses, key=lambda one: (-(one.per_second.value or 0.0), one.operation, one.pattern)))


def _use(group: Group, found: Operations, reported: Figures, total: float) -> OperationUse:
    rate = found.asked.per_second.get(group)
    share = rate / total if rate is not None and total else None
    return OperationUse(
        operation=group[0],
        pattern=group[1],
        per_second=reported.availability.measure(
            Unit.PER_SECOND, rate, Measure.not_reported(Unit.PER_SECOND, TWO_READS)
        ),
        share_ratio=reported.availability.measure(Unit.RATIO, share),
        error_ratio=_measure(reported.errors, Unit.RATIO, found.asked.error_ratio(group)),
        p99=_measure(reported.latency, Unit.SECONDS, found.p99.get(group)),
    )


def _measure(availability: Availability, unit: Unit, value: float | Quantile | None) -> Measure:
    """What a proxy works out for each namespace itself, it does not report by operation."""
    if availability.note == OWN_WINDOW:
        return Measure.not_reported(unit, BY_NAMESPACE_ONLY)
    return availability.measure(unit, value)


def pattern_uses(config: Config | None, asked: Iterable[Group]) -> tuple[PatternUse, ...]:
    """The configured patterns in their order, then those that only its traffic reports."""
    interfaces: dict[str, set[str]] = {}
    for operation, pattern in asked:
        if pattern:
            interfaces.setdefault(pattern, set()).update(_interface(operation))
    backends = dict(config.patterns) if config else {}
    return tuple(
        PatternUse(name, backends.get(name, ""), tuple(sorted(interfaces.get(name, ()))), name in backends)
        for name in (*backends, *sorted(set(interfaces) - set(backends)))
    )


def _interface(operation: str) -> set[str]:
    """KeyValue of `KeyValue.Get`; nothing where an operation has one part only."""
    parts = re.split(r"[./:]", operation)
    return {parts[-2]} if len(parts) > 1 and parts[-2] else set()
