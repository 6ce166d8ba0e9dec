"""Alerts of other tools: what their names and labels say, and when one of them is the same trouble as another.

Every tool that tells of alerts is a line in TOOLS; its events carry alertname, severity, state, and the alert's labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its name for people, the kind of its events, the kind of source that reads it, and what names it."""

    name: str
    events: str
    source: str
    setting: str


SIGNOZ, ALERTMANAGER = "SigNoz", "Alertmanager"
TOOLS = (
    Tool(SIGNOZ, "signoz_alert", "signoz", "SIGNOZ_API_URL"),
    Tool(ALERTMANAGER, "alertmanager_alert", "alertmanager", "ALERTMANAGER_URL"),
)

_FAMILY_WORDS = (
    ("restart", r"restart|crash ?loop|flap"),
    ("pool", r"pool|connections? (exhaust|satur|full)"),
    ("latency", r"latency|slow|p9\d|duration"),
    ("auth", r"auth|login|jwt|token"),
    ("errors", r"error|fail|5xx|success"),
    ("down", r"down|unhealthy|not serving|unreachable|absent|hang|unavailable"),
    ("degraded", r"degraded"),
)
FAMILIES = frozenset(family for family, _ in _FAMILY_WORDS)
_PAGES = {"errors": "/performance", "latency": "/performance", "auth": "/security", "pool": "/backends"}
_WHOM = ("pattern", "backend", "component", "namespace", "service_name", "service.name")
_WHOLE = ("", "all", "auth")
"""Components that stand for everything."""


def family_of(name: str) -> str:
    """Which kind of problem an alert's name speaks of; its own name when none is known."""
    lowered = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]+", " ", name).lower()
    return next((family for family, words in _FAMILY_WORDS if re.search(words, lowered)), lowered)


def component_of(labels: Mapping[str, str]) -> str:
    """Whom an alert is about; '' when it does not say."""
    for key in _WHOM:
        if labels.get(key):
            return f"namespace {labels[key]}" if key == "namespace" else labels[key]
    return ""


def words_of(message: str, labels: Mapping[str, str]) -> str:
    """Its name, whom it is about unless the name says so, and what it adds: "Pattern down (redis): is not serving"."""
    name, component = labels.get("alertname", ""), component_of(labels)
    whom = f" ({component})" if component and component.lower() not in name.lower() else ""
    added = f": {message}" if message and message != name else ""
    return f"{name}{whom}{added}" or "an alert without a name"


def page_of(labels: Mapping[str, str]) -> str:
    """Where to look next: its pattern's page, else the view of its kind of problem."""
    if labels.get("pattern"):
        return f"/patterns/{labels['pattern']}"
    return _PAGES.get(family_of(labels.get("alertname", "")), "/")


def same_component(mine: str, other: str) -> bool:
    """True when both name the same, or one of them speaks of all."""
    return mine.lower() == other.lower() or mine in _WHOLE or other in _WHOLE


def same_name(mine: str, other: str) -> bool:
    """True for "Pattern down" and "PatternDown"."""
    return _letters(mine) == _letters(other) != ""


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))
