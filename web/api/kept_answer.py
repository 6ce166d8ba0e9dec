"""One answer to one selection as JSON, worked out and encoded no more often than its page is redrawn."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import NamedTuple

import orjson

from aggregators.overview.overall import Judgement
from pages.shared.judges import SLACK_SECONDS
from pages.shared.selections import called
from store.snapshot import Snapshot
from web.api.answers import ALWAYS_SECONDS, Route
from web.api.json_answer import plain
from web.feed import StoreFeed, within
from web.lanes import Lanes

Selection = tuple[tuple[str, str], ...]

OFTEN_SECONDS = 3.0
"""Who asks twice within so long is expected to ask again."""
AHEAD_SECONDS = 2.0
"""An answer that is worked out ahead of those who ask was the newest one at most so long ago."""
_LONG_AGO = float("-inf")


class _Said(NamedTuple):
    """An answer, of which version and instant it is, and what stood then that may not wait for the next beat."""

    version: int = -1
    mark: Hashable = None
    at: float = 0.0
    body: bytes | None = b""

    def holds(self, route: Route, version: int, mark: Hashable, now: float) -> bool:
        """Nothing new for a while; or, by the page's beat, nothing that may not wait for the next one."""
        age = now - self.at
        if version == self.version and 0.0 <= age < max(ALWAYS_SECONDS, route.refresh_seconds - SLACK_SECONDS):
            return True
        return mark is not None and mark == self.mark and 0.0 <= age < route.refresh_seconds - SLACK_SECONDS


class KeptAnswer:
    """Safe for several threads. Ticks are monotonic times in seconds."""

    def __init__(self, route: Route, selection: Selection) -> None:
        self.route, self.selection = route, selection
        self._lock = threading.Lock()
        self._said = _Said()
        self._asked = _LONG_AGO, _LONG_AGO
        self._checked: tuple[StoreFeed | None, float] = None, _LONG_AGO

    def is_wanted(self, tick: float) -> bool:
        """Whether it is asked for so often that it is worth working out before it is."""
        return tick - self._asked[0] < OFTEN_SECONDS

    def body(self, feed: StoreFeed, now: float, lanes: Lanes, tick: float) -> bytes | None:
        """The answer as JSON; None when there is nothing of the name in the address. Raises BusyError."""
        self._asked = self._asked[1], tick
        said, (of, at) = self._said, self._checked
        if (of is feed and tick - at < AHEAD_SECONDS) or said.holds(self.route, feed.version(), None, now):
            return said.body
        return self._newest(feed, now, lanes)

    def work_ahead(self, feed: StoreFeed, now: float, lanes: Lanes, tick: float) -> None:
        """See to it that the answer is that of `now`, which was at `tick`. Raises BusyError."""
        self._newest(feed, now, lanes)
        self._checked = feed, tick

    def _newest(self, feed: StoreFeed, now: float, lanes: Lanes) -> bytes | None:
        route, selection = self.route, self.selection
        with self._lock:
            if not self._said.holds(route, feed.version(), None, now):
                _, snapshot, now = feed.together(now)
                now = max(now, snapshot.written_at)  # it may have been written after we were asked
                snapshot = feed.part(snapshot, now, selection)
                mark = feed.mark(snapshot, now, route.view, feed.judgement(snapshot, now))
                if not self._said.holds(route, snapshot.version, mark, now):
                    judged = feed.judgement(snapshot, now, route.view)
                    mark = feed.mark(snapshot, now, route.view, judged)
                    with lanes.turn({name: value for name, value in within(selection) if value}):
                        body = encoded(route, selection, snapshot, now, judged)
                    self._said = _Said(snapshot.version, mark, now, body)
            return self._said.body


def encoded(route: Route, selection: Selection, snapshot: Snapshot, now: float, judged: Judgement) -> bytes | None:
    """The answer to `selection` at `now` as JSON; None when nothing of its name is known."""
    answer = called(route.answer, snapshot, now, judged, dict(selection))
    if answer is None or (route.inside and not getattr(answer, "known", True)):
        return None
    head = {"now_seconds": now, "version": snapshot.version, "written_at_seconds": snapshot.written_at}
    return orjson.dumps({**head, **plain(answer)}, option=orjson.OPT_SERIALIZE_NUMPY)
