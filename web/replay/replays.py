"""Views of earlier instants: few are held, each worked out once for all who ask, from a reader of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from flask import has_request_context, request

from pages.shared.choices import AT, instant_of
from pages.shared.selections import Present, narrowed
from store.past import DAY_SECONDS, Past, as_of, nothing_kept
from store.snapshot import Snapshot
from store.status import StoreStatus
from web.feed import Selection, SnapshotSource, StoreFeed, within
from web.hub_payload import Props, View
from web.lanes import Lanes

CACHE_BYTES = 12 * 1024 * 1024
"""The reader's own, so that what is long past never pushes what the live views need out of memory."""
KEPT_PASTS, KEPT_FRAMES = 4, 16
FRESH_SECONDS = 15.0
"""The store removes what it replaced after half a minute: until then an older snapshot finds all that it names."""
PRESENT_SECONDS = 5.0
LATEST_SECONDS = 1.0
"""What lies less than this before now is now."""
WAITING, SHARE = 6, 4
"""How many may wait for their turn, and how many of one address."""


class PastFeed(StoreFeed):
    """What is said of one instant. `instant` is for when it is worked out; `at` what was asked for."""

    def __init__(self, past: Past, at: float, made: float, present: Present) -> None:
        super().__init__(_Unmoving(past))
        self._present = present
        self.past, self.at, self.made = past, at, made
        self.instant = past.instant
        self.lock = threading.Lock()
        self._frames: dict[tuple[str, Selection], bytes] = {}

    def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Props]:
        """As of live views; the head also says which instant was asked for and how much is kept of it."""
        head, props = super().read(view, selection, now)
        return {**head, "past": {"at": self.at, "kept": self.past.kept.value}}, props

    def beside(self, selection: Mapping[str, str]) -> Present:
        """The present, narrowed to a selection."""
        whole, now = self._present
        return Present(narrowed(whole, now, selection), now)

    def full(self, view: str, selection: Selection) -> bytes:
        """One full frame; the caller holds `lock`."""
        frame = self._frames.get((view, selection))
        if frame is None:
            made = View(self, view, selection)
            made.refresh(self.instant, 0.0)
            frame = self._frames[view, selection] = made.full()
            while len(self._frames) > KEPT_FRAMES:
                del self._frames[next(iter(self._frames))]
        return frame


class _Unmoving(NamedTuple):
    """A past as the feed's source."""

    past: Past

    def version(self) -> int:
        return self.past.snapshot.version

    def snapshot(self) -> Snapshot:
        return self.past.snapshot

    def status(self) -> StoreStatus:
        return StoreStatus(alive_at=self.past.alive_at)


class Replays:
    """Safe for several threads."""

    def __init__(
        self,
        reader: SnapshotSource,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        lanes: Lanes | None = None,
    ) -> None:
        self._reader = reader
        self._clock, self._ticks = clock, ticks
        self._lanes = lanes or Lanes(WAITING, share=SHARE)
        self._lock = threading.Lock()
        self._pasts: dict[float, PastFeed] = {}
        self._present: tuple[float, Present] | None = None

    def instant(self, selection: Mapping[str, str]) -> float | None:
        """The instant of the past that an address asks for, in whole seconds since 1970; None is now.

        All that is older than what is kept is one and the same: 0.0.
        """
        at = instant_of(selection.get(AT, ""))
        now = self._clock()
        if at is None or at > now - LATEST_SECONDS:
            return None
        return at if at >= now - DAY_SECONDS else 0.0

    def feed(self, at: float) -> PastFeed:
        """All that is said of an instant that `instant` gave."""
        with self._lock:
            tick = self._ticks()
            known = self._pasts.pop(at, None)
            if known is None or not 0.0 <= tick - known.made < FRESH_SECONDS:
                whole = self._reader.snapshot()
                past = as_of(whole, at) if at else nothing_kept(whole, at)
                known = PastFeed(past, at, tick, self._now(whole, tick))
            self._pasts[at] = known
            while len(self._pasts) > KEPT_PASTS:
                del self._pasts[next(iter(self._pasts))]
            return known

    def _now(self, whole: Snapshot, tick: float) -> Present:
        """The present to set beside the past: the same one for a few seconds, since its figures take as long."""
        if self._present is None or not 0.0 <= tick - self._present[0] < PRESENT_SECONDS:
            self._present = tick, Present(whole, max(self._clock(), whole.written_at))
        return self._present[1]

    def full(self, at: float, view: str, wanted: Mapping[str, str]) -> bytes:
        """One full frame of an instant that `instant` gave. Raises BusyError, and KeyError for an unknown view."""
        with self.turn():
            feed = self.feed(at)
            with feed.lock:
                return feed.full(view, within(feed.selection(view, wanted)))

    def turn(self) -> AbstractContextManager[None]:
        """For the time that it takes to work one out. Raises BusyError."""
        asked_by = request.remote_addr or "" if has_request_context() else ""
        return self._lanes.turn({AT: ""}, asked_by)
