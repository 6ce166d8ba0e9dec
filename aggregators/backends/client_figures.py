"""What the proxy and the health services report each backend's client: times, errors, gauges, counts (view 3).

A client is named by its pattern; where a proxy labels only the backend, by the backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregators.backends.health_details import detail, where_reported
from aggregators.patterns.health import PatternHealth
from aggregators.series.availability import Availability
from aggregators.series.counters import Counter, increases
from aggregators.series.grouping import column, totals_by
from aggregators.series.histograms import layouts, merged_counters
from aggregators.series.last_reads import Last
from aggregators.series.quantiles import NO_BUCKETS, Buckets, histogram_quantile
from aggregators.series.window import Window
from model.measure import Count, Measure, Seconds
from model.needs import fills
from model.series import Unit
from store.snapshot import Snapshot

ACQUIRE, QUERY = "prism_pool_acquire_duration_seconds", "prism_backend_query_duration_seconds"
ERRORS = "prism_pool_errors_total"
ACTIVE_QUERIES, RECONNECTS = "prism_backend_active_queries", "prism_backend_reconnects_total"
PENDING, SUBSCRIPTIONS = "prism_backend_pending_messages", "prism_backend_subscriptions"
MESSAGES, BYTES = "prism_backend_messages_total", "prism_backend_bytes_total"
NAMED_REASONS = ("refused", "timeout", "reset")
IN, OUT = "in", "out"
_FAMILIES = (ACTIVE_QUERIES, RECONNECTS, PENDING, SUBSCRIPTIONS, MESSAGES, BYTES)
_DETAIL_OF = {
    (ACTIVE_QUERIES, ""): "active_queries",
    (RECONNECTS, ""): "reconnects",
    (PENDING, ""): "pending",
    (SUBSCRIPTIONS, ""): "subscriptions",
    (MESSAGES, IN): "in_msgs",
    (MESSAGES, OUT): "out_msgs",
    (BYTES, IN): "in_bytes",
    (BYTES, OUT): "out_bytes",
}
"""The key of health details that means the same as a family of the proxy's (contracts 5.4)."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took in the window: the mean, and the 99th percentile."""

    mean: Seconds
    p99: Seconds


@dataclass(frozen=True, slots=True)
class _Timed:
    family: str
    availability: Availability
    buckets: Mapping[tuple[str, ...], Buckets]
    sums: Mapping[tuple[str, ...], float]

    def timing(self, client: str) -> Timing:
        buckets = self.buckets.get((client,))
        missing = Measure.not_reported(Unit.SECONDS, fills(proxy=f"{self.family} by pattern"))
        if buckets is None and self.availability.reports:
            return Timing(missing, missing)
        known = buckets or NO_BUCKETS
        total = self.sums.get((client,))
        idle = known.total <= 0
        mean = None if total is None or idle else total / known.total
        return Timing(
            self.availability.measure(Unit.SECONDS, mean, None if idle else missing),
            self.availability.measure(Unit.SECONDS, histogram_quantile(0.99, known.bounds, known.counts)),
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """One instant's answers by client."""

    acquired: _Timed
    queried: _Timed
    errors_stand: Availability
    errors_by: Mapping[tuple[str, ...], float]
    last: Mapping[str, tuple[Availability, Mapping[tuple[str, str], float]]]

    def acquire(self, client: str) -> Timing:
        """How long it took to get a connection."""
        return self.acquired.timing(client)

    def query(self, client: str) -> Timing:
        """How long the backend took for a query."""
        return self.queried.timing(client)

    def errors(self, client: str, reason: str) -> Count:
        """Connection errors with this reason; a client without a row is not reported, which is not none."""
        return self._counted(client, self.errors_by.get((client, reason), 0.0))

    def other_errors(self, client: str) -> Count:
        """Those with any reason that has no place of its own."""
        rest = sum(n for (name, reason), n in self.errors_by.items() if name == client and reason not in NAMED_REASONS)
        return self._counted(client, rest)

    def _counted(self, client: str, count: float) -> Count:
        if self.errors_stand.reports and not any(name == client for name, _ in self.errors_by):
            return Measure.not_reported(Unit.COUNT, fills(proxy=f"{ERRORS} by pattern"))
        return self.errors_stand.measure(Unit.COUNT, count)

    def reported(
        self, family: str, client: str, health: PatternHealth | None, unit: Unit = Unit.COUNT, way: str = ""
    ) -> Measure:
        """The last word of the proxy, else the health detail that means the same; `way` is a direction."""
        availability, known = self.last[family]
        if (client, way) in known:
            return availability.measure(unit, known[client, way])
        fallback = detail(health, _DETAIL_OF[family, way], unit)
        if fallback.value is not None:
            return fallback
        where = f"{family} by pattern{' and direction' if way else ''}"
        return Measure.not_reported(unit, fills(proxy=where, patterns=where_reported(health, _DETAIL_OF[family, way])))


def figures(snapshot: Snapshot, now: float, seconds: float) -> Figures:
    """Times and errors of the last `seconds`; all else as last read."""
    errors, last = Window.of(snapshot, now, ERRORS, seconds), {}
    for family in _FAMILIES:
        recent = Window.newest(snapshot, now, family)
        reported: dict[tuple[str, str], float] = {}
        for one in recent.last():
            place = _client(one), one.label("direction")
            reported[place] = reported.get(place, 0.0) + one.value
        last[family] = recent.availability, reported
    return Figures(
        _timed(snapshot, now, ACQUIRE, seconds),
        _timed(snapshot, now, QUERY, seconds),
        errors.availability,
        totals_by(increases(_by_client(errors), errors.start, errors.at), "pattern", "reason"),
        last,
    )


def client_names(labels: pd.DataFrame) -> npt.NDArray[np.object_]:
    """What the client of each row is called."""
    patterns = column(labels, "pattern")
    return np.where(patterns == "", column(labels, "backend"), patterns)


def _client(one: Last) -> str:
    return one.label("pattern") or one.label("backend")


def _by_client(window: Window) -> list[Counter]:
    return [one._replace(labels=one.labels.assign(pattern=client_names(one.labels))) for one in window.counters]


def _timed(snapshot: Snapshot, now: float, family: str, seconds: float) -> _Timed:
    buckets, sums = (Window.of(snapshot, now, f"{family}_{part}", seconds) for part in ("bucket", "sum"))
    parts = [(one, layouts(one.labels, ("pattern",))) for one in _by_client(buckets)]
    return _Timed(
        family,
        buckets.availability,
        merged_counters(parts, buckets.start, buckets.at),
        totals_by(increases(_by_client(sums), sums.start, sums.at), "pattern"),
    )
