"""What every kind of backend server reports of itself, of all its clients."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.alerts import HUD
from aggregators.alerts.verdict import OF_SEVERITY, Look
from aggregators.backends.server_reads import ServerReads
from aggregators.backends.server_status import BY_EXPORTER, name_of, reported_by_exporter, server_status
from aggregators.patterns.health import worst_status
from model.measure import Count, Measure, Ratio, Seconds
from model.series import Unit
from model.sources import SourceState
from model.status import Status
from store.snapshot import Snapshot

WINDOW_SECONDS = 300.0
RATE_SECONDS = 15.0
Grown = dict[tuple[str, ...], float] | None
"""A counter's growth by label values; None before two reads."""
ITSELF = "the server"
NO_LIMIT = "there is no limit"
AHEAD_SECONDS = 5.0
"""A start so far ahead of us is a clock that differs, by which nobody knows how long the server is up."""
ORDER = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


@dataclass(frozen=True, slots=True)
class Server:
    """What every kind of server reports. Connections are those of all clients; `rejected` is of the last 5 minutes.

    `product` is its name where it is a fork of its kind, such as Valkey. `reported_by` is the server itself or its
    exporter. `reason` says why the status is not HEALTHY. `restarted_at` is when it was last seen to be another process
    than before, None when it was not in the last 24 hours.
    """

    name: str
    kind: str
    address: str
    reported_by: str
    product: str
    version: str
    role: str
    status: Status
    reason: str
    uptime: Seconds
    restarted_at: float | None
    connections: Count
    most_connections: Count
    connections_ratio: Ratio
    rejected: Count


def by_trouble(one: Server) -> tuple[int, str, str]:
    """Sorts servers worst first, then by name and address."""
    return ORDER.index(one.status), one.name, one.address


def server(reads: ServerReads) -> Server:
    """What this kind of server and every other have in common."""
    state = reads.state
    own = server_status(reads)
    status, reason = _no_better(reads, *own)
    used, most = reads.value("backend_connections"), reads.value("backend_connections_max")
    return Server(
        name=name_of(state),
        kind=state.source,
        address=state.address.rpartition(" at ")[2],
        reported_by=BY_EXPORTER if reported_by_exporter(state) else ITSELF,
        product=reads.word("backend_product_info", "product"),
        version=reads.word("backend_info", "version"),
        role=reads.word("backend_info", "role"),
        status=status,
        reason=reason,
        uptime=_uptime(reads, own[0]),
        restarted_at=_restarted(reads.snapshot, state, reads.now),
        connections=reads.measure(Unit.COUNT, used, "backend_connections"),
        most_connections=Measure.not_reported(Unit.COUNT, NO_LIMIT)
        if most == 0.0
        else reads.measure(Unit.COUNT, most, "backend_connections_max"),
        connections_ratio=ratio_of_limit(reads, used, most, "backend_connections_max"),
        rejected=reads.increase(Unit.COUNT, "backend_connections_rejected_total", WINDOW_SECONDS),
    )


def _no_better(reads: ServerReads, status: Status, reason: str) -> tuple[Status, str]:
    """No better than an alert of ours that blames it; the alert's words where it says nothing as bad of itself."""
    blamed = [one for one in Look(reads.snapshot, reads.now).firing if one.component == reads.state.key]
    said = [(OF_SEVERITY[one.severity], one.words) for one in blamed if HUD in one.sources]
    worst = worst_status([status, *(one for one, _ in said)])
    return (status, reason) if worst is status else (worst, next(words for one, words in said if one is worst))


def _uptime(reads: ServerReads, status: Status) -> Measure:
    """How long it is up; one that is down is not."""
    started = reads.value("backend_started_timestamp_seconds")
    if started is not None and started > reads.at + AHEAD_SECONDS:
        return Measure.not_reported(Unit.SECONDS, "it was started ahead of our clock: one of the two is wrong")
    lasted = None if started is None or status is Status.UNHEALTHY else max(0.0, reads.at - started)
    return reads.measure(Unit.SECONDS, lasted, "backend_started_timestamp_seconds")


def _restarted(snapshot: Snapshot, state: SourceState, now: float) -> float | None:
    return next(
        (
            event.time
            for event in reversed(snapshot.events)
            if event.kind == "backend_restart"
            and event.time <= now
            and (event.label("source"), event.label("instance")) == (state.source, state.instance)
        ),
        None,
    )


def ratio_of_limit(reads: ServerReads, part: float | None, whole: float | None, family: str) -> Measure:
    """A part of a whole; a limit of 0 is none."""
    if whole == 0.0:
        return Measure.not_reported(Unit.RATIO, NO_LIMIT)
    return reads.measure(Unit.RATIO, part / whole if part is not None and whole else None, family)


def grown_sum(reads: ServerReads, family: str) -> float | None:
    """A counter's growth over all its series in the last 5 minutes; None before two reads."""
    found = reads.grown(family, WINDOW_SECONDS)
    return None if found is None else sum(found.values())


def mean_duration(reads: ServerReads, seconds: Grown, calls: Grown, family: str) -> Measure:
    """Time over calls; without a call there was no traffic."""
    if seconds is None or calls is None:
        return reads.counted(Unit.SECONDS, family, None)
    count = sum(calls.values())
    return (
        reads.measure(Unit.SECONDS, sum(seconds.values()) / count, family)
        if count
        else Measure.no_traffic(Unit.SECONDS)
    )


def share_of_both(reads: ServerReads, part: float | None, rest: float | None, family: str) -> Measure:
    """A part of both; 0/0 is no traffic."""
    if part is None or rest is None:
        return reads.counted(Unit.RATIO, family, None)
    both = part + rest
    return reads.measure(Unit.RATIO, part / both, family) if both else Measure.no_traffic(Unit.RATIO)
