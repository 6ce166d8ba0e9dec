"""Answers as plain JSON values: units in the names, and the state of each figure beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NamedTuple, get_args, get_type_hints

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

INSTANTS = frozenset({"started", "started_at", "resolved_at", "since", "time"})
"""Fields that hold seconds since 1970."""

_ATOMS = (str, int, float, bool, type(None))


class Reported(NamedTuple):
    """One field of an answer: its own name, its name in JSON, its type, and the unit when it is a figure."""

    field: str
    name: str
    hint: Any
    unit: Unit | None


@cache
def plan(answer: type) -> tuple[Reported, ...]:
    """The fields of a dataclass as they are named in JSON. A Measure that declares no unit is named when it is seen."""
    hints = get_type_hints(answer, include_extras=True)
    return tuple(_reported(one.name, hints[one.name]) for one in fields(answer))


def _reported(name: str, hint: Any) -> Reported:
    unit = next((one for one in get_args(hint)[1:] if isinstance(one, Unit)), None)
    if unit is not None:
        return Reported(name, measure_name(name, unit), hint, unit)
    return Reported(name, measure_name(name, Unit.TIMESTAMP) if name in INSTANTS else name, hint, None)


def plain(answer: Any) -> Any:
    """`answer` (dataclasses, enums, tuples, Measures) as dicts, lists, strings and numbers."""
    if isinstance(answer, Enum):
        return answer.value
    if isinstance(answer, _ATOMS):
        return answer
    if isinstance(answer, Mapping):
        return {str(name): plain(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple | set | frozenset):
        return [plain(one) for one in answer]
    if is_dataclass(answer) and not isinstance(answer, type):
        return _fields(answer)
    return answer


def _fields(answer: Any) -> dict[str, Any]:
    reported: dict[str, Any] = {}
    figures: dict[str, Measure] = {}
    kind: Any = type(answer)
    for one in plan(kind):
        value = getattr(answer, one.field)
        if isinstance(value, Measure):
            figures[one.name if one.unit is not None else measure_name(one.field, value.unit)] = value
        else:
            reported[one.name] = plain(value)
    return reported | _states(figures)


def measures(figures: Mapping[str, Measure]) -> dict[str, Any]:
    """The figures under names with their units; `states` reports those that are no plain value."""
    return _states({measure_name(name, one.unit): one for name, one in figures.items()})


def _states(named: Mapping[str, Measure]) -> dict[str, Any]:
    reported: dict[str, Any] = {name: one.value for name, one in named.items()}
    states = {name: measure_state(one) for name, one in named.items() if one.reading is not Reading.VALUE or one.bound}
    return {**reported, "states": states} if states else reported


def measure_name(name: str, unit: Unit) -> str:
    """`uptime` in seconds is `uptime_seconds`; a name that says its unit already stays."""
    suffix = SUFFIX[unit]
    return name if not suffix or name.endswith(suffix) else f"{name}_{suffix}"


def measure_state(measure: Measure) -> dict[str, Any]:
    """Why a figure is no plain value: its reading, the reason, its age, and whether it is only a bound."""
    reported = {"reading": measure.reading.value, "note": measure.note, "bound": measure.bound}
    known = {name: value for name, value in reported.items() if value}
    return known if measure.age_seconds is None else {**known, "age_seconds": measure.age_seconds}
