"""Stored values in Redis: a string each, of which parts are read alone; written in scripts that compare the token."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence

from store.disk.codec import Stored, decode
from store.errors import StoreBusy, StoreDamaged, StoreError, StoreFenced, StoreUnwritable
from store.remote import scripts
from store.remote.link import Link
from store.remote.page import RedisPage

HEAD_BYTES = 16 * 1024
"""Of a value that is opened; most headers are shorter, and so are most values."""
LEASE_MILLISECONDS = 2500
RENEW_SECONDS = 0.5
HEAD_START_SECONDS = 3.0
"""After the server was away: the leader of before holds in memory what was read meanwhile, and goes on first."""
MOST_AT_ONCE = 1000
"""Keys removed by one script, during which Redis answers nobody."""
_log = logging.getLogger(__name__)


class RedisValues:
    """See `store.storage.Values`. Raises StoreUnreachable."""

    frozen = False

    def __init__(self, link: Link) -> None:
        self._link = link

    def get(self, key: str) -> bytes | None:
        """A whole value, None when there is none."""
        found: bytes | None = self._link.ask(lambda client: client.get(scripts.VALUE + key))
        return found

    def open(self, key: str) -> Stored | None:
        """A value's header and the way to its buffers, None when there is none. Raises StoreDamaged."""
        head = self._part(key, 0, HEAD_BYTES)
        if not head:
            return None

        def read_at(offset: int, length: int) -> bytes:
            if len(head) < HEAD_BYTES or offset + length <= len(head):
                return head[offset : offset + length]
            return self._part(key, offset, length)

        return decode(read_at)

    def close(self) -> None:
        """The link is everybody's."""

    def _part(self, key: str, offset: int, length: int) -> bytes:
        if not length:
            return b""
        last = offset + length - 1
        part: bytes = self._link.ask(lambda client: client.getrange(scripts.VALUE + key, offset, last))
        return part


class RedisClaim:
    """A collector that was elected: it renews its lease from a thread, and every change carries its fencing token."""

    def __init__(self, link: Link, token: bytes) -> None:
        self._link, self._token = link, token
        self._renew = link.script(scripts.RENEW)
        self._stop = threading.Event()
        self._gone = False
        threading.Thread(target=self._keep, name="hud-lease", daemon=True).start()

    @classmethod
    def elected(cls, link: Link) -> RedisClaim:
        """Raises StoreBusy while another leads, StoreUnreachable, StoreUnwritable."""
        try:
            link.probe(lambda client: client.ping())
        except StoreError:  # nobody goes on with what was connected, though it was refused
            link.close()
            raise
        if link.back_for < HEAD_START_SECONDS:
            raise StoreBusy(f"{link.name} is back, and the collector that wrote to it before may go on first")
        return cls._elected(link)

    @classmethod
    def _elected(cls, link: Link) -> RedisClaim:
        elect = link.script(scripts.ELECT)
        who = f"{socket.gethostname()} pid {os.getpid()} {uuid.uuid4().hex[:12]}"
        keys = [scripts.LEASE, scripts.LEADER, scripts.ELECTIONS]
        won, token = link.probe(lambda client: elect(keys, [who, LEASE_MILLISECONDS], client))
        if not won:
            raise StoreBusy(f"another collector ({_holder(token)}) writes to {link.name}")
        return cls(link, token)

    @property
    def name(self) -> str:
        """The server's address."""
        return self._link.name

    @property
    def present(self) -> bool:
        """False once the server was found emptied."""
        return not self._gone

    @property
    def holds_data(self) -> bool:
        """There may be some."""
        return True

    def database(self) -> RedisDatabase:
        """The values."""
        return RedisDatabase(self._link, self)

    def page(self) -> RedisPage:
        """What it says, kept and told to all who listen."""
        return RedisPage(self._link, lambda status: self.change(scripts.SAY, [scripts.STATUS], [status, scripts.NEWS]))

    def change(self, script: str, keys: Sequence[str], values: Sequence[bytes | str] = ()) -> None:
        """Run a script that compares the token first. Raises StoreFenced, StoreUnwritable, StoreUnreachable."""
        run = self._link.script(script)
        answer = self._link.ask(lambda client: run([scripts.LEADER, *keys], [self._token, *values], client))
        if answer == 1:
            return
        if not answer:
            self._gone = True
            raise StoreUnwritable(f"{self.name} was emptied")
        raise StoreFenced(f"another collector ({_holder(answer)}) has taken over {self.name}")

    def set_aside(self, why: str) -> None:
        """Remove all values: a server has no place to put them."""
        _log.error("the store at %s cannot be read (%s): removed, starting an empty one", self.name, why)
        database = self.database()
        database.delete(database.every_key())

    def again(self) -> RedisClaim:
        """Be elected once more. Raises StoreFenced when another was, StoreUnreachable."""
        self._stop.set()
        try:
            return self._elected(self._link)
        except StoreBusy as error:
            raise StoreFenced(str(error)) from None

    def release(self) -> None:
        """Let others be elected at once."""
        self._stop.set()
        resign = self._link.script(scripts.RESIGN)
        try:
            self._link.ask(lambda client: resign([scripts.LEASE], [self._token], client))
        except StoreError as error:
            _log.debug("the lease ends by itself: %s", error)
        self._link.close()

    def _keep(self) -> None:
        keys, said = [scripts.LEASE, scripts.LEADER], [self._token, LEASE_MILLISECONDS]
        while not self._stop.wait(RENEW_SECONDS):
            try:
                self._link.probe(lambda client: self._renew(keys, said, client))
            except StoreError as error:  # the next change finds out whether it is over
                _log.debug("the lease was not renewed: %s", error)
        self._link.close()


class RedisDatabase:
    """See `store.storage.Database`."""

    def __init__(self, link: Link, claim: RedisClaim) -> None:
        self._link, self._claim = link, claim
        self.values = RedisValues(link)

    def get(self, key: str) -> bytes | None:
        """A whole value, or None."""
        return self.values.get(key)

    def write(self, values: Mapping[str, bytes]) -> None:
        """All of `values`, or none."""
        self._claim.change(scripts.WRITE, [scripts.VALUE + key for key in values], list(values.values()))

    def delete(self, keys: Iterable[str]) -> None:
        """A thousand at a time."""
        names = [scripts.VALUE + key for key in keys]
        for at in range(0, len(names), MOST_AT_ONCE):
            self._claim.change(scripts.DELETE, names[at : at + MOST_AT_ONCE])

    def verify(self, key: str, value: bytes) -> None:
        """Raises StoreDamaged unless `value` is there."""
        if self.get(key) != value:
            raise StoreDamaged("what was written cannot be read back")

    def every_key(self) -> list[str]:
        """Every key."""
        pattern = scripts.VALUE + "*"
        found = self._link.ask(lambda client: list(client.scan_iter(match=pattern, count=MOST_AT_ONCE)))
        return sorted({one.decode("utf-8", "replace").removeprefix(scripts.VALUE) for one in found})

    def sweep(self) -> int:
        """Nothing lies beside the values."""
        return 0

    def checkpoint(self) -> None:
        """What is removed makes room at once."""

    def close(self) -> None:
        """The link is everybody's."""


def _holder(token: object) -> str:
    """Host and process of a token, for messages."""
    words = token.decode("utf-8", "replace").split() if isinstance(token, bytes) else []
    return " ".join(words[1:4])
