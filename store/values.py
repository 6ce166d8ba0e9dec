"""Reading values of the diskcache without writing a byte: a read-only connection and our Disk's rules.

diskcache's own Cache takes the write lock when it opens, which would stall behind the writer and fail on a full disk.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from urllib.parse import quote

from diskcache.core import DBNAME, MODE_BINARY, MODE_RAW

from store.codec import Stored, decode, decode_bytes
from store.disk import value_path
from store.errors import StoreDamaged

_SELECT = "SELECT mode, filename, value FROM Cache WHERE key = ? AND raw = 1"


class Values:
    """Values by key. Safe to use from several threads; raises sqlite3.Error when the database cannot be read."""

    def __init__(self, directory: Path, timeout_seconds: float = 5.0) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        path = quote(str((directory / DBNAME).resolve()))
        self._connection = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, timeout=timeout_seconds, check_same_thread=False, isolation_level=None
        )
        self._connection.execute("PRAGMA cache_size = -1024")

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


def _read_at(path: Path, offset: int, length: int) -> bytes:
    """Part of a file, opened for this read alone: hundreds of chunks must not hold hundreds of descriptors."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        return os.pread(descriptor, length, offset)
    finally:
        os.close(descriptor)
