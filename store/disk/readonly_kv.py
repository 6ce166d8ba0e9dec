"""Reading values of the diskcache without writing a byte: a read-only connection and our Disk's rules.

diskcache's own Cache writes its settings when it opens. Measured while a writer's transaction was open: it waited 60 s
and failed ("database is locked"), a read-only connection opened in 0.5 ms. On a full disk it cannot open at all, and it
gives whole values only: one family of a chunk is 0.5 % of it.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote

from diskcache.core import DBNAME, MODE_BINARY, MODE_RAW

from store.disk.codec import Stored, decode, decode_bytes
from store.disk.pickle_free import value_path
from store.errors import StoreDamaged

SHARED_BYTES = 32 * 1024
"""SQLite's memory between reader and writer is at least this long, once there was room for it."""
_SELECT = "SELECT mode, filename, value FROM Cache WHERE key = ? AND raw = 1"


class ReadonlyKv:
    """Values by key. Safe to use from several threads; raises sqlite3.Error when the database cannot be read.

    `frozen` is True when there is no room on the disk for what readers share with a writer: then there can be no
    writer either, and the database is read as it lies; it must be opened again for anything newer.
    """

    def __init__(self, directory: Path, timeout_seconds: float = 5.0) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        path = quote(str((directory / DBNAME).resolve()))
        self.frozen = False
        try:
            self._connection = _connected(f"file:{path}?mode=ro", timeout_seconds)
        except sqlite3.OperationalError:
            shared = directory / f"{DBNAME}-shm"
            if shared.exists() and shared.stat().st_size >= SHARED_BYTES:
                raise
            self.frozen = True
            self._connection = _connected(f"file:{path}?mode=ro&immutable=1", timeout_seconds)

    def get(self, key: str) -> bytes | None:
        """A whole value, None when there is none. Raises StoreDamaged for anything but bytes."""
        found = self._find(key)
        if isinstance(found, Path):
            try:
                return found.read_bytes()
            except FileNotFoundError:
                return None
        return found

    def open(self, key: str) -> Stored | None:
        """A value's header and the way to its buffers, None when there is none. Raises StoreDamaged."""
        found = self._find(key)
        if found is None or isinstance(found, bytes):
            return None if found is None else decode_bytes(found)
        try:
            return decode(lambda offset, length: _read_at(found, offset, length))
        except FileNotFoundError:
            return None

    def filenames(self) -> set[str]:
        """The value files that rows name."""
        with self._lock:
            rows = self._connection.execute("SELECT filename FROM Cache WHERE filename IS NOT NULL").fetchall()
        return {name for (name,) in rows}

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._connection.close()

    def _find(self, key: str) -> bytes | Path | None:
        with self._lock:
            row = self._connection.execute(_SELECT, (key,)).fetchone()
        if row is None:
            return None
        mode, filename, value = row
        if mode == MODE_BINARY:
            return value_path(self._directory, filename)
        if mode != MODE_RAW or not isinstance(value, bytes):
            raise StoreDamaged(f"{key} is not bytes")
        return value


def _connected(uri: str, timeout_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=timeout_seconds, check_same_thread=False, isolation_level=None)
    try:
        connection.execute("PRAGMA cache_size = -1024")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _read_at(path: Path, offset: int, length: int) -> bytes:
    """Part of a file, opened for this read alone: hundreds of chunks must not hold hundreds of descriptors."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return os.pread(descriptor, length, offset)
    finally:
        os.close(descriptor)
