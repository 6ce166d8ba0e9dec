"""A store in Redis or Valkey, shared by several hosts: one leader writes, everybody reads."""

from __future__ import annotations

from collections.abc import Hashable

from store.errors import StoreUnreachable
from store.remote import scripts
from store.remote.database import RedisClaim, RedisValues
from store.remote.link import Link
from store.remote.page import RedisWatch


class RedisStorage:
    """See `store.storage.Storage`. One for each process: its parts share what they know of the server."""

    shared = True
    no_room = False
    """What is refused is said when it is."""

    def __init__(self, url: str) -> None:
        self._link = Link(url)

    @property
    def name(self) -> str:
        """The server's address without credentials."""
        return self._link.name

    def claim(self) -> RedisClaim:
        """Be elected. Raises StoreBusy while another leads, StoreUnreachable, StoreUnwritable."""
        return RedisClaim.elected(self._link)

    def watch(self) -> RedisWatch:
        """What the leader says."""
        return RedisWatch(self._link)

    def identity(self) -> Hashable | None:
        """A server is itself: the manifest's epoch says whether it was emptied."""
        return self.name

    def values(self) -> RedisValues:
        """The stored values."""
        return RedisValues(self._link)

    def wishes(self) -> RedisWishes:
        """A field each of one hash."""
        return RedisWishes(self._link)

    def close(self) -> None:
        """Of connections that nobody uses."""
        self._link.close()


class RedisWishes:
    """See `store.storage.Wishes`. Raises StoreUnreachable, StoreUnwritable."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def put(self, name: str, body: bytes) -> None:
        """Leave one."""
        self._link.ask(lambda client: client.hset(scripts.WISHES, name, body))

    def names(self) -> list[str]:
        """Those that wait, in order; none while the server is away."""
        try:
            found = self._link.ask(lambda client: client.hkeys(scripts.WISHES))
        except StoreUnreachable:
            return []
        return sorted(one.decode("utf-8", "replace") for one in found)

    def read(self, name: str, most: int) -> bytes:
        """The first `most` bytes of one; none of what is gone."""
        found: bytes | None = self._link.ask(lambda client: client.hget(scripts.WISHES, name))
        return (found or b"")[:most]

    def drop(self, name: str) -> None:
        """It is done; while the server is away it stays, and is done again."""
        try:
            self._link.ask(lambda client: client.hdel(scripts.WISHES, name))
        except StoreUnreachable:
            return
