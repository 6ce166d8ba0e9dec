"""The control plane as prism-admin's own metrics report it: who leads, and how much it knows of (contracts 4.1).

Three of its families say something else than their names: elections count seconds of leadership, lost leadership never
grows, healthy peers are the size less one. None of them is used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from aggregators.series.grouping import VALUE
from aggregators.series.sources import of_kind, read_until
from aggregators.series.window import Window
from model.measure import Bytes, Count, Measure, Seconds
from model.number_text import lasting
from model.series import Unit
from model.status import Status
from store.snapshot import Snapshot

SOURCE = "admin_metrics"
NAMESPACES = "prism_admin_admin_namespaces_total"
CHANGES = "prism_admin_raft_leader_changes_total"
DAY_SECONDS = 86400.0
NEVER_FORGOTTEN = "ever registered: prism-admin removes none"
_ROLES = {
    0: ("follower", Status.HEALTHY, ""),
    1: ("candidate", Status.DEGRADED, "an election goes on: nobody leads yet"),
    2: ("leader", Status.HEALTHY, ""),
    3: ("shut down", Status.UNHEALTHY, "its Raft is shut down"),
}


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """`role` is '' while it is not known; `reason` says why, or why the status is not HEALTHY."""

    configured: bool
    status: Status
    role: str
    reason: str
    term: Count
    last_index: Count
    leader_changes: Count
    servers: Count
    namespaces: Count
    proxies: Count
    launchers: Count
    patterns: Count
    memory: Bytes
    uptime: Seconds


def control_plane(snapshot: Snapshot, now: float) -> ControlPlane:
    """The answer at `now`. Without such a source every figure says so."""
    state = gauge(snapshot, now, "prism_admin_raft_state", Unit.NONE)
    role, status, reason = _role(state)
    counted = {
        name: registered(snapshot, now, f"prism_admin_admin_{name}_total")
        for name in ("namespaces", "proxies", "launchers", "patterns")
    }
    return ControlPlane(
        configured=bool(of_kind(snapshot, SOURCE)),
        status=status,
        role=role,
        reason=reason,
        term=gauge(snapshot, now, "prism_admin_raft_term", Unit.COUNT),
        last_index=gauge(snapshot, now, "prism_admin_raft_last_index", Unit.COUNT),
        leader_changes=_leader_changes(snapshot, now),
        servers=gauge(snapshot, now, "prism_admin_cluster_size", Unit.COUNT),
        memory=gauge(snapshot, now, "prism_admin_process_resident_memory_bytes", Unit.BYTES),
        uptime=_uptime(snapshot, now),
        **counted,
    )


def gauge(snapshot: Snapshot, now: float, family: str, unit: Unit) -> Measure:
    """The last value of one of its gauges, which have no labels."""
    window = Window.newest(snapshot, now, family)
    value = next((one.value for one in window.last()), None) if window.reports else None
    return window.measure(unit, value, Measure.not_reported(unit, window.availability.note))


def registered(snapshot: Snapshot, now: float, family: str) -> Measure:
    """A count of the replicated state."""
    found = gauge(snapshot, now, family, Unit.COUNT)
    return found if found.value is None else replace(found, note=found.note or NEVER_FORGOTTEN)


def _role(state: Measure) -> tuple[str, Status, str]:
    if state.value is None:
        return "", Status.UNKNOWN, state.note
    role, status, reason = _ROLES.get(int(state.value), ("", Status.UNKNOWN, f"a Raft state of {state.value:g}"))
    if state.age_seconds is not None:
        return role, Status.UNKNOWN, state.note
    return role, status, reason


def _leader_changes(snapshot: Snapshot, now: float) -> Measure:
    """Over the last 24 hours, or as much of them as was read, which the note says."""
    window = Window.of(snapshot, now, CHANGES, DAY_SECONDS, coarse=True)
    if not window.reports or not any(len(one.times) > 1 for one in window.counters):
        return window.counted(Unit.COUNT, None)
    covered = window.at - max(window.start, min(float(one.times[0]) for one in window.counters if len(one.times)))
    found = window.measure(Unit.COUNT, float(window.increases()[VALUE].sum()))
    words = "in the last 24 h" if covered >= DAY_SECONDS - 60 else f"in the {lasting(covered)} that were read"
    return replace(found, note=found.note or words)


def _uptime(snapshot: Snapshot, now: float) -> Measure:
    started = gauge(snapshot, now, "prism_admin_process_start_time_seconds", Unit.SECONDS)
    if started.value is None:
        return started
    at = read_until(snapshot, now, SOURCE)
    if not 0 < started.value <= at + 60:
        return Measure.not_reported(Unit.SECONDS, "its start time is no time")
    return replace(started, value=max(0.0, at - started.value))
