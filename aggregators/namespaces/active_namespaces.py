"""How many namespaces are active: those that the Admin API lists or launchers run processes for; without an Admin API
as many as prism-admin counts, else as many as the proxy's traffic and the launchers show.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aggregators.patterns.launcher import launched_namespaces
from aggregators.resources.control_plane import NAMESPACES, registered
from aggregators.series.availability import Availability, availability_of
from aggregators.series.counters import increase
from aggregators.series.grouping import column
from aggregators.series.last_reads import latest
from aggregators.series.sources import of_kind
from aggregators.series.window import Window
from model.measure import Measure
from model.series import Unit
from model.status import Reading
from store.snapshot import Snapshot

INFO, REQUESTS = "prism_namespace_info", "prism_requests_total"
WINDOW_SECONDS = 300.0
INACTIVE = ("suspended", "deleted", "inactive")
"""Words of a namespace that serves nobody; READ_ONLY ones are active (contracts 6)."""


def active_namespaces(snapshot: Snapshot, now: float) -> Measure:
    """A count; the note says when it comes from traffic because the Admin API does not report."""
    window = Window.newest(snapshot, now, INFO)
    launched = set(launched_namespaces(snapshot, now))
    if any(not state.is_stale(now) for state in of_kind(snapshot, "admin")) and not window.reports:
        return Measure.of(float(len(launched)), Unit.COUNT)  # it answers, and lists none
    if not window.reports:
        return _without_a_list(snapshot, now, launched, window.availability)
    reported = latest(window.frame, window.at, window.seconds)
    idle = np.isin([status.lower() for status in column(reported, "status")], INACTIVE)
    listed = column(reported, "namespace") if len(reported) else np.array([])
    return window.measure(Unit.COUNT, float(len((set(listed) | launched) - set(listed[idle]))))


def _without_a_list(snapshot: Snapshot, now: float, launched: set[str], availability: Availability) -> Measure:
    counted = registered(snapshot, now, NAMESPACES)
    if counted.reading is Reading.VALUE:
        return replace(
            counted, note=f"by prism-admin's gauge, which forgets none; for the Admin API: {availability.note}"
        )
    seen = namespaces_with_traffic(snapshot, now)
    if not seen and not launched:
        return availability.measure(Unit.COUNT, 0.0)
    whence = " and ".join(
        filter(None, ("seen in traffic" if seen else "", "named by a launcher" if launched - seen else ""))
    )
    note = f"{whence}, for the Admin API: {availability.note}"
    return Measure(Unit.COUNT, Reading.VALUE, float(len(seen | launched)), note)


def namespaces_with_traffic(snapshot: Snapshot, now: float) -> set[str]:
    """Namespaces with a request in the last 5 minutes; none when the proxy names none or is not being read."""
    frame = snapshot.frame(REQUESTS, now - WINDOW_SECONDS, now)
    if not availability_of(snapshot, now, frame).reports:
        return set()
    grown = increase(frame, now - WINDOW_SECONDS, now)
    return set(column(grown, "namespace")[grown["value"].to_numpy(dtype=np.float64) > 0]) - {""}
