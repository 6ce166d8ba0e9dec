"""What the launcher reports of its processes, and how far that may be believed (contracts 5.3, 12.12)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from aggregators.series.last_reads import Last, last_reads
from aggregators.series.sources import of_kind, reach
from aggregators.series.window import newest_reads
from model.status import Phase, Status
from store.snapshot import Snapshot

SOURCE = "launcher"
STATE, HEALTHY, STARTED, INFO = (
    "launcher_process_state",
    "launcher_process_healthy",
    "launcher_process_started_timestamp_seconds",
    "launcher_process_info",
)
RUNS = "runs, as its launcher reports; nobody reports its health (PATTERN_HEALTH_TARGETS would)"
UNSAID = "its launcher does not say in which state it is"
PHASES = {
    "starting": Phase.SPAWN,
    "running": Phase.RUNNING,
    "terminating": Phase.STOPPING,
    "terminated": Phase.STOPPED,
    "finished": Phase.STOPPED,
    "failed": Phase.FAILED,
}
_ENDED = ("terminated", "finished", "failed")


@dataclass(frozen=True, slots=True)
class Launched:
    """The processes of one pattern as their launcher reports. Times are seconds since 1970, None when not reported.

    `runs` means that it calls all of them running and healthy, which is all that can be seen of them here.
    """

    pattern: str
    status: Status
    runs: bool
    reason: str
    phase: Phase | None
    started_at: float | None
    read_at: float
    details: dict[str, str]


def launched(snapshot: Snapshot, now: float) -> dict[str, Launched]:
    """Every pattern that a launcher tracks, from its last answer, however old; from those that answer where some
    do.
    """
    rows: dict[str, dict[tuple[str, str], dict[str, Last]]] = {}
    for family in (STATE, HEALTHY, STARTED, INFO):
        for one in _last(snapshot, now, family):
            if family != STATE or one.value == 1.0:
                rows.setdefault(one.label("pattern"), {}).setdefault(_process(one), {})[family] = one
    lost = {state.key for state in of_kind(snapshot, SOURCE) if state.is_stale(now)}
    return {pattern: _launched(pattern, _heard(processes, lost)) for pattern, processes in rows.items()}


def _last(snapshot: Snapshot, now: float, family: str) -> Iterator[Last]:
    """What the last read of each launcher said."""
    for state in of_kind(snapshot, SOURCE):
        at, seconds = min(now, state.last_success) if state.is_stale(now) else now, reach(snapshot, SOURCE)
        found = last_reads(snapshot, family, at, seconds)
        yield from (one for one in found if one.read_from == state.key)


def _heard(processes: Mapping[tuple[str, str], dict[str, Last]], lost: Collection[str]) -> list[dict[str, Last]]:
    """Those whose launcher answers; where none does, all."""
    return [one for (source, _), one in processes.items() if source not in lost] or list(processes.values())


def launched_namespaces(snapshot: Snapshot, now: float) -> dict[str, tuple[str, ...]]:
    """The patterns of each namespace for which a launcher runs a process now; none while no launcher is being read."""
    if all(state.is_stale(now) for state in of_kind(snapshot, "launcher")):
        return {}
    states, infos = (newest_reads(snapshot, now, family) for family in (STATE, INFO))
    ended = {(one.label("pattern"), _process(one)) for one in states if one.value and one.label("state") in _ENDED}
    found: dict[str, set[str]] = {}
    for one in infos:
        if one.label("namespace") and (one.label("pattern"), _process(one)) not in ended:
            found.setdefault(one.label("namespace"), set()).add(one.label("pattern"))
    return {name: tuple(sorted(patterns)) for name, patterns in found.items()}


def _process(one: Last) -> tuple[str, str]:
    """A process is its launcher's own: another one may call its process the same."""
    return one.read_from, one.label("process")


def _launched(pattern: str, processes: list[dict[str, Last]]) -> Launched:
    """One pattern: the worst of its processes speaks for it."""
    judged = sorted(((*_judged(one), one) for one in processes), key=lambda one: _ORDER.index(one[0]))
    status, reason, worst = judged[0]
    starts = [one[STARTED].value for one in processes if STARTED in one]
    state = worst[STATE].label("state") if STATE in worst else ""
    return Launched(
        pattern,
        status,
        status is Status.UNKNOWN and all(map(_runs, processes)),
        reason,
        PHASES.get(state),
        max(starts) if starts else None,
        max(one.read_at for reported in processes for one in reported.values()),
        _details([one for _, _, one in judged]),
    )


_ORDER = (Status.UNHEALTHY, Status.DEGRADED, Status.UNKNOWN, Status.HEALTHY)


def _judged(reported: dict[str, Last]) -> tuple[Status, str]:
    """A constant "running" proves that the launcher remembers a process, no more: it is not called healthy."""
    state = reported[STATE].label("state") if STATE in reported else ""
    error = reported[INFO].label("error") if INFO in reported else ""
    if state in _ENDED:
        return Status.UNHEALTHY, f"{state}, says its launcher{f': {error}' if error else ''}"
    if HEALTHY in reported and reported[HEALTHY].value == 0.0:
        return Status.UNHEALTHY, f"not healthy, says its launcher{f': {error}' if error else ''}"
    if state in ("starting", "terminating"):
        return Status.DEGRADED, f"{state}, says its launcher"
    return Status.UNKNOWN, RUNS if state == "running" else UNSAID


def _has_ended(reported: dict[str, Last]) -> bool:
    return STATE in reported and reported[STATE].label("state") in _ENDED


def _runs(reported: dict[str, Last]) -> bool:
    return STATE in reported and reported[STATE].label("state") == "running"


def _details(processes: list[dict[str, Last]]) -> dict[str, str]:
    """What the launcher adds, for the pattern's page: of the first process, which is the worst; a pid that lives."""
    first = next((one[INFO] for one in processes if INFO in one), None)
    if first is None:
        return {}
    words = {name: first.label(name) for name in ("process", "namespace", "session", "address", "pid", "error")}
    living = next((one[INFO].label("pid") for one in processes if INFO in one and not _has_ended(one)), "")
    reported = {f"launcher {name}": text for name, text in (words | {"pid": living or words["pid"]}).items() if text}
    return reported | ({"launcher processes": str(len(processes))} if len(processes) > 1 else {})
