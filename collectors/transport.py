"""HTTP connections with a deadline for everything that is read from them.

A timeout per receive is not enough: a server that drips a byte at a time is never late. Here each receive gets what is
left of the whole read's time, in headers and chunk sizes as well as in the body.
"""

from __future__ import annotations

import socket
import ssl
import time
from contextvars import ContextVar
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager
from urllib3.util.ssl_ import create_urllib3_context

DEADLINE: ContextVar[float] = ContextVar("deadline")
"""When the read that this thread is in must be over, by `time.monotonic`."""


def remaining() -> float:
    """Seconds left of the present read. Raises TimeoutError when there are none."""
    left = DEADLINE.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError("the read's time is used up")
    return left


class _TimedSocket(socket.socket):
    """A socket whose receives end with the read's deadline."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(remaining())
        return super().recv_into(*arguments, **options)


class _TimedTLSSocket(ssl.SSLSocket):
    """The same, encrypted."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(remaining())
        return super().recv_into(*arguments, **options)


def _timed(plain: socket.socket) -> socket.socket:
    timeout = plain.gettimeout()
    timed = _TimedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    timed.settimeout(timeout)
    return timed


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _timed(super()._new_conn())


class _TLSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _timed(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class TimedAdapter(HTTPAdapter):
    """requests' adapter over timed sockets; set DEADLINE before sending."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make the pools. Called by requests."""
        context = create_urllib3_context()
        context.sslsocket_class = _TimedTLSSocket
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, ssl_context=context, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
