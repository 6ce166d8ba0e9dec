"""Failed token checks over time, by reason, as chart lines (view 6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregators.requests.traffic_series import Line, line, whole_steps
from aggregators.security.auth import FAMILY, SUCCESSES
from aggregators.series.grouping import Floats
from aggregators.series.resolution import kept_step
from aggregators.series.sources import read_until
from aggregators.series.stepped_rates import grid, rate_over_time
from store.snapshot import Snapshot

FINE_SECONDS = 900.0
"""Longer windows read one-minute points."""
MOST_LINES = 5
OTHERS = "other reasons"


@dataclass(frozen=True, slots=True)
class AuthLines:
    """`times` end each step, seconds since 1970; failures per minute by reason, the most frequent first."""

    times: tuple[float, ...]
    failures: tuple[tuple[str, Line], ...]


def auth_series(snapshot: Snapshot, now: float, window: float, step: float) -> AuthLines:
    """The lines that end at the last whole step before the proxy's last read."""
    at, coarse = read_until(snapshot, now, "proxy"), window > FINE_SECONDS
    step = kept_step(snapshot, at - window, at, step)
    start, end = whole_steps(at, window, step)
    frame = snapshot.frame(FAMILY, start, end, coarse)
    rates = rate_over_time(frame, start, end, step, ("result", "reason"))
    by_reason: dict[str, Floats] = {}
    for group in rates.columns:
        result, reason = str(group[0]), str(group[1])
        if result not in SUCCESSES:
            values, known = rates[group].to_numpy(dtype=np.float64), by_reason.get(reason)
            by_reason[reason] = values if known is None else known + values
    ordered = sorted(by_reason, key=lambda reason: (-float(np.nansum(by_reason[reason])), reason))
    reported = [(reason, by_reason[reason]) for reason in ordered[:MOST_LINES]]
    rest = [by_reason[reason] for reason in ordered[MOST_LINES:]]
    if rest:
        reported.append((OTHERS, np.sum(rest, axis=0)))
    return AuthLines(
        tuple(grid(start, end, step).tolist()), tuple((name, line(values * 60)) for name, values in reported)
    )
