"""Runs the detections beside the writer's loop: however long they think, no commit waits for them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence

from collectors.core.contract import Clock
from model.series import Event

AT_MOST_SECONDS = 0.5
AT_LEAST_SECONDS = 1.0
CONFIRMING_SECONDS = 0.2
"""How soon it looks again while something is suspected and read again at once."""
AT_ONCE, CHEAP_SECONDS = ("proxy@",), 0.05
"""Most is concluded from these sources: a read of theirs is looked at sooner, where a look costs no more than this."""

REST, LONGEST_REST_SECONDS = 4.0, 2.0
"""It rests this many times the processor time that it took, so that rules have a fifth of a core at most, however large
the site; yet no longer than this.
"""

Detect = Callable[[float], Sequence[Event]]
"""Given now, the events that have come about since it was last asked."""

Suspects = Callable[[], Collection[str]]
"""After it has been asked: the keys of the sources whose next read would tell whether something is wrong."""

log = logging.getLogger("hud.collectors")


def rest_seconds(took: float) -> float:
    """How long it rests after a look that `took` so many seconds of processor time."""
    return max(CONFIRMING_SECONDS, min(REST * took, LONGEST_REST_SECONDS))


class DetectionLoop:
    """Detects after commits, about twice a second; at least every second, since time itself makes things true.

    What looks bad is confirmed: its sources are read again at once, and it looks again sooner.
    """

    def __init__(
        self,
        detect: Detect,
        deliver: Callable[[Sequence[Event]], None],
        now: Clock,
        suspects: Suspects = tuple,
        confirm: Callable[[Collection[str]], None] = lambda keys: None,
    ) -> None:
        self._detect = detect
        self._suspects = suspects
        self._confirm = confirm
        self._deliver = deliver
        self._now = now
        self._wanted, self._urgent = threading.Event(), threading.Event()
        self._took = 0.0
        self._surprise = ""

    def notify(self, keys: Iterable[str] = AT_ONCE) -> None:
        """Reads of these sources were committed."""
        if self._took <= CHEAP_SECONDS and any(key.startswith(AT_ONCE) for key in keys):
            self._urgent.set()
        self._wanted.set()

    def run(self, stop: threading.Event) -> None:
        """The thread: look, wait, until `stop` is set and `notify` wakes it."""
        while not stop.is_set():
            began = time.thread_time()
            self.step(stop)
            self._took = time.thread_time() - began
            stop.wait(rest_seconds(self._took))
            if not self._suspects():
                self._urgent.wait(AT_MOST_SECONDS - CONFIRMING_SECONDS)
            self._wanted.wait(AT_LEAST_SECONDS - AT_MOST_SECONDS)

    def step(self, stop: threading.Event) -> None:
        """Look once; what has come about is delivered."""
        self._wanted.clear()
        self._urgent.clear()
        try:
            events = self._detect(self._now())
        except Exception as error:
            if repr(error) != self._surprise and not stop.is_set():
                self._surprise = repr(error)
                log.error("the detections failed", exc_info=error)
            return
        if events:
            self._deliver(events)
        if suspects := self._suspects():
            self._confirm(suspects)
