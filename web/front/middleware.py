"""The first to see a request: it puts right who sent it and by which address, and takes the path's prefix off."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.middleware.proxy_fix import ProxyFix

from model.settings import Settings
from web.front.forwarded import believe, networks, within

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication


class Front:
    """WSGI middleware. Behind it `REMOTE_ADDR`, the scheme, Host and `SCRIPT_NAME` are what the browser has.

    A proxy may take the prefix off the path or leave it there.
    """

    def __init__(self, inner: WSGIApplication, settings: Callable[[], Settings]) -> None:
        self._inner, self._settings = inner, settings
        self._told = ProxyFix(self._below, x_for=1, x_proto=1, x_host=1, x_port=1, x_prefix=1)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        trusted = networks(self._settings().trusted_proxies)
        if not within(environ.get("REMOTE_ADDR") or "", trusted):
            return self._below(environ, start_response)
        believe(environ, trusted)
        return self._told(environ, start_response)

    def _below(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        prefix = environ.get("SCRIPT_NAME") or self._settings().url_prefix.rstrip("/")
        path = environ.get("PATH_INFO") or "/"
        if path == prefix or path.startswith(f"{prefix}/"):
            path = path[len(prefix) :]
        environ |= {"SCRIPT_NAME": prefix, "PATH_INFO": path}
        return self._inner(environ, start_response)
