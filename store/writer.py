"""The one writer: takes frames of reads and events, keeps them for their time, publishes whole versions."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from model.series import Event
from model.sources import SourceState
from store.disk.store_directory import STATUS, StoreDirectory, refused
from store.errors import StoreBusy, StoreDamaged, StoreUnwritable
from store.incoming import ReadFrame
from store.status import StatusPage
from store.writing.history import History

WAIT_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Writer:
    """Holds the directory's lock from `open` to `close`.

    One thread opens, commits and closes, since diskcache closes the connection of the thread that asks and no other;
    `beat` may come from any.
    """

    def __init__(self, store_directory: StoreDirectory, page: StatusPage) -> None:
        self._store_directory = store_directory
        self._page = page
        self._trouble = ""
        self._history = History(store_directory, page.status.version)

    @classmethod
    def open(
        cls,
        directory: Path,
        wait: bool = False,
        *,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Writer:
        """Claim `directory` and go on with what is stored there.

        Raises StoreBusy when another collector writes (with `wait` only once `stop` is set), StoreForeign when the
        directory is not ours, StoreFull when there is no room to begin, StoreError when it cannot be used. A damaged
        store is moved aside with one log line.
        """
        store_directory = _claim(directory, wait, stop or threading.Event())
        try:
            page = StatusPage(store_directory.directory / STATUS)
        except OSError as error:
            store_directory.release()
            raise refused(f"cannot write to {directory}", error) from None
        writer = cls(store_directory, page)
        writer._tried(writer._history.open)
        writer._publish(clock())
        return writer

    @property
    def version(self) -> int:
        """The last version on disk."""
        return self._history.version

    @property
    def trouble(self) -> str:
        """Why nothing can be stored just now; empty when all is well."""
        return self._trouble

    def commit(
        self,
        now: float,
        frames: Iterable[ReadFrame],
        sources: Mapping[str, SourceState],
        events: Iterable[Event] = (),
        meta: Mapping[str, Any] | None = None,
    ) -> int:
        """Store frames of reads and events as the next version, whole or not at all; returns the version on disk.

        `meta` None keeps the last one. When nothing can be written (a full disk) this does not raise: it is logged
        once, said on the status page, and the reads wait in memory, as many as fit, for the disk to take them.
        A clock set back makes the store forget what lies after `now`. Raises TypeError when `meta` is not plain JSON.
        """
        if meta is not None:
            json.dumps(dict(meta))
        if not self._store_directory.present:
            self._move_in_again()
        self._history.take(now, frames, sources, events, meta)
        self._tried(self._history.save)
        self._publish(now)
        return self._history.version

    def backfill(self, frames: Sequence[ReadFrame]) -> bool:
        """Put rows of the past among what is stored, to be seen with the next commit; False when that is not possible.

        Nothing that is stored is changed: a row of a minute in which its source has one already, of the running minute,
        or of a time that is not kept any more is left out. For the thread that commits.
        """
        self._tried(lambda: self._history.take_past(frames))
        return not self._trouble

    def beat(self, now: float) -> None:
        """Say that the collector lives, also when there is nothing to commit."""
        try:
            self._page.update(alive_at=now)
        except OSError as error:
            _log.warning("cannot write the store's status page: %s", error)

    def close(self) -> None:
        """Fold the log into the database and let others write."""
        self._history.close()
        try:
            self._page.update(pid=0)
        except OSError as error:
            _log.warning("cannot write the store's status page: %s", error)
        self._page.close()
        self._store_directory.release()

    def _tried(self, step: Callable[[], None]) -> None:
        """Run a step that writes; what stops it becomes the trouble, logged on the way down and on the way back."""
        try:
            step()
            trouble = ""
        except StoreUnwritable as error:
            trouble = f"the store cannot be written: {error}"
        except StoreDamaged as error:
            trouble = ""
            self._rebuild(str(error))
        if trouble and not self._trouble:
            _log.error("%s; showing the last stored state and trying again", trouble)
        elif self._trouble and not trouble:
            _log.warning("the store can be written again")
        self._trouble = trouble

    def _rebuild(self, why: str) -> None:
        self._history.set_aside(why)
        try:
            self._history.open()
            self._history.save()
        except (StoreUnwritable, StoreDamaged) as error:
            _log.error("the new store cannot be written either: %s", error)

    def _move_in_again(self) -> None:
        """Somebody removed the directory or what is in it: make it anew and go on with what is in memory."""
        _log.error("the store in %s was removed: making it again", self._store_directory.directory)
        self._history.close()
        self._page.close()
        self._store_directory.release()
        self._store_directory = StoreDirectory.claim(self._store_directory.directory)
        self._page = StatusPage(self._store_directory.directory / STATUS)
        self._history.move(self._store_directory)

    def _publish(self, now: float) -> None:
        history = self._history
        try:
            self._page.update(
                alive_at=now, pid=os.getpid(), trouble=self._trouble, version=history.version, epoch=history.epoch
            )
        except OSError as error:
            _log.warning("cannot write the store's status page: %s", error)


def _claim(directory: Path, wait: bool, stop: threading.Event) -> StoreDirectory:
    said = False
    while True:
        try:
            return StoreDirectory.claim(directory)
        except StoreBusy as error:
            if not wait or stop.wait(WAIT_SECONDS):
                raise
            if not said:
                _log.warning("%s: waiting for it to end", error)
                said = True
