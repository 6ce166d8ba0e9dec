"""What operators ask of alerts, on its way from any web process to the one writer: a small text each.

A wish appears whole, and goes once the event that was made of it is stored: a process that is killed between the two
loses nothing and doubles nothing, since the event carries the wish's name.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

from model.series import Event, Severity, labels_of
from store.choice import storage_at
from store.errors import StoreError
from store.storage import Storage

KIND = "alert_action"
MOST_WAITING = 500
MOST_BYTES = 4096
_log = logging.getLogger(__name__)


class Inbox:
    """The wishes that wait in a store."""

    def __init__(self, where: Storage | Path) -> None:
        self._wishes = storage_at(where).wishes()
        self._handed_out: set[str] = set()

    def put(self, wishes: Iterable[Mapping[str, str]]) -> None:
        """Leave wishes for the collector: labels, and `message` in words. Raises StoreError when it cannot."""
        try:
            if len(self._wishes.names()) >= MOST_WAITING:
                raise StoreError("too many wishes wait: the collector takes none")
            for wish in wishes:
                self._wishes.put(f"{uuid.uuid1().time:020d}-{uuid.uuid4().hex[:12]}", json.dumps(dict(wish)).encode())
        except OSError as error:
            raise StoreError(f"this cannot be kept: {error.strerror or error}") from None

    def arrived(self, stored: Iterable[Event], now: float) -> list[Event]:
        """The wishes that are new, as events of `now`; those among `stored` are done, and go."""
        waiting = self._wishes.names()
        if not waiting:
            return []
        done = {event.label("wish") for event in stored if event.kind == KIND}
        found = []
        for name in waiting:
            if name in done:
                self._wishes.drop(name)
                self._handed_out.discard(name)
            elif name not in self._handed_out:
                found += self._event(name, now)
        return found

    def _event(self, name: str, now: float) -> list[Event]:
        """None of a text that is no wish: it goes."""
        try:
            wish = json.loads(self._wishes.read(name, MOST_BYTES))
            labels = {str(key): str(value) for key, value in wish.items()}
        except StoreError:
            return []  # later
        except (OSError, ValueError, AttributeError) as error:
            _log.warning("a wish that cannot be read is thrown away: %s", error)
            self._wishes.drop(name)
            return []
        self._handed_out.add(name)
        words = labels.pop("message", "")
        return [Event(now, KIND, Severity.INFO, labels_of(labels | {"wish": name}), words)]
