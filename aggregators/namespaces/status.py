"""Which namespaces are in trouble of their own, by the limits of the detections; too few requests make no trouble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aggregators.alerts.rules import RULES, Rule, with_overrides
from aggregators.namespaces.flows import Asked, Histograms, failing, slower
from aggregators.patterns.health import worst_status
from aggregators.series.histograms import Group
from aggregators.series.quantiles import Quantile
from model.number_text import about_latency, round_percent
from model.settings import ThresholdOverride
from model.status import Status
from store.snapshot import Snapshot

Trouble = dict[str, tuple[Status, str]]
"""By namespace: DEGRADED or UNHEALTHY, and why in words."""


def trouble(
    snapshot: Snapshot,
    asked: Asked,
    timed: Histograms,
    ratios: Mapping[str, float],
    p99: Mapping[str, Quantile],
) -> Trouble:
    """Whose requests fail or are slow. `ratios` and `p99` are the figures shown, whoever worked them out."""
    rules = _rules(snapshot)
    found = [_failing(rules["error_ratio"], asked, ratios), _slow(rules["latency_p99"], timed, p99)]
    answer: Trouble = {}
    for name in {name for one in found for name in one}:
        reported = [one[name] for one in found if name in one]
        answer[name] = worst_status(status for status, _ in reported), " and ".join(words for _, words in reported)
    return answer


def _rules(snapshot: Snapshot) -> dict[str, Rule]:
    """The rules of the detections, with the operator's own limits."""
    reported: Mapping[str, Mapping[str, float]] = snapshot.meta.get("thresholds") or {}
    overrides = {name: ThresholdOverride(**limits) for name, limits in reported.items()}
    return {rule.id: rule for rule in (with_overrides(overrides) if overrides else RULES)}


def _failing(rule: Rule, asked: Asked, ratios: Mapping[str, float]) -> Trouble:
    bad, worst = ({name for name, ratio in ratios.items() if ratio >= limit} for limit in _limits(rule))
    if asked.counted:
        bad, worst = (_names(failing(asked, limit, rule.clear_at)) for limit in _limits(rule))
    return {name: (_status(name, worst), f"{round_percent(ratios[name])} of requests fail") for name in bad}


def _slow(rule: Rule, timed: Histograms, p99: Mapping[str, Quantile]) -> Trouble:
    bad, worst = ({name for name, one in p99.items() if (one.value or 0.0) >= limit} for limit in _limits(rule))
    if timed:
        bad, worst = (_names(slower(timed, limit)) & bad for limit in _limits(rule))
    return {name: (_status(name, worst), f"P99 is {_worded(p99[name])}") for name in bad}


def _limits(rule: Rule) -> tuple[float, float]:
    return rule.raise_at, rule.critical_at


def _worded(p99: Quantile) -> str:
    value = about_latency(p99.value or 0.0)
    return f"over {value}" if p99.bound == ">" else value


def _names(groups: Iterable[Group]) -> set[str]:
    return {name for (name,) in groups}


def _status(name: str, worst: set[str]) -> Status:
    return Status.UNHEALTHY if name in worst else Status.DEGRADED
