"""The alerts of 24 hours as one answer: which there were, how many of each, who reports them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aggregators.alerts.alerts import HUD, Alert, AlertState, alerts
from aggregators.alerts.external_alerts import TOOLS, Tool
from aggregators.alerts.verdict import Look, Verdict, judged
from aggregators.series.source_rows import source_row
from aggregators.series.sources import collector_state, of_kind
from aggregators.series.window import newest_reads
from model.measure import Count, Measure
from model.series import Severity, Unit
from model.status import Status
from store.snapshot import Snapshot

ACTIVE = "active"
"""In place of a state: all that are not over."""
EVERYTHING = "all"
"""The component of what is about all of Prism."""
NOT_CONFIGURED = "not configured"
LISTED, FOLLOWED = "listed", "followed"
SEVERITIES = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many alerts have something in common, and how many of them are not over."""

    name: str
    count: int
    active: int


@dataclass(frozen=True, slots=True)
class AlertOrigin:
    """Who reports alerts. `word` is ok, not configured, or what is wrong; `for_seconds` how long it has been so.

    A tool lists so many alerts as open, of which so many are followed: of the others nothing is reported here.
    """

    name: str
    word: str
    detail: str
    age_seconds: float | None
    for_seconds: float | None
    listed: int = 0
    followed: int = 0


@dataclass(frozen=True, slots=True)
class AlertCounts:
    """How many fire by severity, wait, are silenced or inhibited, and are over; of all that there are.

    Not reported while nobody ever watched; at least so many where a tool has more of a severity than are followed.
    """

    critical: Count
    warning: Count
    info: Count
    pending: Count
    muted: Count
    resolved: Count


@dataclass(frozen=True, slots=True)
class AlertHistory:
    """Alerts of the last 24 hours, active and worst first: `alerts` are those that were asked for, of `total`.

    Each of the three tallies counts what the other two filters let through; `counts` and `states` count everything.
    """

    status: Status
    reason: str
    counts: AlertCounts
    alerts: tuple[Alert, ...]
    total: int
    states: tuple[Tally, ...]
    by_state: tuple[Tally, ...]
    by_severity: tuple[Tally, ...]
    by_component: tuple[Tally, ...]
    origins: tuple[AlertOrigin, ...]


def alert_history(
    snapshot: Snapshot, now: float, severity: str = "", component: str = "", state: str = ""
) -> AlertHistory:
    """What was wrong in the last 24 hours; `state` may also be "active"."""
    found, verdict = alerts(snapshot, now, every_run=True), alerts_verdict(Look(snapshot, now))
    let_through = _filters(found, severity.lower(), component.lower(), state.lower())
    components = let_through("severity", "state")
    return AlertHistory(
        status=verdict.status,
        reason=verdict.reason,
        counts=_counts(snapshot, now, found),
        alerts=tuple(let_through("severity", "component", "state")),
        total=len(found),
        states=_tallies(found, AlertState, lambda one: one.state.value),
        by_state=_tallies(let_through("severity", "component"), AlertState, lambda one: one.state.value),
        by_severity=_tallies(let_through("component", "state"), SEVERITIES, lambda one: one.severity.value),
        by_component=_tallies(components, dict.fromkeys(map(whom, components)), whom),
        origins=_origins(snapshot, now),
    )


def alerts_verdict(look: Look) -> Verdict:
    """As bad as the worst alert that fires; without any it is well while somebody looks."""
    read = any(state.last_success for state in look.snapshot.sources.values())
    return judged(look, [(Status.HEALTHY, "")] if read else [], lambda alert: True)


def _filters(found: Sequence[Alert], severity: str, component: str, state: str) -> Callable[..., list[Alert]]:
    """Gives what the named ones of the three filters let through."""
    kinds: dict[str, Callable[[Alert], bool]] = {
        "severity": lambda one: not severity or one.severity.value == severity,
        "component": lambda one: not component or whom(one).lower() == component,
        "state": lambda one: not state or _is_in(one, state),
    }
    return lambda *names: [one for one in found if all(kinds[name](one) for name in names)]


