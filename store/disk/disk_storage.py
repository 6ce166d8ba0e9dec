"""A store in a directory of this host: diskcache, a status page, a lock."""

from __future__ import annotations

import os
from collections.abc import Hashable
from pathlib import Path

from diskcache.core import DBNAME

from store.disk.readonly_kv import ReadonlyKv
from store.disk.store_directory import DATA, INBOX, STATUS, StoreDirectory, no_room
from store.status import StatusWatch


class DiskStorage:
    """See `store.storage.Storage`."""

    shared = False

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def name(self) -> str:
        """The directory."""
        return str(self.directory)

    @property
    def no_room(self) -> bool:
        """Whether the disk is full."""
        return no_room(self.directory)

    def claim(self) -> StoreDirectory:
        """Take the directory, made when it is missing. Raises StoreForeign, StoreBusy, StoreError."""
        return StoreDirectory.claim(self.directory)

    def watch(self) -> StatusWatch:
        """The status page, which may not be there yet."""
        return StatusWatch(self.directory / STATUS)

    def identity(self) -> Hashable | None:
        """Which file the database is; None where there is none."""
        try:
            found = (self.directory / DATA / DBNAME).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def values(self) -> ReadonlyKv:
        """Raises sqlite3.Error when there is no database."""
        return ReadonlyKv(self.directory / DATA)

    def wishes(self) -> FileWishes:
        """A small file each."""
        return FileWishes(self.directory / INBOX)

    def close(self) -> None:
        """Its parts share nothing."""


class FileWishes:
    """See `store.storage.Wishes`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, name: str, body: bytes) -> None:
        """A file that appears whole. Raises OSError."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        fresh = self._directory / f"{name}.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(body)
        fresh.replace(self._directory / f"{name}.json")

    def names(self) -> list[str]:
        """In the order in which they were left."""
        try:
            return sorted(one.stem for one in self._directory.iterdir() if one.suffix == ".json")
        except OSError:
            return []

    def read(self, name: str, most: int) -> bytes:
        """Raises OSError."""
        with (self._directory / f"{name}.json").open("rb") as file:
            return file.read(most)

    def drop(self, name: str) -> None:
        """Raises OSError."""
        (self._directory / f"{name}.json").unlink(missing_ok=True)
