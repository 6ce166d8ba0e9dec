"""Who is let in before anything is worked out: the hosts that we answer for, how much a request may bring, and which of
Dash's callbacks it may ask for.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dash.exceptions import DashException
from flask import Flask, Response, request
from werkzeug.sansio.utils import host_is_trusted

from model.settings import Settings, is_loopback

MOST_BYTES = 256 * 1024
"""Of a request's body, chunked or not: a callback's is some hundred bytes."""
CALLBACKS = "/_dash-update-component"
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
"""A name or an address with a port: what else may stand there is never ours, and goes into no header."""
_WILDCARDS = ("0.0.0.0", "::")


def register(server: Flask, settings: Callable[[], Settings], callbacks: Callable[[], Mapping[str, Any]]) -> None:
    """Ask first of every request. `callbacks` is Dash's `callback_map`."""
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES

    @server.before_request
    def check() -> Response | None:
        if not is_ours(request.host, settings()):
            return refused(421, "This dashboard is not asked by that name; HUD_ALLOWED_HOSTS says by which it may be.")
        if request.method == "POST" and request.path.endswith(CALLBACKS):
            return _refuse_strange(request.get_json(silent=True), callbacks())
        return None

    @server.errorhandler(DashException)
    def unknown(_: Exception) -> Response:
        """Of a component, or a part of one, that is not served."""
        return refused(404, "There is no such thing here.")


def is_ours(host: str, settings: Settings) -> bool:
    """Whether a Host names us: by a loopback name, as HUD_HOST or HUD_ALLOWED_HOSTS say, and by any address of this
    machine where it listens on all of them. A name that somebody else had point here (DNS rebinding) is none of those.
    """
    if not _HOST.fullmatch(host):
        return False
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    known = [one.strip() for one in settings.allowed_hosts.split(",") if one.strip()]
    if is_loopback(name) or host_is_trusted(host, [settings.host, *known]):
        return True
    return settings.host in _WILDCARDS and _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _refuse_strange(body: Any, callbacks: Mapping[str, Any]) -> Response | None:
    """What no page of ours asks would fail somewhere in Dash: say so at once."""
    if not isinstance(body, Mapping) or not isinstance(body.get("output"), str):
        return refused(400, "This is no request for a callback.")
    known = callbacks.get(body["output"])
    if known is None:
        return refused(404, "There is no such callback.")
    if not isinstance(body.get("outputs"), Mapping | list) or not isinstance(body.get("changedPropIds", []), list):
        return refused(400, "This is no request for a callback.")
    if any(_named(body.get(part) or []) != _named(known[part]) for part in ("inputs", "state")):
        return refused(400, "This callback takes other inputs.")
    return None


def _named(parts: Any) -> list[tuple[Any, Any]] | None:
    """(component id, property) of each; None for what is no list of those."""
    if not isinstance(parts, Iterable) or not all(isinstance(one, Mapping) for one in parts):
        return None
    return [(one.get("id"), one.get("property")) for one in parts]


def refused(status: int, words: str) -> Response:
    """A short answer in words."""
    return Response(words + "\n", status, mimetype="text/plain")
