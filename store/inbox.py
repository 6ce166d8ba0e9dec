"""What operators ask of alerts, or to see of a scrape, on its way from any web process to the one writer: a text each.

A wish appears whole, and goes once the event that was made of it is stored: a process that is killed between the two
loses nothing and doubles nothing, since the event carries the wish's name.
"""

from __future__ import annotations

import hashlib
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
LINES = "lines-"
"""How the name of a wish begins that is none of an alert: to see the lines of a scrape."""
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

    def ask(self, families: Iterable[str]) -> None:
        """Ask for the lines of these families as the next scrapes have them. Raises StoreError when it cannot."""
        body = json.dumps({"lines_of": sorted(families)}).encode()
        try:
            if len(self._wishes.names()) < MOST_WAITING:
                self._wishes.put(f"{LINES}{hashlib.sha256(body).hexdigest()[:24]}", body)
        except OSError as error:
            raise StoreError(f"this cannot be asked: {error.strerror or error}") from None

    def asked(self) -> set[str]:
        """The families whose lines were asked for since the last time."""
        found: set[str] = set()
        for name in [one for one in self._wishes.names() if one.startswith(LINES)]:
            try:
                body = self._wishes.read(name, MOST_BYTES)
                self._wishes.drop(name)
                found |= set(map(str, json.loads(body)["lines_of"]))
            except (OSError, StoreError):
                break  # later
            except (ValueError, TypeError, KeyError) as error:
                _log.warning("what was asked for is no list of families, and is thrown away: %s", error)
        return found

    def arrived(self, stored: Iterable[Event], now: float) -> list[Event]:
        """The wishes that are new, as events of `now`; those among `stored` are done, and go."""
        waiting = [name for name in self._wishes.names() if not name.startswith(LINES)]
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
