"""Websocket routes: who may connect, and handing an upgraded socket to the hub so that it holds no thread.

gunicorn's gthread worker and werkzeug both give the handler their own socket. Under gunicorn the handler returns at
once and the hub keeps a duplicate; under werkzeug (alone, notebook) each connection has a thread anyway, which waits.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from flask_sock import Sock
from simple_websocket import Server

from pages.shared.choices import AT
from pages.shared.selections import permitted
from web.front.origin import same_origin
from web.guard import refused
from web.hub import Hub
from web.hub_client import DEFLATE, SEND_BUFFER_BYTES, Client, always
from web.hub_payload import Feed

DEFAULT_VIEW = "system-health"
EXTENSIONS = "HTTP_SEC_WEBSOCKET_EXTENSIONS"
WHOLE_WINDOW = "server_max_window_bits=15"


class _Threadless:
    """simple-websocket starts a thread per connection; the hub reads the sockets instead."""

    def __init__(self, target: Callable[[], None]) -> None:
        self.name = "threadless"

    def start(self) -> None:
        """Nothing to start."""


def register(
    server: Flask,
    hub: Callable[[], Hub],
    feed: Callable[[], Feed],
    held: Callable[[], Callable[[], bool]] = lambda: always,
) -> None:
    """Add `/ws` and `/ws/<view>` to `server`. `hub` and `feed` are asked per request, so nothing starts early.

    `held` gives for the request of just now what says, later, whether its session still stands.
    """
    routes = Blueprint("live", __name__)
    sock = Sock()
    server.config["SOCK_SERVER_OPTIONS"] = {"thread_class": _Threadless}
    routes.before_request(lambda: _stopped(hub(), feed()))

    @routes.teardown_request
    def give_back(_: BaseException | None) -> None:
        if place := g.pop("hub_place", None):  # the handshake failed between admission and hand-over
            hub().release(*place)

    def handle(ws: Server, view: str = DEFAULT_VIEW) -> None:
        entitled = held()
        own, (key, address) = _taken(ws), g.hub_place
        g.hub_place = None
        client = Client(own, key, address, request.script_root, EXTENSIONS in request.environ)
        client.entitled = entitled
        done = client.done = threading.Event() if ws.mode != "gunicorn" else None
        hub().add(client)
        if done is not None:
            done.wait()

    sock.route("/ws", bp=routes, endpoint="default")(handle)
    sock.route("/ws/<view>", bp=routes, endpoint="view")(handle)
    server.register_blueprint(routes)


def _stopped(hub: Hub, feed: Feed) -> Response | None:
    """An answer for whoever gets no live connection; else a place in the hub is theirs."""
    view = (request.view_args or {}).get("view", DEFAULT_VIEW)
    if not _from_here():
        return refused(403, "This dashboard accepts live connections from its own pages only.")
    if not feed.knows(view):
        return refused(404, "There is no such view.")
    if request.args.get(AT):
        return refused(400, "The past does not move: it is asked for, not listened to.")
    if not request.headers.get("Sec-WebSocket-Key") or request.headers.get("Sec-WebSocket-Version") != "13":
        answer = refused(426, "This address is for live connections (websockets, version 13).")
        answer.headers.update({"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"})
        return answer
    place = (view, feed.selection(view, permitted(request.args))), request.remote_addr or ""
    if refusal := hub.admit(*place):
        return refused(503, refusal)
    g.hub_place = place
    if agreed := _agreed(request.environ.pop(EXTENSIONS, "")):
        request.environ[EXTENSIONS] = agreed
    return None


def _agreed(offered: str) -> str:
    """How messages are compressed for a browser; '' when it takes none, or in small windows only."""
    for one in offered.split(","):
        name, *parts = (part.strip() for part in one.split(";"))
        windows = [part for part in parts if part.startswith("server_max_window_bits=")]
        if name == "permessage-deflate" and windows in ([], [WHOLE_WINDOW]):
            return "; ".join([DEFLATE, *windows])
    return ""


def _taken(ws: Server) -> socket.socket:
    """The connection as a socket of our own, which the web server can neither write to nor shut down any more.

    gunicorn shuts the connection down when the handler returns, which a mere duplicate would feel. So its descriptor
    number is pointed at one end of a dead pair, and its bookkeeping goes on undisturbed.
    """
    theirs: Any = ws.sock
    own = socket.socket(fileno=os.dup(theirs.fileno()))
    dead, other = socket.socketpair()
    other.close()
    os.dup2(dead.fileno(), theirs.fileno(), inheritable=False)
    dead.close()
    ws.connected = False  # nothing to close for flask-sock
    if own.family in (socket.AF_INET, socket.AF_INET6):
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return own


def _from_here() -> bool:
    """Browsers always send Origin; programs usually do not, and are no cross-site danger."""
    origin = request.headers.get("Origin")
    return origin is None or same_origin(origin, request.host, request.scheme)
