"""Fills the store with what a Prometheus remembers of sources that are read directly: their charts begin full.

Only what lies before the first live read comes from there, under the very names of the live series. Newest first: the
last hour is there at once; the rows of the minute in which the live reads began follow once that is over.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Sequence

from collectors.core.contract import Clock, KeepPast
from collectors.prometheus.api import PrometheusApi
from collectors.prometheus.backward_sums import BackwardSums
from collectors.prometheus.history import MOST_POINTS, MOST_STEPS, TIMEOUT_SECONDS, Loader
from collectors.prometheus.query import SKEW_SECONDS, question
from collectors.prometheus.range_rows import STEP_SECONDS, Part, RangeRows, missing
from collectors.prometheus.target import PROXY
from collectors.prometheus.target_discovery import Place, TargetDiscovery
from collectors.prometheus.target_kinds import KINDS
from model.process.malloc_tuning import trim
from model.settings import Settings
from model.sources import CollectError
from store.incoming import ReadFrame
from store.snapshot import Snapshot

SETTLE_SECONDS = 0.5
"""The first live reads come first."""
PAUSE_SECONDS = 0.02
"""Between two parts, for whoever else wants to run."""
PIECE_POINTS = 80_000
"""An answer's points are some 150 bytes each until they are rows, and what that takes of the heap is not given back."""
FINE = ((180.0, 1.0), (360.0, 1.0), (960.0, 5.0))
"""Up to so long before the end steps are so short, a load each; a scrape that several steps see is one row."""
CLOSED_SECONDS = 3.0
"""So long after its end a minute is stored as one."""

log = logging.getLogger("hud.collectors")


