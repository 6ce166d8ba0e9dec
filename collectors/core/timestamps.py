"""Instants as different sources write them, as seconds since 1970."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$")
_FRACTION = re.compile(r"(\.\d{6})\d+")
LAST_YEAR = 4102444800.0
"""1 January 2100: a larger number is in a finer unit than seconds."""


def to_epoch(value: Any) -> float | None:
    """Seconds since 1970 from a number or text of seconds, ms, µs or ns, an RFC 3339 or SQLite text (UTC when it
    names no zone), or a Timestamp object. None when it is absent, zero, before 1970, after 2100 or not an instant.
    """
    if isinstance(value, dict):
        return _from_timestamp(value)
    if isinstance(value, str):
        value = value.strip()
        if not _NUMBER.match(value):
            return _from_text(value)
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return _scaled(float(value))
    except OverflowError:  # an integer larger than every float
        return None


def _scaled(number: float) -> float | None:
    """The unit follows from the size: every instant until 2100 is told in exactly one of them."""
    if not math.isfinite(number) or number <= 0:
        return None
    for factor in (1.0, 1e3, 1e6, 1e9):
        if number / factor < LAST_YEAR:
            return number / factor
    return None


def _from_text(text: str) -> float | None:
    try:
        instant = datetime.fromisoformat(_FRACTION.sub(r"\1", text.removesuffix(" UTC")))
        seconds = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < LAST_YEAR else None


def _from_timestamp(value: dict[str, Any]) -> float | None:
    try:
        seconds = int(value.get("seconds") or 0) + int(value.get("nanos") or 0) / 1e9
    except (TypeError, ValueError, OverflowError):
        return None
    return _scaled(seconds)
