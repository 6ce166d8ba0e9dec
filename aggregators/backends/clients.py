"""A client of a backend: its status, its pools and what it reports of its connections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

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
)
from aggregators.backends.health_details import age_of, detail, driver_of, unexplained
from aggregators.backends.pools import CONNECTED, Pool, utilization_ratio
from aggregators.patterns.health import PatternHealth, worst_status
from model.measure import Bytes, Count, Measure, Ratio
from model.series import Unit
from model.status import Status


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


def client(
    name: str, health: PatternHealth | None, own: list[Pool], uses: tuple[str, ...], reported: Figures
) -> Backend:
    """One client: `health` and `own` pools may be missing, `uses` are the kinds of pattern that use it."""
    backend = own[0].backend if own else name
    details = health.details if health else {}
    driver = driver_of(name, backend, details)
    stored, most = detail(health, "keys", Unit.COUNT), detail(health, "max_keys", Unit.COUNT)
    return Backend(
        name=name,
        pattern=name if health else "",
        backend=backend,
        driver=driver,
        status=client_status(health, own),
        reason=client_reason(health, own),
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


def client_status(health: PatternHealth | None, own: Iterable[Pool]) -> Status:
    """The worst of its health and of its pools; UNKNOWN where there is neither."""
    reported = [health.status] if health else []
    return worst_status([*reported, *(pool.status for pool in own)])


def client_reason(health: PatternHealth | None, own: Sequence[Pool]) -> str:
    """Why it is not well: its fullest pool where that is worse than what it reports, else what we saw or it says."""
    full = _full(own)
    if health is None or (full and client_status(health, own) is not health.status):
        return full
    return health.reason or (health.message if health.status is not Status.HEALTHY else "") or full


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
        return Measure.not_reported(Unit.RATIO, part.note or whole.note or "no limit is set")
    reported = Measure.of(ratio, Unit.RATIO)
    return reported if part.age_seconds is None else reported.stale(part.age_seconds, part.note)
