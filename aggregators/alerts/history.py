"""The alerts of 24 hours as one answer: which there were, how many of each, who reports them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from aggregators.alerts.alerts import HISTORY_SECONDS, HUD, Alert, AlertState, alerts
from aggregators.alerts.external_alerts import TOOLS, Tool
from aggregators.alerts.verdict import Look, Verdict, judged
from aggregators.series.counters import last_read
from aggregators.series.sources import collector_state, of_kind, reach, read_until, source_row
from model.series import Severity
from model.status import Status
from store.snapshot import Snapshot

ACTIVE = "active"
"""In place of a state: all that are not over."""
EVERYTHING = "all"
"""The component of what is about all of Prism."""
STEP_SECONDS = 1800.0
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
class AlertHistory:
    """Alerts of the last 24 hours, active and worst first: `alerts` are those that were asked for, of `total`.

    Each of the three tallies counts what the other two filters let through; `states` count everything.
    """

    status: Status
    reason: str
    alerts: tuple[Alert, ...]
    total: int
    states: tuple[Tally, ...]
    by_state: tuple[Tally, ...]
    by_severity: tuple[Tally, ...]
    by_component: tuple[Tally, ...]
    origins: tuple[AlertOrigin, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """How many alerts were open at some time of each step; None where nobody watched. `ends`: seconds since 1970."""

    ends: tuple[float, ...]
    by_severity: tuple[tuple[int | None, ...], ...]


def alert_history(
    snapshot: Snapshot, now: float, severity: str = "", component: str = "", state: str = ""
) -> AlertHistory:
    """What was wrong in the last 24 hours; `state` may also be "active"."""
    found, verdict = alerts(snapshot, now, every_run=True), alerts_verdict(Look(snapshot, now))
    return filtered(found, origins(snapshot, now), verdict, severity, component, state)


def alerts_verdict(look: Look) -> Verdict:
    """As bad as the worst alert that fires; without any it is well while somebody looks."""
    read = any(state.last_success for state in look.snapshot.sources.values())
    return judged(look, [(Status.HEALTHY, "")] if read else [], lambda alert: True)


def filtered(
    found: Sequence[Alert],
    reported_by: tuple[AlertOrigin, ...],
    verdict: Verdict,
    severity: str,
    component: str,
    state: str,
) -> AlertHistory:
    """The same, of alerts that are known already. The verdict is that of all of them, whatever is asked for."""
    kinds: dict[str, Callable[[Alert], bool]] = {
        "severity": lambda one: not severity or one.severity.value == severity.lower(),
        "component": lambda one: not component or whom(one).lower() == component.lower(),
        "state": lambda one: not state or _is_in(one, state.lower()),
    }

    def let_through(*names: str) -> list[Alert]:
        return [one for one in found if all(kinds[name](one) for name in names)]

    components = let_through("severity", "state")
    return AlertHistory(
        status=verdict.status,
        reason=verdict.reason,
        alerts=tuple(let_through("severity", "component", "state")),
        total=len(found),
        states=_tallies(found, AlertState, lambda one: one.state.value),
        by_state=_tallies(let_through("severity", "component"), AlertState, lambda one: one.state.value),
        by_severity=_tallies(let_through("component", "state"), SEVERITIES, lambda one: one.severity.value),
        by_component=_tallies(components, dict.fromkeys(map(whom, components)), whom),
        origins=reported_by,
    )


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


def origins(snapshot: Snapshot, now: float) -> tuple[AlertOrigin, ...]:
    """The HUD itself, and every tool, configured or not."""
    return (_ourselves(snapshot, now), *(_teller(snapshot, now, tool) for tool in TOOLS))


def _ourselves(snapshot: Snapshot, now: float) -> AlertOrigin:
    reported = collector_state(snapshot, now)
    if reported.alive:
        return AlertOrigin(HUD, "ok", "its own detections, every second", reported.silent_seconds, None)
    silent = reported.silent_seconds
    return AlertOrigin(HUD, "not run yet" if silent is None else "silent", "the collector does not run", silent, silent)


def _teller(snapshot: Snapshot, now: float, tool: Tool) -> AlertOrigin:
    rows = [source_row(state, now) for state in of_kind(snapshot, tool.source)]
    if not rows:
        return AlertOrigin(tool.name, NOT_CONFIGURED, f"{tool.setting} would name it", None, None)
    worst = min(rows, key=lambda row: (row.word == "ok", -(row.for_seconds or 0.0)))
    counts = open_counts(snapshot, now, tool)
    return AlertOrigin(
        tool.name, worst.word, worst.detail, worst.age_seconds, worst.for_seconds,
        *(sum(count for (_, one), count in counts.items() if one == part) for part in (LISTED, FOLLOWED)),
    )  # fmt: skip


def open_counts(snapshot: Snapshot, now: float, tool: Tool) -> dict[tuple[str, str], int]:
    """How many alerts a tool lists as open and how many of them are followed, by (severity, LISTED or FOLLOWED)."""
    at, window = read_until(snapshot, now, tool.source), reach(snapshot, tool.source)
    reported = last_read(snapshot.frame(f"{tool.source}_alerts", at - window, at), at, window)
    return {(one.label("severity"), one.label("part")): int(one.value) for one in reported}


def unfollowed(snapshot: Snapshot, now: float) -> frozenset[Severity]:
    """The severities of which more alerts are open in some tool than are followed."""
    every = [open_counts(snapshot, now, tool) for tool in TOOLS]
    return frozenset(
        severity
        for severity in Severity
        if any(one.get((severity, LISTED), 0) > one.get((severity, FOLLOWED), 0) for one in every)
    )


def load(snapshot: Snapshot, now: float, found: Sequence[Alert]) -> Load:
    """Open alerts by severity over the last 24 hours; whole steps, aligned so that a redraw moves none."""
    last = (np.floor(now / STEP_SECONDS) + 1) * STEP_SECONDS
    count = int(HISTORY_SECONDS // STEP_SECONDS)
    ends = [float(last - (count - 1 - at) * STEP_SECONDS) for at in range(count)]
    counts = {
        severity: _open_within([one for one in found if one.severity is severity], ends, now) for severity in SEVERITIES
    }
    known = [seen or any(row[at] for row in counts.values()) for at, seen in enumerate(_watched(snapshot, now, ends))]
    rows = tuple(tuple(row[at] if reported else None for at, reported in enumerate(known)) for row in counts.values())
    return Load(tuple(ends), rows)


def _open_within(found: Sequence[Alert], ends: Sequence[float], now: float) -> list[int]:
    """How many were open at some time of each step that ends at `ends`: begun before its end, over after its begin."""
    starts = np.sort([one.started for one in found])
    overs = np.sort([one.resolved_at or now for one in found])
    begun = starts.searchsorted(np.minimum(ends, now), "left")
    over = overs.searchsorted(np.asarray(ends) - STEP_SECONDS, "right")
    return [int(count) for count in begun - over]


def _watched(snapshot: Snapshot, now: float, ends: Sequence[float]) -> list[bool]:
    """Whether the collector worked at some time of each step, by the row that it writes of itself."""
    frame = snapshot.frame("hud_source_success", ends[0] - STEP_SECONDS, now, coarse=True)
    read = [block.values.index.to_numpy(dtype=np.float64) for block in frame.blocks]
    edges = np.array([ends[0] - STEP_SECONDS, *ends])
    counts = sum((np.histogram(times, edges)[0] for times in read), np.zeros(len(ends)))
    return [bool(count) for count in counts]
