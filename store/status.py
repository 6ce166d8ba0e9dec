"""The status page: a small preallocated file through which the writer speaks even when the disk is full.

Two slots of 1 KiB written in turn, each with a crc32: a reader takes the newest whole one, without locks, and a writer
killed in the middle leaves the other. It is read and written in place (pread/pwrite), never mapped: a page that
somebody cuts short must not kill its readers with SIGBUS.
"""

from __future__ import annotations

import os
import struct
import threading
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

SLOT_BYTES = 1024
PAGE_BYTES = 2 * SLOT_BYTES
_FIELDS = struct.Struct("<8sQQdI16sH")
_MAGIC = b"PRHUDST1"
_CRC = struct.Struct("<I")
TROUBLE_BYTES = SLOT_BYTES - _FIELDS.size - _CRC.size


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """What the writer last said. `alive_at` is seconds since 1970 (0.0: never); `pid` 0 means no writer yet.

    `epoch` names one life of the database: another one means that it was rebuilt. `away`: the reader itself cannot
    reach the store, and knows nothing newer; `trouble` says why.
    """

    alive_at: float = 0.0
    pid: int = 0
    trouble: str = ""
    version: int = 0
    epoch: str = ""
    sequence: int = 0
    away: bool = False


def pack(status: StoreStatus) -> bytes:
    """One slot."""
    trouble = status.trouble.encode()[:TROUBLE_BYTES].decode(errors="ignore").encode()
    fields = _FIELDS.pack(
        _MAGIC,
        status.sequence,
        status.version,
        status.alive_at,
        status.pid,
        bytes.fromhex(status.epoch or "0" * 32),
        len(trouble),
    )
    body = (fields + trouble).ljust(SLOT_BYTES - _CRC.size, b"\0")
    return body + _CRC.pack(zlib.crc32(body))


def unpack(slot: bytes) -> StoreStatus | None:
    """The inverse of `pack`; None for anything else."""
    body, crc = slot[: -_CRC.size], slot[-_CRC.size :]
    if len(slot) != SLOT_BYTES or not body.startswith(_MAGIC) or _CRC.unpack(crc)[0] != zlib.crc32(body):
        return None
    _, sequence, version, alive_at, pid, epoch, length = _FIELDS.unpack_from(body)
    trouble = body[_FIELDS.size : _FIELDS.size + length].decode(errors="replace")
    return StoreStatus(alive_at, pid, trouble, version, epoch.hex(), sequence)


def read_status(descriptor: int) -> StoreStatus:
    """The newest whole slot of an open status page; the empty status when there is none."""
    page = os.pread(descriptor, PAGE_BYTES, 0)
    slots = [unpack(page[at : at + SLOT_BYTES]) for at in (0, SLOT_BYTES)]
    return max((slot for slot in slots if slot is not None), key=lambda s: s.sequence, default=StoreStatus())


class StatusWatch:
    """A reader's hold on the page, which may not be there yet or be replaced. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._descriptor = -1
        self._identity: tuple[int, int] | None = None

    def read(self) -> StoreStatus:
        """What the page says now; the empty status when there is no page. Costs some microseconds."""
        with self._lock:
            try:
                found = self._path.stat()
                if self._identity != (found.st_dev, found.st_ino):
                    self._let_go()
                    self._descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                    self._identity = found.st_dev, found.st_ino
                return read_status(self._descriptor)
            except OSError:
                self._let_go()
                return StoreStatus()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._identity = -1, None


class StatusPage:
    """The writer's hold on the page. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Open or make the page and claim its blocks. Raises OSError (a full disk, when it is new)."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        self._lock = threading.Lock()
        try:
            if os.fstat(self._descriptor).st_size < PAGE_BYTES:
                os.pwrite(self._descriptor, bytes(PAGE_BYTES), 0)
        except OSError:
            os.close(self._descriptor)
            raise
        self.status = read_status(self._descriptor)

    def update(
        self,
        *,
        alive_at: float | None = None,
        pid: int | None = None,
        trouble: str | None = None,
        version: int | None = None,
        epoch: str | None = None,
    ) -> None:
        """Publish the given facts; the others stay. Raises OSError."""
        given = {"alive_at": alive_at, "pid": pid, "trouble": trouble, "version": version, "epoch": epoch}
        with self._lock:
            known = {name: value for name, value in given.items() if value is not None}
            status = replace(self.status, sequence=self.status.sequence + 1, **known)  # type: ignore[arg-type]
            os.pwrite(self._descriptor, pack(status), SLOT_BYTES * (status.sequence % 2))
            self.status = status

    def close(self) -> None:
        """Let go of the file; the page stays for its readers."""
        os.close(self._descriptor)
