"""Sessions: a file each, beside the store and for its owner alone, so that every worker of this host knows who signed
in, and who signed out.

A browser holds nothing but the session's random name, signed. The file's own name is a hash of that, and its time is
that of the last use.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from web.signin.person import Person, RefusedError

FOLDER, KEY, LOCK = "sessions", "key", "renewing"
PRIVATE, OWN_FILE = 0o700, 0o600
TOUCH_SECONDS = 15.0
"""A use is written down this often at most."""
MOST_SESSIONS = 20_000
_OPEN = os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Session:
    """`started` and `checked` are in seconds since 1970; `refresh` asks the provider again, '' where it gave none."""

    person: Person
    started: float
    checked: float
    refresh: str


class Sessions:
    """The folder. `idle` and `longest` are in seconds. Safe to use from several threads and processes."""

    def __init__(self, store: Path, idle: float, longest: float, clock: Callable[[], float] = time.time) -> None:
        self._folder = store / FOLDER
        self._idle, self._longest, self._clock = idle, longest, clock

    def secret(self) -> str:
        """What signs the cookies: made once, by whoever comes first. Raises OSError."""
        self._make()
        path = self._folder / KEY
        if not path.exists():
            fresh = self._folder / f"{KEY}.{secrets.token_hex(8)}"
            _write(fresh, secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
            fresh.unlink()
        return _read(path)

    def begin(self, person: Person, refresh: str) -> str:
        """A new session's name, which nobody could have known before. Raises OSError, RefusedError."""
        self._make()
        self._sweep()
        name = secrets.token_urlsafe(32)
        now = self._clock()
        self.keep(name, Session(replace(person, session=name), now, now, refresh))
        return name

    def keep(self, name: str, session: Session) -> None:
        """Write a session down, whole or not at all. Raises OSError."""
        fresh = self._folder / f"{self._path(name).name}.{secrets.token_hex(8)}"
        said = asdict(replace(session.person, session=""))
        said |= {"groups": sorted(session.person.groups), "roles": []}
        _write(fresh, json.dumps({**asdict(session), "person": said}))
        os.utime(fresh, (self._clock(),) * 2)
        fresh.replace(self._path(name))
        if self._tombstone(name).exists():
            self._path(name).unlink(missing_ok=True)

    def find(self, name: str, use: bool = True) -> Session:
        """The session as it stands; `use` says that somebody asks with it. Raises RefusedError."""
        path, now = self._path(name), self._clock()
        try:
            used = path.stat().st_mtime
            session = _session(json.loads(_read(path)), name)
        except (OSError, ValueError, KeyError, TypeError):
            raise RefusedError("This session has ended; sign in again.") from None
        if (
            abs(now - session.started) > self._longest or abs(now - used) > self._idle
        ):  # ahead, once a clock was set back
            self.end(name)
            raise RefusedError("This session has expired; sign in again.")
        if use and now - used > min(TOUCH_SECONDS, self._idle / 4):
            with contextlib.suppress(OSError):
                os.utime(path, (now, now))
        return session

    def end(self, name: str) -> None:
        """Whoever comes with it from now on is refused; a renewal that is under way does not bring it back."""
        with contextlib.suppress(OSError):
            self._tombstone(name).touch(OWN_FILE)
        with contextlib.suppress(OSError):
            self._path(name).unlink()

    @contextlib.contextmanager
    def renewing(self) -> Iterator[bool]:
        """False while another thread or process asks the provider after somebody: a refresh token serves but once."""
        try:
            descriptor = os.open(self._folder / LOCK, os.O_RDWR | os.O_CREAT | _OPEN, OWN_FILE)
        except OSError:
            yield False
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)

    def _make(self) -> None:
        """The folder, ours and nobody else's. Raises OSError."""
        self._folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
        found = self._folder.lstat()
        if self._folder.is_symlink() or found.st_uid != os.geteuid():
            raise PermissionError(f"{self._folder} belongs to somebody else")
        if found.st_mode & 0o077:
            self._folder.chmod(PRIVATE)

    def _sweep(self) -> None:
        """Forget sessions that nobody can use any more. Raises RefusedError while there are too many."""
        now, left = self._clock(), 0
        for path in self._folder.iterdir():
            if path.name in (KEY, LOCK):
                continue
            with contextlib.suppress(OSError):
                if abs(now - path.stat().st_mtime) > self._idle:
                    path.unlink()
                else:
                    left += 1
        if left >= MOST_SESSIONS:
            raise RefusedError("Too many people are signed in; try again later.", 503)

    def _path(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.encode()).hexdigest()

    def _tombstone(self, name: str) -> Path:
        return self._path(name).with_suffix(".ended")


def _session(found: dict[str, Any], name: str) -> Session:
    given = {**found["person"], "groups": frozenset(found["person"]["groups"]), "roles": frozenset[str]()}
    return Session(Person(**{**given, "session": name}), found["started"], found["checked"], found["refresh"])


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _OPEN, OWN_FILE), "w") as file:
        file.write(text)


def _read(path: Path) -> str:
    with os.fdopen(os.open(path, os.O_RDONLY | _OPEN)) as file:
        return file.read()
