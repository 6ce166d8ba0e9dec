"""diskcache's Disk without pickle: text keys, and bytes, text or numbers as values. Nothing else goes in or comes out.

diskcache unpickles what it finds (CVE-2025-69872); a shared directory may hold anything, so both ways are refused here.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import Any, BinaryIO

import diskcache
from diskcache.core import MODE_BINARY, MODE_RAW

from store.errors import StoreDamaged

INLINE_BYTES = 8 * 1024
"""Chunks above this lie in files of their own, where one family can be read alone."""
RESERVE_KEY = "reserve"
INLINE_PREFIXES = ("manifest", "commit/", RESERVE_KEY)
"""Always in the database: files go outside the transaction, so what is replaced or short-lived stays inline."""

_FILE_NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{28}\.val")


def value_path(directory: str | Path, filename: object) -> Path:
    """Where a value file lies. Raises StoreDamaged for a name that diskcache would not have made."""
    if not isinstance(filename, str) or not _FILE_NAME.fullmatch(filename):
        raise StoreDamaged(f"refused file name {filename!r}")
    return Path(directory) / filename


class BytesDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache ships no types
    """Stores str keys and bytes, str, int and float values; refuses pickle in both directions."""

    def put(self, key: object) -> tuple[str, bool]:
        """A key for the database. Raises TypeError unless it is text."""
        if type(key) is not str:
            raise TypeError(f"store keys are text, not {type(key).__name__}")
        return key, True

    def get(self, key: object, raw: object) -> str:
        """A key from the database. Raises StoreDamaged for a pickled or foreign one."""
        if not raw or type(key) is not str:
            raise StoreDamaged("refused a key that is not text")
        return key

    def store(self, value: object, read: bool, key: object = "") -> tuple[int, int, str | None, Any]:
        """(size, mode, filename, value) for diskcache's table. Raises TypeError for any other type."""
        if read or type(value) not in (bytes, str, int, float):
            raise TypeError(f"the store keeps bytes, text and numbers, not {type(value).__name__}")
        if not isinstance(value, bytes):
            return 0, MODE_RAW, None, value
        if len(value) <= INLINE_BYTES or str(key).startswith(INLINE_PREFIXES):
            return 0, MODE_RAW, None, sqlite3.Binary(value)
        filename, full_path = self.filename(key, value)
        self._write_whole(Path(full_path), value)
        return len(value), MODE_BINARY, filename, None

    def fetch(self, mode: int, filename: object, value: object, read: bool) -> bytes | str | int | float | BinaryIO:
        """A value from diskcache's table. Raises StoreDamaged for pickle and for names that lead elsewhere."""
        if mode == MODE_RAW and type(value) in (bytes, str, int, float):
            return value  # type: ignore[return-value]  # the line above is the check
        if mode != MODE_BINARY:
            raise StoreDamaged(f"refused a value of mode {mode!r}")
        path = value_path(self._directory, filename)
        return path.open("rb") if read else path.read_bytes()

    def remove(self, file_path: object) -> None:
        """Remove a value file. Raises StoreDamaged for a name that leads elsewhere."""
        value_path(self._directory, file_path)
        super().remove(file_path)

    def _write_whole(self, path: Path, value: bytes) -> None:
        """All of the file or none of it: a full disk leaves no stump."""
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                file.write(value)
        except OSError:
            path.unlink(missing_ok=True)
            raise
