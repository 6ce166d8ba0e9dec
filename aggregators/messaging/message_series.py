"""Messages published, delivered and dropped over time, as chart lines (view 4)."""

from __future__ import annotations

from dataclasses import dataclass

from aggregators.messaging.counts import DELIVERED, DROPPED, PUBLISHED
from aggregators.requests.traffic_series import Line, line, whole_steps
from aggregators.series.resolution import kept_step
from aggregators.series.sources import read_until
from aggregators.series.stepped_rates import grid, rate_over_time
from store.snapshot import Snapshot

FINE_SECONDS = 300.0
"""A window up to this long is drawn from every read, a longer one from one-minute points."""
COARSE_STEP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class MessageLines:
    """`times` end each step, in seconds since 1970; messages per second, None where nothing was read."""

    times: tuple[float, ...]
    published: Line
    delivered: Line
    dropped: Line


def message_series(snapshot: Snapshot, now: float, window: float, step: float) -> MessageLines:
    """The lines that end at the last whole step before `now`, or before the last good read of the proxy."""
    coarse = window > FINE_SECONDS
    step = max(step, COARSE_STEP_SECONDS) if coarse else step
    at = read_until(snapshot, now, "proxy")
    step = kept_step(snapshot, at - window, at, step)
    start, end = whole_steps(at, window, step)
    times = grid(start, end, step)

    def rates(family: str) -> Line:
        table = rate_over_time(snapshot.frame(family, start, end, coarse, 0.0), start, end, step, ())
        return line(table.iloc[:, 0].to_numpy()) if table.shape[1] else (None,) * len(times)

    return MessageLines(tuple(times.tolist()), rates(PUBLISHED), rates(DELIVERED), rates(DROPPED))
