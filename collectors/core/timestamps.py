"""Instants as different sources write them, as seconds since 1970."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$")
_FRACTION = re.compile(r"[.,](\d{1,6})\d*")
_GO_CLOCK = re.compile(r" m=[+-]\d+(\.\d+)?$")
_GO_ZONE = re.compile(r" ?([+-]\d{2}:?\d{2}) [A-Za-z+-][\w+-]*$")
_GO_DURATION = re.compile(
    r"^[+-]?(?:(?:(?P<hours>\d{1,9})h)?(?P<minutes>\d{1,9})m(?=[\d.]+s$))?(?P<amount>\d{1,15}(?:\.\d+)?)(?P<unit>ns|us|µs|μs|ms|s)$"
)
_GO_UNITS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9}
LAST_YEAR = 4102444800.0
"""1 January 2100: a larger number is in a finer unit than seconds."""


def to_epoch(value: Any) -> float | None:
    """Seconds since 1970 from a number or text of seconds, ms, µs or ns, an RFC 3339, SQLite or Go text (UTC when it
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


def go_seconds(text: str) -> float | None:
    """Seconds of a duration as Go prints it (`2h3m0.5s`, `1.5ms`), None for any other text.

    Go's always ends in a unit of seconds, which tells it from a size such as `256m`.
    """
    match = _GO_DURATION.match(text.strip())
    if match is None:
        return None
    hours, minutes, amount, unit = match["hours"], match["minutes"], match["amount"], match["unit"]
    seconds = 3600 * int(hours or 0) + 60 * int(minutes or 0) + float(amount) * _GO_UNITS[unit]
    return -seconds if text.strip().startswith("-") else seconds


def _scaled(number: float) -> float | None:
    """The unit follows from the size: every instant until 2100 is plausible in exactly one of them."""
    if not math.isfinite(number) or number <= 0:
        return None
    for factor in (1.0, 1e3, 1e6, 1e9):
        if number / factor < LAST_YEAR:
            return number / factor
    return None


def _from_text(text: str) -> float | None:
    try:
        instant = datetime.fromisoformat(_plain(text))
        seconds = (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < LAST_YEAR else None


def _plain(text: str) -> str:
    """Without what Go's `Time.String()` appends (`+0000 UTC m=+0.1`), and with six digits of fraction and capitals."""
    text = _GO_ZONE.sub(r"\1", _GO_CLOCK.sub("", text))
    return _FRACTION.sub(lambda found: f".{found[1]:0<6}", text.upper().removesuffix(" UTC")).replace(" Z", "Z")


def _from_timestamp(value: dict[str, Any]) -> float | None:
    try:
        seconds = int(value.get("seconds") or 0) + int(value.get("nanos") or 0) / 1e9
    except (TypeError, ValueError, OverflowError):
        return None
    return _scaled(seconds)
