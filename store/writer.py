"""The one writer: takes frames of reads and events, keeps them for their time, publishes whole versions."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from model.series import Event
from model.sources import SourceState
from store.choice import storage_at
from store.disk.store_directory import refused
from store.errors import StoreBusy, StoreDamaged, StoreFenced, StoreUnreachable, StoreUnwritable
from store.incoming import ReadFrame
from store.series_table import SeriesTable
from store.storage import Claim, Page, Storage
from store.writing.history import History

WAIT_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Writer:
    """Holds the claim on the store from `open` to `close`.

    One thread opens, commits and closes, since diskcache closes the connection of the thread that asks and no other;
    `beat` may come from any. Where several hosts share the store, whatever writes raises StoreFenced once another
    collector has taken over.
    """

    def __init__(self, claim: Claim, page: Page) -> None:
        self._claim = claim
        self._page = page
        self._trouble, self._logged = "", False
        self._history = History(claim, page.status.version)

    @classmethod
    def open(
        cls,
        where: Storage | Path,
        wait: bool = False,
        *,
        stop: threading.Event | None = None,
        clock: Callable[[], float] = time.time,
    ) -> Writer:
        """Claim a store and go on with what it holds.

        Raises StoreBusy when another collector writes (with `wait` only once `stop` is set), StoreForeign when the
        directory is not ours, StoreFull when there is no room to begin, StoreError when it cannot be used. A damaged
        store is moved aside with one log line.
        """
        claim = _claimed(storage_at(where), wait, stop or threading.Event())
        try:
            page = claim.page()
        except OSError as error:
            claim.release()
            raise refused(f"cannot write to {claim.name}", error) from None
        writer = cls(claim, page)
        writer._tried(writer._history.open)
        writer._publish(clock())
        return writer

    @property
    def version(self) -> int:
        """The last version on disk."""
        return self._history.version

    def table(self, key: str) -> SeriesTable | None:
        """The series table of a key, for a reader in the same process; from any thread."""
        return self._history.table(key)

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
        if not self._claim.present:
            self._tried(self._move_in_again)
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
        self._say(alive_at=now)

    def close(self) -> None:
        """Fold the log into the database and let others write."""
        self._history.close()
        with suppress(StoreFenced):
            self._say(pid=0)
        self._page.close()
        self._claim.release()

    def _tried(self, step: Callable[[], None]) -> None:
        """Run a step that writes; what stops it becomes the trouble, logged on the way down and on the way back."""
        trouble, logged = "", self._logged
        try:
            step()
        except StoreUnreachable as error:  # whoever noticed says so, and when it is over
            trouble, logged = str(error), True
        except StoreUnwritable as error:
            trouble, logged = f"the store cannot be written: {error}", False
        except StoreDamaged as error:
            self._rebuild(str(error))
        if trouble and not self._trouble and not logged:
            _log.error("%s; showing the last stored state and trying again", trouble)
        elif self._trouble and not trouble and not logged:
            _log.warning("the store can be written again")
        self._trouble, self._logged = trouble, bool(trouble) and logged

    def _rebuild(self, why: str) -> None:
        self._history.set_aside(why)
        try:
            self._history.open()
            self._history.save()
        except (StoreUnwritable, StoreDamaged) as error:
            _log.error("the new store cannot be written either: %s", error)

    def _move_in_again(self) -> None:
        """Somebody removed the directory or what is in it: make it anew and go on with what is in memory."""
        _log.error("the store in %s was removed: making it again", self._claim.name)
        self._history.close()
        self._page.close()
        self._claim = self._claim.again()
        self._page = self._claim.page()
        self._history.move(self._claim)

    def _publish(self, now: float) -> None:
        history = self._history
        self._say(alive_at=now, pid=os.getpid(), trouble=self._trouble, version=history.version, epoch=history.epoch)

    def _say(self, **facts: Any) -> None:
        try:
            self._page.update(**facts)
        except StoreUnreachable as error:
            _log.debug("%s", error)
        except (OSError, StoreUnwritable) as error:
            if not self._claim.present:
                return  # the next commit makes it again
            _log.warning("cannot write the store's status page: %s", error)


def _claimed(storage: Storage, wait: bool, stop: threading.Event) -> Claim:
    said = False
    while True:
        try:
            return storage.claim()
        except (StoreBusy, StoreUnreachable) as error:
            if not wait or stop.wait(WAIT_SECONDS):
                raise
            if not said and isinstance(error, StoreBusy):
                _log.warning("%s: waiting for it to end", error)
                said = True
