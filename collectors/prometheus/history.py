"""Fills the store with what a Prometheus remembers, beside the live reads: the last day is there soon after the start.

Oldest first, since the sums over namespaces go forward; a proxy's live rows have theirs once its past is stored.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from collectors.core.contract import KeepPast
from collectors.exposition.rollup import RollUps
from collectors.prometheus.api import PrometheusApi
from collectors.prometheus.range_rows import STEP_SECONDS, Part, RangeRows, SharedColumns, missing, summed
from collectors.prometheus.target import PROXY
from collectors.prometheus.target_discovery import Place, TargetDiscovery
from collectors.prometheus.target_kinds import Behind
from model.settings import Aliases
from model.sources import CollectError, ErrorKind
from store.incoming import ReadFrame
from store.snapshot import Snapshot

TIMEOUT_SECONDS = 30.0
MOST_STEPS = 60
"""An hour at once; servers refuse more than 11,000 points of a series."""
POINTS_AT_ONCE = 400_000
MOST_POINTS = 50_000_000
"""Of a Prism with so many series that a day of it were more, less than a day is fetched."""
LOOK_SECONDS = 0.5
RETRY_SECONDS, MOST_FAILURES = 5.0, 24

log = logging.getLogger("hud.collectors")


class Wish(NamedTuple):
    """A gap to fill, in the server's time; `stamped` as in the question."""

    start: float
    end: float
    stamped: Sequence[str]


class _Start(NamedTuple):
    """What the first good read reported: which sources there are, the server's time, and our clock less it."""

    keys: frozenset[str]
    series: int
    at: float
    behind: float
    stamped: Sequence[str]


