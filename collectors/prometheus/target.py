"""One source that is read through a Prometheus: its state, its pace, and its sums (law 2).

It is as old as its last scrape, never as the question that found it.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from collectors.core.amounts import Amounts
from collectors.core.contract import Reported
from collectors.core.timestamps import LAST_YEAR
from collectors.exposition.rollup import RollUps
from collectors.prometheus.target_discovery import NOWHERE, Place
from model.series import Scrape, Series
from model.sources import CollectError, ErrorKind, SourceState

UNKNOWN_PACE_SECONDS = 60.0
"""Prometheus' own default, until two scrapes were seen."""
PACES = 5
PROXY = "proxy"
NO_REASON = "Prometheus does not report why"
NOTHING = "it is scraped, and reports nothing of Prism"
BELIEVED_SECONDS = 900.0
"""Partial answers that lack the same for so long lack it because it is gone."""
SET_BACK_SECONDS = 600.0
"""A time of scraping that is so much older than the last one is that of a clock that was set back."""

_WORDS = (
    (("context deadline exceeded", "timeout"), ErrorKind.TIMED_OUT),
    (("status 401",), ErrorKind.UNAUTHENTICATED),
    (("status 403",), ErrorKind.REFUSED),
    (("HTTP status",), ErrorKind.HTTP_ERROR),
    (("malformed HTTP", "HTTP/2", "Content-Type", "first record does not look like"), ErrorKind.WRONG_PROTOCOL),
    (("body size limit", "sample_limit", "limit exceeded"), ErrorKind.TOO_LARGE),
    (("parsing", "strconv", "invalid metric", "expected"), ErrorKind.MALFORMED),
)
"""What stands in Prometheus' words on a failed scrape, and which kind of error that is; else it is down."""


class Target:
    """`rollups` are None until it is known what they go on from."""

    def __init__(self, state: SourceState, least_seconds: float, rollups: RollUps | None) -> None:
        self.state = state
        self.rollups = rollups
        self.gone_since = 0.0
        self._amounts = Amounts()
        self._least = least_seconds
        self._stamp = 0.0
        self._whole: Sequence[Series] = ()
        self._lacking_since = 0.0
        self._paces: deque[float] = deque(maxlen=PACES)
        self._scrape: Scrape | None = None

    def take(self, place: Place, values: array[float], now: float, behind: float, why: str, warning: str = "") -> None:
        """What an answer at `now` reports it. `behind`: our clock less the server's; `why`: of a failed scrape;
        `warning`: why some of the answer may be missing.
        """
        self.gone_since, self._scrape = 0.0, None
        duration = values[place.scraped_in] if place.scraped_in != NOWHERE else 0.0
        stamp = values[place.stamp] if place.stamp != NOWHERE else 0.0
        if place.up != NOWHERE and values[place.up] == 0.0:
            self._failed(now, duration, CollectError(kind_of(why), why or NO_REASON))
        elif warning and self._lacks(place, now):
            self.missing(now, warning)
        elif not place.slots:
            self._failed(now, duration, CollectError(ErrorKind.NOT_OFFERED, NOTHING))
        elif not 0.0 < stamp < LAST_YEAR:
            self._failed(now, duration, CollectError(ErrorKind.MALFORMED, "no time of its last scrape is reported"))
        else:
            self._whole, self._lacking_since = place.series, 0.0
            self._scraped(place, values, now, stamp, stamp + behind)
            done = self.state.succeeded(self.state.last_success, max(0.0, duration), len(place.series))
            self.state = replace(done, last_attempt=now)

    def _lacks(self, place: Place, now: float) -> bool:
        """Whether a partial answer lacks some of what was there: its sums would be too small. For good it is believed
        in the end: what it lacks may have gone meanwhile.
        """
        if self._whole == place.series or set(self._whole) <= set(place.series):
            return not place.slots or place.stamp == NOWHERE
        self._lacking_since = self._lacking_since or now
        return now - self._lacking_since < BELIEVED_SECONDS

    def unseen(self, now: float, error: CollectError, server: str) -> None:
        """The server itself cannot be read."""
        self._scrape = None
        self._failed(now, 0.0, CollectError(ErrorKind.UNSEEN, f"read through {server}: {error}"))

    def missing(self, now: float, warning: str) -> None:
        """A partial answer does not name it: that says nothing of it."""
        self._scrape = None
        self._failed(now, 0.0, CollectError(ErrorKind.UNSEEN, f"Prometheus' answer lacks it: {warning}"))

    def gone(self, now: float) -> float:
        """The server does not name it any more; returns for how many seconds."""
        self._scrape = None
        self.gone_since = self.gone_since or now
        self._failed(now, 0.0, CollectError(ErrorKind.DOWN, "Prometheus does not scrape it any more"))
        return now - self.gone_since

    def scraped_at(self, time: float) -> None:
        """It was scraped then, as its history reports."""
        if time > self.state.last_success:
            self.state = replace(self.state, last_success=time)

    def reported(self) -> Reported:
        """Its state, and its read when the last answer brought one."""
        return Reported(self.state, self._scrape)

    def _failed(self, now: float, duration: float, error: CollectError) -> None:
        self.state = self.state.failed(now, max(0.0, duration), error)

    def _scraped(self, place: Place, values: array[float], now: float, stamp: float, time: float) -> None:
        if self._stamp - SET_BACK_SECONDS < stamp <= self._stamp:
            return
        if 0 < self._stamp < stamp:
            self._paces.append(stamp - self._stamp)
        self._stamp = stamp
        pace = max(self._least, median(self._paces) if self._paces else UNKNOWN_PACE_SECONDS)
        if time <= self.state.last_success and self.state.last_success <= now:
            return  # the clocks were put right, or an earlier run has stored it
        self.state = replace(self.state, last_success=time, interval_seconds=round(pace, 1))
        reported = self._amounts.within(place.series, array("d", (values[slot] for slot in place.slots)))
        for position, factor in place.factors.items():
            reported[position] *= factor
        self._scrape = Scrape(self.state.source, self.state.instance, time, place.series, reported)
        if self.rollups is not None:
            self.rollups.add(self._scrape)


def kind_of(words: str) -> ErrorKind:
    """The kind of error that Prometheus' words on a failed scrape mean."""
    return next((kind for signs, kind in _WORDS if any(sign in words for sign in signs)), ErrorKind.DOWN)
