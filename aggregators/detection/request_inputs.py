"""What the detections look at of requests, worked out once per step however many rules ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, cached_property, partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregators.detection.places import Part, cells_of, places_of
from aggregators.detection.rolling import Known, RollingCounters
from aggregators.detection.traffic_matrix import TrafficMatrix, traffic_matrix
from aggregators.requests.attribution import Cells
from aggregators.requests.labels import LATENCY, REQUESTS, is_failure
from aggregators.series.counters import Counter, edges
from aggregators.series.grouping import Floats, column, group_codes
from aggregators.series.histograms import Group, Layout, layouts, merged_counters
from aggregators.series.label_memory import remembered
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

    def __init__(self, snapshot: Snapshot, now: float, rolling: RollingCounters | None = None) -> None:
        self.snapshot, self.now = snapshot, now
        self._rolling = rolling or RollingCounters()
        self.laid_out = cache(self._laid_out)

    def slowly(self, name: str, work_out: Callable[[], Known]) -> Known:
        """What `work_out` says of minutes, or said a few seconds ago."""
        return self._rolling.slowly(self.now, name, work_out)

    @cached_property
    def asked(self) -> list[Asked]:
        """Requests of the last minute by pattern and namespace, of the proxies that say how they went."""
        return [
            Asked(source, one, *group_codes(one.labels, ("pattern", "namespace")), _failed(one.labels))
            for source, one in self._rolling.of(self.snapshot, self.now, REQUESTS, REQUEST_SECONDS)
            if "status" in one.labels.columns
        ]

    @cached_property
    def traffic(self) -> TrafficMatrix:
        """Requests of the last minute in steps, by proxy, pattern and namespace."""
        return traffic_matrix([(one.source, one.counter, one.codes, one.groups) for one in self.asked], self.now)

    def failures(self, window: float) -> Cells | None:
        """Failed and all requests by pattern and namespace; None before two reads. A window of 0 is the last read's."""
        parts = []
        for _, counter, codes, groups, failed in self.asked:
            rows = within(counter.times, window, self.now)
            if rows is None:
                continue
            grown = counter.totals[rows[1]] - counter.totals[rows[0]]
            whole = np.bincount(codes, weights=grown, minlength=len(groups)).astype(np.float64)
            bad = np.bincount(codes, weights=grown * failed, minlength=len(groups)).astype(np.float64)
            parts.append(Part(remembered(counter.labels, "places", partial(places_of, groups)), bad, whole))
        return cells_of(parts)

    @cached_property
    def buckets_by_source(self) -> tuple[tuple[str, Counter], ...]:
        """Latency buckets of the last minute, with the key of who reports them."""
        return tuple(self._rolling.of(self.snapshot, self.now, LATENCY, REQUEST_SECONDS))

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
        """Requests that took longer than their pattern's limit in seconds, and all; as `failures`."""
        parts = []
        for counter, laid_out in self.cells_laid_out:
            rows = within(counter.times, window, self.now)
            if rows is None:
                continue
            grown = (counter.totals[rows[1]] - counter.totals[rows[0]])[None, :]
            for at, layout in enumerate(laid_out):
                counts = layout.counts(grown)[0]
                places = remembered(counter.labels, ("places", at), partial(places_of, layout.groups))
                thresholds = np.array([limits[name] for name in places.patterns])[places.rows]
                under = shares_under(thresholds, layout.bounds, counts)
                parts.append(Part(places, counts[:, -1] * (1 - under), counts[:, -1]))
        return cells_of(parts)

    def merged(self, window: float, by: tuple[str, ...] = ()) -> dict[Group, Buckets]:
        """The latency histogram of the last so many seconds."""
        return merged_counters(self.laid_out(by), self.now - window, self.now)

    @cached_property
    def latency_patterns(self) -> tuple[str, ...]:
        """The patterns that the latency histogram reports; '' when it names none."""
        return tuple(sorted({str(name) for counter in self.buckets for name in column(counter.labels, "pattern")}))


def _failed(labels: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return remembered(labels, "failed", lambda: is_failure(column(labels, "status")))


def within(times: Floats, window: float, now: float) -> tuple[int, int] | None:
    """The rows between which the last `window` seconds lie; of 0 seconds, the last two reads. None before two reads."""
    if window:
        return edges(times, now - window, now)
    last = int(times.searchsorted(now, "right")) - 1
    return (last - 1, last) if last > 0 else None
