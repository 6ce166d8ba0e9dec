"""How many namespaces are active: as the Admin API lists them, else as many as prism-admin counts, else as many as the
proxy's traffic shows.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aggregators.resources.control_plane import NAMESPACES, registered
from aggregators.series.counters import column, increase, latest
from aggregators.series.sources import of_kind, reach, read_until, standing
from model.measure import Measure
from model.series import Unit
from model.status import Reading
from store.snapshot import Snapshot

INFO, REQUESTS = "prism_namespace_info", "prism_requests_total"
WINDOW_SECONDS = 300.0
INACTIVE = ("suspended", "deleted", "inactive")
"""Words of a namespace that serves nobody; READ_ONLY ones are active (contracts 6)."""


def active_namespaces(snapshot: Snapshot, now: float) -> Measure:
    """A count; the note says when it comes from traffic because the Admin API does not tell."""
    at, window = read_until(snapshot, now, "admin"), reach(snapshot, "admin")
    frame = snapshot.frame(INFO, at - window, at)
    stands = standing(snapshot, now, frame)
    if any(not state.is_stale(now) for state in of_kind(snapshot, "admin")) and not stands.tells:
        return Measure.of(0.0, Unit.COUNT)  # it answers, and lists none
    counted = registered(snapshot, now, NAMESPACES)
    if not stands.tells and counted.reading is Reading.VALUE:
        return replace(counted, note=f"by prism-admin's gauge, which forgets none; for the Admin API: {stands.note}")
    if not stands.tells:
        seen = namespaces_with_traffic(snapshot, now)
        if seen is not None:
            return Measure(Unit.COUNT, Reading.VALUE, float(seen), f"seen in traffic, for the Admin API: {stands.note}")
    told = latest(frame, at, window)
    active = ~np.isin([status.lower() for status in column(told, "status")], INACTIVE)
    names = set(column(told, "namespace")[active]) if len(told) else set()
    return stands.measure(Unit.COUNT, float(len(names)))


def namespaces_with_traffic(snapshot: Snapshot, now: float) -> int | None:
    """Namespaces with a request in the last 5 minutes; None when the proxy names none or is not being read."""
    frame = snapshot.frame(REQUESTS, now - WINDOW_SECONDS, now)
    if not standing(snapshot, now, frame).tells:
        return None
    grown = increase(frame, now - WINDOW_SECONDS, now)
    names = set(column(grown, "namespace")[grown["value"].to_numpy(dtype=np.float64) > 0]) - {""}
    return len(names) or None
