"""Figures as a page words them, read back as all that the number may have been before it was rounded."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

_NUMBER = re.compile(r"([<>] ?)?(-?\d[\d,]*)(?:\.(\d+))?(k|M|G)?\s*(%|µs|ms|s\b|MiB|KiB|GiB|B\b|/s|×|x)?")
_SPAN = re.compile(r"(\d+)\s?(d|h|m|s)\b")
_SPANS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_THOUSANDS = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9}
_UNITS = {
    "%": 0.01, "µs": 1e-6, "ms": 1e-3, "KiB": 1024.0, "MiB": 1024.0**2, "GiB": 1024.0**3,
}  # fmt: skip
UP_TO = 0.01
"""A share below this is rounded up; one that reads so may have been either."""


class Reported(NamedTuple):
    """The least and the greatest that a worded number may stand for, in base units."""

    low: float
    high: float


def number(text: str) -> Reported | None:
    """The first number in `text`; None when there is none. Percentages are rounded down, below 1 % up, others to
    the nearest.
    """
    found = _NUMBER.search(text)
    if found is None:
        return None
    bound, whole, decimals, thousands, unit = found.groups(default="")
    scale = _THOUSANDS[thousands] * _UNITS.get(unit, 1.0)
    value = float(whole.replace(",", "") + (f".{decimals}" if decimals else "")) * scale
    step = 10.0 ** -len(decimals) * scale
    if bound:
        return Reported(0.0, value) if bound[0] == "<" else Reported(value, float("inf"))
    if unit == "%":
        return Reported(value - step if value <= UP_TO else value, value if value < UP_TO else value + step)
    exact = not decimals and not thousands and not unit
    return Reported(value, value) if exact else Reported(value - 0.51 * step, value + 0.51 * step)


def span(text: str) -> Reported | None:
    """A span of time in words ('4d 3h', '14 s'), which is rounded down to its last unit."""
    found = _SPAN.findall(text)
    if not found:
        return None
    value = sum(int(count) * _SPANS[unit] for count, unit in found)
    return Reported(value, value + _SPANS[found[-1][1]])


def after(words: str) -> Callable[[str], Reported | None]:
    """The first number behind these words."""

    def spelled(text: str) -> Reported | None:
        _, found, rest = text.partition(words)
        return number(rest) if found else None

    return spelled


STATUSES = ("HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN")


def status(text: str) -> Reported | None:
    """The place of the first status word in STATUSES."""
    found = re.search("|".join(STATUSES), text)
    return Reported(place := float(STATUSES.index(found[0])), place) if found else None
