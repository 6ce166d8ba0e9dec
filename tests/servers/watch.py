"""Collectors that read on their own clocks, as the scheduler has them do, and what becomes of their sources."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from collectors.core.contract import Collector, key_of
from collectors.core.runner import Runner
from collectors.core.source_states import Attempt, SourceStates
from model.series import Event, Scrape
from model.sources import ErrorKind, SourceState
from tests.patience import until

GRACE_SECONDS = 5.0
"""Beside two intervals: how soon a source's state must be right."""


class Watch:
    """Runs the collectors; remembers each source's state, its last good scrape and every event."""

    def __init__(self, collectors: Sequence[Collector]) -> None:
        self.source_states = SourceStates(collectors)
        self.scrapes: dict[str, Scrape] = {}
        self.events: list[Event] = []
        self._collectors = collectors
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._runners = [
            Runner(one, self._deliver, now=time.time, monotonic=time.monotonic, chance=random.Random(7))
            for one in collectors
        ]
        self._threads = [threading.Thread(target=one.run, args=(self._stop,), daemon=True) for one in self._runners]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for one in self._runners:
            one.release()
        for collector in self._collectors:
            collector.close()
        for thread in self._threads:
            thread.join(10)

    def state(self, one: Collector) -> SourceState:
        return self.source_states.states[key_of(one)]

    def until(self, one: Collector, *kinds: ErrorKind | None) -> float:
        """Wait until reading it goes so (None: well); fails after two of its intervals and GRACE_SECONDS."""
        asked = time.time()
        limit = 2 * one.interval_seconds + GRACE_SECONDS
        return until(lambda: self._is(one, asked, kinds), lambda: str(self.state(one)), limit)

    def _is(self, one: Collector, asked: float, kinds: tuple[ErrorKind | None, ...]) -> bool:
        state = self.state(one)
        return state.last_attempt >= asked and state.error in kinds

    def _deliver(self, attempt: Attempt) -> None:
        with self._lock:
            for scrape in self.source_states.enter([attempt]):
                self.events += scrape.events
                if attempt.error is None:
                    self.scrapes[attempt.key] = scrape


@contextmanager
def watched(*collectors: Collector) -> Iterator[Watch]:
    """Read these until the end of the block."""
    watch = Watch(collectors)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()
