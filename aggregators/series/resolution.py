"""How finely a chart can be drawn: never in steps that are shorter than what is kept of its window."""

from __future__ import annotations

import numpy as np

from aggregators.series.grouping import Floats
from store.snapshot import Snapshot

POINT_SECONDS = 60.0
"""Where not every read is kept any more, the last one of each minute is."""
ALONE_SECONDS, GAP_SECONDS = 40.0, 100.0
"""A row with none nearer, before and after, is such a point: beside a gap in the reads there are others."""


def kept_step(snapshot: Snapshot, start: float, end: float, step: float, source: str = "proxy") -> float:
    """`step`, or a minute where a part of [start, end] has one-minute points of a kind of source only; in seconds.

    Live windows that short are read whole: only a past is looked at.
    """
    if step >= POINT_SECONDS or not snapshot.is_past:
        return step
    times: dict[str, list[Floats]] = {}
    for segment in snapshot.load(start - POINT_SECONDS, end, start - POINT_SECONDS):
        if segment.source.startswith(f"{source}@"):
            times.setdefault(segment.source, []).append(segment.times)
    known = (np.sort(np.concatenate(pieces)) for pieces in times.values())
    return POINT_SECONDS if any(_has_points(one, start, end) for one in known) else step


def _has_points(times: Floats, start: float, end: float) -> bool:
    gaps = np.diff(times[(times >= start - POINT_SECONDS) & (times <= end)])
    apart = (gaps >= ALONE_SECONDS) & (gaps <= GAP_SECONDS)
    return bool((apart[1:] & apart[:-1]).any())
