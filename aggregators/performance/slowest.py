"""The slowest request of each operation in the last hour, which a histogram does not report and SigNoz does (view
2)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from aggregators.series.availability import Availability
from aggregators.series.quantiles import Buckets
from aggregators.series.window import Window
from model.measure import Measure
from model.number_text import lasting
from model.series import Unit
from model.slo import HOUR_SECONDS
from store.frames import Block
from store.snapshot import Snapshot

SPANS, MAXIMUM = "signoz_operation_duration_seconds", "max"
SPAN_SECONDS = 300.0
"""Each answer is of so many seconds (model/catalogue/signoz.py): the first of an hour reaches back that far."""


@dataclass(frozen=True, slots=True)
class Slowest:
    """Seconds by operation over the last `covered_seconds`, and what SigNoz' state makes of them."""

    availability: Availability
    seconds: dict[str, float] = field(default_factory=dict)
    covered_seconds: float = 0.0

    def of(self, operation: str, patterns: int, buckets: Buckets, p999: Measure) -> Measure:
        """The maximum of one operation. Spans do not name the pattern: of one among several it is a bound, as is the
        highest edge below which its own histogram counts every request; the lower of the two stands. Spans are a
        sample: what is shorter than `p999` of all requests is none of the slowest, and says nothing of them.
        """
        value = self.seconds.get(operation)
        if value is None:
            why = "none of this operation's spans" if self.availability.reports else self.availability.note
            return Measure.not_reported(Unit.SECONDS, f"a histogram reports no maximum, and of SigNoz: {why}")
        note = f"slowest span of the last {lasting(self.covered_seconds)} in SigNoz, which may hold a sample only"
        edge, most = _highest_edge(buckets), p999.value or 0.0
        if value < most and math.isinf(edge):
            return self._measure(most, "more than P999: SigNoz holds no span of the slowest", ">")
        if value < most or (patterns > 1 and edge < value):
            return self._measure(edge, "at most: the edge below which the histogram counts every request", "<")
        if patterns == 1:
            return self._measure(value, note, "")
        return self._measure(value, f"at most: {note}, of {patterns} patterns together", "<")

    def _measure(self, value: float, note: str, bound: str) -> Measure:
        return Measure(Unit.SECONDS, self.availability.reading, value, note, self.availability.age_seconds, bound)


def _highest_edge(buckets: Buckets) -> float:
    """The lowest upper edge below which everything was counted, in seconds; infinite when that is the last."""
    return float(buckets.bounds[int(np.argmax(buckets.counts >= buckets.total))])


def slowest(snapshot: Snapshot, now: float) -> Slowest:
    """As of now, or of SigNoz' last good read."""
    window = Window.of(snapshot, now, SPANS, HOUR_SECONDS - SPAN_SECONDS, coarse=True)
    if not window.reports:
        return Slowest(window.availability)
    seconds: dict[str, float] = {}
    first = window.at
    for block in window.frame.blocks:
        times = block.times
        rows = times >= window.start
        first = min(first, float(times[rows].min(initial=window.at)))
        for operation, value in _maxima(block, rows).items():
            seconds[operation] = max(value, seconds.get(operation, 0.0))
    return Slowest(window.availability, seconds, min(HOUR_SECONDS, window.at - first + SPAN_SECONDS))


def _maxima(block: Block, rows: npt.NDArray[np.bool_]) -> dict[str, float]:
    """The largest maximum of each operation in these rows, in seconds."""
    places = [at for at, one in enumerate(block.series) if one.label("quantile") == MAXIMUM]
    reported = block.samples[rows][:, places]
    known = np.where(np.isnan(reported), -np.inf, reported).max(axis=0, initial=-np.inf)
    return {
        block.series[place].label("operation") or "": value
        for place, value in zip(places, known.tolist(), strict=True)
        if value >= 0
    }
