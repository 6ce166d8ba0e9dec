"""Reads Prism through a Prometheus that scrapes it already, instead of from Prism itself (contracts external D).

Every target is a source of its own, as if it were read directly: its figures are as old as its last scrape, and one
that cannot be scraped is lost however well Prometheus answers.
"""

from __future__ import annotations

import logging
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from math import nan

from collectors.core.configured import Configured
from collectors.core.contract import Clock, Collector, KeepPast, PartialReadError, Reported
from collectors.core.timestamps import LAST_YEAR
from collectors.prometheus.api import Found, PrometheusApi
from collectors.prometheus.history import Recall, Wish
from collectors.prometheus.query import SETTLED, SETTLED_IN_PARTS, SKEW_SECONDS, question
from collectors.prometheus.target import PROXY, Target
from collectors.prometheus.target_discovery import Layout, Place, TargetDiscovery
from collectors.prometheus.target_kinds import Behind, read_through
from model.prometheus import PrometheusOptions
from model.series import Event, Scrape
from model.settings import Aliases, Settings, SourceOptions
from model.sources import CollectError, ErrorKind, SourceState
from store.snapshot import Snapshot

GONE_SECONDS = 900.0
"""A target that is not named for so long is forgotten, unless it is the last of its kind."""
ASK_WHY_SECONDS, CANNOT_SAY_SECONDS = 15.0, 600.0
"""How often the server is asked why targets cannot be scraped, and how often one that could not say."""
GAP_SECONDS = 120.0
"""Having read nothing for so long is a gap, which the server's history fills."""

log = logging.getLogger("hud.collectors")


