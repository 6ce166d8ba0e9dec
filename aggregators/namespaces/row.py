"""One namespace as the table shows it: its requests, its configured limit, and how it is."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.alerts.rules import BY_ID
from aggregators.namespaces.active_namespaces import INACTIVE
from aggregators.namespaces.config import Config, Configured
from aggregators.namespaces.figures import Figures
from aggregators.namespaces.flows import RATE_SECONDS
from aggregators.series.availability import TWO_READS
from model.measure import Measure, PerSecond, Ratio, Seconds
from model.number_text import round_percent
from model.series import Unit
from model.status import Status

NOISY_RATIO = BY_ID["namespace_noisy"].raise_at
"""RFC view 5: who makes more of all requests than this is a noisy neighbour."""
NOISY_REQUESTS = 100.0
"""Of fewer requests than this nobody's share says anything."""
NEARLY_FULL_RATIO = BY_ID["namespace_quota"].raise_at
ACTIVE, IDLE, UNLISTED, UNTOLD = "active", "idle", "not in the Admin API", ""
"""Whether it is configured and asks; UNTOLD while the Admin API or the proxy does not say."""


@dataclass(frozen=True, slots=True)
class NamespaceRow:
    """One namespace. Rates are of the last 15 s, `error_ratio` and `p99` of the last 5 minutes.

    `place` is active, idle or not in the Admin API, '' where that cannot be known. `noisy` is True when it has
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


def row(
    name: str, config: Configured, reported: Figures, total: float | None, launched: tuple[str, ...] = ()
) -> NamespaceRow:
    """One namespace; `total` are all requests per second, `launched` its patterns as launchers report."""
    own = config.by_name.get(name)
    rate = reported.availability.measure(
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
        share_ratio=reported.availability.measure(Unit.RATIO, share),
        patterns=configured_patterns or reported.patterns.get(name) or launched,
        max_per_second=limit,
        use_ratio=use,
    )


def limit_measure(config: Configured, own: Config | None, value: float | None) -> Measure:
    """A configured limit, and why it is not known."""
    why = config.unsaid if own or not config.reports else "the Admin API does not list this namespace"
    return config.availability.measure(Unit.PER_SECOND, value, Measure.not_reported(Unit.PER_SECOND, why))


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


def _place(name: str, own: Config | None, config: Configured, reported: Figures) -> str:
    if own is None:
        return UNLISTED if config.reports else UNTOLD
    if not reported.availability.reports:
        return UNTOLD
    return ACTIVE if reported.has_traffic(name) else IDLE


def _judged(name: str, place: str, own: Config | None, reported: Figures, use: Measure) -> tuple[Status, str]:
    """Its status and why it is not HEALTHY; idle is not known to be healthy."""
    if not reported.availability.reports:
        return Status.UNKNOWN, f"nothing reports its requests: {reported.availability.note}"
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


def _counts(share: float, total: float | None, config: Configured, name: str) -> bool:
    """Whether a share says anything: of enough requests, and when there is somebody else to be bothered."""
    alone = share >= 1.0 and not set(config.by_name) - {name}
    return (total or 0.0) * RATE_SECONDS >= NOISY_REQUESTS and not alone
