"""The store's directory: whose it is (a marker), who writes (a lock), and what lies where.

prism-hud-store.json   the marker: this directory is ours, in this format
writer.lock            flock of the one collector; frees itself however that process ends
status.page            the writer's words (store/status.py)
cache/                 the diskcache
damaged/               the last cache that could not be read, kept for a look
inbox/                 what operators ask of alerts, until the writer has it (store/inbox.py)
web/                   what each web process counts of itself (store/web_counts.py)
sessions/              who is signed in: the web's own
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import logging
import os
import shutil
from pathlib import Path

from diskcache.core import DBNAME

from store.disk.database import Database
from store.disk.manifest import FORMAT
from store.errors import StoreBusy, StoreError, StoreForeign, StoreFull
from store.status import StatusPage

MARKER, LOCK, STATUS, DATA, DAMAGED = "prism-hud-store.json", "writer.lock", "status.page", "cache", "damaged"
INBOX, WEB = "inbox", "web"
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
LEAST_BYTES = 16 * 1024
"""The marker, the lock and the status page, and their places in the directory."""
PRIVATE = 0o700
"""It holds names of users, and addresses."""
_OURS = {MARKER, LOCK, STATUS, DATA, DAMAGED, INBOX}
_TOLERATED = {"lost+found", "sessions", WEB}
"""The last two are the web's (web/signin/sessions.py, store/web_counts.py), which may come before us."""
_log = logging.getLogger(__name__)


class StoreDirectory:
    """A claimed directory: while this object is open no other process may write there."""

    def __init__(self, directory: Path, descriptor: int) -> None:
        self.directory = directory
        self._descriptor = descriptor
        self._database: tuple[int, int] | None = None

    @classmethod
    def claim(cls, directory: Path) -> StoreDirectory:
        """Take the directory, made when it is missing. Raises StoreForeign, StoreBusy, StoreError."""
        try:
            directory.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            _refuse_others(directory)
            _refuse_foreign(directory)
            store_directory = cls(directory, _locked(directory / LOCK))
        except (FileExistsError, NotADirectoryError):
            raise StoreForeign(f"{directory} is not a directory; set HUD_CACHE_DIR to another place") from None
        except OSError as error:
            raise refused(f"cannot use {directory} as the store", error) from None
        store_directory._mend_marker()
        return store_directory

    @property
    def present(self) -> bool:
        """False once somebody removed or replaced the directory, or the database in it, under us."""
        known, self._database = self._database, _file(self.data / DBNAME)
        replaced = known is not None and self._database != known
        return not replaced and _file(self.directory / LOCK) == _identity(self._descriptor)

    @property
    def name(self) -> str:
        """The directory."""
        return str(self.directory)

    @property
    def data(self) -> Path:
        """Where the diskcache lies."""
        return self.directory / DATA

    @property
    def holds_data(self) -> bool:
        """Whether there is a diskcache."""
        return self.data.exists()

    def database(self) -> Database:
        """Open or make it. Raises StoreDamaged, StoreUnwritable."""
        return Database(self.data)

    def page(self) -> StatusPage:
        """Open or make it. Raises OSError."""
        return StatusPage(self.directory / STATUS)

    def again(self) -> StoreDirectory:
        """Claim the directory anew, made when it is missing. Raises StoreForeign, StoreBusy, StoreError."""
        self.release()
        return self.claim(self.directory)

    def set_aside(self, why: str) -> None:
        """Move the cache out of the way, with one line saying why; only the last such one is kept."""
        aside, self._database = self.directory / DAMAGED, None
        if aside.is_dir():
            shutil.rmtree(aside, ignore_errors=True)
        self.data.rename(aside)
        _log.error("the store in %s cannot be read (%s): moved to %s, starting an empty one", self.data, why, aside)

    def release(self) -> None:
        """Let others write."""
        os.close(self._descriptor)

    def _mend_marker(self) -> None:
        path = self.directory / MARKER
        if path.exists() and _format_of(path) == FORMAT:
            return
        if path.exists() or self.data.exists():
            _log.warning("the marker of the store in %s was missing or damaged: written again", self.directory)
        fresh = path.with_name(LOCK + ".marker")
        try:
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
                file.write(json.dumps({"store": "prism-hud", "format": FORMAT}) + "\n")
            fresh.replace(path)
        except OSError as error:
            self.release()
            raise refused(f"cannot write {path}", error) from None


