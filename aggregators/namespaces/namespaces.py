"""Who uses Prism and how much: every namespace that is configured or asks anything, the worst first (view 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aggregators.alerts.rows import Alert
from aggregators.alerts.verdict import Look, Part, Verdict, judged, leads_to
from aggregators.namespaces.config import Config, Configured, configured
from aggregators.namespaces.figures import Figures, figures
from aggregators.namespaces.flows import RATE_SECONDS
from aggregators.overview.active_namespaces import INACTIVE, active_namespaces
from aggregators.patterns.launcher import launched_namespaces
from aggregators.requests.attribution import NAMESPACE
from aggregators.requests.traffic import TWO_READS
from aggregators.series.sources import Availability
from model.measure import Count, Measure, PerSecond, Ratio, Seconds
from model.number_text import round_percent
from model.series import Unit
from model.status import Reading, Status
from store.snapshot import Snapshot

NOISY_RATIO = 0.8
"""RFC view 5: who makes more of all requests than this is a noisy neighbour."""
NOISY_REQUESTS = 100.0
"""Of fewer requests than this nobody's share says anything."""
NEARLY_FULL_RATIO = 0.9
TOP = 10
ACTIVE, IDLE, UNLISTED, UNTOLD = "active", "idle", "not in the Admin API", ""
"""Whether it is configured and asks; UNTOLD while the Admin API or the proxy does not say."""
_RANK = {Status.UNHEALTHY: 0, Status.DEGRADED: 1}


@dataclass(frozen=True, slots=True)
class NamespaceRow:
    """One namespace. Rates are of the last 15 s, `error_ratio` and `p99` of the last 5 minutes.

    `place` is active, idle or not in the Admin API, '' where that cannot be reported. `noisy` is True when it has
    neighbours and makes over 80 % of all requests. `reason` says why it is not HEALTHY, or what is odd about it.
    """

    name: str
    status: Status
    reason: str
    place: str
    noisy: bool
    per_second: PerSecond
    p99: Seconds
    error_ratio: Ratio
    share_ratio: Ratio
    patterns: tuple[str, ...]
    max_per_second: PerSecond
    use_ratio: Ratio


@dataclass(frozen=True, slots=True)
class Share:
    """A slice of all requests; `names` counts the namespaces in it, '' is the name of those together."""

    name: str
    names: int
    per_second: PerSecond
    share_ratio: Ratio


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
    """The answer as of now."""
    config, reported = configured(snapshot, now), figures(snapshot, now)
    total, launched = _total(reported), launched_namespaces(snapshot, now)
    seen, rows = _seen(reported), _rows(config, reported, total, launched)
    verdict = _verdict(Look(snapshot, now), rows, reported)
    counted = reported.stands.measure
    listed = config.stands.measure
    both = reported.stands if not reported.stands.reports else config.stands
    return Namespaces(
        status=verdict.status,
        reason=verdict.reason,
        rows=rows,
        active=active_namespaces(snapshot, now),
        with_traffic=counted(Unit.COUNT, float(len(seen))),
        idle=_aged(both.measure(Unit.COUNT, float(len(set(config.by_name) - seen))), reported),
        unlisted=_aged(listed(Unit.COUNT, float(len(seen - set(config.by_name)))), reported),
        per_second=counted(Unit.PER_SECOND, total, Measure.not_reported(Unit.PER_SECOND, TWO_READS)),
        shares=_shares(rows, reported, total),
        noisy=next((one.name for one in rows if one.noisy), ""),
        age_seconds=reported.stands.age_seconds,
        note="" if reported.stands.reading is Reading.VALUE else reported.stands.note,
        config_note="" if config.stands.reading is Reading.VALUE else config.stands.note,
    )


def namespaces_verdict(look: Look) -> Verdict:
    """As bad as the worst namespace; idle ones say nothing while others ask."""
    config, reported = configured(look.snapshot, look.now), figures(look.snapshot, look.now)
    return _verdict(
        look, _rows(config, reported, _total(reported), launched_namespaces(look.snapshot, look.now)), reported
    )


def _verdict(look: Look, rows: tuple[NamespaceRow, ...], reported: Figures) -> Verdict:
    parts: list[Part] = [(one.status, f"{one.name}: {one.reason}") for one in rows if one.status in _RANK]
    if not parts and reported.stands.reading is Reading.VALUE:
        parts = [(Status.HEALTHY, "")] if any(one.status is Status.HEALTHY for one in rows) else []
    return judged(look, parts, _concerns, reported.stands.note or "no namespace asks anything")


def _concerns(alert: Alert) -> bool:
    return alert.component.startswith(NAMESPACE) or leads_to("/namespaces", "/namespaces/")(alert)


def _total(reported: Figures) -> float | None:
    """All requests per second; None before two reads."""
    return sum(reported.asked.per_second.values()) if reported.ready else None


def _seen(reported: Figures) -> set[str]:
    return {name for (name,) in reported.asked.requests if name and reported.has_traffic(name)}


def _rows(
    config: Configured, reported: Figures, total: float | None, launched: Mapping[str, tuple[str, ...]]
) -> tuple[NamespaceRow, ...]:
    """Every namespace that is configured, asks or is launched for, the worst first."""
    known = sorted(_seen(reported) | set(config.by_name) | set(launched))
    rows = (row(name, config, reported, total, launched.get(name, ())) for name in known)
    return tuple(sorted(rows, key=_order))


