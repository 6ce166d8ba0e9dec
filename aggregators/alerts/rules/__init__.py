"""The detections, declared: what is watched, when it is raised and cleared, why there, and in which words.

A module per family; `RULES` is in order of how likely a rule names the cause: what comes first is the loudest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aggregators.alerts.rules.backends import BACKENDS
from aggregators.alerts.rules.dashboard import DASHBOARD
from aggregators.alerts.rules.messaging import MESSAGING
from aggregators.alerts.rules.observability import OBSERVABILITY
from aggregators.alerts.rules.patterns import PATTERNS
from aggregators.alerts.rules.requests import REQUESTS
from aggregators.alerts.rules.resources import RESOURCES
from aggregators.alerts.rules.rule import BY_SPANS, Blamed, Culprit, Rule
from aggregators.alerts.rules.security import SECURITY
from aggregators.alerts.rules.traffic import TRAFFIC
from model.settings import ThresholdOverride

__all__ = [
    "BY_ID",
    "BY_SPANS",
    "FAMILIES",
    "LOUDNESS",
    "RULES",
    "Blamed",
    "Culprit",
    "Rule",
    "culprit",
    "with_overrides",
]

FAMILIES: Mapping[str, tuple[Rule, ...]] = {
    "Patterns": PATTERNS,
    "Backends": BACKENDS,
    "Requests": REQUESTS,
    "Traffic": TRAFFIC,
    "Messaging": MESSAGING,
    "Resources": RESOURCES,
    "Security": SECURITY,
    "Observability": OBSERVABILITY,
    "The dashboard itself": DASHBOARD,
}
RULES: tuple[Rule, ...] = tuple(rule for family in FAMILIES.values() for rule in family)
BY_ID = {rule.id: rule for rule in RULES}
LOUDNESS = {rule.id: position for position, rule in enumerate(RULES)}


def culprit(rule: str, component: str) -> Culprit | None:
    """Whom an alert of the rule of this id blames; None for a rule that is not ours."""
    known = BY_ID.get(rule)
    return known.culprit(component) if known else None


def with_overrides(overrides: Mapping[str, ThresholdOverride]) -> tuple[Rule, ...]:
    """The rules with the operator's own raise and clear values; names that are no rule are left alone."""
    return tuple(
        replace(rule, raise_at=overrides[rule.id].raise_at, clear_at=overrides[rule.id].clear_at)
        if rule.id in overrides
        else rule
        for rule in RULES
    )
