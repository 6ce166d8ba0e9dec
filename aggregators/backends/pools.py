"""Connection pools per backend: from the proxy's metrics, else from the details of the patterns' health (views 1, 3).

A pool's limit is its own. A client with one connection is no pool: it is judged by its connection's state.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace

from aggregators.backends.health_details import age_of, number
from aggregators.patterns.health import PatternHealth, pattern_health
from aggregators.series.last_reads import Last
from aggregators.series.window import Window
from model.measure import Count, Measure, Ratio
from model.needs import fills
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot

ACTIVE, IDLE, MAX, WAITING = (
    "prism_pool_connections_active",
    "prism_pool_connections_idle",
    "prism_pool_connections_max",
    "prism_pool_waiting",
)
FULL_RATIO = 0.9
FROM_PROXY, FROM_DETAILS, FROM_STATUS = "proxy metrics", "pattern health details", "pattern health"
CONNECTED = {
    Status.HEALTHY: "connected",
    Status.DEGRADED: "reconnecting",
    Status.UNHEALTHY: "not connected",
    Status.UNKNOWN: "unknown",
}
_DETAIL_KEYS = (("pool_size", "total_conns", "idle_conns"), ("max", "acquired", "idle"))
_ONE_CONNECTION = frozenset({"nats"})


@dataclass(frozen=True, slots=True)
class Pool:
    """One backend's connections. `connection` is a word for a client that is no pool, '' for a pool.

    `instance` is the proxy that holds the pool; `reported_by` says where the figures come from.
    """

    backend: str
    pattern: str
    instance: str
    is_pool: bool
    active: Count
    idle: Count
    maximum: Count
    utilization_ratio: Ratio
    waiting: Count
    status: Status
    connection: str
    reported_by: str
    note: str = ""


def utilization_ratio(active: float, maximum: float) -> float | None:
    """Connections in use over the limit; None when there is no limit to speak of."""
    return active / maximum if maximum > 0 else None


def pools(snapshot: Snapshot, now: float) -> tuple[Pool, ...]:
    """Every backend's pool or connection, worst first. Four ask at each look at a page."""
    return snapshot.once((pools, now), lambda: _pools(snapshot, now))


def _pools(snapshot: Snapshot, now: float) -> tuple[Pool, ...]:
    known = pattern_health(snapshot, now)
    by_name = {one.name: one for one in known}
    found = list(_from_proxy(snapshot, now, by_name))
    reported = {pool.pattern or pool.backend for pool in found}
    found += [pool for pattern in known if pattern.name not in reported for pool in _from_pattern(pattern)]
    return tuple(sorted(found, key=lambda one: (*trouble(one), one.backend, one.pattern, one.instance)))


def trouble(one: Pool) -> tuple[int, int]:
    """What orders pools, the worst first: status, then use in tenths, so that a small change moves none."""
    order = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)
    return order.index(one.status), -int((one.utilization_ratio.value or 0.0) * 10)


def _from_proxy(snapshot: Snapshot, now: float, patterns: dict[str, PatternHealth]) -> Iterable[Pool]:
    windows = {family: Window.newest(snapshot, now, family) for family in (ACTIVE, IDLE, MAX, WAITING)}
    figures: dict[str, dict[tuple[str, str, str], float]] = {}
    for family, window in windows.items():
        figures[family] = {
            (one.label("backend"), _pattern_of(one, patterns), one.label("instance")): one.value
            for one in window.last()
        }
    for place in sorted({*figures[ACTIVE], *figures[MAX]}):
        backend, pattern, instance = place
        found = {family: figures[family].get(place) for family in figures}
        health = patterns.get(pattern)
        measures = {
            family: windows[ACTIVE].measure(Unit.COUNT, value, Measure.not_reported(Unit.COUNT, fills(proxy=family)))
            for family, value in found.items()
        }
        yield _pool(backend, pattern, instance, measures, found, health, FROM_PROXY)


def _pattern_of(one: Last, patterns: Container[str]) -> str:
    """The pattern whose client this is; a proxy that labels only the backend may mean the pattern of that name."""
    backend = one.label("backend")
    return one.label("pattern") or (backend if backend in patterns else "")


