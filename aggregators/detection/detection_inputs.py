"""What the detections look at, worked out once per step however many rules ask."""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np

from aggregators.backends.pools import Pool, pools
from aggregators.backends.servers import server_states
from aggregators.detection.recent import Recent
from aggregators.detection.request_inputs import REQUEST_SECONDS, RequestInputs
from aggregators.detection.rolling import RollingCounters
from aggregators.detection.tracks import Stillness, Track, stillness, tracks
from aggregators.messaging.subscribers import Subscribers, subscribers
from aggregators.observability.exports import flows, judged_seconds
from aggregators.observability.queues import Exporter, exporters
from aggregators.patterns.health import PatternHealth, pattern_health
from aggregators.patterns.restarts import Restart, recent_restarts
from aggregators.requests.attribution import Cells
from aggregators.requests.spans import SPANS
from aggregators.security.auth import FAMILY, failed_and_total
from aggregators.security.dex import Dex, dex
from aggregators.series.counters import Counter, counters
from aggregators.series.histograms import Layout
from aggregators.series.sources import is_blackout, is_lost, of_kind
from aggregators.series.window import Window
from model.sources import SourceState
from model.status import Reading, Status
from store.snapshot import Snapshot

RESTART_SECONDS = 240.0
MOVING = ("process_cpu_seconds_total", "process_resident_memory_bytes")
"""What moves in a process that lives, whether anybody asks it for anything or not."""
SETTLING_SECONDS = 20.0
"""The longest window of what is counted in seconds has passed by then."""


class DetectionInputs(RequestInputs):
    """One snapshot at one instant; everything is worked out when it is first asked for."""

    def __init__(
        self, snapshot: Snapshot, now: float, awake_since: float = 0.0, rolling: RollingCounters | None = None
    ) -> None:
        super().__init__(snapshot, now, rolling)
        self.reading_since = max(float(snapshot.meta.get("started_at") or 0.0), awake_since)
        """Since when sources are read without a break: since the collector was started, or its machine woke."""
        self.blamed: dict[str, set[str]] = {}
        """By rule, whom it has blamed at this instant: the rules after it need not say so again."""
        self.recent = cache(self._recent)
        self.laid_out_of = cache(self._laid_out_of)
        self.tracks = cache(self._tracks)

    def _tracks(self, family: str, seconds: float) -> list[Track]:
        """A gauge as it moved in the last `seconds`, series by series."""
        return tracks(self.snapshot, self.now, family, seconds)

    def _recent(self, family: str, by: tuple[str, ...], seconds: float) -> Recent:
        """One family of the last `seconds`, by these labels."""
        return Recent(self.snapshot, self.now, family, by, seconds, self.spans if family in SPANS else None)

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
        return exporters(self.snapshot, self.now, flows(self.snapshot, self.now, judged_seconds(self.snapshot)))

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

    def read_at(self, kinds: tuple[str, ...]) -> float:
        """When one of these kinds of source was read last, 0 where there is none; now for a rule that needs none."""
        if not kinds:
            return self.now
        return max((state.last_attempt for kind in kinds for state in of_kind(self.snapshot, kind)), default=0.0)

    def lost(self, source: str) -> bool:
        """True when a source of this kind that was once read cannot be read now."""
        return any(is_lost(state, self.now) for state in of_kind(self.snapshot, source))

    @cached_property
    def unsettled(self) -> bool:
        """True when counters of the proxies stand still though they answer, or one's have just gone on after that.

        Then nothing that they count is known of now: a jump of all that was counted meanwhile is no burst.
        """
        still: dict[str, list[Stillness]] = {}
        for family in MOVING:
            for one in self.tracks(family, SETTLING_SECONDS):
                if (found := stillness(one)) is not None:
                    still.setdefault(one.source, []).append(found)
        lately = (all(self.now - one.ended < SETTLING_SECONDS for one in parts) for parts in still.values())
        return bool(still) and (any(lately) or all(one.lasts for parts in still.values() for one in parts))

    @cached_property
    def checks(self) -> tuple[Counter, ...]:
        """Token checks of the last minute."""
        return counters(self.snapshot.frame(FAMILY, self.now - REQUEST_SECONDS, self.now))

    def _span(self, window: float) -> tuple[float, float]:
        """From when to when the last `window` seconds are; of 0 seconds, from the last read but one to the last."""
        read = max((one.times[-2:].tolist() for one in self.checks if len(one.times) > 1), default=[self.now, self.now])
        return (read[0], read[1]) if window == 0 else (self.now - window, self.now)

    def refused(self, window: float) -> Cells | None:
        """Refused and all token checks, as one cell; as `failures`."""
        failed, total = failed_and_total(self.checks, *self._span(window))
        if failed is None or total is None:
            return None
        return Cells([""], [""], np.array([[failed]]), np.array([[total]]))