def row(
    name: str, config: Configured, reported: Figures, total: float | None, launched: tuple[str, ...] = ()
) -> NamespaceRow:
    """One namespace; `total` are all requests per second, `launched` its patterns as launchers report."""
    own = config.by_name.get(name)
    rate = reported.stands.measure(
        Unit.PER_SECOND, reported.per_second(name), Measure.not_reported(Unit.PER_SECOND, TWO_READS)
    )
    share = rate.value / total if rate.value is not None and total else None
    limit = limit_measure(config, own, own.limit if own else None)
    use = use_measure(rate, limit)
    place = _place(name, own, config, reported)
    noisy = share is not None and share > NOISY_RATIO and _counts(share, total, config, name)
    status, reason = _judged(name, place, own, reported, use)
    configured_patterns = tuple(pattern for pattern, _ in own.patterns) if own else ()
    return NamespaceRow(
        name=name,
        status=status,
        reason=" and ".join(
            filter(None, (reason, f"makes {round_percent(share or 0.0)} of all requests" if noisy else ""))
        ),
        place=place,
        noisy=noisy,
        per_second=rate,
        p99=reported.latency.measure(Unit.SECONDS, reported.p99.get(name)),
        error_ratio=reported.errors.measure(Unit.RATIO, reported.error_ratios.get(name)),
        share_ratio=reported.stands.measure(Unit.RATIO, share),
        patterns=configured_patterns or reported.patterns.get(name) or launched,
        max_per_second=limit,
        use_ratio=use,
    )


def limit_measure(config: Configured, own: Config | None, value: float | None) -> Measure:
    """A configured limit, and why it is not known."""
    why = config.unsaid if own or not config.reports else "the Admin API does not list this namespace"
    return config.stands.measure(Unit.PER_SECOND, value, Measure.not_reported(Unit.PER_SECOND, why))


def use_measure(rate: Measure, limit: Measure) -> Measure:
    """How much of a limit is used: as old as the older of the two."""
    for one in (rate, limit):
        if one.value is None:
            return Measure(Unit.RATIO, one.reading, note=one.note)
    if rate.value is None or not limit.value:
        return Measure.not_reported(Unit.RATIO, limit.note)
    known = Measure.of(rate.value / limit.value, Unit.RATIO)
    aged = max((one for one in (rate, limit) if one.age_seconds is not None), key=_age, default=None)
    return known if aged is None else known.stale(_age(aged), aged.note)


def _age(measure: Measure) -> float:
    return measure.age_seconds or 0.0


def _aged(measure: Measure, reported: Figures) -> Measure:
    """A figure that rests on the proxy as well, when that is stale."""
    if reported.stands.reading is Reading.VALUE or measure.value is None:
        return measure
    return reported.stands.measure(measure.unit, measure.value)


def _place(name: str, own: Config | None, config: Configured, reported: Figures) -> str:
    if own is None:
        return UNLISTED if config.reports else UNTOLD
    if not reported.stands.reports:
        return UNTOLD
    return ACTIVE if reported.has_traffic(name) else IDLE


def _judged(name: str, place: str, own: Config | None, reported: Figures, use: Measure) -> tuple[Status, str]:
    """Its status and why it is not HEALTHY; idle is not known to be healthy."""
    if not reported.stands.reports:
        return Status.UNKNOWN, f"nothing reports its requests: {reported.stands.note}"
    bad = reported.trouble.get(name)
    if bad is not None:
        return bad
    if use.value is not None and use.value > NEARLY_FULL_RATIO:
        over = (
            f"{use.value:.3g} times its limit asked"
            if use.value > 1
            else f"{round_percent(use.value)} of its limit in use"
        )
        return Status.DEGRADED, over
    if own is not None and own.status.lower() in INACTIVE:
        return Status.UNKNOWN, f"{own.status.lower()} in its configuration"
    if not reported.has_traffic(name):
        return Status.UNKNOWN, "idle: no request in the last 5 min"
    return Status.HEALTHY, UNLISTED if place == UNLISTED else ""


def _order(one: NamespaceRow) -> tuple[int, float, str]:
    return _RANK.get(one.status, len(_RANK)), -(one.per_second.value or 0.0), one.name


def _shares(rows: tuple[NamespaceRow, ...], reported: Figures, total: float | None) -> tuple[Share, ...]:
    """The busiest, and the rest together; none while nothing is asked."""
    if not total:
        return ()
    busy = sorted(
        (one for one in rows if one.per_second.value), key=lambda one: (-(one.per_second.value or 0.0), one.name)
    )
    shares = [Share(one.name, 1, one.per_second, one.share_ratio) for one in busy[:TOP]]
    rest = total - sum(one.per_second.value or 0.0 for one in busy[:TOP])
    if len(busy) > TOP or rest > total * 1e-9:
        shares.append(Share("", max(0, len(busy) - TOP), *_rest(reported.stands, rest, total)))
    return tuple(shares)


def _rest(stands: Availability, rest: float, total: float) -> tuple[Measure, Measure]:
    return stands.measure(Unit.PER_SECOND, rest), stands.measure(Unit.RATIO, rest / total)


def _counts(share: float, total: float | None, config: Configured, name: str) -> bool:
    """Whether a share says anything: of enough requests, and when there is somebody else to be bothered."""
    alone = share >= 1.0 and not set(config.by_name) - {name}
    return (total or 0.0) * RATE_SECONDS >= NOISY_REQUESTS and not alone
