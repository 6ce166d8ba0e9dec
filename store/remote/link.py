"""The way to one Redis server: who asks gets an answer, a typed error, or is told at once that it is away."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from store.errors import StoreUnreachable, StoreUnwritable

TIMEOUT_SECONDS = 1.0
RETRY_SECONDS = 0.5
Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)


class Link:
    """Safe to use from several threads, and after a fork. One log line when the server goes, one when it is back."""

    def __init__(self, url: str) -> None:
        self.name = spoken(url)
        self._lock = threading.Lock()
        self._why = ""
        self._back_at = float("-inf")
        self._client: Any = redis.Redis.from_url(  # its annotations mix in those of its asynchronous twin
            url,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            socket_keepalive=True,
            retry=Retry(NoBackoff(), 0),
        )

    @property
    def trouble(self) -> str:
        """Why nobody answers there; '' when somebody does."""
        return self._why

    @property
    def back_for(self) -> float:
        """Seconds since it came back; endless when it never went."""
        return time.monotonic() - self._back_at

    def script(self, lua: str) -> Callable[..., Any]:
        """A script, for `ask`: called with its keys, its arguments and the client."""
        made: Callable[..., Any] = self._client.register_script(lua)
        return made

    def pubsub(self) -> Any:
        """A connection of its own that listens; raises RedisError, OSError when it is used."""
        return self._client.pubsub(ignore_subscribe_messages=True)

    def ask(self, question: Callable[[Any], Answer]) -> Answer:
        """Raises StoreUnreachable, at once while the server is away: only `probe` looks for it then. StoreUnwritable
        when it refuses.
        """
        if self._why:
            raise StoreUnreachable(self._why)
        return self.probe(question)

    def probe(self, question: Callable[[Any], Answer]) -> Answer:
        """The same, whether it is away or not; for what asks again and again in the background."""
        try:
            answer = question(self._client)
        except ResponseError as error:
            self._back()
            raise StoreUnwritable(f"{self.name}: {error}") from None
        except (RedisError, OSError) as error:
            self.lost(error)
            raise StoreUnreachable(self._why or str(error)) from None
        self._back()
        return answer

    def lost(self, error: Exception) -> None:
        """Note that the server does not answer, with one log line until it does again."""
        with self._lock:
            if not self._why:
                self._why = f"the store at {self.name} cannot be reached: {_plain(error)}"
                _log.error("%s; showing what was read last and trying again", self._why)

    def close(self) -> None:
        """Let go of connections that nobody uses just now; whoever asks makes another."""
        self._client.connection_pool.disconnect(inuse_connections=False)

    def _back(self) -> None:
        if not self._why:
            return
        with self._lock:
            if self._why:
                _log.warning("the store at %s can be reached again", self.name)
                self._back_at = time.monotonic()
            self._why = ""


def spoken(url: str) -> str:
    """An address without credentials and options."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _plain(error: Any) -> str:
    words = " ".join(str(error).split()).rstrip(".")
    if numbered := re.search(r"\(\d+, '([^']+)'\)$", words):
        return numbered[1]  # "Error while reading from …: (104, 'Connection reset by peer')"
    return words.rpartition(". ")[2] or type(error).__name__
