"""Answers that are asked for often are worked out as soon as there is something new, and not while somebody waits.

On a large site an answer takes longer than a program that asks fifty times a second may wait. The thread rests while
nobody asks, and most of the time while somebody does.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence

from web.api.kept_answer import KeptAnswer
from web.feed import StoreFeed
from web.hub_payload import common
from web.lanes import BusyError, Lanes

POLL_SECONDS = 0.03
"""How often the store's version is looked at while somebody asks."""
LOOK_SECONDS = 0.25
"""Ages advance: an answer is looked at this often even when nothing is new."""
REST, MOST_REST_SECONDS = 2.0, 0.5
"""After working the thread rests this many times as long, but not longer than an answer may be behind."""
MOST_RARE = 8
"""Of the answers that an address names freely so many are worked out ahead."""
log = logging.getLogger("hud.api")


class Ahead:
    """One thread, which is there while somebody asks often."""

    def __init__(
        self,
        kept: Callable[[], Sequence[KeptAnswer]],
        lanes: Lanes,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`kept` gives the answers that are held, those asked for last at the end."""
        self._kept, self._lanes = kept, lanes
        self._clock, self._ticks = clock, ticks
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._of: StoreFeed | None = None

    def begin(self, feed: StoreFeed) -> None:
        """Have the thread run, now that something of `feed` is asked for often."""
        with self._lock:
            self._of = feed
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="hud-ahead", daemon=True)
                self._thread.start()

    def once(self, feed: StoreFeed) -> bool:
        """Bring every answer that is asked for often up to date; False when there is none."""
        tick = self._ticks()
        wanted = self._wanted(tick)
        _, _, now = feed.together(self._clock())
        for one in wanted:
            with contextlib.suppress(BusyError):
                one.work_ahead(feed, now, self._lanes, tick)
        return bool(wanted)

    def _wanted(self, tick: float) -> list[KeptAnswer]:
        """Those that everybody asks for first."""
        wanted = [one for one in self._kept() if one.is_wanted(tick)]
        rare = [one for one in wanted if not common(one.selection)]
        return [*(one for one in wanted if common(one.selection)), *rare[-MOST_RARE:]]

    def _run(self) -> None:
        try:
            while self._of is not None and self._round(self._of):
                pass
        except Exception:  # whoever asks works it out then, and is told
            log.debug("an answer cannot be worked out ahead", exc_info=True)
        with self._lock:
            self._thread = None

    def _round(self, feed: StoreFeed) -> bool:
        began, version = time.thread_time(), feed.version()
        asked = self.once(feed)
        self._rest(feed, version, min(MOST_REST_SECONDS, REST * (time.thread_time() - began)))
        return asked

    def _rest(self, feed: StoreFeed, version: int, least: float) -> None:
        """Until something is new, or ages have advanced."""
        time.sleep(max(POLL_SECONDS, least))
        end = self._ticks() + LOOK_SECONDS
        while self._ticks() < end and feed.version() == version:
            time.sleep(POLL_SECONDS)