class Recall:
    """The history of one server. `run` is for a thread of its own; the rest is for the thread that reads it."""

    def __init__(
        self,
        api: Callable[[float], PrometheusApi],
        ask: Callable[[Sequence[str]], str],
        kinds: Sequence[Behind],
        aliases: Aliases,
        hours: float,
    ) -> None:
        self._api, self._ask = api, ask
        self._discovery = TargetDiscovery(kinds, aliases)
        self._window = hours * 3600.0
        self._before = Snapshot()
        self._wishes: queue.SimpleQueue[_Start | Wish] = queue.SimpleQueue()
        self._begun = False
        self._sums: dict[str, RollUps] = {}
        self._rows: dict[str, float] = {}
        self._columns: SharedColumns = {}
        self._done = threading.Event()
        self._learned = threading.Event()
        self._most_steps = MOST_STEPS
        self._behind = 0.0
        self.progress = ""
        if not self._window:
            self._done.set()

    def restore(self, before: Snapshot) -> None:
        """What an earlier run stored."""
        self._before = before

    def begin(self, places: Iterable[Place], at: float, behind: float, stamped: Sequence[str]) -> None:
        """The first good read was at the server's time `at`: from then on its history can be asked for. Once only."""
        if self._begun or not self._window:
            return
        self._begun = True
        keys = frozenset(place.key for place in places)
        series = sum(len(place.series) for place in places)
        self.progress = "its history is about to be loaded"
        self._wishes.put(_Start(keys, series, at, behind, list(stamped)))

    def wish(self, gap: Wish) -> None:
        """A later gap; its rows get no sums, since these have gone on."""
        if self._window:
            self._wishes.put(gap)

    def rollups(self, key: str) -> RollUps | None:
        """The sums that a proxy's live reads go on from; None while its past is being reported. Handed over once."""
        if not self._done.is_set():
            return None
        return self._sums.pop(key, None) or self._restored(key)

    def last_row(self, key: str) -> float:
        """When a source was last scraped, by its history; 0.0 when that does not report."""
        return self._rows.get(key, 0.0) if self._done.is_set() else 0.0

    def has_learned(self) -> bool:
        """True once when `jobs` knows more than it did."""
        known = self._learned.is_set()
        self._learned.clear()
        return known

    @property
    def jobs(self) -> dict[str, str]:
        """Which kind of source the targets of a job are."""
        return dict(self._discovery.jobs)

    def run(self, keep: KeepPast, stop: threading.Event) -> None:
        """Load what is wished for until `stop` is set."""
        api = self._api(TIMEOUT_SECONDS)
        try:
            while not stop.is_set():
                try:
                    wished = self._wishes.get(timeout=LOOK_SECONDS)
                except queue.Empty:
                    continue
                self._fulfil(wished, api, keep, stop)
        finally:
            api.close()

    def _fulfil(self, wished: _Start | Wish, api: PrometheusApi, keep: KeepPast, stop: threading.Event) -> None:
        began = time.monotonic()
        if isinstance(wished, _Start):
            self._behind = wished.behind
            self._most_steps = min(MOST_STEPS, max(1, POINTS_AT_ONCE // max(wished.series, 1)))
            window = min(self._window, MOST_POINTS / max(wished.series, 1) * STEP_SECONDS)
            end = wished.at + wished.behind
            local = missing(self._before, wished.keys or {""}, end - window, end)
            gaps = [(first - wished.behind, last - wished.behind) for first, last in local]
        else:
            gaps = [(wished.start + STEP_SECONDS, wished.end)]
        parts = [part for first, last in gaps for part in self._parts(first, last)]
        reported = Loader(api, self._ask(wished.stamped), RangeRows(self._discovery, self._behind), keep, stop)
        failure = ""
        for at, part in enumerate(parts):
            self.progress = f"loading history: {100 * at // len(parts)} %"
            try:
                for place, rows in reported.rows(part):
                    self._rows[place.key] = max(self._rows.get(place.key, 0.0), float(rows.times[-1]))
                    reported.add(self._with_sums(place, rows) if isinstance(wished, _Start) else rows)
            except CollectError as error:
                failure = str(error)
                break
            if not reported.keep():
                break
        self.progress = f"its history could not be loaded: {failure}" if failure else ""
        if parts and not stop.is_set():
            log.info(
                "%.0f s of history loaded in %.1f s: %d rows%s",
                sum(part.steps for part in parts) * STEP_SECONDS,
                time.monotonic() - began,
                reported.count,
                f"; then {failure}" if failure else "",
            )
        self._done.set()
        self._learned.set()

    def _parts(self, first: float, last: float) -> list[Part]:
        steps = int((last - first) // STEP_SECONDS) + 1
        most = self._most_steps
        return [Part(first + at * STEP_SECONDS, min(most, steps - at)) for at in range(0, steps, most)]

    def _with_sums(self, place: Place, rows: ReadFrame) -> ReadFrame:
        """A proxy's rows with its sums, where none are stored yet that these would not fit."""
        state = self._before.sources.get(place.key)
        if place.source != PROXY or (state is not None and rows.times[0] <= state.last_success):
            return rows
        if place.key not in self._sums:
            self._sums[place.key] = self._restored(place.key)
        return summed(place, rows, self._sums[place.key], self._columns)

    def _restored(self, key: str) -> RollUps:
        sums = RollUps()
        sums.restore(self._before, key)
        return sums


class Loader:
    """Fetches and hands over, patiently."""

    def __init__(self, api: PrometheusApi, query: str, rows: RangeRows, keep: KeepPast, stop: threading.Event) -> None:
        self._api, self._query, self._rows, self._keep, self._stop = api, query, rows, keep, stop
        self._held: list[ReadFrame] = []
        self.count = 0

    def rows(self, part: Part) -> list[tuple[Place, ReadFrame]]:
        """The rows of one part, in halves where the server finds it too much. Raises CollectError after many tries."""
        failure = CollectError(ErrorKind.DOWN, "not asked")
        for _ in range(MOST_FAILURES):
            self._api.begin()
            try:
                return self._rows.rows(self._api.span(self._query, part.start, part.end, part.seconds), part)
            except CollectError as error:
                failure = error
            if part.steps > 1 and _too_much(failure):
                return [row for half in part.halves for row in self.rows(half)]
            if self._stop.wait(RETRY_SECONDS):
                break
        raise failure

    def add(self, rows: ReadFrame) -> None:
        """Hold rows until `keep`."""
        self._held.append(rows)
        self.count += len(rows.values)

    def keep(self) -> bool:
        """Hand over what is held; tried again while the store cannot take it. False when it is not to be."""
        held, self._held = self._held, []
        for _ in range(MOST_FAILURES):
            if not held or self._keep(held):
                return True
            if self._stop.wait(RETRY_SECONDS):
                break
        return False


def _too_much(error: CollectError) -> bool:
    """True when less of it might be answered: too large, too late, or more samples than one query may load."""
    return error.kind in (ErrorKind.TOO_LARGE, ErrorKind.TIMED_OUT) or "HTTP 422" in error.detail
