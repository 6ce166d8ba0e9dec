"""Is it working: the health of every pattern, and of the whole by the RFC's rule (view 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

from aggregators.patterns.health_answers import HealthAnswer, last_answers, status_of
from aggregators.patterns.health_judgement import judged
from aggregators.patterns.launcher import Launched, launched
from aggregators.patterns.restarts import DayCount, events_since, none_seen, restarts_in_a_day, start_times
from aggregators.series.label_values import values_of_label
from aggregators.series.sources import is_blackout
from aggregators.series.window import newest_reads
from model.measure import Count, Measure, Seconds
from model.number_text import lasting
from model.series import Unit
from model.sources import ErrorKind, SourceState
from model.status import Phase, Status
from store.snapshot import Snapshot

PHASE, REQUESTS = "prism_pattern_phase", "prism_requests_total"
_ORDER = (Status.HEALTHY, Status.UNKNOWN, Status.DEGRADED, Status.UNHEALTHY)
STALE_LAUNCHER_SECONDS = 15.0
"""Three of a launcher's usual intervals."""
NOBODY = "nothing reports this pattern"
_NOT_RUNNING = (Phase.FAILED, Phase.STOPPED)


@dataclass(frozen=True, slots=True)
class PatternHealth:
    """One pattern as the grid reports it. `reason` says why the status is what it is, when nobody's words do.

    `since` is when it came into this status, as far as this dashboard has seen; `age_seconds` that of the last answer.
    `source_error` is set while its health service cannot be read. `only_launched` means that its launcher calls it
    running and healthy, and that nobody else was named who could report.
    """

    name: str
    status: Status
    reason: str
    phase: Phase | None
    message: str
    uptime: Seconds
    started_at: float | None
    restarts: DayCount
    since: float | None
    age_seconds: float | None
    source_key: str
    source_error: ErrorKind | None
    silent_seconds: float | None
    check_seconds: Seconds
    service: str
    details: dict[str, str] = field(default_factory=dict)
    last_status: Status = Status.UNKNOWN
    only_launched: bool = False

    @property
    def is_active(self) -> bool:
        """RFC: active patterns are those HEALTHY or DEGRADED."""
        return self.status in (Status.HEALTHY, Status.DEGRADED)

    @property
    def full_name(self) -> str:
        """Its name, and the namespace for which its launcher runs it."""
        namespace = self.details.get("launcher namespace")
        return f"{self.name} (namespace {namespace})" if namespace else self.name

    @property
    def hangs(self) -> bool:
        """True when it takes calls and does not answer them."""
        return (
            self.source_error is ErrorKind.TIMED_OUT and self.status is Status.UNKNOWN and self.age_seconds is not None
        )

    @property
    def path(self) -> str:
        """The pattern's own page."""
        return pattern_path(self.name)


def active_patterns(patterns: Iterable[PatternHealth]) -> Count:
    """RFC: how many are HEALTHY or DEGRADED; not reported, rather than 0, where nobody reports the health of any."""
    found = list(patterns)
    if found and all(one.source_error is ErrorKind.NOT_KEPT for one in found):
        return Measure.not_reported(Unit.COUNT, ErrorKind.NOT_KEPT.value)
    if found and all(one.status is Status.UNKNOWN and not one.source_key for one in found):
        running = sum(one.phase is Phase.RUNNING for one in found)
        return Measure.not_reported(Unit.COUNT, f"{running} run, but nobody reports their health")
    return Measure.of(float(sum(one.is_active for one in found)), Unit.COUNT)


def pattern_path(name: str) -> str:
    """Where a pattern's detail page is; the name is quoted by whoever makes a link of it."""
    return f"/patterns/{name}"


def worst_status(statuses: Iterable[Status]) -> Status:
    """The worst of them; UNKNOWN lies between HEALTHY and DEGRADED, and stands for none at all."""
    found = list(statuses)
    return reduce(_worse, found) if found else Status.UNKNOWN


def _worse(one: Status, other: Status) -> Status:
    return max(one, other, key=_ORDER.index)


def pattern_health(snapshot: Snapshot, now: float) -> tuple[PatternHealth, ...]:
    """Every pattern that has a health service or shows in the proxy's metrics, by name."""
    return snapshot.once((pattern_health, now), lambda: _pattern_health(snapshot, now))


def _pattern_health(snapshot: Snapshot, now: float) -> tuple[PatternHealth, ...]:
    reported = last_answers(snapshot, now)
    phases = _phases(snapshot, now)
    states = {state.key: state for state in snapshot.sources.values() if state.source == "patterns"}
    by_name = {answer_name: states.get(answer.key) for answer_name, answer in reported.items()}
    known_keys = {answer.key for answer in reported.values()}
    for key, state in states.items():
        if key not in known_keys:
            by_name[_configured_name(state)] = state
    tracked = launched(snapshot, now)
    for name in [*phases, *values_of_label(snapshot, now, REQUESTS, "pattern"), *tracked]:
        by_name.setdefault(name, None)
    started, restarts = start_times(snapshot, now), restarts_in_a_day(snapshot, now)
    since, blackout = _status_since(snapshot, now), is_blackout(snapshot, now)

    def pattern(name: str) -> PatternHealth:
        answer, count = reported.get(name, HealthAnswer()), restarts.get(name) or none_seen()
        return _pattern(name, by_name[name], answer, phases.get(name), started.get(name), count, since, blackout, now)

    return tuple(_known_to_launcher(pattern(name), tracked.get(name), now) for name in sorted(by_name))


