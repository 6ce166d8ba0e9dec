"""Alerts of other tools: what their names and labels say, and when one of them is the same trouble as another.

Every tool that reports alerts is a line in TOOLS; its events carry alertname, severity, state, and the alert's labels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache


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

_NOT_BEFORE_DOWN = "".join(
    f"(?<!{word})(?<!{word} )" for word in ("slow", "count", "cool", "scale", "break", "mark", "drop", "drill", "tear")
)
_FAMILY_WORDS = (
    ("restart", r"restart|crash ?loop|flap"),
    ("pool", r"\bpool|connections? (exhaust|satur|full)"),
    ("latency", r"latency|\bslow|(?<![a-z])p9\d|duration"),
    ("auth", r"auth(?!ors?\b|orit)|login|jwt|token"),
    ("errors", r"error|fail(?!ing ?over|ed ?over|over)|5xx|success"),
    (
        "down",
        rf"{_NOT_BEFORE_DOWN}down(?=time|\b)|unhealthy|not serving|unreachable|absent"
        r"|\bhang(s|ing|ed)?\b|unavailable",
    ),
    ("degraded", r"degraded"),
)
"""Words that only hold another's letters (changed, spooler, download) speak of nothing here."""
FAMILIES = frozenset(family for family, _ in _FAMILY_WORDS)
_PAGES = {"errors": "/performance", "latency": "/performance", "auth": "/security", "pool": "/backends"}


@lru_cache(maxsize=4096)
def family_of(name: str) -> str:
    """Which kind of problem an alert's name speaks of; its own name when none is known."""
    lowered = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_-]+", " ", name).lower()
    return next((family for family, words in _FAMILY_WORDS if re.search(words, lowered)), lowered)


def words_of(message: str, name: str, component: str) -> str:
    """Its name, whom it is about unless the name says so, and what it adds: "Pattern down (redis): is not serving"."""
    whom = f" ({component})" if component and component.lower() not in name.lower() else ""
    added = f": {message}" if message and message != name else ""
    return f"{name}{whom}{added}" or "an alert without a name"


def page_of(family: str) -> str:
    """The view of a kind of problem."""
    return _PAGES.get(family, "/")


def letters(name: str) -> str:
    """A name without its spelling: the same for "Pattern down" and "PatternDown"."""
    return "".join(filter(str.isalnum, name.lower()))
