"""What the proxy and the health services tell of each backend's client: times, errors, gauges, details (view 3)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.counters import counters, increases, last_read, totals_by
from aggregators.health import PatternHealth
from aggregators.histograms import layouts, merged_counters
from aggregators.quantiles import NO_BUCKETS, Buckets, histogram_quantile
from aggregators.sources import Standing, reach, read_until, standing
from model.measure import Count, Measure, Seconds
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot

ACQUIRE, QUERY = "prism_pool_acquire_duration_seconds", "prism_backend_query_duration_seconds"
ERRORS = "prism_pool_errors_total"
GAUGES = ("prism_backend_active_queries", "prism_backend_reconnects_total", "prism_backend_pending_messages")
NAMED_REASONS = ("refused", "timeout", "reset")
FROM_DETAILS = frozenset(
    {
        "subscriptions", "in_msgs", "out_msgs", "in_bytes", "out_bytes", "total_conns", "idle_conns", "pool_size",
        "acquired", "idle", "max",
    }
)  # fmt: skip
"""Keys of health details that have a place of their own on the page (contracts 5.4)."""
_DETAIL_OF = {
    "prism_backend_active_queries": "active_queries",
    "prism_backend_reconnects_total": "reconnects",
    "prism_backend_pending_messages": "pending",
}


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took in the window: the mean, and the 99th percentile."""

    mean: Seconds
    p99: Seconds


@dataclass(frozen=True, slots=True)
class _Timed:
    stands: Standing
    buckets: dict[tuple[str, ...], Buckets]
    sums: dict[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Figures:
    """One instant's answers by pattern."""

    acquired: _Timed
    queried: _Timed
    errors_stand: Standing
    errors_by: dict[tuple[str, ...], float]
    gauges: dict[str, tuple[Standing, dict[str, float]]]

    def acquire(self, pattern: str) -> Timing:
        """How long it took to get a connection."""
        return _timing(self.acquired, pattern)

    def query(self, pattern: str) -> Timing:
        """How long the backend took for a query."""
        return _timing(self.queried, pattern)

    def errors(self, pattern: str, reason: str) -> Count:
        """Connection errors with this reason; a pattern without a row is not reported, which is not none."""
        return self._counted(pattern, self.errors_by.get((pattern, reason), 0.0))

    def other_errors(self, pattern: str) -> Count:
        """Those with any reason that has no place of its own."""
        rest = sum(n for (name, reason), n in self.errors_by.items() if name == pattern and reason not in NAMED_REASONS)
        return self._counted(pattern, rest)

    def _counted(self, pattern: str, count: float) -> Count:
        if self.errors_stand.tells and not any(name == pattern for name, _ in self.errors_by):
            return Measure.not_reported(Unit.COUNT, f"{ERRORS} by pattern would fill it")
        return self.errors_stand.measure(Unit.COUNT, count)

    def gauge(self, family: str, one: PatternHealth, unit: Unit) -> Measure:
        """A gauge of the proxy's, else the health detail that means the same."""
        stands, told = self.gauges[family]
        if one.name in told:
            return stands.measure(unit, told[one.name])
        fallback = self.detail(one, _DETAIL_OF[family], unit)
        missing = Measure.not_reported(unit, f"{family} by pattern would fill it")
        return fallback if fallback.value is not None else missing

    def detail(self, one: PatternHealth, key: str, unit: Unit) -> Measure:
        """A number among a pattern's health details, as old as its health."""
        try:
            value = float(one.details[key])
        except (KeyError, ValueError):
            return Measure.not_reported(unit, f"{key} in the health details of {one.name} would fill it")
        if one.status is Status.UNKNOWN and one.silent_seconds is not None:
            return Measure.of(value, unit).stale(one.silent_seconds)
        return Measure.of(value, unit)


def figures(snapshot: Snapshot, now: float, window: float) -> Figures:
    """Times and errors of the last `window` seconds; gauges of the last read."""
    at, reached = read_until(snapshot, now, "proxy"), reach(snapshot, "proxy")
    frame = snapshot.frame(ERRORS, at - window, at)
    gauges = {}
    for family in GAUGES:
        recent = snapshot.frame(family, at - reached, at)
        told: dict[str, float] = {}
        for one in last_read(recent, at, reached):
            told[one.label("pattern")] = told.get(one.label("pattern"), 0.0) + one.value
        gauges[family] = standing(snapshot, now, recent), told
    return Figures(
        _timed(snapshot, now, ACQUIRE, window),
        _timed(snapshot, now, QUERY, window),
        standing(snapshot, now, frame),
        totals_by(increases(counters(frame), at - window, at), "pattern", "reason"),
        gauges,
    )


def _timed(snapshot: Snapshot, now: float, family: str, window: float) -> _Timed:
    at = read_until(snapshot, now, "proxy")
    frame = snapshot.frame(f"{family}_bucket", at - window, at)
    parts = [(one, layouts(one.labels, ("pattern",))) for one in counters(frame)]
    sums = counters(snapshot.frame(f"{family}_sum", at - window, at))
    return _Timed(
        standing(snapshot, now, frame),
        merged_counters(parts, at - window, at),
        totals_by(increases(sums, at - window, at), "pattern"),
    )


def _timing(timed: _Timed, pattern: str) -> Timing:
    buckets = timed.buckets.get((pattern,))
    if buckets is None and timed.stands.reading in (Reading.VALUE, Reading.STALE):
        missing = Measure.not_reported(Unit.SECONDS, "its driver does not time this")
        return Timing(missing, missing)
    known = buckets or NO_BUCKETS
    total = timed.sums.get((pattern,))
    mean = total / known.total if total is not None and known.total > 0 else None
    return Timing(
        timed.stands.measure(Unit.SECONDS, mean),
        timed.stands.measure(Unit.SECONDS, histogram_quantile(0.99, known.bounds, known.counts)),
    )