def _pool(
    backend: str,
    pattern: str,
    instance: str,
    measures: dict[str, Measure],
    found: dict[str, float | None],
    health: PatternHealth | None,
    reported_by: str,
) -> Pool:
    active, maximum, waiting = found[ACTIVE], found[MAX], found[WAITING]
    is_pool = reported_by != FROM_STATUS and (maximum is None or maximum > 1)
    ratio = None if active is None or maximum is None else utilization_ratio(active, maximum)
    own = health.status if health else Status.UNKNOWN
    status = pool_status(ratio, waiting) if is_pool else own
    if is_pool and ratio is None:
        status = own
    if is_pool and own is Status.UNHEALTHY:
        status = Status.UNHEALTHY
    return Pool(
        backend=backend,
        pattern=pattern,
        instance=instance,
        is_pool=is_pool,
        active=measures[ACTIVE],
        idle=measures[IDLE],
        maximum=measures[MAX],
        utilization_ratio=_use(measures[ACTIVE], ratio, maximum, is_pool),
        waiting=measures[WAITING],
        status=status,
        connection="" if is_pool else CONNECTED[own],
        reported_by=reported_by,
        note="" if not health or own is not Status.UNHEALTHY else health.reason or health.message,
    )


def _use(active: Measure, ratio: float | None, maximum: float | None, is_pool: bool) -> Measure:
    """How much of a pool's limit is in use, in the state of its active connections; of a single one there is none."""
    if not is_pool:
        why = "no limit is set" if maximum == 0 else "one connection is no pool; its state counts"
        return Measure.not_reported(Unit.RATIO, why)
    if ratio is None:
        return Measure.not_reported(
            Unit.RATIO, "its limit is not reported" if not maximum else "its use is not reported"
        )
    known = replace(Measure.of(ratio, Unit.RATIO), note=active.note)
    return known if active.age_seconds is None else known.stale(active.age_seconds, active.note)


def pool_status(ratio: float | None, waiting: float | None) -> Status:
    """Above 90 % it is nearly full; full with requests waiting it holds them up."""
    if ratio is None:
        return Status.UNKNOWN
    if ratio >= 1 and waiting:
        return Status.UNHEALTHY
    return Status.DEGRADED if ratio > FULL_RATIO else Status.HEALTHY


def _from_pattern(pattern: PatternHealth) -> Iterable[Pool]:
    """What a pattern's own details report its pool (contracts 5.4), or its connection's state where it has none."""
    details = {key: value for key, text in pattern.details.items() if (value := number(text)) is not None}
    for size_key, used_key, idle_key in _DETAIL_KEYS:
        if size_key in details and used_key in details:
            idle, active = details.get(idle_key), _active(used_key, details[used_key], details.get(idle_key))
            found: dict[str, float | None] = {ACTIVE: active, IDLE: idle, MAX: details[size_key], WAITING: None}
            yield _pool(pattern.name, pattern.name, "", _measures(pattern, found), found, pattern, FROM_DETAILS)
            return
    if pattern.name.lower() in _ONE_CONNECTION or "subscriptions" in details:
        found = dict.fromkeys((ACTIVE, IDLE, MAX, WAITING))
        yield _pool(pattern.name, pattern.name, "", _measures(pattern, found), found, pattern, FROM_STATUS)


def _active(used_key: str, used: float, idle: float | None) -> float | None:
    """Connections in use; redis counts its idle connections among the total ones (contracts 12.12).

    None where that cannot be distinguished, or the two contradict each other.
    """
    if used_key != "total_conns":
        return used
    return None if idle is None or idle > used else used - idle


def _measures(pattern: PatternHealth, found: dict[str, float | None]) -> dict[str, Measure]:
    age = age_of(pattern)
    measures = {}
    for family, value in found.items():
        measure = Measure.not_reported(Unit.COUNT, fills(proxy=family))
        if value is not None:
            measure = Measure.of(value, Unit.COUNT)
            measure = measure if age is None else measure.stale(age, pattern.reason)
        measures[family] = measure
    return measures
