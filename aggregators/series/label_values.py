"""Which values a label has in the newest reads of a family, without a row per series: a large site has thousands."""

from __future__ import annotations

import numpy as np

from aggregators.series.grouping import group_codes
from aggregators.series.window import Window
from store.snapshot import Snapshot


def values_of_label(snapshot: Snapshot, now: float, family: str, label: str) -> list[str]:
    """In order, without ''."""
    window, found = Window.newest(snapshot, now, family), set[str]()
    for block in window.frame.blocks:
        times = block.times
        row = int(times.searchsorted(window.at, "right")) - 1
        if row >= 0 and window.at - times[row] <= window.seconds:
            codes, groups = group_codes(block.labels, (label,))
            known = ~np.isnan(block.samples[row])
            found |= {groups[code][0] for code in np.unique(codes[known]).tolist()}
    return sorted(found - {""})
