"""Work that begins in a state of this process which is dear to make: each job in a fork of it."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Job = Callable[[], Any]
"""Gives plain JSON."""


def forked(jobs: Sequence[Job], workers: int) -> Iterator[Any]:
    """The jobs' answers in order, at most `workers` at work at once. Raises RuntimeError when one failed."""
    waiting = list(jobs)
    running: list[int] = []
    while waiting or running:
        while waiting and len(running) < workers:
            running.append(_started(waiting.pop(0)))
        with os.fdopen(running.pop(0), "rb") as answer:
            sent = answer.read()
        os.wait()
        if not sent:
            raise RuntimeError("a job ended without an answer; its words are above")
        yield json.loads(sent)


def _started(job: Job) -> int:
    """Begin a job; the end of the pipe on which its answer comes."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    if os.fork():
        os.close(writing)
        return reading
    status = 1
    try:
        os.close(reading)
        with os.fdopen(writing, "wb") as answer:
            answer.write(json.dumps(job()).encode())
        status = 0
    except Exception:  # noqa: BLE001 (said, and told by the missing answer)
        traceback.print_exc()
    finally:
        os._exit(status)
