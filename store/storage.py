"""What a store lies in, as its writer and its readers see it: bytes by key, changed in whole transactions.

There are two: diskcache in a directory (`store/disk/`, the default), and Redis for several hosts (`store/remote/`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Protocol

from store.disk.codec import Stored
from store.status import StoreStatus


class Values(Protocol):
    """Stored values, to be read. Safe to use from several threads; raises StoreError or sqlite3.Error."""

    @property
    def frozen(self) -> bool:
        """True when newer values can only be seen by opening again."""

    def get(self, key: str) -> bytes | None:
        """A whole value, None when there is none."""

    def open(self, key: str) -> Stored | None:
        """A value's header and the way to its buffers, None when there is none."""

    def close(self) -> None:
        """Let go of it."""


class Database(Protocol):
    """The one writer's. What writes raises StoreUnwritable (nothing changed), StoreDamaged, StoreFenced."""

    @property
    def values(self) -> Values:
        """The same, to be read."""

    def get(self, key: str) -> bytes | None:
        """A whole value, or None."""

    def write(self, values: Mapping[str, bytes]) -> None:
        """All of `values` in one transaction."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove keys that no manifest names any more."""

    def verify(self, key: str, value: bytes) -> None:
        """Look with the eyes of a new reader. Raises StoreDamaged unless `value` is what it sees."""

    def every_key(self) -> list[str]:
        """Every key."""

    def sweep(self) -> int:
        """Remove what a killed writer left behind and no key names; returns how many."""

    def checkpoint(self) -> None:
        """Give room back where that takes a step of its own."""

    def close(self) -> None:
        """Let go of it."""


class Page(Protocol):
    """Through which the writer speaks even when nothing can be stored. Safe to use from several threads."""

    @property
    def status(self) -> StoreStatus:
        """What it said last."""

    def update(
        self,
        *,
        alive_at: float | None = None,
        pid: int | None = None,
        trouble: str | None = None,
        version: int | None = None,
        epoch: str | None = None,
    ) -> None:
        """Publish the given facts; the others stay. Raises OSError, StoreUnwritable, StoreFenced."""

    def close(self) -> None:
        """Let go of it; what was said stays."""


class Watch(Protocol):
    """A reader's hold on what the writer says. Safe to use from several threads."""

    def read(self) -> StoreStatus:
        """What it says now, cheaply; the empty status when it never said anything."""

    def close(self) -> None:
        """Let go of it."""


class Claim(Protocol):
    """While it is held nobody else writes."""

    @property
    def name(self) -> str:
        """For messages: where the store lies, without credentials."""

    @property
    def present(self) -> bool:
        """False once somebody removed or replaced the store under us."""

    @property
    def holds_data(self) -> bool:
        """Whether there is something to set aside."""

    def database(self) -> Database:
        """Raises StoreDamaged, StoreUnwritable."""

    def page(self) -> Page:
        """Raises OSError, StoreError."""

    def set_aside(self, why: str) -> None:
        """Put away what cannot be read, with one log line saying why."""

    def again(self) -> Claim:
        """Claim what was removed under us. Raises StoreError."""

    def release(self) -> None:
        """Let others write."""


class Wishes(Protocol):
    """Small texts from any process to the writer, by name, in the order of their names. Raises OSError, StoreError."""

    def put(self, name: str, body: bytes) -> None:
        """Leave one; it appears whole."""

    def names(self) -> list[str]:
        """Those that wait, in order; none where they cannot be seen."""

    def read(self, name: str, most: int) -> bytes:
        """The first `most` bytes of one."""

    def drop(self, name: str) -> None:
        """It is done."""


class Storage(Protocol):
    """Where one store lies."""

    @property
    def name(self) -> str:
        """For messages, without credentials."""

    @property
    def shared(self) -> bool:
        """Whether other hosts may write and read it too."""

    @property
    def no_room(self) -> bool:
        """Whether there is no room to begin a store."""

    def claim(self) -> Claim:
        """Become its one writer. Raises StoreBusy, StoreForeign, StoreError."""

    def watch(self) -> Watch:
        """What the writer says."""

    def identity(self) -> Hashable | None:
        """Which database lies there now; None when there is none."""

    def values(self) -> Values:
        """Raises StoreError, sqlite3.Error, OSError."""

    def wishes(self) -> Wishes:
        """What operators ask, on its way to the writer."""

    def close(self) -> None:
        """Let go of what its parts share."""
