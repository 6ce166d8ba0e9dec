"""The windows that charts can have, and how finely they are drawn."""

from __future__ import annotations

RANGES = {"5m": 300.0, "15m": 900.0, "1h": 3600.0, "6h": 21600.0, "24h": 86400.0}
"""What `?range=` may say, in seconds."""
POINTS = 60
"""Steps of a chart's window, whatever its length; the last minutes are read whole, the rest by the minute."""


def window_seconds(wanted: str, default: str = "5m") -> float:
    """The window that an address asks for; the page's own when it asks for none that is known."""
    return RANGES.get(wanted, RANGES[default])


def step_seconds(window: float) -> float:
    """How much time a point of a chart stands for: 5 s in 5 minutes, never less than a minute beyond a quarter."""
    return window / POINTS if window <= RANGES["15m"] else max(60.0, window / POINTS / 2)
