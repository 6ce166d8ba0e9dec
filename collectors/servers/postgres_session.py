"""One kept session on a PostgreSQL server: read-only transactions, each with an end whatever the server does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg
from psycopg import Connection, IsolationLevel

from collectors.core.configured import KEPT_SECONDS
from collectors.servers.postgres_errors import is_interrupted, typed
from collectors.servers.postgres_views import APPLICATION
from model.settings import SettingsError, SourceOptions
from model.sources import CollectError

STATEMENT_SHARE = 0.8
"""Of the time that one read may take: the server gives up first."""
LEAST_SECONDS = 0.05
_PASSED_ON = ("sslmode", "sslrootcert", "sslcert", "sslkey", "channel_binding", "gssencmode", "target_session_attrs")
"""What an address may ask for in its query; all else is ours to say."""
Answer = TypeVar("Answer")


class Session:
    """For one thread at a time."""

    def __init__(self, url: str, options: SourceOptions) -> None:
        self._timeout = options.timeout_seconds
        self._arguments = arguments(url, options)
        self._connection: Connection[Any] | None = None
        self._opened_at = 0.0
        self._late = False
        self._ended = False
        self._until = 0.0

    def run(self, read: Callable[[Connection[Any]], Answer]) -> Answer:
        """`read` in a read-only transaction; tried once more when it was interrupted, or a kept session turns out to
        be gone.

        Raises CollectError.
        """
        kept = self._connection is not None
        if kept and time.monotonic() - self._opened_at > KEPT_SECONDS:
            self._drop()
            kept = False
        try:
            return self._once(read)
        except (psycopg.Error, OSError, ValueError) as error:
            found = self.typed(error)
            lost = kept and isinstance(error, psycopg.OperationalError) and not self._late and _is_lost(error)
            if lost or is_interrupted(found):
                return self._again(read)
            raise found from None

    def seconds_left(self) -> float:
        """What is left of the present read's time for statements."""
        return max(LEAST_SECONDS, self._until - time.monotonic())

    def close(self) -> None:
        """End the session for good; a read that is under way in another thread leaves no connection behind."""
        self._ended = True
        self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _again(self, read: Callable[[Connection[Any]], Answer]) -> Answer:
        try:
            return self._once(read)
        except (psycopg.Error, OSError, ValueError) as error:
            raise self.typed(error) from None

    def _once(self, read: Callable[[Connection[Any]], Answer]) -> Answer:
        self._late = False
        try:
            connection = self._connected()
            with _Deadline(connection, self._timeout, self._expire):
                self._until = time.monotonic() + self._timeout * STATEMENT_SHARE
                connection.execute(f"SET LOCAL statement_timeout = {int(self._timeout * STATEMENT_SHARE * 1000)}")
                answer = read(connection)
                connection.commit()  # nothing was changed, and rollbacks are counted as failures
                return answer
        except BaseException:
            self._drop()
            raise

    def _connected(self) -> Connection[Any]:
        if self._connection is None:
            made = Connection.connect(**self._arguments)
            made.read_only = True
            made.isolation_level = IsolationLevel.READ_COMMITTED  # a standby refuses one that a role may have instead
            made.prepare_threshold = None
            self._connection, self._opened_at = made, time.monotonic()
            if self._ended:
                raise psycopg.OperationalError("closed")
            return made
        return self._connection

    def _expire(self) -> None:
        self._late = True

    def typed(self, error: Exception) -> CollectError:
        """What went wrong with the present read."""
        cancelled = isinstance(error, psycopg.errors.QueryCanceled) and time.monotonic() >= self._until
        return typed(error, self._timeout, self._late or cancelled)


class _Deadline:
    """Cuts the connection when a read lasts too long: a server that is stopped answers no cancelling either."""

    def __init__(self, connection: Connection[Any], seconds: float, late: Callable[[], None]) -> None:
        self._descriptor = connection.fileno()
        self._late = late
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _cut(self) -> None:
        self._late()
        with socket.socket(fileno=self._descriptor) as borrowed:
            with contextlib.suppress(OSError):  # gone by itself meanwhile
                borrowed.shutdown(socket.SHUT_RDWR)
            borrowed.detach()


def arguments(url: str, options: SourceOptions) -> dict[str, Any]:
    """What psycopg connects with. Raises SettingsError for what PostgreSQL has no use for."""
    if options.token or options.server_name:
        raise SettingsError("setting sources.postgres: bearer tokens and server_name are not for PostgreSQL")
    parts = urlsplit(url)
    asked = {name: value for name, value in parse_qsl(parts.query) if name in _PASSED_ON}
    if options.tls or options.ca_file or options.cert_file:
        asked.setdefault("sslmode", "verify-full" if options.ca_file else "require")
    key_file = options.key_file or options.cert_file
    for name, file in (("sslrootcert", options.ca_file), ("sslcert", options.cert_file), ("sslkey", key_file)):
        if file is not None:
            asked.setdefault(name, str(file))
    given = {
        "host": parts.hostname,
        "port": parts.port or 5432,
        "user": unquote(parts.username or "") or options.username,
        "password": unquote(parts.password or "") or options.password.get_secret_value(),
        "dbname": unquote(parts.path.strip("/")) or "postgres",
    }
    connect_timeout = max(2, int(options.timeout_seconds))  # whole seconds, and libpq takes 1 for 2
    own = {"application_name": APPLICATION, "connect_timeout": connect_timeout, "client_encoding": "utf8"}
    return {name: value for name, value in given.items() if value} | asked | own


def _is_lost(error: psycopg.Error) -> bool:
    """The session went, as it does when the server was started again; not a statement that failed."""
    return error.sqlstate is None or error.sqlstate.startswith(("57P", "08"))
