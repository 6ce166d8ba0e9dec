"""Is a backend's server well: by whether it answers, and by what it says of itself (view 3)."""

from __future__ import annotations

from collections.abc import Iterator

from aggregators.backends.server_reads import ServerReads, why
from aggregators.patterns.health_judgement import HANG_INTERVALS
from model.catalogue.source_kinds import SERVERS
from model.number_text import lasting, round_percent
from model.sources import ErrorKind, SourceState
from model.status import Status
from store.snapshot import Snapshot

FULL_RATIO = 0.9
NEARLY_ALL_RATIO, MIB = 0.95, 2.0**20
"""Of its memory: a cache is meant to be full, but not to the last."""
RECENT_SECONDS = 60.0
"""How long something that is counted, such as a deadlock, is news."""
ANSWERS = frozenset(ErrorKind) - {
    ErrorKind.DOWN, ErrorKind.TIMED_OUT, ErrorKind.WRONG_PROTOCOL, ErrorKind.UNSEEN, ErrorKind.NOT_KEPT,
}  # fmt: skip
"""What only somebody who is there can say, however little it helps us."""
INTERRUPTED = "interrupted"
BY_EXPORTER = "its exporter"
WATCHED_DOWN = "a primary that it watches is down"
"""Of a Sentinel."""


def is_server(state: SourceState) -> bool:
    """True for the sources that are a backend's server or its exporter."""
    return state.source in SERVERS


def name_of(state: SourceState) -> str:
    """The operator's name for it, which its collector puts before its address; else host and port."""
    name, at, _ = state.address.rpartition(" at ")
    return name if at else state.instance


def name_at(snapshot: Snapshot, source: str) -> str:
    """The name of the server that this source is (its key): host and port of one that is none any more."""
    state = snapshot.sources.get(source)
    return source.partition("@")[2] if state is None else name_of(state)


def reported_by_exporter(state: SourceState) -> bool:
    """True when an exporter stands between: its silence says nothing of the server."""
    return state.source in ("redis", "postgres") and state.address.rpartition(" at ")[2].startswith("http")


def server_status(reads: ServerReads) -> tuple[Status, str]:
    """Its status and the reason, '' when it is well. Where nobody knows it is UNKNOWN; a port that closed is UNHEALTHY.

    A refusal in words is an answer: who says it is there.
    """
    state = reads.state
    silent = state.age_seconds(reads.now)
    if state.error in ANSWERS and not reported_by_exporter(state):
        return Status.UNKNOWN, f"it answers: {why(state)}"
    if silent is None:
        return Status.UNKNOWN, f"never reached: {why(state)}" if state.error else why(state)
    if state.error is None and not state.is_stale(reads.now):
        return _said(reads)
    if reported_by_exporter(state):
        return Status.UNKNOWN, f"its exporter: {_word(state)} for {lasting(silent)}"
    if state.error is ErrorKind.DOWN:
        return Status.UNHEALTHY, f"down for {lasting(silent)}: {state.detail or 'its port is closed'}"
    if state.error is ErrorKind.TIMED_OUT and silent <= HANG_INTERVALS * state.interval_seconds:
        return _said(reads)
    if state.error is ErrorKind.TIMED_OUT:
        return Status.UNKNOWN, f"hangs: no answer for {lasting(silent)}"
    return Status.UNKNOWN, f"{_word(state)} for {lasting(silent)}"


def _word(state: SourceState) -> str:
    return state.error.value if state.error else "no news"


def _said(reads: ServerReads) -> tuple[Status, str]:
    """Its status by its last answer, and the reason; '' when it is well."""
    if reads.value("backend_up") == 0.0:
        return Status.UNHEALTHY, "its exporter cannot reach it"
    troubles = list(_troubles(reads))
    return (Status.DEGRADED, "; ".join(troubles)) if troubles else (Status.HEALTHY, "")


def _troubles(reads: ServerReads) -> Iterator[str]:
    """All that is wrong, the gravest first."""
    state, words = reads.refusal
    if state and state != INTERRUPTED:
        yield f"it is {state}: {words}" if words else f"it is {state}"
    if reads.value("redis_server_loading"):
        yield "it is loading its data, and answers nothing else"
    if reads.value("redis_server_replication_link_up") == 0.0:
        watches = reads.word("backend_info", "role") == "sentinel"
        yield WATCHED_DOWN if watches else "it has lost its primary: the replication link is down"
    if reads.value("redis_server_cluster_up") == 0.0:
        yield "its cluster is down (cluster_state): it refuses commands"
    health = reads.word("nats_server_health_info", "state")
    if health not in ("", "ok"):
        detail = reads.word("nats_server_health_info", "detail")
        yield f"/healthz: {health}{f', {detail}' if detail else ''}"
    yield from _connections(reads)
    yield from _memory(reads)
    yield from _counted(reads)


def _connections(reads: ServerReads) -> Iterator[str]:
    used, allowed = reads.value("backend_connections"), reads.value("backend_connections_max")
    if used is not None and allowed and used / allowed > FULL_RATIO:
        yield f"{round_percent(used / allowed)} of its connections are in use: {used:,.0f} of {allowed:,.0f}"


def _memory(reads: ServerReads) -> Iterator[str]:
    used, allowed = reads.value("redis_server_memory_used_bytes"), reads.value("redis_server_memory_max_bytes")
    if used is not None and allowed and used / allowed > NEARLY_ALL_RATIO:
        yield f"{round_percent(used / allowed)} of its memory is used: {used / MIB:,.0f} of {allowed / MIB:,.0f} MiB"


def _counted(reads: ServerReads) -> Iterator[str]:
    for family, one, many in (
        ("backend_connections_rejected_total", "connection was turned away", "connections were turned away"),
        ("nats_server_slow_consumers_total", "slow consumer was cut off", "slow consumers were cut off"),
        ("postgres_server_deadlocks_total", "deadlock", "deadlocks"),
    ):
        count = sum((reads.grown(family, RECENT_SECONDS) or {}).values())
        if count:
            yield f"{count:,.0f} {one if count == 1 else many} in the last minute"