def _counts(snapshot: Snapshot, now: float, found: Sequence[Alert]) -> AlertCounts:
    collector, by = collector_state(snapshot, now), Counter(one.state for one in found)
    if collector.silent_seconds is None:
        none = Measure.not_reported(Unit.COUNT, "the collector has never run: nobody has looked for alerts")
        return AlertCounts(none, none, none, none, none, none)
    firing = Counter(one.severity for one in found if one.state is AlertState.FIRING)
    counts = [firing[severity] for severity in SEVERITIES]
    counts += [by[AlertState.PENDING], by[AlertState.SILENCED] + by[AlertState.INHIBITED], by[AlertState.RESOLVED]]
    cut = _unfollowed(snapshot, now)
    beyond = [severity in cut for severity in SEVERITIES] + [False, bool(cut), False]
    known = [
        Measure.of(float(count), Unit.COUNT, "≥" if more else "") for count, more in zip(counts, beyond, strict=True)
    ]
    return AlertCounts(*(known if collector.alive else [one.stale(collector.silent_seconds) for one in known]))


def whom(alert: Alert) -> str:
    """The component of an alert, as a filter names it."""
    return alert.component or EVERYTHING


def _is_in(alert: Alert, state: str) -> bool:
    return alert.is_active if state == ACTIVE else alert.state.value == state


def _tallies(found: Sequence[Alert], names: Iterable[str], name_of: Callable[[Alert], str]) -> tuple[Tally, ...]:
    sums: dict[str, list[int]] = {str(name): [0, 0] for name in names}
    for one in found:
        sums[name_of(one)][0] += 1
        sums[name_of(one)][1] += one.is_active
    return tuple(Tally(name, count, active) for name, (count, active) in sums.items())


def _origins(snapshot: Snapshot, now: float) -> tuple[AlertOrigin, ...]:
    """The HUD itself, and every tool, configured or not."""
    return (_ourselves(snapshot, now), *(_origin(snapshot, now, tool) for tool in TOOLS))


def _ourselves(snapshot: Snapshot, now: float) -> AlertOrigin:
    reported = collector_state(snapshot, now)
    if reported.alive:
        return AlertOrigin(HUD, "ok", "its own detections, every second", reported.silent_seconds, None)
    silent = reported.silent_seconds
    return AlertOrigin(HUD, "not run yet" if silent is None else "silent", "the collector does not run", silent, silent)


def _origin(snapshot: Snapshot, now: float, tool: Tool) -> AlertOrigin:
    rows = [source_row(state, now) for state in of_kind(snapshot, tool.source)]
    if not rows:
        return AlertOrigin(tool.name, NOT_CONFIGURED, f"{tool.setting} would name it", None, None)
    worst = min(rows, key=lambda row: (row.word == "ok", -(row.for_seconds or 0.0)))
    counts = _open_counts(snapshot, now, tool)
    return AlertOrigin(
        tool.name,
        worst.word,
        worst.detail,
        worst.age_seconds,
        worst.for_seconds,
        *(sum(count for (_, one), count in counts.items() if one == part) for part in (LISTED, FOLLOWED)),
    )


def _open_counts(snapshot: Snapshot, now: float, tool: Tool) -> dict[tuple[str, str], int]:
    """How many alerts a tool lists as open and how many of them are followed, by (severity, LISTED or FOLLOWED)."""
    reported = newest_reads(snapshot, now, f"{tool.source}_alerts", tool.source)
    return {(one.label("severity"), one.label("part")): int(one.value) for one in reported}


def _unfollowed(snapshot: Snapshot, now: float) -> frozenset[Severity]:
    """The severities of which more alerts are open in some tool than are followed."""
    every = [_open_counts(snapshot, now, tool) for tool in TOOLS]
    return frozenset(
        severity
        for severity in Severity
        if any(one.get((severity, LISTED), 0) > one.get((severity, FOLLOWED), 0) for one in every)
    )