class DirectHistory:
    """`keys`: of all sources that are read; `before`: what an earlier run stored."""

    def __init__(self, settings: Settings, url: str, keys: Collection[str], before: Snapshot) -> None:
        self._settings, self._url, self._before = settings, url, before
        self._keys = frozenset(key for key in keys if any(key.startswith(f"{kind.source}@") for kind in KINDS))
        self._kinds = tuple(kind for kind in KINDS if any(key.startswith(f"{kind.source}@") for key in self._keys))
        self._sums: dict[str, BackwardSums] = {}
        self._count = 0
        self._begun: tuple[float, list[ReadFrame]] = (0.0, [])
        """The minute in which it began, and its rows."""

    @property
    def of_use(self) -> bool:
        """Whether there is anything to ask for."""
        return bool(self._url and self._keys) and self._settings.prometheus.history_hours > 0

    def recall(self, keep: KeepPast, stop: threading.Event, now: Clock) -> None:
        """Load what is missing of the last hours, once. For a thread of its own."""
        if stop.wait(SETTLE_SECONDS):
            return
        began, failure, api = time.monotonic(), "", self._api()
        try:
            self._load(api, keep, stop, now)
        except CollectError as error:
            failure = f"; then {error}"
        finally:
            api.close()
        trim()
        if not stop.is_set():
            took = time.monotonic() - began
            log.info("history of what is read directly: %d rows in %.1f s%s", self._count, took, failure)
        self._begin(keep, stop, now)

    def _begin(self, keep: KeepPast, stop: threading.Event, now: Clock) -> None:
        """The rows of a minute can be put before its reads once that is closed."""
        minute, rows = self._begun
        while rows and now() < minute + STEP_SECONDS + CLOSED_SECONDS:
            if stop.wait(CLOSED_SECONDS):
                return
        if rows:
            keep(rows)
        self._begun = (0.0, [])

    def _names(self, places: Iterable[Place]) -> dict[tuple[str, str], str]:
        """What live sources are called, by their kind and the server's instance, where hosts have several names: of one
        kind one is read, and only one target of the server has its port.
        """
        names = {}
        known = [(place.source, place.instance) for place in places]
        for kind in self._kinds:
            mine = [key.partition("@")[2] for key in self._keys if key.startswith(f"{kind.source}@")]
            alike = [one for source, one in known if source == kind.source and _port(one) == _port(mine[0])]
            if len(mine) == len(alike) == 1:
                names[kind.source, alike[0]] = mine[0]
        return names

    def _api(self) -> PrometheusApi:
        options, wanted = self._settings.sources.prometheus, self._settings.prometheus
        return PrometheusApi(
            self._url,
            timeout_seconds=TIMEOUT_SECONDS,
            max_bytes=options.max_bytes,
            headers=wanted.headers,
            access=options,
        )

    def _load(self, api: PrometheusApi, keep: KeepPast, stop: threading.Event, now: Clock) -> None:
        aliases, wanted = self._settings.aliases, self._settings.prometheus
        query = question(self._kinds, aliases.metrics, wanted.matchers)
        api.begin()
        at, found = now(), api.instant(query)
        said = float(found.points[0][-1][0]) if found.points else at
        behind = at - said if abs(at - said) > SKEW_SECONDS else 0.0
        self._begun = (at // STEP_SECONDS * STEP_SECONDS, [])
        names = self._names(TargetDiscovery(self._kinds, aliases).lay_out(found.labels).places)
        discovery = TargetDiscovery(self._kinds, aliases, names=lambda kind, one: names.get((kind, one), one))
        for since, parts in self._loads(at, behind, max(1, len(found.labels))):
            loader = Loader(api, query, RangeRows(discovery, behind), keep, stop)
            read = [_since(since, self._mine(loader.rows(part))) for part in parts]
            summed = [[self._with_sums(*one) for one in rows] for rows in reversed(read)]
            for rows in reversed(summed):
                for one in rows:
                    self._add(loader, one)
            self._count += loader.count
            if not loader.keep() or stop.wait(PAUSE_SECONDS):
                return

    def _add(self, loader: Loader, rows: ReadFrame) -> None:
        """Hand over what lies before the minute in which it began; hold the rest."""
        minute, held = self._begun
        before, after = rows.values[rows.times < minute], rows.values[rows.times >= minute]
        if len(before):
            loader.add(ReadFrame(rows.source, before))
        if len(after):
            held.append(ReadFrame(rows.source, after))

    def _loads(self, at: float, behind: float, series: int) -> Iterator[tuple[float, Sequence[Part]]]:
        """Of all minutes of which a source lacks rows, the newest load first: since when, and its parts in the server's
        time. Each is of whole minutes, since one that has a row is not filled any more.
        """
        seconds = min(self._settings.prometheus.history_hours * 3600.0, MOST_POINTS / series * STEP_SECONDS)
        most = min(MOST_STEPS, max(1, PIECE_POINTS // series))
        for first, last in reversed(missing(self._before, self._keys, at - seconds, at)):
            end, begin = at if last > at - STEP_SECONDS else last, first - STEP_SECONDS
            for ago, step in FINE:
                since = max(begin, (at - ago) // STEP_SECONDS * STEP_SECONDS)
                if since < end:
                    yield since, [*_parts(since + step - behind, end - behind, step, most)]
                    end = since
            for part in reversed([*_parts(first - behind, end - behind, STEP_SECONDS, most)]):
                yield part.start + behind - STEP_SECONDS, [part]

    def _mine(self, rows: Iterable[tuple[Place, ReadFrame]]) -> Iterator[tuple[Place, ReadFrame]]:
        return (one for one in rows if one[0].key in self._keys)

    def _with_sums(self, place: Place, rows: ReadFrame) -> ReadFrame:
        """A proxy's rows with its sums, where no earlier run has stored any that these would not fit."""
        if place.source != PROXY or place.key in self._before.sources:
            return rows
        sums = self._sums.setdefault(place.key, BackwardSums(place.source, place.instance))
        return sums.of(place.series, rows)


def _parts(first: float, last: float, step: float, most: int) -> Iterator[Part]:
    """The steps from `first` up to `last`, at most so many at once."""
    steps = int((last - first) // step) + 1
    for at in range(0, steps, most):
        yield Part(first + at * step, min(most, steps - at), step)


def _port(instance: str) -> str:
    return instance.rpartition(":")[2]


def _since(since: float, rows: Iterable[tuple[Place, ReadFrame]]) -> list[tuple[Place, ReadFrame]]:
    """The rows after `since`: those of scrapes before it are another load's."""
    found = []
    for place, frame in rows:
        kept = frame.values[frame.times > since]
        if len(kept):
            found.append((place, ReadFrame(frame.source, kept)))
    return found