def unreported(name: str, now: float) -> PatternHealth:
    """Of a name that no source reports: UNKNOWN, and nothing else."""
    nobody = DayCount(Measure.not_reported(Unit.COUNT, NOBODY), NOBODY)
    return replace(_pattern(name, None, HealthAnswer(), None, None, nobody, {}, False, now), reason=NOBODY)


def _known_to_launcher(one: PatternHealth, reported: Launched | None, now: float) -> PatternHealth:
    """What a launcher reports fills what nobody else does; its word on health counts only where nobody else has one."""
    if reported is None:
        return one
    uptime, age = one.uptime, now - reported.read_at
    if one.started_at is None and reported.started_at is not None and one.source_error is not ErrorKind.DOWN:
        uptime = Measure.of(max(0.0, now - reported.started_at), Unit.SECONDS)
        uptime = uptime.stale(age) if age > STALE_LAUNCHER_SECONDS else uptime
    filled = replace(
        one,
        phase=one.phase or reported.phase,
        uptime=uptime,
        started_at=one.started_at or reported.started_at,
        details=reported.details | one.details,
    )
    if one.source_key:
        return filled
    if age > STALE_LAUNCHER_SECONDS:
        return replace(filled, reason=f"its launcher has not answered for {lasting(age)}", age_seconds=age)
    return replace(
        filled,
        status=reported.status,
        last_status=reported.status,
        reason=reported.reason,
        age_seconds=age,
        only_launched=reported.runs,
    )


def by_trouble(patterns: Iterable[PatternHealth]) -> tuple[PatternHealth, ...]:
    """Worst first, then by name."""
    return tuple(sorted(patterns, key=lambda one: (-_ORDER.index(one.status), one.name)))


def _configured_name(state: SourceState) -> str:
    """The name of a pattern that never answered: its collector's address is "name at host:port"."""
    return state.address.removesuffix(f" at {state.instance}") or state.instance


def _phases(snapshot: Snapshot, now: float) -> dict[str, Phase]:
    reported = newest_reads(snapshot, now, PHASE)
    known = {phase.value for phase in Phase}
    return {
        one.label("pattern"): Phase(one.label("phase"))
        for one in reported
        if one.value == 1.0 and one.label("phase") in known
    }


def _status_since(snapshot: Snapshot, now: float) -> dict[str, tuple[Status, float]]:
    changes = events_since(snapshot.events, "status", now - 86400.0, now)
    return {event.label("pattern") or "": (status_of(event.label("status") or ""), event.time) for event in changes}


def _pattern(
    name: str,
    state: SourceState | None,
    reported: HealthAnswer,
    phase: Phase | None,
    started: float | None,
    restarts: DayCount,
    since: dict[str, tuple[Status, float]],
    blackout: bool,
    now: float,
) -> PatternHealth:
    status, reason = judged(state, reported.status, now)
    if blackout and status is Status.UNHEALTHY:
        status, reason = Status.UNKNOWN, f"{reason}, and so is everything else"
    changed = since.get(name)
    age = state.age_seconds(now) if state else None
    return PatternHealth(
        name=name,
        status=status,
        reason=reason,
        phase=phase,
        message=reported.message or reported.details.get("error", ""),
        uptime=_uptime(state, phase, started, now),
        started_at=started,
        restarts=restarts,
        since=changed[1] if changed and changed[0] is status else None,
        age_seconds=age,
        source_key=state.key if state else "",
        source_error=state.error if state else None,
        silent_seconds=age if state and state.error else None,
        check_seconds=_check_seconds(state, reported, now),
        service=reported.service,
        details=reported.details,
        last_status=reported.status,
    )


def _uptime(state: SourceState | None, phase: Phase | None, started: float | None, now: float) -> Seconds:
    if (state is not None and state.error is ErrorKind.DOWN) or phase in _NOT_RUNNING:
        return Measure.not_reported(Unit.SECONDS, "not running")
    if started is None:
        return Measure.not_reported(Unit.SECONDS, "prism_pattern_start_time_seconds by pattern would fill it")
    return Measure.of(max(0.0, now - started), Unit.SECONDS)


def _check_seconds(state: SourceState | None, reported: HealthAnswer, now: float) -> Seconds:
    if reported.check_seconds is None:
        return Measure.not_reported(Unit.SECONDS, "its health service has not answered")
    took = Measure.of(reported.check_seconds, Unit.SECONDS)
    return took.stale(state.age_seconds(now) or 0.0) if state and state.is_stale(now) else took
