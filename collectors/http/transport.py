"""HTTP connections with a deadline for everything that is read from them.

A timeout per receive is not enough: a server that drips a byte at a time is never late. Here each receive gets what is
left of the whole read's time, in headers and chunk sizes as well as in the body.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager, ProxyManager
from urllib3.util.ssl_ import create_urllib3_context

from model.access import Access

DEADLINE: ContextVar[float] = ContextVar("deadline")
"""When the read that this thread is in must be over, by `time.monotonic`."""


ANNOUNCED, FINAL = 102, 200
"""Interim answers that nobody need ask for; 101 would change the protocol, which we never offer."""


def remaining() -> float:
    """Seconds left of the present read. Raises TimeoutError when there are none."""
    left = DEADLINE.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError("the read's time is used up")
    return left


@contextmanager
def share_of_time(share: float) -> Iterator[None]:
    """Requests made within have this share of what is left of the present read: one that hangs costs no more."""
    until, now = DEADLINE.get(), time.monotonic()
    DEADLINE.set(now + max(0.0, until - now) * share)
    try:
        yield
    finally:
        DEADLINE.set(until)


class _TimedSocket(socket.socket):
    """A socket whose receives end with the read's deadline."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(remaining())
        return super().recv_into(*arguments, **options)


class _TimedTLSSocket(ssl.SSLSocket):
    """An encrypted socket that reads within the same deadline."""

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        self.settimeout(remaining())
        return super().recv_into(*arguments, **options)


def _timed(plain: socket.socket) -> socket.socket:
    timeout = plain.gettimeout()
    timed = _TimedSocket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    timed.settimeout(timeout)
    return timed


class _Response(http.client.HTTPResponse):
    """Passes over every answer that only announces another (103 Early Hints); http.client does so for 100 alone."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not ANNOUNCED <= status < FINAL:
                return version, status, reason
            http.client.parse_headers(self.fp)


class _Connection(HTTPConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        return _timed(super()._new_conn())


class _TLSConnection(HTTPSConnection):
    response_class = _Response

    def _new_conn(self) -> socket.socket:
        return _timed(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


ANYBODYS_HEADERS = frozenset(
    {"accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}
)


class PrivateSession(requests.Session):
    """Takes along to another host no header that says who we are; requests does so for Authorization alone."""

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Called by requests for each redirect that is followed."""
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        before, after = response.request.url or "", prepared_request.url or ""
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call]
            for name in [one for one in prepared_request.headers if one.lower() not in ANYBODYS_HEADERS]:
                del prepared_request.headers[name]


class TimedAdapter(HTTPAdapter):
    """requests' adapter over timed sockets; set DEADLINE before sending."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._context: ssl.SSLContext | None = None
        super().__init__()

    def secure(self) -> None:
        """Be ready for TLS, which costs 9 MB of memory where all public certificates are trusted: not before it is
        needed. Raises OSError (ssl.SSLError among them) when a certificate cannot be used.
        """
        if self._context is None:
            self._context = tls_context(self._access)
            self.poolmanager.connection_pool_kw["ssl_context"] = self._context

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send it. A redirect may be the first that is encrypted."""
        if (request.url or "").startswith("https:"):
            self.secure()
        return super().send(request, *args, **options)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        """Make the pools. Called by requests."""
        if self._access.server_name:
            options |= {"server_hostname": self._access.server_name, "assert_hostname": self._access.server_name}
        self.poolmanager = PoolManager(connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def proxy_manager_for(self, proxy: str, **options: Any) -> ProxyManager:
        """The pools behind one proxy of the environment. Called by requests."""
        self.secure()
        manager: ProxyManager = super().proxy_manager_for(proxy, ssl_context=self._context, **options)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """The context says whom to trust; what requests would add from the environment is left out."""


def tls_context(access: Access) -> ssl.SSLContext:
    """Whom to trust and who we are. Raises OSError when a file cannot be used."""
    if access.ca_file is None and access.cert_file is None and not access.server_name:
        return _public_context()
    context = _bare_context()
    if access.ca_file is None:
        _trust_the_public(context)
    else:
        context.load_verify_locations(access.ca_file)
    if access.cert_file is not None:
        context.load_cert_chain(access.cert_file, access.key_file)
    return context


@cache
def _public_context() -> ssl.SSLContext:
    """One for every source without settings of its own: reading all public certificates takes a tenth of a second,
    which would be taken from the time that each source's first read may last."""
    context = _bare_context()
    _trust_the_public(context)
    return context


def _bare_context() -> ssl.SSLContext:
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
    context.sslsocket_class = _TimedTLSSocket
    return context


def _trust_the_public(context: ssl.SSLContext) -> None:
    context.load_verify_locations(certifi.where())
    context.load_default_certs()
