"""Keeps one child process running beside this one: started again when it ends, ended when this one ends."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import IO

PATIENCE_SECONDS = 0.7
"""How long a child may take to leave by itself once asked."""
LOOK_SECONDS = 0.25
LONGEST_BACKOFF_SECONDS = 15.0
STEADY_SECONDS = 30.0
"""A child that ran this long had a good start; the next restart comes quickly again."""

log = logging.getLogger("hud.supervisor")


class Supervisor:
    """Runs `command` whenever `needed` says so, which is given the process id of the child that ran last.

    The child must end by itself when its standard input ends.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        needed: Callable[[int | None], bool],
    ) -> None:
        self._name = name
        self._command = tuple(command)
        self._environment = dict(environment)
        self._needed = needed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"hud-{name}", daemon=True)
        self._child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to watch, in a thread of its own."""
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        child = self._child
        return child.pid if child is not None and child.poll() is None else None

    def stop(self) -> None:
        """Ask the child to leave, wait a little, then make it."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2 * PATIENCE_SECONDS + 1.0)

    def _run(self) -> None:
        backoff = LOOK_SECONDS
        while not self._stopping.is_set():
            if not self._needed(self._child.pid if self._child else None):
                self._stopping.wait(LOOK_SECONDS * 4)
                continue
            lived = self._live_once()
            backoff = LOOK_SECONDS if lived >= STEADY_SECONDS else min(2 * backoff, LONGEST_BACKOFF_SECONDS)
            if not self._stopping.wait(backoff):
                log.warning("the %s ended after %.0f s (it is looked after and starts again)", self._name, lived)

    def _live_once(self) -> float:
        """Run the child until it ends or must end; roughly how many seconds it lived."""
        # A session of its own: Ctrl-C reaches this process only, which then ends the child in order.
        child = subprocess.Popen(self._command, stdin=subprocess.PIPE, env=self._environment, start_new_session=True)
        self._child = child
        lived = 0.0
        while child.poll() is None and not self._stopping.wait(LOOK_SECONDS):
            lived += LOOK_SECONDS
        if child.poll() is None:
            _end(child)
        _hang_up(child.stdin)
        return lived


def _hang_up(stdin: IO[bytes] | None) -> None:
    if stdin is not None:
        stdin.close()


def _end(child: subprocess.Popen[bytes]) -> None:
    _hang_up(child.stdin)
    child.terminate()
    try:
        child.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
