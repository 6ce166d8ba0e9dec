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
from aggregators.requests.spans import AS_THEY_ARE, Relation, Spans, relation, stand_in
from aggregators.series.counters import Counter, edges
from aggregators.series.grouping import Floats, column, group_codes
from aggregators.series.histograms import Group, Layout, layouts, merged_counters
from aggregators.series.label_memory import remembered
from aggregators.series.quantiles import Buckets, shares_under
from aggregators.series.rollups import rolled_up
from aggregators.series.window import Window
from model.catalogue.signoz import REQUESTS_STEP_SECONDS
from model.rollup import OPERATIONS, RollUp
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

    @cached_property
    def spans(self) -> Spans | None:
        """What SigNoz holds of the requests while no proxy can be read; None where nobody knows how those compare."""
        spans = stand_in(self.snapshot, self.now)
        return spans if spans and self._relation(spans) else None

    def _relation(self, spans: Spans) -> Relation | None:
        return self._rolling.slowly(self.now, f"relation of {spans.lost_at}", lambda: relation(spans))

    @property
    def relation(self) -> Relation:
        """How what is known of requests compares with them: spans may be a sample."""
        return (self.spans and self._relation(self.spans)) or AS_THEY_ARE

    @property
    def asked_at(self) -> float:
        """Up to when requests are known."""
        return self.spans.at if self.spans else self.now

    @property
    def step_seconds(self) -> float:
        """Of requests less than this is not known apart."""
        return REQUESTS_STEP_SECONDS if self.spans else 0.0

    def slowly(self, name: str, work_out: Callable[[], Known]) -> Known:
        """What `work_out` says of minutes, or said a few seconds ago."""
        return self._rolling.slowly(self.now, f"{name} by spans" if self.spans else name, work_out)

    def _counters(self, family: str) -> list[tuple[str, Counter]]:
        """Requests of the last minute, or their latency buckets, with the key of who reports them."""
        if self.spans is None:
            return self._rolling.of(self.snapshot, self.now, family, REQUEST_SECONDS)
        window = self.spans.window(family, REQUEST_SECONDS)
        return [(block.source, one) for block, one in zip(window.frame.blocks, window.counters, strict=True)]

    @cached_property
    def asked(self) -> list[Asked]:
        """Requests of the last minute by pattern and namespace, of the proxies that say how they went."""
        return [
            Asked(source, one, *group_codes(one.labels, ("pattern", "namespace")), _failed(one.labels))
            for source, one in self._counters(REQUESTS)
            if "status" in one.labels.columns
        ]

    @cached_property
    def traffic(self) -> TrafficMatrix:
        """Requests of the last minute in steps, by proxy, pattern and namespace."""
        parts = [(one.source, one.counter, one.codes, one.groups) for one in self.asked]
        return traffic_matrix(parts, self.asked_at)

    def failures(self, window: float) -> Cells | None:
        """Failed and all requests by pattern and namespace; None before two reads. A window of 0 is the last read's."""
        parts = []
        for _, counter, codes, groups, failed in self.asked:
            rows = within(counter.times, window, self.asked_at)
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
        return tuple(self._counters(LATENCY))

    @property
    def buckets(self) -> tuple[Counter, ...]:
        """Latency buckets of the last minute."""
        return tuple(one for _, one in self.buckets_by_source)

    @cached_property
    def usual_laid_out(self) -> list[tuple[Counter, list[Layout]]]:
        """The buckets of the last 5 minutes by pattern and operation, over all namespaces: however many there are."""
        return self.summed(OPERATIONS, USUAL_SECONDS).laid_out(OPERATIONS.by)

    def summed(self, rule: RollUp, seconds: float) -> Window:
        """A sum over all namespaces."""
        if self.spans is None:
            return rolled_up(self.snapshot, self.now, rule, seconds)
        return self.spans.window(rule.whole, seconds)

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
            rows = within(counter.times, window, self.asked_at)
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
        return merged_counters(self.laid_out(by), self.asked_at - window, self.asked_at)

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
