"""Durations, shares and counts inside sentences: alerts and reasons are words when they are stored."""

from __future__ import annotations

_PARTS = ((86400.0, "d"), (3600.0, "h"), (60.0, "min"), (1.0, "s"))


def span(seconds: float) -> str:
    """A duration in at most two units: "14 s", "4 min", "2 h 15 min", "4 d 3 h"."""
    left = max(0.0, round(seconds))
    for position, (size, name) in enumerate(_PARTS):
        if left >= size:
            whole = int(left // size)
            rest = int((left - whole * size) // _PARTS[position + 1][0]) if position + 1 < len(_PARTS) else 0
            minor = f" {rest} {_PARTS[position + 1][1]}" if rest and name != "min" else ""
            return f"{whole} {name}{minor}"
    return "0 s"


def percent(ratio: float) -> str:
    """A share with as many digits as it needs: "30 %", "2.4 %", "0.35 %", "99.2 %"."""
    value = 100 * ratio
    near = min(abs(value), abs(100 - value))
    digits = 0 if near >= 10 else 1 if near >= 1 else 2
    text = f"{value:.{digits}f}"
    return f"{text.rstrip('0').rstrip('.') if digits else text} %"


def duration(seconds: float) -> str:
    """A latency: "0.8 ms", "16 ms", "1.2 s"."""
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1000:.2g} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def times(count: int) -> str:
    """How often: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def listed(names: list[str], limit: int = 4) -> str:
    """ "a, b and c"; a long list is cut: "a, b, c, d and 3 others"."""
    if len(names) > limit:
        return f"{', '.join(names[:limit])} and {len(names) - limit} others"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
