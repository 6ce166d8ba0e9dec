"""A pattern's health details: numbers among texts, how old they are, and which driver gave them (contracts 5.4).

The keys differ by driver and by state of health; what is no number passes through as text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from aggregators.patterns.health import STALE_LAUNCHER_SECONDS, PatternHealth
from model.measure import Measure
from model.needs import fills
from model.series import Unit

DRIVERS = {
    "redis": "redis",
    "valkey": "redis",
    "nats": "nats",
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "memstore": "memstore",
    "memory": "memstore",
}
"""What a backend is, by the names that patterns and labels give it."""
_TELLING = (
    ("redis", "total_conns"),
    ("postgresql", "acquired"),
    ("nats", "in_msgs"),
    ("memstore", "max_keys"),
    ("memstore", "keys"),
)
"""A key that only this driver has."""
_PLACES = {
    "redis": {"total_conns", "idle_conns", "pool_size"},
    "nats": {"subscriptions", "in_msgs", "out_msgs", "in_bytes", "out_bytes", "reconnects", "pending"},
    "postgresql": {"acquired", "max", "idle", "active_queries"},
    "memstore": {"keys", "max_keys"},
}
_NAMES = ("pid", "port", "id")  # numbers that count nothing
_ENDINGS = {"_bytes": Unit.BYTES, "_seconds": Unit.SECONDS}


def number(text: str) -> float | None:
    """A finite number, or None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def age_of(one: PatternHealth) -> float | None:
    """Seconds since these details were reported; None while they are what its health service says now."""
    if one.source_key:
        return one.age_seconds if one.reason else None
    return one.age_seconds if (one.age_seconds or 0.0) > STALE_LAUNCHER_SECONDS else None


def detail(one: PatternHealth | None, key: str, unit: Unit) -> Measure:
    """A number among a pattern's details, as old as they are."""
    value = None if one is None else number(one.details.get(key, ""))
    if one is None or value is None:
        return Measure.not_reported(unit, fills(patterns=where_reported(one, key)))
    age = age_of(one)
    return Measure.of(value, unit) if age is None else Measure.of(value, unit).stale(age, one.reason)


def where_reported(one: PatternHealth | None, key: str) -> str:
    """Where a pattern would report this number."""
    return f"{key} in the health details{f' of {one.name}' if one else ''}"


def reported(key: str, text: str, age: float | None) -> tuple[str, Measure] | None:
    """A detail that nothing here explains, when it is a number: its title and, by the ending of its key, its unit."""
    value = number(text)
    if value is None or re.split("[ _]", key)[-1] in _NAMES:
        return None
    ending = next((one for one in _ENDINGS if key.endswith(one) and key != one), "")
    measure = Measure.of(value, _ENDINGS.get(ending, Unit.COUNT))
    title = key.removesuffix(ending).replace("_", " ")
    return title, measure if age is None else measure.stale(age)


def driver_of(name: str, backend: str, details: Mapping[str, str]) -> str:
    """redis, nats, postgresql, memstore, or the backend's own name.

    A backend's name decides; without any of its own (`backend` is the pattern's name) what only one driver reports,
    then a driver's name as a word of the pattern's.
    """
    known = DRIVERS.get(backend.lower()) or _in_words(backend if backend != name else "")
    if known or backend != name:
        return known or backend
    by_key = next((driver for driver, key in _TELLING if key in details), "")
    return by_key or _in_words(name) or backend


def _in_words(name: str) -> str:
    """The one driver among the words of a name; '' for none, or for several."""
    found = {DRIVERS[word] for word in re.split(r"[^a-z0-9]+", name.lower()) if word in DRIVERS}
    return found.pop() if len(found) == 1 else ""


def unexplained(driver: str, details: Mapping[str, str]) -> dict[str, str]:
    """The details that have no place of their own: other keys, and what should be a number and is none."""
    places = _PLACES.get(driver, set())
    return {key: text for key, text in details.items() if key not in places or number(text) is None}
