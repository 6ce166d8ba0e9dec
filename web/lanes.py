"""How many threads may work out what single requests ask for: views that nobody else looks at wait for each other."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from werkzeug.exceptions import ServiceUnavailable

from pages.shared.choices import free

MOST_WAITING = 6
"""Of the sixteen threads; whoever comes then is told to come again."""
PATIENCE_SECONDS = 2.0
RETRY_SECONDS = 1


class BusyError(ServiceUnavailable):
    """There is too much to do; the same may be asked again in a moment."""

    def __init__(self) -> None:
        super().__init__("Too much is asked for at once; try again in a moment.", retry_after=RETRY_SECONDS)


class Lanes:
    """One lane for what an address names freely, with few who wait; whatever there are few of needs none."""

    def __init__(self, waiting: int = MOST_WAITING, patience: float = PATIENCE_SECONDS, share: int = 0) -> None:
        """`share`: how many of those who wait may come from one address; 0 is as many as there are."""
        self._waiting = threading.BoundedSemaphore(waiting)
        self._working = threading.BoundedSemaphore(1)
        self._patience = patience
        self._share = share or waiting
        self._lock = threading.Lock()
        self._from: Counter[str] = Counter()

    @contextmanager
    def turn(self, selection: Mapping[str, str], asked_by: str = "") -> Iterator[None]:
        """For the time that it takes to work out a view of `selection`. Raises BusyError."""
        if not free(selection):
            yield
            return
        with self._place(asked_by):
            yield

    @contextmanager
    def _place(self, asked_by: str) -> Iterator[None]:
        self._enter(asked_by)
        try:
            if not self._working.acquire(timeout=self._patience):
                raise BusyError
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._leave(asked_by)

    def _enter(self, asked_by: str) -> None:
        with self._lock:
            if self._from[asked_by] >= self._share or not self._waiting.acquire(blocking=False):
                raise BusyError
            self._from[asked_by] += 1

    def _leave(self, asked_by: str) -> None:
        with self._lock:
            self._from[asked_by] -= 1
            self._from += Counter()  # nobody is remembered who waits no more
            self._waiting.release()
