"""What the detections look at of requests, worked out once per step however many rules ask."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aggregators.detection.traffic_matrix import TrafficMatrix, traffic_matrix
from aggregators.requests.attribution import Cells
from aggregators.requests.labels import LATENCY, REQUESTS, is_failure
from aggregators.series.counters import Counter, counters, edges
from aggregators.series.grouping import column, group_codes
from aggregators.series.histograms import Group, Layout, layouts, merged_counters
from aggregators.series.quantiles import Buckets, shares_under
from aggregators.series.rollups import rolled_up
from model.rollup import OPERATIONS
from store.snapshot import Snapshot

REQUEST_SECONDS = 60.0
USUAL_SECONDS = 300.0


class Asked(NamedTuple):
    """Requests of one proxy: which group each series is in, and whether it counts failures. `source` is its key."""

    source: str
    counter: Counter
    codes: npt.NDArray[np.intp]
    groups: list[Group]
    failed: npt.NDArray[np.bool_]


class RequestInputs:
    """Requests of one snapshot at one instant; everything is worked out when it is first asked for."""

    def __init__(self, snapshot: Snapshot, now: float) -> None:
        self.snapshot, self.now = snapshot, now
        self.laid_out = cache(self._laid_out)

    @cached_property
    def asked(self) -> list[Asked]:
        """Requests of the last minute by pattern and namespace, of the proxies that say how they went."""
        frame = self.snapshot.frame(REQUESTS, self.now - REQUEST_SECONDS, self.now)
        return [
            Asked(
                block.source,
                one,
                *group_codes(one.labels, ("pattern", "namespace")),
                is_failure(column(one.labels, "status")),
            )
            for block, one in zip(frame.blocks, counters(frame), strict=True)
            if "status" in one.labels.columns
        ]

    @cached_property
    def traffic(self) -> TrafficMatrix:
        """Requests of the last minute in steps, by proxy, pattern and namespace."""
        return traffic_matrix([(one.source, one.counter, one.codes, one.groups) for one in self.asked], self.now)

    def failures(self, window: float) -> Cells | None:
        """Failed and all requests by pattern and namespace; None before two reads."""
        bad: dict[Group, float] = {}
        total: dict[Group, float] = {}
        for _, counter, codes, groups, failed in self.asked:
            rows = edges(counter.times, self.now - window, self.now)
            if rows is None:
                continue
            grown = counter.totals[rows[1]] - counter.totals[rows[0]]
            _add(total, groups, np.bincount(codes, weights=grown, minlength=len(groups)))
            _add(bad, groups, np.bincount(codes, weights=np.where(failed, grown, 0.0), minlength=len(groups)))
        return _cells(bad, total)

    @cached_property
    def buckets_by_source(self) -> tuple[tuple[str, Counter], ...]:
        """Latency buckets of the last minute, with the key of who reports them."""
        frame = self.snapshot.frame(LATENCY, self.now - REQUEST_SECONDS, self.now)
        return tuple((block.source, one) for block, one in zip(frame.blocks, counters(frame), strict=True))

    @property
    def buckets(self) -> tuple[Counter, ...]:
        """Latency buckets of the last minute."""
        return tuple(one for _, one in self.buckets_by_source)

    @cached_property
    def usual_laid_out(self) -> list[tuple[Counter, list[Layout]]]:
        """The buckets of the last 5 minutes by pattern and operation, over all namespaces: however many there are."""
        return rolled_up(self.snapshot, self.now, OPERATIONS, USUAL_SECONDS).laid_out(OPERATIONS.by)

    @property
    def cells_laid_out(self) -> list[tuple[Counter, list[Layout]]]:
        """The latency buckets by pattern and namespace."""
        return self.laid_out(("pattern", "namespace"))

    def _laid_out(self, by: tuple[str, ...]) -> list[tuple[Counter, list[Layout]]]:
        """The latency buckets with their layouts by these labels."""
        return [(one, layouts(one.labels, by)) for one in self.buckets]

    def slow(self, window: float, limits: dict[str, float]) -> Cells | None:
        """Requests that took longer than their pattern's limit in seconds, and all; None before two reads."""
        bad: dict[Group, float] = {}
        total: dict[Group, float] = {}
        for counter, laid_out in self.cells_laid_out:
            rows = edges(counter.times, self.now - window, self.now)
            if rows is None:
                continue
            grown = (counter.totals[rows[1]] - counter.totals[rows[0]])[None, :]
            for layout in laid_out:
                counts = layout.counts(grown)[0]
                thresholds = np.array([limits[group[0]] for group in layout.groups])
                _add(total, layout.groups, counts[:, -1])
                _add(bad, layout.groups, counts[:, -1] * (1 - shares_under(thresholds, layout.bounds, counts)))
        return _cells(bad, total)

    def merged(self, window: float, by: tuple[str, ...] = ()) -> dict[Group, Buckets]:
        """The latency histogram of the last so many seconds."""
        return merged_counters(self.laid_out(by), self.now - window, self.now)

    @cached_property
    def latency_patterns(self) -> tuple[str, ...]:
        """The patterns that the latency histogram reports; '' when it names none."""
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
