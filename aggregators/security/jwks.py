"""The proxy's cache of the keys that tokens are checked with (RFC view 6): how often it serves, when it is renewed."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.security.auth import HOUR_SECONDS, Grown, grown
from aggregators.series.availability import Availability, availability
from aggregators.series.last_reads import Last, last_read
from aggregators.series.sources import reach, read_until
from model.measure import Count, Measure, Ratio, Seconds, Timestamp
from model.series import Unit
from store.snapshot import Snapshot

HITS, MISSES = "prism_jwks_cache_hits_total", "prism_jwks_cache_misses_total"
LAST, NEXT = "prism_jwks_last_refresh_timestamp_seconds", "prism_jwks_next_refresh_timestamp_seconds"
GRACE_SECONDS = 10.0
"""A refresh takes a moment, and clocks differ a little."""
NEVER = "not refreshed since the proxy started"


@dataclass(frozen=True, slots=True)
class JwksCache:
    """Lookups of a window, and when the keys were and will be fetched: of several proxies the one furthest behind.

    `overdue` is how long ago the next refresh should have been; None while it is not due.
    """

    hits: Count
    hit_share: Ratio
    misses: Count
    miss_share: Ratio
    last_refresh: Timestamp
    next_refresh: Timestamp
    overdue: Seconds | None
    instance: str
    covered_seconds: float


def jwks_cache(snapshot: Snapshot, now: float, window: float = HOUR_SECONDS) -> JwksCache:
    """The cache at `now`."""
    hits = grown(snapshot, now, HITS, (), window, "proxy")
    misses = grown(snapshot, now, MISSES, (), window, "proxy")
    hit, miss = _sum(hits), _sum(misses)
    total = None if hit is None or miss is None else hit + miss
    reported_last, reported_next = _instants(snapshot, now, LAST), _instants(snapshot, now, NEXT)
    behind = min(reported_next[1], key=lambda one: one.value, default=None)
    instance = behind.label("instance") if behind and len(reported_next[1]) > 1 else ""
    due = behind.value if behind else None
    late = reported_next[0].at - due if due is not None else 0.0
    return JwksCache(
        hits=hits.count(hit),
        hit_share=_share(hits, misses, hit, total),
        misses=misses.count(miss),
        miss_share=_share(misses, hits, miss, total),
        last_refresh=_measure(reported_last[0], min((one.value for one in reported_last[1]), default=None)),
        next_refresh=_measure(reported_next[0], due),
        overdue=reported_next[0].measure(Unit.SECONDS, late) if due is not None and late > GRACE_SECONDS else None,
        instance=instance,
        covered_seconds=max(hits.covered_seconds, misses.covered_seconds),
    )


def _sum(reported: Grown) -> float | None:
    return None if reported.by is None else sum(reported.by.values())


def _share(of: Grown, other: Grown, part: float | None, total: float | None) -> Measure:
    """A share needs both counters: where one of them is not reported, that is what there is to say."""
    stands = of if not of.stands.reports or other.stands.reports else other
    return stands.ratio(part, total)


def _instants(snapshot: Snapshot, now: float, family: str) -> tuple[Availability, list[Last]]:
    """What each proxy's last read says, without those that never refreshed."""
    at, window = read_until(snapshot, now, "proxy"), reach(snapshot, "proxy")
    frame = snapshot.frame(family, at - window, at)
    return availability(snapshot, now, frame), [one for one in last_read(frame, at, window) if one.value > 0]


def _measure(stands: Availability, value: float | None) -> Measure:
    return stands.measure(Unit.TIMESTAMP, value, Measure.not_reported(Unit.TIMESTAMP, NEVER))
