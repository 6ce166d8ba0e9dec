"""Sessions that open live connections stand on: looked at every second, so that a connection ends with its session."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

from web.signin.person import RefusedError

LOOK_SECONDS = 1.0


class Held:
    """One session behind one connection or more; `valid` until it has ended."""

    __slots__ = ("__weakref__", "name", "valid")

    def __init__(self, name: str) -> None:
        self.name, self.valid = name, True

    def __call__(self) -> bool:
        """Whether it still stands; the hub's loop asks this and waits for nothing."""
        return self.valid


NOBODY = Held("")
"""Behind the connections of whoever need not sign in."""


class HeldSessions:
    """All of one process. `current` is asked about each by name, and raises RefusedError when it has ended."""

    def __init__(self, current: Callable[[str], object]) -> None:
        self._current = current
        self._lock = threading.Lock()
        self._held: weakref.WeakValueDictionary[str, Held] = weakref.WeakValueDictionary()
        self._thread: threading.Thread | None = None
        self._leaving = threading.Event()

    def hold(self, name: str) -> Held:
        """The session of a new connection; '' is none, which never ends."""
        if not name:
            return NOBODY
        with self._lock:
            found = self._held.get(name)
            if found is None:
                found = self._held[name] = Held(name)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="hud-sessions", daemon=True)
                self._thread.start()
        return found

    def look(self) -> None:
        """Ask about each once."""
        with self._lock:
            held = list(self._held.values())
        for one in held:
            try:
                self._current(one.name)
            except RefusedError:
                one.valid = False

    def close(self) -> None:
        """Look no more."""
        self._leaving.set()

    def _watch(self) -> None:
        while not self._leaving.wait(LOOK_SECONDS):
            self.look()
