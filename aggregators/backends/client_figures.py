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
from aggregators.series.availability import Availability, availability
from aggregators.series.counters import Counter, counters, increases
from aggregators.series.grouping import column, totals_by
from aggregators.series.histograms import layouts, merged_counters
from aggregators.series.last_reads import Last, last_read
from aggregators.series.quantiles import NO_BUCKETS, Buckets, histogram_quantile
from aggregators.series.sources import reach, read_until
from model.measure import Count, Measure, Seconds
from model.needs import fills
from model.series import Unit
from store.frames import Frame
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
    stands: Availability
    buckets: Mapping[tuple[str, ...], Buckets]
    sums: Mapping[tuple[str, ...], float]

    def timing(self, client: str) -> Timing:
        buckets = self.buckets.get((client,))
        missing = Measure.not_reported(Unit.SECONDS, fills(proxy=f"{self.family} by pattern"))
        if buckets is None and self.stands.reports:
            return Timing(missing, missing)
        known = buckets or NO_BUCKETS
        total = self.sums.get((client,))
        idle = known.total <= 0
        mean = None if total is None or idle else total / known.total
        return Timing(
            self.stands.measure(Unit.SECONDS, mean, None if idle else missing),
            self.stands.measure(Unit.SECONDS, histogram_quantile(0.99, known.bounds, known.counts)),
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
        stands, known = self.last[family]
        if (client, way) in known:
            return stands.measure(unit, known[client, way])
        fallback = detail(health, _DETAIL_OF[family, way], unit)
        if fallback.value is not None:
            return fallback
        where = f"{family} by pattern{' and direction' if way else ''}"
        return Measure.not_reported(unit, fills(proxy=where, patterns=where_reported(health, _DETAIL_OF[family, way])))


def figures(snapshot: Snapshot, now: float, window: float) -> Figures:
    """Times and errors of the last `window` seconds; all else as last read."""
    at, reached = read_until(snapshot, now, "proxy"), reach(snapshot, "proxy")
    frame = snapshot.frame(ERRORS, at - window, at)
    last = {}
    for family in _FAMILIES:
        recent = snapshot.frame(family, at - reached, at)
        reported: dict[tuple[str, str], float] = {}
        for one in last_read(recent, at, reached):
            place = _client(one), one.label("direction")
            reported[place] = reported.get(place, 0.0) + one.value
        last[family] = availability(snapshot, now, recent), reported
    return Figures(
        _timed(snapshot, now, ACQUIRE, window),
        _timed(snapshot, now, QUERY, window),
        availability(snapshot, now, frame),
        totals_by(increases(_by_client(frame), at - window, at), "pattern", "reason"),
        last,
    )


def client_names(labels: pd.DataFrame) -> npt.NDArray[np.object_]:
    """What the client of each row is called."""
    patterns = column(labels, "pattern")
    return np.where(patterns == "", column(labels, "backend"), patterns)


def _client(one: Last) -> str:
    return one.label("pattern") or one.label("backend")


def _by_client(frame: Frame) -> list[Counter]:
    return [one._replace(labels=one.labels.assign(pattern=client_names(one.labels))) for one in counters(frame)]


def _timed(snapshot: Snapshot, now: float, family: str, window: float) -> _Timed:
    at = read_until(snapshot, now, "proxy")
    frame = snapshot.frame(f"{family}_bucket", at - window, at)
    parts = [(one, layouts(one.labels, ("pattern",))) for one in _by_client(frame)]
    sums = _by_client(snapshot.frame(f"{family}_sum", at - window, at))
    return _Timed(
        family,
        availability(snapshot, now, frame),
        merged_counters(parts, at - window, at),
        totals_by(increases(sums, at - window, at), "pattern"),
    )
