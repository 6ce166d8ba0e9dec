"""What operators ask of alerts, on its way from any web process to the one writer: a small file each.

A wish is a file that appears whole, and goes once the event that was made of it is stored: a process that is killed
between the two loses nothing and doubles nothing, since the event carries the wish's name.
"""

from __future__ import annotations

import json
import logging
import os
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

from model.series import Event, Severity, labels_of
from store.disk.store_directory import INBOX
from store.errors import StoreError

KIND = "alert_action"
MOST_WAITING = 500
MOST_BYTES = 4096
_log = logging.getLogger(__name__)


class Inbox:
    """The wishes that wait in a store's directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory / INBOX
        self._handed_out: set[str] = set()

    def put(self, wishes: Iterable[Mapping[str, str]]) -> None:
        """Leave wishes for the collector: labels, and `message` in words. Raises StoreError when it cannot."""
        try:
            self._directory.mkdir(mode=0o700, exist_ok=True)
            if len(self._waiting()) >= MOST_WAITING:
                raise StoreError("too many wishes wait: the collector takes none")
            for wish in wishes:
                self._write(json.dumps(dict(wish)).encode())
        except OSError as error:
            raise StoreError(f"this cannot be kept: {error.strerror or error}") from None

    def arrived(self, stored: Iterable[Event], now: float) -> list[Event]:
        """The wishes that are new, as events of `now`; those among `stored` are done, and go."""
        waiting = self._waiting()
        if not waiting:
            return []
        done = {event.label("wish") for event in stored if event.kind == KIND}
        found = []
        for path in waiting:
            if path.stem in done:
                path.unlink(missing_ok=True)
                self._handed_out.discard(path.stem)
            elif path.stem not in self._handed_out:
                found += self._event(path, now)
        return found

    def _waiting(self) -> list[Path]:
        """In the order in which they were left."""
        try:
            return sorted(one for one in self._directory.iterdir() if one.suffix == ".json")
        except OSError:
            return []

    def _write(self, body: bytes) -> None:
        name = f"{uuid.uuid1().time:020d}-{uuid.uuid4().hex[:12]}"
        fresh = self._directory / f"{name}.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(body)
        fresh.replace(self._directory / f"{name}.json")

    def _event(self, path: Path, now: float) -> list[Event]:
        """None of a file that is no wish: it goes."""
        try:
            with path.open("rb") as file:
                wish = json.loads(file.read(MOST_BYTES))
            labels = {str(key): str(value) for key, value in wish.items()}
        except (OSError, ValueError, AttributeError) as error:
            _log.warning("a wish that cannot be read is thrown away: %s", error)
            path.unlink(missing_ok=True)
            return []
        self._handed_out.add(path.stem)
        words = labels.pop("message", "")
        return [Event(now, KIND, Severity.INFO, labels_of(labels | {"wish": path.stem}), words)]
