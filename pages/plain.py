"""Answers as plain JSON values: units in the names, and the state of each figure beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from model.measure import Measure
from model.series import Unit
from model.status import Reading

SUFFIX = {
    Unit.SECONDS: "seconds",
    Unit.BYTES: "bytes",
    Unit.RATIO: "ratio",
    Unit.PER_SECOND: "per_second",
    Unit.CORES: "cores",
    Unit.TIMESTAMP: "timestamp_seconds",
    Unit.COUNT: "count",
    Unit.NONE: "",
}

INSTANTS = frozenset({"started", "started_at", "resolved_at", "since"})
"""Fields that hold seconds since 1970."""


def plain(answer: Any) -> Any:
    """`answer` (dataclasses, enums, tuples, Measures) as dicts, lists, strings and numbers."""
    if isinstance(answer, Enum):
        return answer.value
    if isinstance(answer, Mapping):
        return {str(name): plain(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple | set | frozenset):
        return [plain(one) for one in answer]
    if is_dataclass(answer) and not isinstance(answer, type):
        return _fields(answer)
    return answer


def _fields(answer: Any) -> dict[str, Any]:
    values = {one.name: getattr(answer, one.name) for one in fields(answer)}
    figures = {name: value for name, value in values.items() if isinstance(value, Measure)}
    told = {_named(name): plain(value) for name, value in values.items() if name not in figures}
    return told | measures(figures)


def _named(name: str) -> str:
    return measure_name(name, Unit.TIMESTAMP) if name in INSTANTS else name


def measures(figures: Mapping[str, Measure]) -> dict[str, Any]:
    """The figures under names with their units; `states` tells of those that are no plain value."""
    named = {measure_name(name, one.unit): one for name, one in figures.items()}
    told: dict[str, Any] = {name: one.value for name, one in named.items()}
    states = {name: measure_state(one) for name, one in named.items() if one.reading is not Reading.VALUE or one.bound}
    return {**told, "states": states} if states else told


def measure_name(name: str, unit: Unit) -> str:
    """`uptime` in seconds is `uptime_seconds`; a name that says its unit already stays."""
    suffix = SUFFIX[unit]
    return name if not suffix or name.endswith(suffix) else f"{name}_{suffix}"


def measure_state(measure: Measure) -> dict[str, Any]:
    """Why a figure is no plain value: its reading, the reason, its age, and whether it is only a bound."""
    told = {"reading": measure.reading.value, "note": measure.note, "bound": measure.bound}
    known = {name: value for name, value in told.items() if value}
    return known if measure.age_seconds is None else {**known, "age_seconds": measure.age_seconds}
