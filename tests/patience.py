"""How long a test waits: as long as was promised, in the seconds of a machine that has nothing else to do."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

LOAD = Path("/proc/loadavg")
PAUSE_SECONDS = 0.02
START_SECONDS = 60.0
LONG_SECONDS = 30.0
"""For what must happen but was promised for no time; a wait is over when it is, however long it might have been."""


def patience() -> float:
    """1 on a machine with time to spare; on a crowded one as many times more as there are tasks per processor.

    Both those that run or wait to run at this instant and those of the last minute are counted: the one knows nothing
    of what has just ended, the other nothing of what has just begun.
    """
    tasks = os.getloadavg()[0]
    if LOAD.exists():
        tasks = max(tasks, float(LOAD.read_text().split()[3].partition("/")[0]))
    return max(1.0, tasks / (os.cpu_count() or 1))


def until(
    true: Callable[[], object],
    said: Callable[[], str] = str,
    seconds: float = LONG_SECONDS,
    pause: float = PAUSE_SECONDS,
) -> float:
    """Wait until something is true; how many seconds that took. Fails with what `said` says.

    While the machine is crowded the time runs slower by `patience()`, from one look to the next.
    """
    began = last = time.monotonic()
    spent = 0.0
    while not true():
        assert spent < seconds, f"not within {seconds:g} s: {said()}"
        time.sleep(pause)
        now = time.monotonic()
        spent += (now - last) / patience()
        last = now
    return time.monotonic() - began


def until_served(url: str, process: subprocess.Popen[Any]) -> None:
    """Wait until a process that was started answers there; fails at once with what it said when it has ended."""

    def served() -> bool:
        assert process.poll() is None, f"it ended: {process.stderr.read() if process.stderr else ''}"
        with suppress(OSError):
            urllib.request.urlopen(url, timeout=5).close()
            return True
        return False

    until(served, lambda: f"nothing answers {url}", START_SECONDS)
