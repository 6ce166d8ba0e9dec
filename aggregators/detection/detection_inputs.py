"""What the detections look at, worked out once per step however many rules ask."""

from __future__ import annotations

from functools import cache, cached_property

import numpy as np

from aggregators.backends.pools import Pool, pools
from aggregators.backends.servers import server_states
from aggregators.detection.recent import Recent
from aggregators.detection.request_inputs import REQUEST_SECONDS, RequestInputs
from aggregators.detection.tracks import Track, tracks
from aggregators.messaging.subscribers import Subscribers, subscribers
from aggregators.observability.exports import flows
from aggregators.observability.queues import Exporter, exporters
from aggregators.patterns.health import PatternHealth, pattern_health
from aggregators.patterns.restarts import Restart, recent_restarts
from aggregators.requests.attribution import Cells
from aggregators.security.auth import FAMILY, failed_and_total
from aggregators.security.dex import Dex, dex
from aggregators.series.counters import Counter, counters
from aggregators.series.histograms import Layout
from aggregators.series.sources import is_blackout, is_lost, of_kind, reach
from aggregators.series.window import Window
from model.sources import SourceState
from model.status import Reading, Status
from store.snapshot import Snapshot

RESTART_SECONDS = 240.0


class DetectionInputs(RequestInputs):
    """One snapshot at one instant; everything is worked out when it is first asked for."""

    def __init__(self, snapshot: Snapshot, now: float) -> None:
        super().__init__(snapshot, now)
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

    def read_at(self, kinds: tuple[str, ...]) -> float:
        """When one of these kinds of source was read last; now for a rule that needs none of them in particular."""
        return max((state.last_attempt for kind in kinds for state in of_kind(self.snapshot, kind)), default=self.now)

    def lost(self, source: str) -> bool:
        """True when a source of this kind that was once read cannot be read now."""
        return any(is_lost(state, self.now) for state in of_kind(self.snapshot, source))

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
