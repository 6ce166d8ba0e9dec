"""Are the backends well, and are there connections to them? RFC view 3.

What a pattern's process tells of its own client comes first (contracts 5.4); server-side figures are another question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregators.backend_figures import FROM_DETAILS, Figures, Timing, figures
from aggregators.counters import group_codes
from aggregators.health import PatternHealth, pattern_health, worst_status
from aggregators.pools import CONNECTED, Pool, pools
from aggregators.requests import REQUESTS
from aggregators.sources import reach, read_until
from model.measure import Bytes, Count, Measure
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot

WINDOW_SECONDS = 300.0
DRIVERS = {
    "redis": "redis",
    "valkey": "redis",
    "nats": "nats",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "memstore": "memstore",
}
"""What a backend is, by the names that patterns and labels give it."""
TROUBLE = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A line of the pool table; `interfaces` are the kinds of pattern that use it (KeyValue, PubSub, Queue)."""

    pool: Pool
    interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Errors:
    """Connection errors of the last 5 minutes by reason; `others` are reasons that the RFC does not name."""

    refused: Count
    timeout: Count
    reset: Count
    others: Count


@dataclass(frozen=True, slots=True)
class Backend:
    """One pattern's client of its backend. `driver` is redis, nats, postgresql, memstore or the name it has.

    `connection` is the state of the connection in a word; `details` what the health service told and nothing here
    explains.
    """

    pattern: str
    backend: str
    driver: str
    status: Status
    reason: str
    connection: str
    interfaces: tuple[str, ...]
    pools: tuple[Pool, ...]
    acquire: Timing
    query: Timing
    errors: Errors
    active_queries: Count
    reconnects: Count
    pending: Count
    subscriptions: Count
    in_messages: Count
    out_messages: Count
    in_bytes: Bytes
    out_bytes: Bytes
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Backends:
    """Pools and backends, worst first. The sums are over pools that tell both; `summed` says of how many."""

    status: Status
    rows: tuple[PoolRow, ...]
    active: Count
    idle: Count
    maximum: Count
    summed: int
    backends: tuple[Backend, ...]


def backends(snapshot: Snapshot, now: float) -> Backends:
    """Every pool and every backend that a pattern stands in front of."""
    patterns = pattern_health(snapshot, now)
    known = pools(snapshot, now, patterns)
    uses = interfaces(snapshot, now)
    told = figures(snapshot, now, WINDOW_SECONDS)
    rows = tuple(PoolRow(one, uses.get(one.pattern, ())) for one in known)
    found = [_backend(one, [pool for pool in known if pool.pattern == one.name], uses, told) for one in patterns]
    found.sort(key=lambda one: (TROUBLE.index(one.status), one.pattern))
    counted = [one for one in known if one.is_pool and one.active.value is not None and one.maximum.value is not None]
    return Backends(
        worst_status(one.status for one in found), rows,
        _sum(one.active for one in counted), _sum(one.idle for one in counted), _sum(one.maximum for one in counted),
        len(counted), tuple(found),
    )  # fmt: skip


def interfaces(snapshot: Snapshot, now: float) -> dict[str, tuple[str, ...]]:
    """The kinds of request that each pattern gets, from the first part of its operations' names."""
    at, window = read_until(snapshot, now, "proxy"), reach(snapshot, "proxy")
    found: dict[str, set[str]] = {}
    for block in snapshot.frame(REQUESTS, at - window, at).blocks:
        _, groups = group_codes(block.labels, ("pattern", "operation"))
        for pattern, operation in groups:
            kind, dot, _ = operation.partition(".")
            if pattern and dot and kind:
                found.setdefault(pattern, set()).add(kind)
    return {pattern: tuple(sorted(kinds)) for pattern, kinds in found.items()}


def driver_of(pattern: str, backend: str) -> str:
    """redis, nats, postgresql, memstore, or the backend's own name."""
    return DRIVERS.get(backend.lower()) or DRIVERS.get(pattern.lower()) or backend


def _backend(one: PatternHealth, own: list[Pool], uses: Mapping[str, tuple[str, ...]], told: Figures) -> Backend:
    backend = own[0].backend if own else one.name
    status = worst_status([one.status, *(pool.status for pool in own)])
    reason = one.reason or (one.message if one.status is not Status.HEALTHY else "") or _full(own)
    return Backend(
        pattern=one.name,
        backend=backend,
        driver=driver_of(one.name, backend),
        status=status,
        reason=reason,
        connection=CONNECTED[one.status],
        interfaces=uses.get(one.name, ()),
        pools=tuple(own),
        acquire=told.acquire(one.name),
        query=told.query(one.name),
        errors=Errors(
            told.errors(one.name, "refused"),
            told.errors(one.name, "timeout"),
            told.errors(one.name, "reset"),
            told.other_errors(one.name),
        ),
        active_queries=told.gauge("prism_backend_active_queries", one, Unit.COUNT),
        reconnects=told.gauge("prism_backend_reconnects_total", one, Unit.COUNT),
        pending=told.gauge("prism_backend_pending_messages", one, Unit.COUNT),
        subscriptions=told.detail(one, "subscriptions", Unit.COUNT),
        in_messages=told.detail(one, "in_msgs", Unit.COUNT),
        out_messages=told.detail(one, "out_msgs", Unit.COUNT),
        in_bytes=told.detail(one, "in_bytes", Unit.BYTES),
        out_bytes=told.detail(one, "out_bytes", Unit.BYTES),
        details={key: text for key, text in one.details.items() if key not in FROM_DETAILS},
    )


def _full(own: Iterable[Pool]) -> str:
    worst = next((one for one in own if one.status in (Status.DEGRADED, Status.UNHEALTHY)), None)
    if worst is None or worst.utilization_ratio.value is None:
        return ""
    return f"{worst.active.value:.0f} of {worst.maximum.value:.0f} connections in use"


def _sum(measures: Iterable[Measure]) -> Measure:
    """The sum of what is known; as old as its oldest part."""
    found = [one for one in measures if one.value is not None]
    if not found:
        return Measure.not_reported(Unit.COUNT, "no pool tells its connections")
    total = Measure.of(sum(one.value or 0.0 for one in found), Unit.COUNT)
    ages = [one.age_seconds for one in found if one.reading is Reading.STALE and one.age_seconds is not None]
    return total.stale(max(ages)) if ages else total
