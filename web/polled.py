"""Views for browsers that poll because they have no socket: worked out at most once per version or second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from web.hub_payload import Feed, Key, View
from web.hub_turns import due
from web.lanes import Lanes

MOST_VIEWS = 64
"""The one that was asked for the longest ago is forgotten first."""


class PolledViews:
    """Safe for several threads: those who ask the same wait for one answer, others not for them."""

    def __init__(
        self,
        feed: Feed,
        lanes: Lanes,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = feed
        self._lanes = lanes
        self._clock = clock
        self._ticks = ticks
        self._lock = threading.Lock()
        self._views: dict[Key, tuple[View, threading.Lock]] = {}

    def full(self, key: Key) -> bytes:
        """One full frame. Raises BusyError."""
        view, lock = self._known(key)
        with lock:
            if view.empty or due(view, self._feed.version, self._ticks()):
                with self._lanes.turn(dict(key[1])):
                    view.refresh(self._clock(), self._ticks())
            return view.full()

    def _known(self, key: Key) -> tuple[View, threading.Lock]:
        with self._lock:
            known = self._views.pop(key, None) or (View(self._feed, *key), threading.Lock())
            self._views[key] = known
            while len(self._views) > MOST_VIEWS:
                del self._views[next(iter(self._views))]
            return known
