"""One family of the last minutes, summed by some of its labels: what the rules compare, cheap over any of its windows.

Nothing is known before two reads, and of a family that is not reported now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from aggregators.requests.spans import Spans
from aggregators.series.availability import source_of
from aggregators.series.counters import edges
from aggregators.series.grouping import Floats, Indices, group_codes
from aggregators.series.histograms import Group
from aggregators.series.last_reads import last_read
from aggregators.series.process_tracks import filled
from aggregators.series.sources import reach
from aggregators.series.window import Window
from model.status import Reading
from store.snapshot import Snapshot

Sums = Mapping[Group, float]


GAP_RATIO = 1.2


def share_within(spanned: float, seconds: float) -> float:
    """The share that lies within the last `seconds`, of what was counted over `spanned` ones.

    Reads that are not quite regular count as they are; after a gap most of it is older than the window.
    """
    return seconds / spanned if spanned > GAP_RATIO * seconds else 1.0


class Recent:
    """The last `seconds` of one family, by the labels `by`."""

    def __init__(
        self, snapshot: Snapshot, now: float, family: str, by: Sequence[str], seconds: float, spans: Spans | None = None
    ) -> None:
        """`spans` stand in for what counts the family."""
        self.by = tuple(by)
        self.seconds = seconds
        self.window = spans.window(family, seconds) if spans else Window.of(snapshot, now, family, seconds)
        self.known = self.window.availability.reading is Reading.VALUE
        self._near = reach(snapshot, source_of(family))
        self._counters = [(one, *group_codes(one.labels, by)) for one in self.window.counters] if self.known else []

    def grown(self, seconds: float, ago: float = 0.0) -> Sums | None:
        """How much each group's counters grew in so many seconds up to `ago` before now; None before two reads."""
        found: dict[Group, float] = {}
        end, known = self.window.at - ago, False
        for counter, codes, groups in self._counters:
            rows = edges(counter.times, end - seconds, end)
            if rows is not None:
                known = True
                grown = counter.totals[rows[1]] - counter.totals[rows[0]]
                _add(
                    found, groups, codes, grown * share_within(counter.times[rows[1]] - counter.times[rows[0]], seconds)
                )
        return found if known else None

    def rates(self, seconds: float, ago: float) -> Sums | None:
        """Per second, over the same; None where less than half of that time was read."""
        found: dict[Group, float] = {}
        end, known = self.window.at - ago, False
        for counter, codes, groups in self._counters:
            rows = edges(counter.times, end - seconds, end)
            span = float(counter.times[rows[1]] - counter.times[rows[0]]) if rows else 0.0
            if rows is not None and span >= seconds / 2:
                known = True
                _add(found, groups, codes, (counter.totals[rows[1]] - counter.totals[rows[0]]) / span)
        return found if known else None

    def last(self) -> Sums:
        """What a gauge says now, all sources added."""
        found: dict[Group, float] = {}
        for one in last_read(self.window.frame, self.window.at, self._near) if self.known else ():
            group = tuple(map(one.label, self.by))
            found[group] = found.get(group, 0.0) + one.value
        return found

    def at(self, ago: float) -> Sums:
        """What a gauge said `ago` seconds before now, all sources added; nothing of one that was not read then."""
        found: dict[Group, float] = {}
        for block in self.window.frame.blocks if self.known else ():
            times = block.times
            row = int(times.searchsorted(self.window.at - ago, "right")) - 1
            if row >= 0:
                codes, groups = group_codes(block.labels, self.by)
                _add(found, groups, codes, filled(block.samples[: row + 1])[row])
        return found


def _add(sums: dict[Group, float], groups: Sequence[Group], codes: Indices, values: Floats) -> None:
    weights = np.bincount(codes, weights=np.nan_to_num(values), minlength=len(groups))
    for group, value in zip(groups, weights.tolist(), strict=True):
        sums[group] = sums.get(group, 0.0) + value
