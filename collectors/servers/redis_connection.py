"""Redis connections with a deadline and a limit for all that one read brings. The client's own timeout is one per
receive, and of bytes it takes as many as come: a server that drips is never late, and one that floods fills the memory.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from redis.connection import Connection, SSLConnection

from collectors.core.probe import Speech, speech_of
from collectors.http.body import too_large
from collectors.http.transport import DEADLINE, remaining
from collectors.servers.redis_errors import encrypted, foreign

_LEFT: ContextVar[list[int]] = ContextVar("left")
"""How many bytes more the present read of this thread may bring, and how many it might have."""

_BEGINS = b"+-:$*"
"""How an answer begins: simple words, an error, a number, text and a list."""


def begin(timeout_seconds: float, max_bytes: int) -> None:
    """Start a read: all that is received in this thread until the next `begin` shares its time and its limit."""
    DEADLINE.set(time.monotonic() + timeout_seconds)
    _LEFT.set([max_bytes, max_bytes])


def _within(one: socket.socket, receive: Callable[..., bytes], *arguments: Any) -> bytes:
    """Raises TimeoutError and CollectError: TOO_LARGE, and WRONG_PROTOCOL for a read whose first byte begins no answer,
    which the client would wait for the end of.
    """
    patience, left, budget = one.gettimeout(), remaining(), _LEFT.get()
    one.settimeout(left if patience is None else min(patience, left))
    try:
        data = receive(*arguments)
    finally:
        one.settimeout(patience)
    if budget[0] == budget[1] and data and data[0] not in _BEGINS:
        raise encrypted() if speech_of(data) is Speech.TLS else foreign()
    budget[0] -= len(data)
    if budget[0] < 0:
        raise too_large(budget[1])
    return data


class _Bounded(socket.socket):
    __slots__ = ()

    def recv(self, *arguments: Any) -> bytes:
        return _within(self, super().recv, *arguments)


class _BoundedTLS(ssl.SSLSocket):
    def recv(self, *arguments: Any) -> bytes:
        return _within(self, super().recv, *arguments)


class BoundedConnection(Connection):
    """A plain connection that brings no more bytes in a read than `begin` allowed."""

    def _connect(self) -> socket.socket:
        made: Any = super()._connect()  # type: ignore[no-untyped-call]
        made.__class__ = _Bounded
        return made  # type: ignore[no-any-return]


class BoundedTLSConnection(SSLConnection):
    """The same, encrypted."""

    def _connect(self) -> socket.socket:
        made: Any = super()._connect()  # type: ignore[no-untyped-call]
        made.__class__ = _BoundedTLS
        return made  # type: ignore[no-any-return]
