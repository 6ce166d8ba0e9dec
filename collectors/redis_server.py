"""Reads a Redis server by its own protocol: INFO alone, which changes nothing (contracts external F)."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ConnectionError,
    InvalidResponse,
    NoPermissionError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

from collectors.contract import Clock
from collectors.redact import redact
from collectors.redis_info import parse_info, tell
from collectors.server_words import FULL, ITSELF, ServerWords
from model.series import Scrape
from model.settings import SettingsError, SourceOptions
from model.sources import CollectError, ErrorKind
from model.targets import Target

KEPT_SECONDS = 60.0
"""A connection is made anew after this long: a name that has moved to another address is found there."""
CONNECT_SHARE = 0.4
"""Of the time that one read may take."""
_NOT_LET_IN = (AuthenticationError, AuthorizationError, NoPermissionError)


class RedisServerCollector:
    """One server. A failed read closes its connection; nothing is tried twice behind our back."""

    source = "redis"

    def __init__(self, target: Target, options: SourceOptions) -> None:
        self._words = ServerWords(self.source, target, ITSELF)
        self.instance = self._words.instance
        self.address = self._words.address
        self.interval_seconds = options.interval_seconds
        self.timeout_seconds = options.timeout_seconds
        self._client = client_of(target.url, options)
        self._opened_at = time.monotonic()

    def collect(self, now: Clock) -> Scrape:
        """All that INFO says. Raises CollectError."""
        self._renew()
        try:
            info = parse_info(_text(self._client.info("all")))
            if "maxclients" not in info:  # before Redis 7
                info |= self._configured()
        except (RedisError, OSError, ValueError) as error:
            self._client.connection_pool.disconnect()
            failure = typed(error, self.timeout_seconds)
            if failure.detail == FULL:
                return self._full(now)
            raise failure from None
        if "redis_version" not in info and "uptime_in_seconds" not in info:
            raise CollectError(ErrorKind.WRONG_PROTOCOL, "its answer to INFO is not that of Redis")
        told = self._words.scrape(now)
        tell(self._words, told, info)
        return told.scrape

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _renew(self) -> None:
        at = time.monotonic()
        if at - self._opened_at > KEPT_SECONDS:
            self._client.connection_pool.disconnect()
            self._opened_at = at

    def _full(self, now: Clock) -> Scrape:
        told = self._words.scrape(now)
        told.gauge("backend_full", True)
        return told.scrape

    def _configured(self) -> dict[str, str]:
        """The limit of clients; nothing where the user may not ask for it."""
        try:
            found: Any = self._client.config_get("maxclients")
        except ResponseError:
            return {}
        return {str(name): str(value) for name, value in found.items()}


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
        decode_responses=True,
        encoding_errors="replace",
        **access,
    )
    made.set_response_callback("INFO", lambda answer, **_: answer)
    return made


def _text(answer: Any) -> str:
    if not isinstance(answer, str):
        raise CollectError(ErrorKind.WRONG_PROTOCOL, "its answer to INFO is not that of Redis")
    return answer


def typed(error: Exception, timeout_seconds: float) -> CollectError:
    """What went wrong, from the client's exceptions and what caused them."""
    said = redact(str(error))
    causes = _causes(error)
    kinds: dict[type[BaseException], CollectError] = {
        socket.gaierror: CollectError(ErrorKind.DOWN, "its name does not resolve"),
        ssl.SSLCertVerificationError: CollectError(ErrorKind.REFUSED, f"its certificate is not trusted: {said}"),
        ssl.SSLError: CollectError(ErrorKind.WRONG_PROTOCOL, f"no encrypted connection: {said}"),
        TimeoutError: CollectError(ErrorKind.TIMED_OUT, f"no complete answer within {timeout_seconds:g} s"),
        InvalidResponse: CollectError(ErrorKind.WRONG_PROTOCOL, "does not speak Redis' protocol"),
    }
    for kind, failure in kinds.items():
        if any(isinstance(one, kind) for one in causes):
            return failure
    if "max number of clients" in said:
        return CollectError(ErrorKind.REFUSED, FULL)
    if isinstance(error, _NOT_LET_IN) or said.startswith(("NOAUTH", "WRONGPASS", "NOPERM")):
        return CollectError(ErrorKind.UNAUTHENTICATED, said)
    if isinstance(error, ConnectionError | OSError):
        return CollectError(ErrorKind.DOWN, _system_words(causes) or said)
    return CollectError(ErrorKind.MALFORMED, said)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def _system_words(causes: list[BaseException]) -> str:
    return next((one.strerror.lower() for one in causes if isinstance(one, OSError) and one.strerror), "")
