"""Who uses Prism and how much: every namespace that is configured or asks anything, the worst first (view 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from aggregators.alerts.rows import Alert
from aggregators.alerts.verdict import Look, Part, Verdict, judged, leads_to
from aggregators.namespaces.active_namespaces import active_namespaces
from aggregators.namespaces.config import Configured, configured
from aggregators.namespaces.figures import Figures, figures
from aggregators.namespaces.row import NamespaceRow, row
from aggregators.namespaces.shares import Share, shares
from aggregators.patterns.launcher import launched_namespaces
from aggregators.requests.attribution import NAMESPACE
from aggregators.series.availability import TWO_READS
from model.measure import Count, Measure, PerSecond
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot

_RANK = {Status.UNHEALTHY: 0, Status.DEGRADED: 1}


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Every namespace that a source names, the worst first; `reason` says why the status is what it is.

    `active` are those that System Health counts. `shares` are the ten busiest and all
    others together; `noisy` is who makes over 80 % of all requests, '' when nobody does. `age_seconds` is how old what
    the proxy reported is, when it is stale; `note` why nothing is known of requests, `config_note` why or since when
    nothing is of the configuration.
    """

    status: Status
    reason: str
    rows: tuple[NamespaceRow, ...]
    active: Count
    with_traffic: Count
    idle: Count
    unlisted: Count
    per_second: PerSecond
    shares: tuple[Share, ...]
    noisy: str
    age_seconds: float | None
    note: str
    config_note: str


def namespaces(snapshot: Snapshot, now: float) -> Namespaces:
    """Every namespace at `now`: rates per second, counts, shares (0…1); its status is that of the worst."""
    config, reported, rows = known_namespaces(snapshot, now)
    total, seen = _total(reported), _seen(reported)
    verdict = _verdict(Look(snapshot, now), rows, reported)
    counted = reported.availability.measure
    listed = config.availability.measure
    both = reported.availability if not reported.availability.reports else config.availability
    return Namespaces(
        status=verdict.status,
        reason=verdict.reason,
        rows=rows,
        active=active_namespaces(snapshot, now),
        with_traffic=counted(Unit.COUNT, float(len(seen))),
        idle=_aged(both.measure(Unit.COUNT, float(len(set(config.by_name) - seen))), reported),
        unlisted=_aged(listed(Unit.COUNT, float(len(seen - set(config.by_name)))), reported),
        per_second=counted(Unit.PER_SECOND, total, Measure.not_reported(Unit.PER_SECOND, TWO_READS)),
        shares=shares(rows, reported, total),
        noisy=next((one.name for one in rows if one.noisy), ""),
        age_seconds=reported.availability.age_seconds,
        note="" if reported.availability.reading is Reading.VALUE else reported.availability.note,
        config_note="" if config.availability.reading is Reading.VALUE else config.availability.note,
    )


def namespaces_verdict(look: Look) -> Verdict:
    """As bad as the worst namespace; idle ones say nothing while others ask."""
    _, reported, rows = known_namespaces(look.snapshot, look.now)
    return _verdict(look, rows, reported)


class KnownNamespaces(NamedTuple):
    """What is configured and what is reported of namespaces, and every one of them, the worst first."""

    config: Configured
    reported: Figures
    rows: tuple[NamespaceRow, ...]


def known_namespaces(snapshot: Snapshot, now: float) -> KnownNamespaces:
    """Worked out once for the page, its verdict and the map: of 1,000 namespaces it takes 40 ms."""
    return snapshot.once((known_namespaces, now), lambda: _known(snapshot, now))


def _known(snapshot: Snapshot, now: float) -> KnownNamespaces:
    config, reported = configured(snapshot, now), figures(snapshot, now)
    rows = _rows(config, reported, _total(reported), launched_namespaces(snapshot, now))
    return KnownNamespaces(config, reported, rows)


def _verdict(look: Look, rows: tuple[NamespaceRow, ...], reported: Figures) -> Verdict:
    parts: list[Part] = [(one.status, f"{one.name}: {one.reason}") for one in rows if one.status in _RANK]
    if not parts and reported.availability.reading is Reading.VALUE:
        parts = [(Status.HEALTHY, "")] if any(one.status is Status.HEALTHY for one in rows) else []
    asking = next((f"{one.name}: {one.reason}" for one in rows if one.per_second.value), "no namespace asks anything")
    return judged(look, parts, _concerns, reported.availability.note or asking)


def _concerns(alert: Alert) -> bool:
    about_one = alert.in_prism and alert.component.startswith(NAMESPACE)
    return about_one or leads_to("/namespaces", "/namespaces/")(alert)


def _total(reported: Figures) -> float | None:
    """All requests per second; None before two reads."""
    return sum(reported.asked.per_second.values()) if reported.ready else None


def _seen(reported: Figures) -> set[str]:
    return {name for (name,) in reported.asked.requests if name and reported.has_traffic(name)}


def _rows(
    config: Configured, reported: Figures, total: float | None, launched: Mapping[str, tuple[str, ...]]
) -> tuple[NamespaceRow, ...]:
    """Every namespace that is configured, asks or is launched for, the worst first."""
    names = sorted(_seen(reported) | set(config.by_name) | set(launched))
    rows = (row(name, config, reported, total, launched.get(name, ())) for name in names)
    return tuple(sorted(rows, key=_order))


def _aged(measure: Measure, reported: Figures) -> Measure:
    """A figure that rests on the proxy as well, when that is stale."""
    if reported.availability.reading is Reading.VALUE or measure.value is None:
        return measure
    return reported.availability.measure(measure.unit, measure.value)


def _order(one: NamespaceRow) -> tuple[int, float, str]:
    return _RANK.get(one.status, len(_RANK)), -(one.per_second.value or 0.0), one.name
