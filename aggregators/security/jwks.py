"""The proxy's cache of the keys that tokens are checked with (RFC view 6): how often it serves, when it is renewed."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.security.auth import HOUR_SECONDS
from aggregators.series.last_reads import Last
from aggregators.series.window import Window
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
    hits, misses = (Window.of(snapshot, now, family, window, coarse=True) for family in (HITS, MISSES))
    hit, miss = hits.total(), misses.total()
    total = None if hit is None or miss is None else hit + miss
    last, due_next = (Window.newest(snapshot, now, family) for family in (LAST, NEXT))
    dues = _instants(due_next)
    behind = min(dues, key=lambda one: one.value, default=None)
    instance = behind.label("instance") if behind and len(dues) > 1 else ""
    due = behind.value if behind else None
    late = due_next.at - due if due is not None else 0.0
    return JwksCache(
        hits=hits.counted(Unit.COUNT, hit),
        hit_share=_share(hits, misses, hit, total),
        misses=misses.counted(Unit.COUNT, miss),
        miss_share=_share(misses, hits, miss, total),
        last_refresh=_measure(last, min((one.value for one in _instants(last)), default=None)),
        next_refresh=_measure(due_next, due),
        overdue=due_next.measure(Unit.SECONDS, late) if due is not None and late > GRACE_SECONDS else None,
        instance=instance,
        covered_seconds=max(hits.covered_seconds(), misses.covered_seconds()),
    )


def _share(of: Window, other: Window, part: float | None, total: float | None) -> Measure:
    """A share needs both counters: where one of them is not reported, that is what there is to say."""
    known = of if not of.reports or other.reports else other
    return known.ratio(part, total)


def _instants(window: Window) -> list[Last]:
    """What each proxy's last read says, without those that never refreshed."""
    return [one for one in window.last() if one.value > 0]


def _measure(window: Window, value: float | None) -> Measure:
    return window.measure(Unit.TIMESTAMP, value, Measure.not_reported(Unit.TIMESTAMP, NEVER))
