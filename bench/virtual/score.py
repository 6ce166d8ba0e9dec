"""What many experiments come to: recall with exact bounds, delays, flaps, causes, false alarms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.binomial import bounds, most_events
from bench.report import quantile
from bench.virtual.outcome import Calm, Outcome

SOON, PROMISED = 10.0, 30.0
"""The RFC promises 30 s."""
MINIMA = {
    "System Health": 0.99,
    "Backends": 0.95,
    "Security": 0.92,
    "Namespaces": 0.88,
    "Performance": 0.85,
    "Observability": 0.80,
    "Messaging": 0.75,
    "Resources": 0.70,
}
"""What a view must come to at the least."""


def scored(outcomes: Sequence[Outcome]) -> dict[str, float | int]:
    """The figures of these experiments; none of them when there are none."""
    if not outcomes:
        return {}
    seen = [one.seconds for one in outcomes if one.seconds is not None]
    named = [one for one in outcomes if one.causes]
    soon, promised = (sum(one.within(limit) for one in outcomes) for limit in (SOON, PROMISED))
    cleared = [one.clear_seconds for one in outcomes if one.seconds is not None and one.clear_seconds is not None]
    found: dict[str, float | int] = {
        "injections": len(outcomes),
        "recall_30s": _share(promised, len(outcomes)),
        "recall_10s": _share(soon, len(outcomes)),
        "recall_30s_lower_bound": round(bounds(promised, len(outcomes))[0], 4),
        "recall_30s_louder_than_info": _share(
            sum(one.within(PROMISED) and one.severity != "info" for one in outcomes), len(outcomes)
        ),
        "wrong_alerts": sum(len(one.wrong) for one in outcomes),
        "flaps_per_fault": _share(sum(one.flaps for one in outcomes), len(outcomes)),
        "alerts_per_incident": _share(sum(one.alerts for one in named), sum(one.incidents for one in named)),
        "incidents_per_fault": _share(sum(one.incidents for one in named), len(named)),
        "alerts_outside_per_fault": _share(sum(one.outside for one in named), len(named)),
        "cause_top1": _share(sum(one.cause == 0 for one in named), len(named)),
        "cause_top3": _share(sum(one.cause is not None and one.cause < 3 for one in named), len(named)),
        "never_cleared": sum(one.clear_seconds is None for one in outcomes),
    }
    if seen:
        found |= {"median_s": quantile(seen, 0.5), "p90_s": quantile(seen, 0.9)}
    if cleared:
        found |= {"clear_median_s": quantile(cleared, 0.5), "clear_p90_s": quantile(cleared, 0.9)}
    return found


def by_view(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """(seen within 30 s, injected) of each view."""
    found: dict[str, tuple[int, int]] = {}
    for one in outcomes:
        hits, injected = found.get(one.view, (0, 0))
        found[one.view] = hits + one.within(PROMISED), injected + 1
    return found


def by_rule(outcomes: Iterable[Outcome]) -> dict[str, list[float]]:
    """After how many seconds each rule was the one that named what broke."""
    found: dict[str, list[float]] = {}
    for one in outcomes:
        if one.seconds is not None:
            found.setdefault(one.rule, []).append(one.seconds)
    return found


def _share(count: int, of: int) -> float:
    return round(count / of, 4) if of else 0.0


def scored_calm(calms: Sequence[Calm]) -> dict[str, float | int]:
    """False episodes a day: of each benign disturbance, coming once a day, and of the rest of a day, in which nothing
    happens, as often as they were seen. With 95 % confidence no more than the bounds.
    """
    if not calms:
        return {}
    kinds: dict[str, list[Calm]] = {}
    for one in calms:
        kinds.setdefault(one.id, []).append(one)
    nothing = kinds.pop("", [])
    daily = sum(sum(len(one.episodes) for one in many) / len(many) for many in kinds.values())
    disturbed = sum(len(one.episodes) for many in kinds.values() for one in many)
    quiet, hours = sum(len(one.episodes) for one in nothing), sum(one.seconds for one in nothing) / 3600.0
    days = max((len(many) for many in kinds.values()), default=0)
    found: dict[str, float | int] = {
        "benign_days": days,
        "benign_disturbances": sum(map(len, kinds.values())),
        "benign_false": disturbed,
        "false_episodes_per_day": round(daily + (quiet / hours * 24.0 if hours else 0.0), 3),
        "false_episodes_per_day_upper_bound": round(most_events(disturbed) / days, 3) if days else 0.0,
    }
    if hours:
        found |= {"quiet_hours": round(hours, 2), "quiet_false": quiet}
    return found
