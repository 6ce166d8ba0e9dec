"""What the detections look at, worked out once per step however many rules ask."""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from aggregators.backends.pools import Pool, pools
from aggregators.backends.servers import server_states
from aggregators.detection.recent import Recent
from aggregators.detection.tracks import Track, tracks
from aggregators.messaging.subscribers import Subscribers, subscribers
from aggregators.observability.exports import flows
from aggregators.observability.queues import Exporter, exporters
from aggregators.patterns.health import PatternHealth, pattern_health
from aggregators.patterns.restarts import Restart, recent_restarts
from aggregators.requests.attribution import Cells
from aggregators.requests.labels import LATENCY, REQUESTS, is_failure
from aggregators.security.auth import FAMILY, failed_and_total
from aggregators.security.dex import Dex, dex
from aggregators.series.counters import Counter, counters, edges
from aggregators.series.grouping import column, group_codes
from aggregators.series.histograms import Group, Layout, layouts, merged_counters
from aggregators.series.quantiles import Buckets, shares_under
from aggregators.series.rollups import rolled_up
from aggregators.series.sources import is_blackout, is_lost, of_kind, reach
from aggregators.series.window import Window
from model.rollup import OPERATIONS
from model.sources import SourceState
from model.status import Reading, Status
from store.snapshot import Snapshot

REQUEST_SECONDS = 60.0
USUAL_SECONDS = 300.0
RESTART_SECONDS = 240.0


class Asked(NamedTuple):
    """Requests of one proxy: which group each series is in, and whether it counts failures."""

    counter: Counter
    codes: npt.NDArray[np.intp]
    groups: list[Group]
    failed: npt.NDArray[np.bool_]


class DetectionInputs:
    """One snapshot at one instant; everything is worked out when it is first asked for."""

    def __init__(self, snapshot: Snapshot, now: float) -> None:
        self.snapshot, self.now = snapshot, now
        self.laid_out = cache(self._laid_out)
        self.recent = cache(self._recent)
        self.laid_out_of = cache(self._laid_out_of)
        self.tracks = cache(self._tracks)

    def _tracks(self, family: str, seconds: float) -> list[Track]:
        """A gauge as it moved in the last `seconds`, series by series."""
        return tracks(self.snapshot, self.now, family, seconds)

    def _recent(self, family: str, by: tuple[str, ...], seconds: float) -> Recent:
        """One family of the last `seconds`, by these labels."""
        return Recent(self.snapshot, self.now, family, by, seconds)

    def _laid_out_of(self, family: str, by: tuple[str, ...], seconds: float) -> list[tuple[Counter, list[Layout]]]:
        """A histogram's buckets of the last `seconds`, by these labels; nothing of one that is not reported now."""
        window = Window.of(self.snapshot, self.now, family, seconds)
        return window.laid_out(by) if window.availability.reading is Reading.VALUE else []

    @cached_property
    def patterns(self) -> tuple[PatternHealth, ...]:
        """Every pattern's health."""
        return pattern_health(self.snapshot, self.now)

    def full_name(self, pattern: str) -> str:
        """A pattern's name with the namespace for which it runs, where that is known."""
        return next((one.full_name for one in self.patterns if one.name == pattern), pattern)

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """Every pool."""
        return pools(self.snapshot, self.now)

    @cached_property
    def servers(self) -> list[tuple[SourceState, Status, str]]:
        """The backends' own servers, each with its status and the reason."""
        return server_states(self.snapshot, self.now)

    @cached_property
    def sources(self) -> tuple[SourceState, ...]:
        """Every source, without the collector's own row."""
        return tuple(state for state in self.snapshot.sources.values() if state.source != "hud")

    @cached_property
    def dex(self) -> Dex:
        """What Dex' last check says."""
        return dex(self.snapshot, self.now)

    @cached_property
    def subscribers(self) -> Subscribers:
        """Every subscriber as it stands now."""
        return subscribers(self.snapshot, self.now)

    @cached_property
    def exporters(self) -> tuple[Exporter, ...]:
        """Every exporter of the OTel Collectors, with what it did in the last reads: by that it is judged."""
        if not of_kind(self.snapshot, "otel"):
            return ()
        return exporters(self.snapshot, self.now, flows(self.snapshot, self.now, reach(self.snapshot, "otel")))

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
        """True when a source of this kind that was once read cannot be read now."""
        return any(is_lost(state, self.now) for state in of_kind(self.snapshot, source))

    @cached_property
    def asked(self) -> list[Asked]:
        """Requests of the last minute by pattern and namespace, of the proxies that say how they went."""
        frame = self.snapshot.frame(REQUESTS, self.now - REQUEST_SECONDS, self.now)
        return [
            Asked(one, *group_codes(one.labels, ("pattern", "namespace")), is_failure(column(one.labels, "status")))
            for one in counters(frame)
            if "status" in one.labels.columns
        ]

    def failures(self, window: float) -> Cells | None:
        """Failed and all requests by pattern and namespace; None before two reads."""
        bad: dict[Group, float] = {}
        total: dict[Group, float] = {}
        for counter, codes, groups, failed in self.asked:
            rows = edges(counter.times, self.now - window, self.now)
            if rows is None:
                continue
            grown = counter.totals[rows[1]] - counter.totals[rows[0]]
            _add(total, groups, np.bincount(codes, weights=grown, minlength=len(groups)))
            _add(bad, groups, np.bincount(codes, weights=np.where(failed, grown, 0.0), minlength=len(groups)))
        return _cells(bad, total)

    @cached_property
    def buckets(self) -> tuple[Counter, ...]:
        """Latency buckets of the last minute."""
        return counters(self.snapshot.frame(LATENCY, self.now - REQUEST_SECONDS, self.now))

    @property
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

    @cached_property
    def checks(self) -> tuple[Counter, ...]:
        """Token checks of the last minute."""
        return counters(self.snapshot.frame(FAMILY, self.now - REQUEST_SECONDS, self.now))

    def refused(self, window: float) -> Cells | None:
        """Refused and all token checks, as one cell; None before two reads."""
        failed, total = failed_and_total(self.checks, self.now - window, self.now)
        if failed is None or total is None:
            return None
        return Cells([""], [""], np.array([[failed]]), np.array([[total]]))


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
