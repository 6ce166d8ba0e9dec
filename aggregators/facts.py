"""What the detections look at, worked out once per step however many rules ask."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from aggregators.blame import Cells
from aggregators.counters import Counter, column, counters, edges, group_codes
from aggregators.health import PatternHealth, pattern_health
from aggregators.pools import Pool, pools
from aggregators.quantiles import Buckets, layouts, merged_counters, share_under
from aggregators.requests import LATENCY, REQUESTS, is_failure
from aggregators.restarts import Restart, recent_restarts
from aggregators.sources import is_blackout, is_lost, of_kind
from store.snapshot import Frame, Snapshot

REQUEST_SECONDS = 60.0
USUAL_SECONDS = 300.0
USUAL_SLOTS = 10
RESTART_SECONDS = 240.0

Group = tuple[str, ...]


class Facts:
    """One snapshot at one instant; everything is worked out when it is first asked for."""

    def __init__(self, snapshot: Snapshot, now: float) -> None:
        self.snapshot, self.now = snapshot, now

    @cached_property
    def patterns(self) -> tuple[PatternHealth, ...]:
        """Every pattern's health."""
        return pattern_health(self.snapshot, self.now)

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """Every pool."""
        return pools(self.snapshot, self.now, self.patterns)

    @cached_property
    def restarts(self) -> dict[str, list[Restart]]:
        """Restarts of the last 4 minutes by pattern."""
        found: dict[str, list[Restart]] = {}
        for one in recent_restarts(self.snapshot, self.now, RESTART_SECONDS):
            found.setdefault(one.pattern, []).append(one)
        return found

    @cached_property
    def blackout(self) -> bool:
        """True when everything is gone at once."""
        return is_blackout(self.snapshot, self.now)

    def lost(self, source: str) -> bool:
        """True when a source of this kind that was once read, or all that were ever set, cannot be read now."""
        return any(is_lost(state, self.now) for state in of_kind(self.snapshot, source))

    @cached_property
    def requests(self) -> tuple[Counter, ...]:
        """Requests of the last minute."""
        return counters(self.snapshot.frame(REQUESTS, self.now - REQUEST_SECONDS, self.now))

    @cached_property
    def buckets(self) -> tuple[Counter, ...]:
        """Latency buckets of the last 5 minutes."""
        return counters(self.snapshot.frame(LATENCY, self.now - USUAL_SECONDS, self.now))

    def frame(self, name: str, seconds: float) -> Frame:
        """A family over the last so many seconds."""
        return self.snapshot.frame(name, self.now - seconds, self.now)

    def failures(self, window: float) -> Cells | None:
        """Failed and all requests by pattern and namespace; None before two reads."""
        bad: dict[Group, float] = {}
        total: dict[Group, float] = {}
        for counter in self.requests:
            rows = edges(counter.times, self.now - window, self.now)
            if rows is None or "status" not in counter.labels.columns:
                continue
            grown = counter.totals[rows[1]] - counter.totals[rows[0]]
            codes, groups = group_codes(counter.labels, ("pattern", "namespace"))
            failed = is_failure(column(counter.labels, "status"))
            _add(total, groups, np.bincount(codes, weights=grown, minlength=len(groups)))
            _add(bad, groups, np.bincount(codes, weights=np.where(failed, grown, 0.0), minlength=len(groups)))
        return _cells(bad, total)

    def slow(self, window: float, limits: dict[str, float]) -> Cells | None:
        """Requests that took longer than their pattern's limit in seconds, and all; None before two reads."""
        bad: dict[Group, float] = {}
        total: dict[Group, float] = {}
        for counter in self.buckets:
            rows = edges(counter.times, self.now - window, self.now)
            if rows is None:
                continue
            grown = (counter.totals[rows[1]] - counter.totals[rows[0]])[None, :]
            for group, bounds, counts in layouts(counter, grown, ("pattern", "namespace")):
                count = float(counts[0, -1])
                under = share_under(limits[group[0]], bounds, counts[0]).value or 0.0
                total[group] = total.get(group, 0.0) + count
                bad[group] = bad.get(group, 0.0) + count * (1 - under)
        return _cells(bad, total)

    def merged(self, window: float, by: tuple[str, ...] = ()) -> dict[Group, Buckets]:
        """The latency histogram of the last so many seconds."""
        return merged_counters(self.buckets, self.now - window, self.now, by)

    @cached_property
    def latency_patterns(self) -> tuple[str, ...]:
        """The patterns that the latency histogram tells of; '' when it names none."""
        return tuple(sorted({str(name) for counter in self.buckets for name in column(counter.labels, "pattern")}))


def _add(sums: dict[Group, float], groups: list[Group], values: npt.NDArray[Any]) -> None:
    for group, value in zip(groups, values.tolist(), strict=True):
        sums[group] = sums.get(group, 0.0) + value


def _cells(bad: dict[Group, float], total: dict[Group, float]) -> Cells | None:
    if not total:
        return None
    patterns, namespaces = sorted({group[0] for group in total}), sorted({group[1] for group in total})
    answer = Cells(patterns, namespaces, *(np.zeros((len(patterns), len(namespaces))) for _ in range(2)))
    row, place = {name: i for i, name in enumerate(patterns)}, {name: i for i, name in enumerate(namespaces)}
    for (pattern, namespace), value in total.items():
        answer.total[row[pattern], place[namespace]] = value
        answer.bad[row[pattern], place[namespace]] = bad.get((pattern, namespace), 0.0)
    return answer