def refused(what: str, error: OSError) -> StoreError:
    """What could not be done, as the error that says whether room would help."""
    kind = StoreFull if error.errno in NO_ROOM else StoreError
    return kind(f"{what}: {error.strerror or error}")


def no_room(directory: Path) -> bool:
    """Whether the disk below has no room to begin a store."""
    with contextlib.suppress(OSError):
        there = next(one for one in (directory.absolute(), *directory.absolute().parents) if one.exists())
        found = os.statvfs(there)
        return found.f_blocks > 0 and found.f_bavail * found.f_frsize < LEAST_BYTES
    return False


def _file(path: Path) -> tuple[int, int] | None:
    """Which file this is; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino


def _refuse_others(directory: Path) -> None:
    """Raises StoreForeign for another user's directory, or one with a link where a part of the store belongs: whoever
    planted it would say what we write over. What others may read in a directory of ours they may no more.
    """
    found = directory.stat()
    if found.st_uid != os.geteuid():
        raise StoreForeign(f"{directory} belongs to another user; set HUD_CACHE_DIR to a directory of your own")
    for name in (LOCK, STATUS, DATA, MARKER, INBOX):
        if (directory / name).is_symlink():
            raise StoreForeign(f"{directory / name} is a link, which we never make; set HUD_CACHE_DIR elsewhere")
    if found.st_mode & 0o077:
        directory.chmod(PRIVATE)


def _refuse_foreign(directory: Path) -> None:
    """Raises StoreForeign unless the directory is empty, or ours."""
    names = {entry.name for entry in directory.iterdir()} - _TOLERATED
    if MARKER in names:
        version = _format_of(directory / MARKER)
        if version is not None and version != FORMAT:
            raise StoreForeign(
                f"{directory} holds a store of format {version}, this version knows format {FORMAT}; "
                "set HUD_CACHE_DIR to another directory, or remove this one"
            )
    elif LOCK not in names and names:
        raise StoreForeign(
            f"{directory} is not empty and not a store of Prism HUD (it has no {MARKER}); it is left alone: "
            "set HUD_CACHE_DIR to an empty or new directory"
        )
    elif not {name for name in names if not name.startswith(LOCK)} <= _OURS:
        raise StoreForeign(f"{directory} holds files that are not ours; set HUD_CACHE_DIR to another directory")


def _format_of(path: Path) -> int | None:
    """The marker's format; None when the marker cannot be read as one."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    version = found.get("format") if isinstance(found, dict) and found.get("store") == "prism-hud" else None
    return version if isinstance(version, int) else None


def _locked(path: Path) -> int:
    """A descriptor that holds the lock. Raises StoreBusy, OSError."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = path.stat()
        except BlockingIOError:
            pid = _pid_in(descriptor)
            os.close(descriptor)
            raise StoreBusy(f"another collector (pid {pid}) writes to {path.parent}", pid) from None
        except FileNotFoundError:
            os.close(descriptor)
            continue
        if (found.st_dev, found.st_ino) == _identity(descriptor):
            break
        os.close(descriptor)
    _write_pid(descriptor)
    return descriptor


def _pid_in(descriptor: int) -> int:
    text = os.pread(descriptor, 16, 0).strip()
    return int(text) if text.isdigit() else 0


def _write_pid(descriptor: int) -> None:
    """Fixed width and in place, so that it needs no new block; a full disk costs the pid in a message, no more."""
    try:
        os.pwrite(descriptor, f"{os.getpid():<15}\n".encode(), 0)
    except OSError as error:
        _log.warning("cannot write the pid into the store's lock file: %s", error)
