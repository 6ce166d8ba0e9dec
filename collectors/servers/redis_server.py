"""Reads a Redis server by its own protocol: INFO, and of a cluster CLUSTER INFO, which change nothing (contracts
external F).
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from collectors.core.answers import offer_text
from collectors.core.configured import KEPT_SECONDS, Configured
from collectors.core.contract import Clock
from collectors.core.probe import Speech, speaks_tls
from collectors.servers.redis_connection import BoundedConnection, BoundedTLSConnection, begin
from collectors.servers.redis_errors import (
    DOOR_SECONDS,
    answers_plainly,
    encrypted,
    said_at_the_door,
    typed,
    unencrypted,
)
from collectors.servers.redis_info import Info, is_limit_reported, parse_info, report
from collectors.servers.server_scrape import ITSELF, RefusalError, ServerWords
from model.series import Scrape
from model.settings import SettingsError, SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target

CONNECT_SHARE = 0.4
"""Of the time that one read may take."""
CLOSED = (Speech.NOBODY.value, Speech.UNRESOLVED.value)
"""Where there is no door to listen at."""


class RedisServerCollector(Configured):
    """One server. A failed read closes its connection; nothing is tried twice behind our back."""

    source = "redis"

    def __init__(self, target: Target, options: SourceOptions) -> None:
        self._words = ServerWords(self.source, target, ITSELF)
        super().__init__(target.url, options, instance=self._words.instance, address=self._words.address)
        self._client = client_of(target.url, options)
        self._max_bytes = options.max_bytes
        parts = urlsplit(target.url)
        self._host, self._port = parts.hostname or "", parts.port or 6379
        self._plain = parts.scheme == "redis" and not options.tls
        self._opened_at = time.monotonic()

    def collect(self, now: Clock) -> Scrape:
        """All that INFO says. Raises CollectError."""
        self._renew()
        try:
            info = self._read()
        except RefusalError as error:
            return self._words.refused(now, error)
        if not info.version and "uptime_in_seconds" not in info:
            raise CollectError(ErrorKind.WRONG_PROTOCOL, "its answer to INFO is not that of Redis")
        reported = self._words.scrape(now)
        report(self._words, reported, info)
        return reported.scrape

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _renew(self) -> None:
        at = time.monotonic()
        if at - self._opened_at > KEPT_SECONDS:
            self._client.connection_pool.disconnect()
            self._opened_at = at

    def _read(self) -> Info:
        """What INFO says. Raises CollectError."""
        begin(self.timeout_seconds, self._max_bytes)
        try:
            said = _text(self._client.info("all"))
            info = parse_info(said)
            offer_text("INFO all", said)
        except CollectError:  # more than may be read, or something else than words
            self._client.connection_pool.disconnect()
            raise
        except RecursionError:
            self._client.connection_pool.disconnect()
            raise CollectError(ErrorKind.MALFORMED, "lists within lists without end") from None
        except (RedisError, OSError, ValueError, OverflowError) as error:
            self._client.connection_pool.disconnect()
            raise self._failure(error) from None
        if not is_limit_reported(info):  # before Redis 7
            self._ask_more(info, "CONFIG GET", "maxclients")
        if info.get("cluster_enabled") == "1":
            self._ask_more(info, "CLUSTER INFO")
        return info

    def _failure(self, error: Exception) -> CollectError:
        """Nothing heard is not nothing said: who hung up may have said why to those who listen."""
        found = typed(error, self.timeout_seconds)
        if found.kind is ErrorKind.DOWN and self._plain and found.detail not in CLOSED:
            if said := said_at_the_door(self._host, self._port):
                return said
            return encrypted() if speaks_tls(self._host, self._port, DOOR_SECONDS) else found
        if found.kind is ErrorKind.TIMED_OUT and not self._plain and answers_plainly(self._host, self._port):
            return unencrypted()
        return found

    def _ask_more(self, info: Info, *command: str) -> None:
        """What INFO leaves out; without it nothing else is lost, as where the user may not ask for it."""
        try:
            found: Any = self._client.execute_command(*command)  # type: ignore[no-untyped-call]
        except (RedisError, OSError, ValueError, OverflowError, RecursionError, CollectError):
            self._client.connection_pool.disconnect()
            return
        if isinstance(found, dict):
            info.fields.update({str(name): [str(value)] for name, value in found.items()})


def client_of(url: str, options: SourceOptions) -> redis.Redis:
    """A client, not connected yet. Raises SettingsError for what Redis has no use for."""
    if options.token or options.server_name:
        raise SettingsError("setting sources.redis: bearer tokens and server_name are not for Redis")
    parts = urlsplit(url)
    access: dict[str, Any] = {}
    if parts.scheme == "rediss" or options.tls:
        key_file = options.key_file or options.cert_file
        access = {
            "ssl": True,
            "ssl_check_hostname": True,
            "ssl_ca_certs": str(options.ca_file) if options.ca_file else None,
            "ssl_certfile": str(options.cert_file) if options.cert_file else None,
            "ssl_keyfile": str(key_file) if key_file else None,
        }
    password = unquote(parts.password or "") or options.password.get_secret_value()
    made = redis.Redis(
        host=parts.hostname or "",
        port=parts.port or 6379,
        username=unquote(parts.username or "") or options.username or None,
        password=password or None,
        socket_connect_timeout=options.timeout_seconds * CONNECT_SHARE,
        socket_timeout=options.timeout_seconds * (1 - CONNECT_SHARE),
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,  # the first thing said must be our question: its answer may be the only one
        decode_responses=True,
        encoding_errors="replace",
        **access,
    )
    made.connection_pool.connection_class = BoundedTLSConnection if access else BoundedConnection
    made.set_response_callback("INFO", lambda answer, **_: answer)
    return made


def _text(answer: Any) -> str:
    if not isinstance(answer, str):
        raise CollectError(ErrorKind.WRONG_PROTOCOL, "its answer to INFO is not that of Redis")
    return answer
