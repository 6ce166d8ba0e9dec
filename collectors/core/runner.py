"""One source on its own thread: a hung source delays no other."""

from __future__ import annotations

import logging
import random
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from collectors.core.amounts import Amounts
from collectors.core.contract import Clock, Collector, Gateway, Noting, PartialReadError, key_of
from collectors.core.pace import LATEST_SECONDS, SOONEST_SECONDS, next_beat
from collectors.core.quotes import Quotes
from collectors.core.redact import redact
from collectors.core.source_states import Attempt
from model.sources import CollectError, ErrorKind

JITTER = 0.1
BACKOFF = 1.5
SLOWEST_SECONDS = 2.0
"""A failing source is asked less and less often, but every 2 s at least where it is read faster than that: whoever
watches a restart wants to see it within about 2 s, and one refused connection every 2 s harms nobody. Slower sources
keep their interval: waiting longer than that would only make their return invisible.
"""
AGAIN_SECONDS = 1.0
"""After its first failure any source is asked again so soon: one refused read is chance, two are a loss."""
OVERDUE_FACTOR = 1.5
"""A read that lasts this many times its timeout has a source (or a library) that ignores the timeout."""
SHORTEST_PAUSE_SECONDS = 0.05
POKES, POKES_WITHIN_SECONDS = 4, 30.0
"""When one source goes or comes back the slow ones are asked at once, since they often share its fate: not more often
than every second, and not for ever where something flaps.
"""

CONFIRM_SECONDS, MINUTE = 0.25, 60.0
"""A read that looks bad is made again so soon, but never more often than twice as often as usual over a minute."""

log = logging.getLogger("hud.collectors")


class Runner:
    """Reads one collector again and again, and hands each attempt to `deliver`."""

    def __init__(
        self,
        collector: Collector,
        deliver: Callable[[Attempt], None],
        *,
        now: Clock,
        monotonic: Callable[[], float],
        chance: random.Random,
        quotes: Quotes | None = None,
        phase: float = 0.0,
    ) -> None:
        """`phase` is the monotonic time of any of its beats, in seconds."""
        self.collector = collector
        self._gateway = collector if isinstance(collector, Gateway) else None
        self._noting = collector if isinstance(collector, Noting) else None
        self.key = key_of(collector)
        self._deliver = deliver
        self._now = now
        self._monotonic = monotonic
        self._chance = chance
        self._quotes = quotes or Quotes()
        self._phase = phase
        self._amounts = Amounts()
        self._failures = 0
        self._running_since: float | None = None
        self._reported_overdue = False
        self._surprises: set[str] = set()
        self._began = float("-inf")
        self._pokes: deque[float] = deque(maxlen=POKES)
        self._poked = threading.Event()
        self._confirmed: deque[float] = deque(
            maxlen=max(1, int(MINUTE / max(collector.interval_seconds, CONFIRM_SECONDS)))
        )
        self._soonest = SOONEST_SECONDS

    def run(self, stop: threading.Event) -> None:
        """The thread: read, wait, until `stop` is set and a poke makes it look."""
        while not stop.is_set():
            if self._poked.wait(self.step()):
                self._poked.clear()
                stop.wait(max(0.0, self.forget_confirmation() - (self._monotonic() - self._began)))

    def poke(self) -> bool:
        """Read soon instead of at the end of the pause, unless that was asked too often."""
        at = self._monotonic()
        if len(self._pokes) == POKES and at - self._pokes[0] < POKES_WITHIN_SECONDS:
            return False
        self._pokes.append(at)
        self._poked.set()
        return True

    def confirm(self) -> bool:
        """Read again at once, since the last read looks bad; False where that was done too often within a minute."""
        at = self._monotonic()
        full = len(self._confirmed) == self._confirmed.maxlen and at - self._confirmed[0] < MINUTE
        if full or self._soonest == CONFIRM_SECONDS:
            return not full
        self._confirmed.append(at)
        self._soonest = CONFIRM_SECONDS
        self._poked.set()
        return True

    def forget_confirmation(self) -> float:
        """How soon after the begin of the last read the next may begin, now that it is made; in seconds."""
        soonest, self._soonest = self._soonest, SOONEST_SECONDS
        return soonest

    def release(self) -> None:
        """Let a waiting thread see that it should stop."""
        self._poked.set()

    def step(self) -> float:
        """One read, delivered. Returns the seconds to wait before the next."""
        self._began = began = self._monotonic()
        self._running_since = began
        attempt = self._attempt(began)
        if self._gateway is not None:
            attempt = replace(attempt, reported=self._gateway.reported())
        if self._noting is not None:
            attempt = replace(attempt, note=self._noting.note)
        self._failures = self._failures + 1 if attempt.error else 0
        self._deliver(attempt)
        self._running_since, self._reported_overdue = None, False
        return max(SHORTEST_PAUSE_SECONDS, self.pause() - (self._monotonic() - began))

    @property
    def reading(self) -> bool:
        """True while a read is under way that began lately."""
        since = self._running_since
        return since is not None and self._monotonic() - since < LATEST_SECONDS

    def pause(self) -> float:
        """Seconds from the start of one read to the start of the next: on the beat, or jittered while reads fail."""
        interval = self.collector.interval_seconds
        if not self._failures:
            return next_beat(self._began, interval, self._phase) - self._began
        slowest = max(interval, SLOWEST_SECONDS)
        wanted = min(interval * BACKOFF ** min(self._failures, 10), slowest)
        if self._failures == 1:
            wanted = min(interval, AGAIN_SECONDS)
        return wanted * self._chance.uniform(1 - JITTER, 1 + JITTER)

    def overdue(self) -> Attempt | None:
        """Said once for each read that ignores its timeout; asked by the writer's loop, which it must not block."""
        since = self._running_since
        if since is None or self._reported_overdue:
            return None
        lasted = self._monotonic() - since
        if lasted <= self.collector.timeout_seconds * OVERDUE_FACTOR:
            return None
        self._reported_overdue = True
        error = CollectError(ErrorKind.TIMED_OUT, f"no answer for {lasted:.1f} s, still waiting")
        return Attempt.failed(self.key, self._now(), lasted, error)

    def _attempt(self, began: float) -> Attempt:
        try:
            with self._quotes.reading(self.key, self._now):
                scrape = self.collector.collect(self._now)
            scrape.values = self._amounts.within(scrape.series, scrape.values)
        except CollectError as error:
            if isinstance(error, PartialReadError):
                error.scrape.values = self._amounts.within(error.scrape.series, error.scrape.values)
            return Attempt.failed(self.key, self._now(), self._monotonic() - began, error)
        except Exception as error:  # noqa: BLE001 (no answer, however odd, may end the reading of a source)
            self._log_once(error)
            said = CollectError(ErrorKind.MALFORMED, redact(f"{type(error).__name__}: {error}"))
            return Attempt.failed(self.key, self._now(), self._monotonic() - began, said)
        return Attempt(self.key, self._now(), self._monotonic() - began, scrape)

    def _log_once(self, error: Exception) -> None:
        kind = type(error).__name__
        if kind not in self._surprises:
            self._surprises.add(kind)
            log.error("%s: an answer that the collector cannot handle", self.key, exc_info=error)
