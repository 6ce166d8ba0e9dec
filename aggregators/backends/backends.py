"""Are the backends well, and are there connections to them? RFC view 3.

What a pattern's process reports its own client comes first (contracts 5.4); server-side figures are another question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aggregators.alerts.verdict import Look, Part, Verdict, judged, leads_to
from aggregators.backends.client_figures import (
    ACTIVE_QUERIES,
    BYTES,
    IN,
    MESSAGES,
    NAMED_REASONS,
    OUT,
    PENDING,
    RECONNECTS,
    SUBSCRIPTIONS,
    Figures,
    Timing,
    figures,
)  # fmt: skip
from aggregators.backends.health_details import age_of, detail, driver_of, unexplained
from aggregators.backends.pools import CONNECTED, Pool, pools, trouble, utilization_ratio
from aggregators.backends.server_status import name_of
from aggregators.backends.servers import Servers, backend_servers, server_states
from aggregators.patterns.health import PatternHealth, worst_status
from aggregators.requests.labels import REQUESTS
from aggregators.series.counters import group_codes
from aggregators.series.sources import reach, read_until
from model.measure import Bytes, Count, Measure, Ratio
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
class Errors:
    """Connection errors of the last 5 minutes by reason; `others` are reasons that the RFC does not name."""

    refused: Count
    timeout: Count
    reset: Count
    others: Count


@dataclass(frozen=True, slots=True)
class Backend:
    """One client of a backend, a pattern's or, where the proxy names only the backend, the proxy's own.

    `pattern` is '' when no pattern of `name` is known. `driver` is redis, nats, postgresql, memstore or the name it
    has. `connection` is the state of the connection in a word; `details` what the health service reported and nothing
    here explains, as old as `details_age_seconds`. `stored` are a memstore's keys. All figures are the client's: what a
    server reports itself would be server connections, and no pool of Prism's.
    """

    name: str
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
    stored: Count
    most_stored: Count
    stored_ratio: Ratio
    details: Mapping[str, str]
    details_age_seconds: float | None


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
    known = pools(snapshot, now, look.patterns)
    uses = interfaces(snapshot, now)
    reported = figures(snapshot, now, WINDOW_SECONDS)
    own = _owned(patterns, known)
    found = [_backend(name, patterns.get(name), mine, uses.get(name, ()), reported) for name, mine in own.items()]
    found.sort(key=_trouble)
    counted = [one for one in known if one.is_pool and one.active.value is not None and one.maximum.value is not None]
    servers, verdict = backend_servers(snapshot, now), _verdict(look, patterns, own)
    return Backends(
        verdict.status, verdict.reason,
        tuple(PoolRow(one, uses.get(one.pattern, ())) for one in known),
        _sum(one.active for one in counted), _sum(one.idle for one in counted), _sum(one.maximum for one in counted),
        len(counted), tuple(found), servers,
    )  # fmt: skip


def backends_verdict(look: Look) -> Verdict:
    """As bad as the worst client, pool or server. A pattern that only its launcher knows says nothing beside others."""
    patterns = {one.name: one for one in look.patterns}
    return _verdict(look, patterns, _owned(patterns, pools(look.snapshot, look.now, look.patterns)))


def _verdict(look: Look, patterns: Mapping[str, PatternHealth], own: Mapping[str, list[Pool]]) -> Verdict:
    clients: list[Part] = []
    launched: list[Part] = []
    for name, mine in own.items():
        health = patterns.get(name)
        part = _status(health, mine), f"{name}: {_reason(health, mine)}".removesuffix(": ")
        (launched if health and health.only_launched and not mine else clients).append(part)
    servers = [
        (status, f"{name_of(state)} server: {reason}")
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
    at, window = read_until(snapshot, now, "proxy"), reach(snapshot, "proxy")
    found: dict[str, set[str]] = {}
    for block in snapshot.frame(REQUESTS, at - window, at).blocks:
        _, groups = group_codes(block.labels, ("pattern", "operation"))
        for pattern, operation in groups:
            kind, dot, _ = operation.partition(".")
            if pattern and dot and kind:
                found.setdefault(pattern, set()).add(kind)
    return {pattern: tuple(sorted(kinds)) for pattern, kinds in found.items()}


def _backend(
    name: str, health: PatternHealth | None, own: list[Pool], uses: tuple[str, ...], reported: Figures
) -> Backend:
    backend = own[0].backend if own else name
    details = health.details if health else {}
    driver = driver_of(name, backend, details)
    stored, most = detail(health, "keys", Unit.COUNT), detail(health, "max_keys", Unit.COUNT)
    return Backend(
        name=name,
        pattern=name if health else "",
        backend=backend,
        driver=driver,
        status=_status(health, own),
        reason=_reason(health, own),
        connection=CONNECTED[health.status if health else Status.UNKNOWN],
        interfaces=uses,
        pools=tuple(own),
        acquire=reported.acquire(name),
        query=reported.query(name),
        errors=_errors(name, reported),
        active_queries=reported.reported(ACTIVE_QUERIES, name, health),
        reconnects=reported.reported(RECONNECTS, name, health),
        pending=reported.reported(PENDING, name, health),
        subscriptions=reported.reported(SUBSCRIPTIONS, name, health),
        in_messages=reported.reported(MESSAGES, name, health, Unit.COUNT, IN),
        out_messages=reported.reported(MESSAGES, name, health, Unit.COUNT, OUT),
        in_bytes=reported.reported(BYTES, name, health, Unit.BYTES, IN),
        out_bytes=reported.reported(BYTES, name, health, Unit.BYTES, OUT),
        stored=stored,
        most_stored=most,
        stored_ratio=_share(stored, most),
        details=unexplained(driver, details),
        details_age_seconds=age_of(health) if health and details else None,
    )


def _errors(name: str, reported: Figures) -> Errors:
    refused, timeout, reset = (reported.errors(name, reason) for reason in NAMED_REASONS)
    return Errors(refused, timeout, reset, reported.other_errors(name))


def _status(health: PatternHealth | None, own: Iterable[Pool]) -> Status:
    reported = [health.status] if health else []
    return worst_status([*reported, *(pool.status for pool in own)])


def _reason(health: PatternHealth | None, own: Iterable[Pool]) -> str:
    """Why it is not well: what we saw, what it says, or its fullest pool."""
    said = "" if health is None else health.reason or (health.message if health.status is not Status.HEALTHY else "")
    return said or _full(own)


def _full(own: Iterable[Pool]) -> str:
    worst = next((one for one in own if one.status in (Status.DEGRADED, Status.UNHEALTHY)), None)
    if worst is None or worst.utilization_ratio.value is None:
        return ""
    waiting = f", {worst.waiting.value:.0f} waiting" if worst.waiting.value else ""
    return f"{worst.active.value:.0f} of {worst.maximum.value:.0f} connections in use{waiting}"


def _share(part: Measure, whole: Measure) -> Measure:
    """What is stored over the limit of it; without a limit there is none."""
    ratio = utilization_ratio(part.value, whole.value) if part.value is not None and whole.value else None
    if ratio is None:
        return Measure.not_reported(Unit.RATIO, part.note or whole.note or "its limit is 0")
    reported = Measure.of(ratio, Unit.RATIO)
    return reported if part.age_seconds is None else reported.stale(part.age_seconds, part.note)


def _sum(measures: Iterable[Measure]) -> Measure:
    """The sum of what is known; as old as its oldest part."""
    found = [one for one in measures if one.value is not None]
    if not found:
        return Measure.not_reported(Unit.COUNT, "no pool reports its connections")
    total = Measure.of(sum(one.value or 0.0 for one in found), Unit.COUNT)
    ages = [one.age_seconds for one in found if one.reading is Reading.STALE and one.age_seconds is not None]
    return total.stale(max(ages)) if ages else total
