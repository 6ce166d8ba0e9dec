"""Are the backends well, and are there connections to them? RFC view 3.

What a pattern's process reports its own client comes first (contracts 5.4); server-side figures are another question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregators.alerts.verdict import Look, Part, Verdict, judged, leads_to
from aggregators.backends.client_figures import (
    figures,
)
from aggregators.backends.clients import Backend, client, client_reason, client_status
from aggregators.backends.pools import Pool, pools, trouble
from aggregators.backends.server_status import name_of
from aggregators.backends.servers import Servers, backend_servers, server_states
from aggregators.patterns.health import PatternHealth
from aggregators.requests.labels import REQUESTS
from aggregators.series.grouping import group_codes
from aggregators.series.window import Window
from model.measure import Count, Measure
from model.number_text import about
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot

WINDOW_SECONDS = 300.0
TROUBLE = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A line of the pool table; `interfaces` are the kinds of pattern that use it (KeyValue, PubSub, Queue)."""

    pool: Pool
    interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Backends:
    """Pools and backends, worst first; `reason` says why the status is what it is.

    The sums are over pools that report both; `summed` says of how many.

    `servers` are the backends' own, asked directly: what they report is of all clients, and no pool of Prism's.
    """

    status: Status
    reason: str
    rows: tuple[PoolRow, ...]
    active: Count
    idle: Count
    maximum: Count
    summed: int
    backends: tuple[Backend, ...]
    servers: Servers


def backends(snapshot: Snapshot, now: float) -> Backends:
    """Every pool and every backend that a pattern, or the proxy, is a client of."""
    look = Look(snapshot, now)
    patterns = {one.name: one for one in look.patterns}
    known = pools(snapshot, now)
    uses = interfaces(snapshot, now)
    reported = figures(snapshot, now, WINDOW_SECONDS)
    own = _owned(patterns, known)
    found = [client(name, patterns.get(name), mine, uses.get(name, ()), reported) for name, mine in own.items()]
    found.sort(key=_trouble)
    counted = [one for one in known if one.is_pool and one.active.value is not None and one.maximum.value is not None]
    servers, verdict = backend_servers(snapshot, now), _verdict(look, patterns, own)
    return Backends(
        verdict.status,
        verdict.reason,
        tuple(PoolRow(one, uses.get(one.pattern, ())) for one in known),
        _sum(one.active for one in counted),
        _sum(one.idle for one in counted),
        _sum(one.maximum for one in counted),
        len(counted),
        tuple(found),
        servers,
    )


def backends_verdict(look: Look) -> Verdict:
    """As bad as the worst client, pool or server. A pattern that only its launcher knows says nothing beside others."""
    patterns = {one.name: one for one in look.patterns}
    return _verdict(look, patterns, _owned(patterns, pools(look.snapshot, look.now)))


def _verdict(look: Look, patterns: Mapping[str, PatternHealth], own: Mapping[str, list[Pool]]) -> Verdict:
    clients: list[Part] = []
    launched: list[Part] = []
    for name, mine in own.items():
        health = patterns.get(name)
        part = client_status(health, mine), about(name, client_reason(health, mine))
        (launched if health and health.only_launched and not mine else clients).append(part)
    servers = [
        (status, f"{name_of(state)} server: {reason}" if reason else "")
        for state, status, reason in server_states(look.snapshot, look.now)
    ]
    return judged(look, [*clients, *servers] or launched, leads_to("/backends", "/patterns/"))


def _owned(patterns: Iterable[str], known: Iterable[Pool]) -> dict[str, list[Pool]]:
    """The pools of each client."""
    own: dict[str, list[Pool]] = {name: [] for name in patterns}
    for pool in known:
        own.setdefault(pool.pattern or pool.backend, []).append(pool)
    return own


def _trouble(one: Backend) -> tuple[int, int, str]:
    fullest = min((trouble(pool)[1] for pool in one.pools), default=0)
    return TROUBLE.index(one.status), fullest, one.name


def interfaces(snapshot: Snapshot, now: float) -> dict[str, tuple[str, ...]]:
    """The kinds of request that each pattern gets, from the first part of its operations' names."""
    found: dict[str, set[str]] = {}
    for block in Window.newest(snapshot, now, REQUESTS).frame.blocks:
        _, groups = group_codes(block.labels, ("pattern", "operation"))
        for pattern, operation in groups:
            kind, dot, _ = operation.partition(".")
            if pattern and dot and kind:
                found.setdefault(pattern, set()).add(kind)
    return {pattern: tuple(sorted(kinds)) for pattern, kinds in found.items()}


def _sum(measures: Iterable[Measure]) -> Measure:
    """The sum of what is known; as old as its oldest part."""
    found = [one for one in measures if one.value is not None]
    if not found:
        return Measure.not_reported(Unit.COUNT, "no pool reports its connections")
    total = Measure.of(sum(one.value or 0.0 for one in found), Unit.COUNT)
    ages = [one.age_seconds for one in found if one.reading is Reading.STALE and one.age_seconds is not None]
    return total.stale(max(ages)) if ages else total