class PrometheusCollector(Configured):
    """One server, and every target of it that is a part of Prism."""

    source = "prometheus"

    def __init__(
        self, url: str, options: SourceOptions, wanted: PrometheusOptions, kinds: Sequence[Behind], aliases: Aliases
    ) -> None:
        super().__init__(url, options)
        self._kinds, self._wanted, self._aliases = kinds, wanted, aliases

        def api(timeout_seconds: float) -> PrometheusApi:
            return PrometheusApi(
                url,
                timeout_seconds=timeout_seconds,
                max_bytes=options.max_bytes,
                headers=wanted.headers,
                access=options,
            )

        self._api = api(options.timeout_seconds)
        self._discovery = TargetDiscovery(kinds, aliases)
        self._stamped: list[str] = []
        self._targets: dict[str, Target] = {}
        self._behind = 0.0
        self._settled = SETTLED
        self._why: dict[tuple[str, str], str] = {}
        self._ask_why_at = 0.0
        self._read_at = 0.0
        self._before = Snapshot()
        self._recall = Recall(api, self._ask, kinds, aliases, wanted.history_hours)

    def restore(self, before: Snapshot) -> None:
        """Go on with what an earlier run stored: which targets there were, and their sums."""
        self._before = before
        self._recall.restore(before)
        mine = {kind.source for kind in self._kinds}
        for state in before.sources.values():
            if state.source in mine and state.address == self._address(state.instance):
                self._targets[state.key] = Target(state, self.interval_seconds, None)

    @property
    def note(self) -> str:
        """How far the history is."""
        return self._recall.progress

    def collect(self, now: Clock) -> Scrape:
        """How many targets of each kind there are; `reported` has what they report. Raises CollectError."""
        self._api.begin()
        error = CollectError(ErrorKind.MALFORMED, "an answer that cannot be understood")
        read = False
        try:
            found, layout, at = self._answer(now)
            self._take(found, layout, at)
            read = True
        except CollectError as caught:
            error = caught
            raise
        finally:
            if not read:
                for target in self._targets.values():
                    target.unseen(now(), error, self.address)
        if found.warning:
            raise PartialReadError(ErrorKind.HTTP_ERROR, f"it says of its answer: {found.warning}", self._own(at))
        return self._own(at)

    def reported(self) -> Sequence[Reported]:
        """Every target."""
        return [one.reported() for one in self._targets.values()]

    def recall(self, keep: KeepPast, stop: threading.Event, now: Clock) -> None:
        """Fill the store with the server's own history, in a thread of its own."""
        self._recall.run(keep, stop)

    def close(self) -> None:
        """Close the connections."""
        self._api.close()

    def _ask(self, stamped: Sequence[str]) -> str:
        return question(self._kinds, self._aliases.metrics, self._wanted.matchers, stamped, self._settled)

    def _answer(self, now: Clock) -> tuple[Found, Layout, float]:
        """An answer with a time for every target, and when it came."""
        if self._recall.has_learned():
            self._discovery.jobs.update(self._recall.jobs)
            self._discovery.forget()
        began, found = self._asked(now)
        settled = SETTLED_IN_PARTS if found.in_parts else SETTLED
        if settled != self._settled:  # what was taken for settled, before it was known who answers, may not have been
            self._settled = settled
            began, found = self._asked(now)
        layout = self._discovery.lay_out(found.labels)
        if layout.unstamped != self._stamped:
            self._stamped = layout.unstamped
            began, found = self._asked(now)
            layout = self._discovery.lay_out(found.labels)
        at = now()
        if found.points:
            skew = (began + at) / 2 - _seconds(found.points[0])
            if abs(skew - self._behind) > SKEW_SECONDS:
                self._behind = 0.0 if abs(skew) <= SKEW_SECONDS else skew
        return found, layout, at

    def _asked(self, now: Clock) -> tuple[float, Found]:
        """When it was asked, and the answer."""
        return now(), self._api.instant(self._ask(self._stamped))

    def _take(self, found: Found, layout: Layout, at: float) -> None:
        values = array("d", (_value(points) for points in found.points))
        self._ask_why([place for place in layout.places if place.up >= 0 and values[place.up] == 0.0], at)
        if self._read_at and at - self._read_at > GAP_SECONDS:
            self._recall.wish(Wish(self._read_at - self._behind, at - self._behind, self._stamped))
        self._read_at = at
        named = set()
        for place in layout.places:
            named.add(place.key)
            target = self._targets.get(place.key) or self._new(place)
            if target.rollups is None and place.source == PROXY:
                target.rollups = self._recall.rollups(place.key)
            target.scraped_at(self._recall.last_row(place.key))
            target.take(place, values, at, self._behind, self._why.get(place.who, ""), found.warning)
        for key in [key for key in self._targets if key not in named]:
            if found.warning or found.info:
                self._targets[key].missing(at, found.warning or found.info)
            elif self._targets[key].gone(at) > GONE_SECONDS and not self._last_of_its_kind(key):
                del self._targets[key]
        self._recall.begin(layout.places, at - self._behind, self._behind, self._stamped)

    def _new(self, place: Place) -> Target:
        state = SourceState(
            place.key, place.source, place.instance, self._address(place.instance), self.interval_seconds
        )
        self._targets[place.key] = target = Target(state, self.interval_seconds, None)
        return target

    def _address(self, instance: str) -> str:
        return f"{instance} through {self.address}"

    def _last_of_its_kind(self, key: str) -> bool:
        kind = self._targets[key].state.source
        return not any(one.state.source == kind for other, one in self._targets.items() if other != key)

    def _ask_why(self, down: Sequence[Place], at: float) -> None:
        """The server's words on failed scrapes, while there are any; that it has none costs nothing else."""
        if not down:
            self._why, self._ask_why_at = {}, 0.0
        elif at >= self._ask_why_at or (self._why and not all(place.who in self._why for place in down)):
            self._ask_why_at = at + ASK_WHY_SECONDS
            try:
                self._why = self._api.scrape_errors()
            except CollectError:
                self._why, self._ask_why_at = {}, at + CANNOT_SAY_SECONDS

    def _own(self, at: float) -> Scrape:
        scrape = Scrape(self.source, self.instance, at)
        for kind in self._kinds:
            here = [one for one in self._targets.values() if one.state.source == kind.source and not one.gone_since]
            scrape.add("hud_prometheus_targets", float(len(here)), kind=kind.source)
        return scrape


def configured(settings: Settings, _: Iterable[Event] = ()) -> Iterator[Collector]:
    """The Prometheus, for every kind of source that is not read directly."""
    yield PrometheusCollector(
        settings.prometheus_url,
        settings.sources.prometheus,
        settings.prometheus,
        read_through(settings),
        settings.aliases,
    )


def _value(points: Sequence[Sequence[object]]) -> float:
    try:
        return float(points[-1][1])  # type: ignore[arg-type]
    except (LookupError, TypeError, ValueError):
        raise CollectError(ErrorKind.MALFORMED, "a value that is no number") from None


def _seconds(points: Sequence[Sequence[object]]) -> float:
    try:
        at = float(points[-1][0])  # type: ignore[arg-type]
    except (LookupError, TypeError, ValueError):
        at = nan
    if not 0.0 < at < LAST_YEAR:
        raise CollectError(ErrorKind.MALFORMED, "a value without its time")
    return at
