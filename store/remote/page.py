"""What the leader says of itself, in Redis: kept for those who come, published to those who listen."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from redis.exceptions import RedisError

from store.errors import StoreError
from store.remote import scripts
from store.remote.link import RETRY_SECONDS, Link
from store.status import StoreStatus, pack, unpack

QUIET_SECONDS = 1.5
"""The leader speaks at least once a second; after so long nobody else is asked whether it did."""


class RedisPage:
    """See `store.storage.Page`. `say` publishes, and raises what it raises."""

    def __init__(self, link: Link, say: Callable[[bytes], None]) -> None:
        self._say = say
        self._lock = threading.Lock()
        self.status = kept(link.ask(lambda client: client.get(scripts.STATUS)))

    def update(self, **facts: Any) -> None:
        """Publish the given facts; the others stay."""
        known = {name: value for name, value in facts.items() if value is not None}
        with self._lock:
            status = replace(self.status, sequence=self.status.sequence + 1, **known)
            self._say(pack(status))
            self.status = status

    def close(self) -> None:
        """What was said stays."""


class RedisWatch:
    """See `store.storage.Watch`. While the server is away the last words stay, with that as their trouble."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._pid = 0
        self._closed = threading.Event()
        self._status = StoreStatus()

    def read(self) -> StoreStatus:
        """From memory; a thread listens, from the first call on."""
        if self._pid != os.getpid():
            self._begin()
        why = self._link.trouble
        return replace(self._status, trouble=why, away=True) if why else self._status

    def close(self) -> None:
        """Listen no more."""
        self._closed.set()
        self._link.close()

    def _begin(self) -> None:
        """Threads do not survive a fork."""
        with self._lock:
            if self._pid == os.getpid():
                return
            self._fetch()
            self._closed = threading.Event()
            threading.Thread(target=self._listen, args=(self._closed,), name="hud-news", daemon=True).start()
            self._pid = os.getpid()

    def _fetch(self) -> bool:
        """True when it says something else than what is known."""
        before = self._status
        try:
            self._status = kept(self._link.probe(lambda client: client.get(scripts.STATUS)))
        except StoreError:
            return False
        return self._status != before

    def _listen(self, closed: threading.Event) -> None:
        while not closed.is_set():
            news = self._link.pubsub()
            try:
                news.subscribe(scripts.NEWS)
                self._fetch()
                self._hear(news, closed)
            except (RedisError, OSError) as error:
                if not closed.is_set():
                    self._link.lost(error)
            finally:
                news.close()
            closed.wait(RETRY_SECONDS)
        self._link.close()

    def _hear(self, news: Any, closed: threading.Event) -> None:
        """Until it is over, or nothing came though there was something to hear. Raises RedisError, OSError."""
        while not closed.is_set() and not self._link.trouble:
            message = news.get_message(timeout=QUIET_SECONDS)
            if message is not None:
                self._status = kept(message["data"])
            elif not closed.is_set() and self._fetch():
                return


def kept(data: bytes | None) -> StoreStatus:
    """A stored or published status; the empty one for anything else."""
    return (unpack(data) if isinstance(data, bytes) else None) or StoreStatus()
