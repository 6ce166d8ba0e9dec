"""What a fault is: its parameters, its target, how far it has grown, and what it does to the traffic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.traffic.effects import Effects


class FaultError(Exception):
    """A request that cannot be followed; the message says why and what is accepted."""


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter: a number within [low, high], a whole number, one of `choices`, or a list of names."""

    default: Any
    low: float = 0.0
    high: float = 0.0
    whole: bool = False
    choices: tuple[str, ...] = ()

    def check(self, name: str, value: Any) -> Any:
        """The value, converted. Raises FaultError."""
        if isinstance(self.default, list):
            names = [value] if isinstance(value, str) else value
            if not isinstance(names, list) or not names or not all(isinstance(one, str) for one in names):
                raise FaultError(f"{name}: a list of names is wanted")
            return names
        if self.choices:
            if value not in self.choices:
                raise FaultError(f"{name}: {value!r} is not one of {', '.join(self.choices)}")
            return value
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise FaultError(f"{name}: a number from {self.low:g} to {self.high:g} is wanted, not {value!r}")
        if self.whole and value != int(value):
            raise FaultError(f"{name}: a whole number is wanted, not {value!r}")
        return int(value) if self.whole else float(value)


@dataclass(frozen=True, slots=True)
class Fault:
    """An active fault, since `at` (seconds since 1970). `size`: how much of it holds by now, less than 1 on a ramp."""

    id: str
    name: str
    target: str
    params: Mapping[str, Any]
    at: float
    ramp_seconds: float = 0.0
    duration_seconds: float = float("inf")
    size: float = 1.0

    def reported(self) -> dict[str, Any]:
        """As the control endpoint reports it."""
        return {"id": self.id, "fault": self.name, "target": self.target, "params": dict(self.params), "since": self.at}

    def factor(self, name: str) -> float:
        """A parameter that multiplies, as far as it has grown from 1."""
        return 1.0 + self.size * (float(self.params[name]) - 1.0)

    def amount(self, name: str) -> float:
        """A parameter that adds, as far as it has grown from 0."""
        return self.size * float(self.params[name])

    def grown(self, now: float) -> float:
        """What share of it holds at `now`."""
        return min(1.0, (now - self.at) / self.ramp_seconds) if self.ramp_seconds > 0 else 1.0

    def is_over(self, now: float) -> bool:
        """Whether it has lasted as long as it was to."""
        return now - self.at >= self.duration_seconds


Apply = Callable[[Effects, Fault], None]


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """What a fault does. `target`: one of the kinds of `active_faults.accepted_targets`."""

    does: str
    target: str
    apply: Apply
    params: Mapping[str, Param] = field(default_factory=dict)
