"""Every source on its own clock, one writer: attempts come in through a queue and are committed as they come.

The one place that knows the time (law 5). Detections run after commits, and their events are committed at once.
"""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from collectors.contract import Clock, Collector
from collectors.ledger import Attempt, Ledger
from collectors.runner import SLOWEST_SECONDS, Runner
from model.series import Event, Scrape
from model.sources import SourceState

BEAT_SECONDS = 1.0
DETECT_AT_MOST_SECONDS = 0.5
DETECT_AT_LEAST_SECONDS = 1.0
LOOK_SECONDS = 0.25
"""How often overdue reads, the heartbeat and the wish to stop are looked at when nothing arrives."""
STOP_SECONDS = 0.3

log = logging.getLogger("hud.collectors")

AfterCommit = Callable[[float], Sequence[Event]]
"""The detections: given now, the events that have come about."""


class Store(Protocol):
    """What the scheduler needs of the store's writer."""

    def commit(
        self,
        now: float,
        scrapes: Iterable[Scrape],
        sources: Mapping[str, SourceState],
        events: Iterable[Event] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> int:
        """Store reads and events as the next version."""

    def beat(self, now: float) -> None:
        """Say that the collector lives."""


class Scheduler:
    """Runs the collectors' threads, and the writer's loop in the thread that calls `run`."""

    def __init__(
        self,
        collectors: Sequence[Collector],
        store: Store,
        *,
        ledger: Ledger,
        after_commit: AfterCommit,
        meta: Mapping[str, Any],
        stop: threading.Event | None = None,
        now: Clock = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._after_commit = after_commit
        self._meta = dict(meta)
        self._now = now
        self._monotonic = monotonic
        self._queue: queue.SimpleQueue[Attempt] = queue.SimpleQueue()
        chance = chance or random.Random()
        self.runners = [Runner(one, self._queue.put, now=now, monotonic=monotonic, chance=chance) for one in collectors]
        self._stop = stop or threading.Event()
        self._changed = False
        self._surprise = ""
        self._beaten = self._detected = float("-inf")

    def run(self) -> None:
        """Read and write until `stop` is set; then the threads are left to end by themselves."""
        self.begin()
        threads = [
            threading.Thread(target=runner.run, args=(self._stop,), name=runner.key, daemon=True)
            for runner in self.runners
        ]
        for thread in threads:
            thread.start()
        while not self._stop.is_set():
            self.step(LOOK_SECONDS)
        self._finish(threads)

    def begin(self) -> None:
        """Say which sources there are, before the first of them has answered."""
        self._store.commit(self._now(), (), self._ledger.states, (), self._meta)

    def step(self, wait_seconds: float) -> None:
        """Wait for attempts, commit what is there, detect, beat."""
        attempts = self._arrived(wait_seconds)
        attempts += [late for late in (runner.overdue() for runner in self.runners) if late is not None]
        if attempts:
            self._commit(attempts)
        self._detect()
        if self._monotonic() - self._beaten >= BEAT_SECONDS:
            self._beaten = self._monotonic()
            self._store.beat(self._now())

    def _arrived(self, wait_seconds: float) -> list[Attempt]:
        """All that has arrived; waits for the first. What comes together is committed together."""
        found: list[Attempt] = []
        try:
            found.append(self._queue.get(timeout=wait_seconds) if wait_seconds else self._queue.get_nowait())
            while True:
                found.append(self._queue.get_nowait())
        except queue.Empty:
            return found

    def _commit(self, attempts: Sequence[Attempt]) -> None:
        scrapes, events = self._ledger.enter(attempts)
        now = self._now()
        self._store.commit(now, [*scrapes, self._ledger.own_samples(now)], self._ledger.states, events)
        self._changed = True
        if self._ledger.turned:
            for runner in self.runners:
                if runner.collector.interval_seconds > SLOWEST_SECONDS:
                    runner.poke()

    def _detect(self) -> None:
        """After new reads at most twice a second; at least every second, since time itself makes things true."""
        since = self._monotonic() - self._detected
        if since < (DETECT_AT_MOST_SECONDS if self._changed else DETECT_AT_LEAST_SECONDS):
            return
        self._detected, self._changed = self._monotonic(), False
        now = self._now()
        try:
            events = self._after_commit(now)
        except Exception as error:  # noqa: BLE001 (a rule that breaks must not stop the reading)
            self._log_once(error)
            return
        if events:
            self._store.commit(now, (), self._ledger.states, events)

    def _log_once(self, error: Exception) -> None:
        if repr(error) != self._surprise:
            self._surprise = repr(error)
            log.error("the detections failed", exc_info=error)

    def _finish(self, threads: Iterable[threading.Thread]) -> None:
        for runner in self.runners:
            runner.release()
        deadline = self._monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - self._monotonic()))
        for runner in self.runners:
            runner.collector.close()
        last = self._arrived(0.0)
        if last:
            self._commit(last)
