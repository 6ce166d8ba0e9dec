"""The writer's diskcache: opened only after a look from outside, written in whole transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import diskcache
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA

from store.disk.pickle_free import INLINE_PREFIXES, RESERVE_KEY, BytesDisk
from store.disk.readonly_kv import ReadonlyKv
from store.errors import StoreDamaged, StoreError, StoreUnwritable

SETTINGS: Mapping[str, str | int] = {
    "eviction_policy": "none",  # retention is ours: nothing may vanish behind the manifest's back
    "cull_limit": 0,
    "size_limit": 2**50,
    "statistics": 0,
    "tag_index": 0,
    "disk_min_file_size": 0,
    "disk_pickle_protocol": 0,
    "sqlite_journal_mode": "wal",  # readers and the writer never wait for each other
    "sqlite_synchronous": 1,  # NORMAL: whole after kill -9; a power cut may cost the last commits, never the store
    "sqlite_auto_vacuum": 0,  # freed pages are used again within the minute
    "sqlite_cache_size": -2048,  # KiB
    "sqlite_mmap_size": 0,  # a mapped file that is cut short kills the process
}
LOCK_TIMEOUT_SECONDS = 2.0
RESERVE_BYTES = 4 * 1024 * 1024
"""Room taken at the start, inside the database, so that the newest reads still find a place on a full disk."""


class _Cache(diskcache.Cache):  # type: ignore[misc]  # diskcache ships no types
    """A cache that leaves no connection behind when it cannot be opened."""

    def __init__(self, directory: str, **settings: Any) -> None:
        try:
            super().__init__(directory, **settings)
        except BaseException:
            self.close()
            raise


class Database:
    """Writes are whole or not at all. Used by one thread."""

    def __init__(self, directory: Path) -> None:
        """Open or make it. Raises StoreDamaged, StoreUnwritable."""
        self._directory = directory
        inspect(directory)
        with _translated(), ExitStack() as opened:
            self._cache = _Cache(str(directory), timeout=LOCK_TIMEOUT_SECONDS, disk=BytesDisk, **SETTINGS)
            opened.callback(self._cache.close)
            self.values = ReadonlyKv(directory)
            opened.callback(self.values.close)
            if (directory / DBNAME).stat().st_size < RESERVE_BYTES:
                self._reserve()
            opened.pop_all()

    def _reserve(self) -> None:
        with self._cache.transact(retry=False):
            self._cache.set(RESERVE_KEY, bytes(RESERVE_BYTES))
        self._cache.delete(RESERVE_KEY)
        self.checkpoint()
        self._cache.close()  # the connection keeps 2 MB of these pages, for nobody; the next use makes another

    def checkpoint(self) -> None:
        """Fold the log into the database as far as readers allow, so that the log starts again from its beginning."""
        with _translated():
            connection = sqlite3.connect(self._directory / DBNAME, timeout=LOCK_TIMEOUT_SECONDS, isolation_level=None)
            try:
                connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
            finally:
                connection.close()

    def get(self, key: str) -> bytes | None:
        """A whole value, or None. Raises StoreDamaged, StoreUnwritable."""
        with _translated():
            return self.values.get(key)

    def write(self, values: Mapping[str, bytes]) -> None:
        """All of `values` in one transaction. Raises StoreUnwritable (nothing changed), StoreDamaged."""
        with self._connected(), self._cache.transact(retry=False):
            for key, value in values.items():
                self._cache.set(key, value)

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """A COMMIT that failed leaves its transaction open: the connection is closed, the next use makes another."""
        try:
            with _translated():
                yield
        except StoreError:
            self._cache.close()
            raise

    def verify(self, key: str, value: bytes) -> None:
        """Look at the disk with the eyes of a new reader. Raises StoreDamaged unless `value` is what it sees."""
        with _translated():
            values = ReadonlyKv(self._directory)
            try:
                found = values.get(key)
            finally:
                values.close()
        if found != value:
            raise StoreDamaged("what was written cannot be read back")

    def delete(self, keys: Iterable[str]) -> None:
        """Remove keys that no manifest names any more: those with files each on its own, its file after its row."""
        inline: list[str] = []
        filed: list[str] = []
        for key in keys:
            (inline if key.startswith(INLINE_PREFIXES) else filed).append(key)
        with self._connected():
            with self._cache.transact(retry=False):
                for key in inline:
                    self._cache.delete(key)
            for key in filed:
                self._cache.delete(key)

    def every_key(self) -> list[str]:
        """Every key. Raises StoreDamaged."""
        with _translated():
            return list(self._cache)

    def sweep(self) -> int:
        """Remove value files that no row names (left by a killed writer); returns how many."""
        with _translated():
            known = self.values.filenames()
        orphans = [
            path
            for path in self._directory.glob("??/??/*.val")
            if path.relative_to(self._directory).as_posix() not in known
        ]
        for path in orphans:
            path.unlink(missing_ok=True)
        return len(orphans)

    def close(self) -> None:
        """Close both connections; the log is folded into the database."""
        self.values.close()
        self._cache.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (sqlite3.OperationalError, diskcache.Timeout, OSError) as error:
        raise StoreUnwritable(_first(error)) from error
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(str(error)) from error


def _first(error: BaseException) -> str:
    """The error that began it: a ROLLBACK that SQLite did by itself fails in turn and would hide it."""
    while isinstance(error.__context__, sqlite3.Error):
        error = error.__context__
    return str(error) or "the database is locked by another process"


def inspect(directory: Path) -> None:
    """Look at a database without diskcache, which would act on its settings. Raises StoreDamaged."""
    path = directory / DBNAME
    if not path.exists():
        return
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)
        try:
            _refuse_strange(connection)
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        if not path.is_file():
            raise StoreDamaged(f"{path} is no file") from error
        if "no such table" not in str(error):  # a start that was killed half-way has no tables yet
            raise StoreUnwritable(str(error)) from error
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(str(error)) from error


def _refuse_strange(connection: sqlite3.Connection) -> None:
    """Raises StoreDamaged for a database that is broken, or that our writer would not have made."""
    ((verdict,),) = connection.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        raise StoreDamaged(str(verdict))
    allowed = set(DEFAULT_SETTINGS) | set(METADATA) | set(SETTINGS)
    for name, value in connection.execute("SELECT key, value FROM Settings"):
        if name not in allowed or not isinstance(value, int | str | float):
            raise StoreDamaged(f"foreign setting {name!r}")
    strange = "SELECT count(*) FROM Cache WHERE raw != 1 OR typeof(key) != 'text' OR mode NOT IN (1, 2)"
    ((count,),) = connection.execute(strange).fetchall()
    if count:
        raise StoreDamaged(f"{count} rows that this store does not write (pickle or foreign keys)")
