"""How many alerts were open over the last 24 hours, for the chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from aggregators.alerts.alerts import HISTORY_SECONDS, Alert, alerts
from aggregators.alerts.history import SEVERITIES
from store.snapshot import Snapshot

STEP_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class AlertSeries:
    """How many alerts were open at some time of each step; None where nobody watched. `ends`: seconds since 1970."""

    ends: tuple[float, ...]
    by_severity: tuple[tuple[int | None, ...], ...]


def alert_series(snapshot: Snapshot, now: float) -> AlertSeries:
    """Open alerts by severity over the last 24 hours, from every one that there was."""
    return open_alerts(snapshot, now, alerts(snapshot, now, every_run=True))


def open_alerts(snapshot: Snapshot, now: float, found: Sequence[Alert]) -> AlertSeries:
    """The same of the alerts `found`; whole steps, aligned so that a redraw moves none."""
    last = (np.floor(now / STEP_SECONDS) + 1) * STEP_SECONDS
    count = int(HISTORY_SECONDS // STEP_SECONDS)
    ends = [float(last - (count - 1 - at) * STEP_SECONDS) for at in range(count)]
    counts = {
        severity: _open_within([one for one in found if one.severity is severity], ends, now) for severity in SEVERITIES
    }
    known = [seen or any(row[at] for row in counts.values()) for at, seen in enumerate(_watched(snapshot, now, ends))]
    rows = tuple(tuple(row[at] if reported else None for at, reported in enumerate(known)) for row in counts.values())
    return AlertSeries(tuple(ends), rows)


def _open_within(found: Sequence[Alert], ends: Sequence[float], now: float) -> list[int]:
    """How many were open at some time of each step that ends at `ends`: begun before its end, over after its begin."""
    starts = np.sort([one.started for one in found])
    overs = np.sort([one.resolved_at or now for one in found])
    begun = starts.searchsorted(np.minimum(ends, now), "left")
    over = overs.searchsorted(np.asarray(ends) - STEP_SECONDS, "right")
    return [int(count) for count in begun - over]


def _watched(snapshot: Snapshot, now: float, ends: Sequence[float]) -> list[bool]:
    """Whether the collector worked at some time of each step, by the row that it writes of itself."""
    frame = snapshot.frame("hud_source_success", ends[0] - STEP_SECONDS, now, coarse=True)
    read = [block.times for block in frame.blocks]
    edges = np.array([ends[0] - STEP_SECONDS, *ends])
    counts = sum((np.histogram(times, edges)[0] for times in read), np.zeros(len(ends)))
    return [bool(count) for count in counts]
