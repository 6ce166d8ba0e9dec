"""Every source on its own thread, one writer: attempts come in through a queue and are committed as they come.

The one place that knows the time (law 5). Detections run after commits, beside the loop; their events come through
the same queue and are committed at once.
"""

from __future__ import annotations

import contextlib
import queue
import random
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from collectors.core.backfill import Backfill, keeper
from collectors.core.contract import Clock, Collector, Gateway, Historian
from collectors.core.detection_loop import Detect, DetectionLoop, Suspects
from collectors.core.pace import LATEST_SECONDS, SOONEST_SECONDS, CommitPace, phases
from collectors.core.quotes import Quotes
from collectors.core.runner import Runner
from collectors.core.source_states import Attempt, SourceStates
from model.series import Event, Scrape
from model.sources import SourceState
from store.incoming import FrameBuilder, ReadFrame

BEAT_SECONDS = 1.0
LOOK_SECONDS = 0.25
"""How often overdue reads, the heartbeat and the wish to stop are looked at when nothing arrives."""
STOP_SECONDS = 0.3


class Store(Protocol):
    """What the scheduler needs of the store's writer."""

    def commit(
        self,
        now: float,
        frames: Iterable[ReadFrame],
        sources: Mapping[str, SourceState],
        events: Iterable[Event] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> int:
        """Store frames of reads, and events, as the next version."""

    def beat(self, now: float) -> None:
        """Say that the collector lives."""


BackfillRows = Callable[[Sequence[ReadFrame]], bool]
"""Puts rows of the past into the store; False when that is not possible now."""


class Scheduler:
    """Runs the collectors' threads, and the writer's loop in the thread that calls `run`."""

    def __init__(
        self,
        collectors: Sequence[Collector],
        store: Store,
        *,
        source_states: SourceStates,
        detect: Detect,
        suspects: Suspects = tuple,
        meta: Mapping[str, Any],
        sizes: Callable[[], Mapping[str, float]] = dict,
        web: Callable[[float], Scrape | None] = lambda now: None,
        backfill: BackfillRows | None = None,
        historians: Sequence[Historian] = (),
        quotes: Quotes | None = None,
        stop: threading.Event | None = None,
        now: Clock = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
    ) -> None:
        self._store = store
        self._frames = FrameBuilder()
        self._source_states = source_states
        self._meta = dict(meta)
        self._sizes = sizes
        self._web = web
        self._now = now
        self._monotonic = monotonic
        self._queue: queue.SimpleQueue[Attempt | Backfill | Sequence[Event]] = queue.SimpleQueue()
        self._backfill = backfill
        self._historians = tuple(historians)
        chance = chance or random.Random()
        self._quotes = quotes or Quotes()
        common: Any = {"now": now, "monotonic": monotonic, "chance": chance, "quotes": self._quotes}
        beats = zip(collectors, phases(monotonic(), [one.interval_seconds for one in collectors]), strict=True)
        self.runners = [Runner(one, self._queue.put, phase=phase, **common) for one, phase in beats]
        self._stop = stop or threading.Event()
        self.detection_loop = DetectionLoop(detect, self._queue.put, now, suspects, self._confirm)
        self._beaten = float("-inf")
        self._pace = CommitPace(monotonic)

    def run(self) -> None:
        """Read and write until `stop` is set; then the threads are left to end by themselves."""
        self.begin()
        threads = [
            threading.Thread(target=runner.run, args=(self._stop,), name=runner.key, daemon=True)
            for runner in self.runners
        ]
        threads.append(
            threading.Thread(target=self.detection_loop.run, args=(self._stop,), name="hud-detections", daemon=True)
        )
        if self._backfill is not None:
            threads += self._recalling()
        for thread in threads:
            thread.start()
        while not self._stop.is_set():
            self.step(LOOK_SECONDS)
        self._finish(threads)

    def begin(self) -> None:
        """Say which sources there are, before the first of them has answered."""
        self._store.commit(self._now(), (), self._source_states.states, (), self._meta)

    def step(self, wait_seconds: float) -> None:
        """Wait for attempts, commit what is there, detect, beat."""
        attempts, events = self._arrived(wait_seconds)
        attempts += [late for late in (runner.overdue() for runner in self.runners) if late is not None]
        if attempts:
            self._commit(attempts, events)
        elif events:
            self._store.commit(self._now(), (), self._source_states.states, events)
        if self._monotonic() - self._beaten >= BEAT_SECONDS:
            self._beaten = self._monotonic()
            self._store.beat(self._now())
            self._quotes.look(self._now())

    def _arrived(self, wait_seconds: float) -> tuple[list[Attempt], list[Event]]:
        """All that has arrived: waits for the first, then for what is read along with it. It is committed together."""
        attempts: list[Attempt] = []
        events: list[Event] = []
        for item in self._items(wait_seconds):
            if isinstance(item, Attempt):
                attempts.append(item)
            elif isinstance(item, Backfill):
                item.settle(self._backfill)
            else:
                events += item
        return attempts, events

    def _items(self, wait_seconds: float) -> Iterator[Attempt | Backfill | Sequence[Event]]:
        with contextlib.suppress(queue.Empty):
            if wait_seconds:
                yield self._queue.get(timeout=wait_seconds)
                self._stop.wait(self._pace.delay())
                until = self._monotonic() + LATEST_SECONDS
                while any(one.reading for one in self.runners) and (left := until - self._monotonic()) > 0.0:
                    yield self._queue.get(timeout=left)
            while True:
                yield self._queue.get_nowait()

    def _confirm(self, keys: Collection[str]) -> None:
        """Have these sources read again at once."""
        for runner in self.runners:
            if runner.key in keys:
                runner.confirm()

    def _recalling(self) -> list[threading.Thread]:
        """A thread for each that knows the time before the first read."""
        keep = keeper(self._queue.put, self._stop)
        known: dict[str, Historian] = {f"past {at}": one for at, one in enumerate(self._historians)}
        known |= {f"{one.key}-past": one.collector for one in self.runners if isinstance(one.collector, Gateway)}
        return [
            threading.Thread(target=one.recall, args=(keep, self._stop, self._now), name=name, daemon=True)
            for name, one in known.items()
        ]

    def _commit(self, attempts: Sequence[Attempt], found: Sequence[Event]) -> None:
        scrapes = self._source_states.enter(attempts)
        now = self._now()
        own = self._source_states.own_samples(now)
        for name, size in self._sizes().items():
            own.add(name, size)
        own.add("hud_commit_delay_seconds", max((now - one.time for one in attempts), default=0.0))
        read = filter(None, (*scrapes, own, self._web(now)))
        frames = [self._frames.of(scrape) for scrape in read]
        lines = self._quotes.news()
        meta = None if lines is None else {**self._meta, "lines": lines}
        self._store.commit(now, frames, self._source_states.states, found, meta)
        self._pace.committed()
        self.detection_loop.notify([one.key for one in attempts])
        if self._source_states.turned:
            for runner in self.runners:
                if runner.collector.interval_seconds > SOONEST_SECONDS:
                    runner.poke()

    def _finish(self, threads: Iterable[threading.Thread]) -> None:
        for runner in self.runners:
            runner.release()
        self.detection_loop.notify()
        deadline = self._monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - self._monotonic()))
        for runner in self.runners:
            runner.collector.close()
        attempts, events = self._arrived(0.0)
        if attempts or events:
            self._commit(attempts, events)
