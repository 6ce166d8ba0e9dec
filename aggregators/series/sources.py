"""Which sources answer, which are gone and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from model.catalogue.source_kinds import BY_KIND
from model.sources import ErrorKind, SourceState
from store.snapshot import Snapshot

OK, SLOW, STALE, WAITING = "ok", "slow", "stale", "not read yet"
COLLECTOR_SILENT_SECONDS = 4.0
"""The collector shows a sign of life every second; four missed ones are not chance."""
SLOW_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Collector:
    """The process that reads the sources: `silent_seconds` since its last sign of life, None when it never gave one.

    `away`: the store cannot be reached from here, so nobody knows whether it lives; `trouble` says why.
    """

    alive: bool
    silent_seconds: float | None
    trouble: str
    away: bool = False


def is_lost(state: SourceState, now: float) -> bool:
    """True once a source that has answered before surely does not: two failures in a row, or silence.

    However rarely a source is read, its collector tries again about a second after its first failure.
    """
    if state.last_success == 0.0:
        return False
    if state.is_stale(now):
        return True
    return state.error is not None and state.failures >= 2


def only_lacks(source: str, error: ErrorKind | None) -> bool:
    """True for one of this kind that answers and lacks what it is asked for, which is no fault of what answers."""
    kind = BY_KIND.get(source)
    return error is ErrorKind.NOT_OFFERED and not (kind and kind.is_what_it_offers)


def collector_state(snapshot: Snapshot, now: float) -> Collector:
    """Whether the collecting process lives, and what troubles its store (a full disk, for one)."""
    reported = float(snapshot.meta.get("collector_alive_at") or 0.0) or snapshot.written_at
    trouble = str(snapshot.meta.get("store_trouble") or "")
    away = bool(snapshot.meta.get("store_away"))
    if reported == 0.0:
        return Collector(False, None, trouble, away)
    silent = max(0.0, now - reported)
    return Collector(silent <= COLLECTOR_SILENT_SECONDS, silent, trouble, away)


def is_blackout(snapshot: Snapshot, now: float) -> bool:
    """True when no pattern and no proxy that ever answered still does: then it may be our own view that is gone.

    Of a single source nobody can tell, so it takes two.
    """
    once = [one for one in snapshot.sources.values() if one.source in ("proxy", "patterns") and one.last_success > 0.0]
    return len(once) > 1 and all(state.error is not None or state.is_stale(now) for state in once)


def of_kind(snapshot: Snapshot, source: str) -> tuple[SourceState, ...]:
    """The sources of one kind (proxy, patterns, signoz, admin)."""
    return tuple(state for state in snapshot.sources.values() if state.source == source)


def read_until(snapshot: Snapshot, now: float, source: str) -> float:
    """The instant to answer for: now, or the last good read of a kind of source that is lost as a whole."""
    states = of_kind(snapshot, source)
    if any(not state.is_stale(now) for state in states):
        return now
    return min(now, max((state.last_success for state in states), default=now)) or now


def reach(snapshot: Snapshot, source: str) -> float:
    """How many seconds back the newest reads of a kind of source may lie without being stale."""
    return max((state.stale_after_seconds for state in of_kind(snapshot, source)), default=0.0) + 1.0
