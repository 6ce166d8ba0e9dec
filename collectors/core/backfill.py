"""Rows of the past on their way to the writer's thread, one load at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from collectors.core.contract import KeepPast
from store.incoming import ReadFrame

LOOK_SECONDS = 0.5
"""How often whoever waits for the writer looks whether it should stop."""


class Backfill:
    """One load. `settle` is for the writer's thread, `settled` for the one that brought it."""

    def __init__(self, frames: Sequence[ReadFrame]) -> None:
        self._frames = frames
        self._done = threading.Event()
        self._kept = False

    def settle(self, backfill: Callable[[Sequence[ReadFrame]], bool] | None) -> None:
        """Put it into the store."""
        self._kept = backfill is not None and backfill(self._frames)
        self._done.set()

    def settled(self, stop: threading.Event) -> bool:
        """Wait for that; False when it could not be done, or is not wanted any more."""
        while not self._done.wait(LOOK_SECONDS):
            if stop.is_set():
                return False
        return self._kept


def keeper(put: Callable[[Backfill], None], stop: threading.Event) -> KeepPast:
    """Hands loads over through a queue, the next one only when the last is stored: memory stays bounded."""

    def keep(frames: Sequence[ReadFrame]) -> bool:
        load = Backfill(frames)
        put(load)
        return load.settled(stop)

    return keep
