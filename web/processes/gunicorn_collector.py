"""The collector among gunicorn's workers: forked by the parent, which has imported what it needs, and looked after like
them. What none of them changes is in memory once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable
from typing import Any

from web.processes.gunicorn_worker import Worker

BEAT_SECONDS = 0.5
"""Between two signs of life, for the parent; and how soon it is missed."""
RETRY_SECONDS = 5.0
"""Between a collector that could not go on and the next one."""
LEAVES_FIRST, LEAVES_LAST = 0, sys.maxsize
"""Ages: where there are too many, gunicorn asks the one of the smallest age to leave."""


def seat(worker: Any, others: Collection[Any], generation: object) -> None:
    """Make a Worker that is about to be forked the collector, unless one of the others in its generation is.

    A generation is what was started with the same settings; those before are about to leave.
    """
    worker.generation = generation
    former = [one for one in others if one.collects and one.generation is not generation]
    for one in former:
        one.age = LEAVES_FIRST
    if not any(one.collects and one not in former for one in others):
        worker.collect()
        worker.age = LEAVES_LAST


def run(worker: Worker, listeners: Iterable[Any], collect: Callable[[], int]) -> int:
    """Be the collector, until it is asked to leave or its parent is gone. Returns gunicorn's exit status."""
    _take_over_signals(worker.SIGNALS)
    for listener in listeners:
        listener.close()  # of a port that nobody serves any more, connections would wait for ever
    threading.Thread(target=_beat, args=(worker,), name="hud-beat", daemon=True).start()
    if not collect():
        return 0
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    time.sleep(RETRY_SECONDS)
    return 1  # others of a collector's are gunicorn's own, at which it gives up


def _take_over_signals(numbers: Iterable[int]) -> None:
    """gunicorn's own handlers are the parent's; what it sends workers for their logs is nothing to the collector."""
    for number in numbers:
        signal.signal(number, lambda *_: None)
    for number in (signal.SIGABRT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGQUIT, lambda *_: signal.raise_signal(signal.SIGTERM))


def _beat(worker: Worker) -> None:
    while os.getppid() == worker.ppid:
        worker.notify()
        time.sleep(BEAT_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
