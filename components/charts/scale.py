"""A chart's value axis: its unit, its upper end, and points to the digits that can be seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Values = Sequence[float | None]
HEADROOM = 1.15
DIGITS = 4
"""Significant digits of a point: one more than it says under the pointer. What nobody can see need not travel."""


@dataclass(frozen=True)
class Axis:
    """A value axis. `factor` takes base units to the shown `unit`; `least` is the smallest top of the axis.

    `digits` words a value under the pointer, as d3 does.
    """

    unit: str
    factor: float = 1.0
    least: float = 0.0
    digits: str = ",.3~r"


@dataclass(frozen=True)
class Limit:
    """A labelled threshold or objective, in base units. Off the scale it is only named, so that it squashes nothing."""

    value: float
    words: str


MILLISECONDS = Axis("ms", 1e3, least=0.001)
SECONDS = Axis("s")
PER_SECOND = Axis("/s", least=1.0)
PER_MINUTE = Axis("/min", least=5.0)


def top_of(values: Values, axis: Axis, limit: Limit | None) -> float:
    """The axis' upper end: the largest value with headroom, or a limit that lies close above it."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    largest = max([*known, axis.least])
    if limit is not None and limit.value <= 2 * largest:
        largest = max(largest, limit.value)
    return _two_digits(largest * axis.factor * HEADROOM)


def _two_digits(top: float) -> float:
    """Rounded up, so that an axis holds still while its largest value wavers."""
    if top <= 1e-300:
        return top
    step = 10.0 ** (math.floor(math.log10(top)) - 1)
    return float(f"{math.ceil(top / step) * step:.2g}")


def point(value: float | None, factor: float = 1.0) -> float | None:
    """A value in its axis' unit, to the DIGITS that can be seen; None stays a gap."""
    return None if value is None else float(f"{value * factor:.{DIGITS}g}")
