"""Serving without a production server: one process, a thread per connection, for one operator's machine."""

from __future__ import annotations

import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, is_running_from_reloader, make_server, run_simple

from web.processes.before_fork import set_up


class ListenError(Exception):
    """The address cannot be had; the message names the port and the setting."""


class _QuietHandler(WSGIRequestHandler):
    """Keeps connections open between requests and writes no line per request."""

    protocol_version = "HTTP/1.1"
    server_version = "Prism-HUD"
    sys_version = ""
    timeout = 75

    def log(self, type: str, message: str, *args: Any) -> None:
        """A line per request would drown what an operator must read."""


def spoken(host: str) -> str:
    """What a browser on this machine calls the address that is listened on."""
    if host in ("127.0.0.1", "0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host


def listen(server: Flask, host: str, port: int) -> BaseWSGIServer:
    """A server bound to host:port, not yet serving, whose Dash is set up. Raises ListenError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Bound here, since werkzeug prints its own advice and exits when it cannot.
        with socket.create_server((host, port), family=family) as listener:
            set_up(server)  # whoever asks first may ask twice at once
            return make_server(host, port, server, threaded=True, request_handler=_QuietHandler, fd=listener.fileno())
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = f"Port {port} on {host} is taken by another program: stop it, or set HUD_PORT to another port."
        else:
            words = f"Cannot listen on {host}:{port} ({error.strerror}): see HUD_HOST and HUD_PORT."
        raise ListenError(words) from None


def serve(web: BaseWSGIServer, stop: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, then call `stop` and return. Must run in the main thread."""
    leaving = threading.Event()

    def leave(_signal: int, _frame: FrameType | None) -> None:
        leaving.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.1}, name="hud-web", daemon=True).start()
    leaving.wait()
    stop()
    web.shutdown()


def develop(server: Flask, host: str, port: int, start: Callable[[], None], files: Iterable[str]) -> None:
    """Call `start` and serve, all over again whenever a module of the application or one of `files` changes."""
    if is_running_from_reloader():  # the first process only watches over the serving one
        set_up(server)
        start()
    run_simple(host, port, server, use_reloader=True, extra_files=files, threaded=True, request_handler=_QuietHandler)
