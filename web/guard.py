"""What is asked of every request before anything is worked out: the host that it names, who sends it, how much it
brings, and which of Dash's callbacks it wants.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from dash.exceptions import DashException
from flask import Flask, Response, g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import HTTPException
from werkzeug.sansio.utils import host_is_trusted

from model.settings import Settings
from model.signin import is_loopback, listed
from web.own import measures
from web.signin import routes as signin
from web.signin.doorkeeper import Doorkeeper, home_host
from web.signin.person import OPERATOR, RefusedError

MOST_BYTES = 256 * 1024
"""Of a request's body, chunked or not: a callback's is some hundred bytes."""
CALLBACKS = "/_dash-update-component"
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
"""A name or an address with a port: what else may stand there is never ours, and goes into no header."""
_WILDCARDS = ("0.0.0.0", "::")
_OPEN = signin.OPEN | {"healthz", "readyz"}
"""The endpoints that need nobody to say who they are."""
_AS_JSON = ("/api/", "/simulated/")
_READING = ("GET", "HEAD", "OPTIONS")


def register(
    server: Flask,
    settings: Callable[[], Settings],
    doorkeeper: Callable[[], Doorkeeper],
    callbacks: Callable[[], Mapping[str, Any]],
) -> None:
    """Ask first of every request. `callbacks` is Dash's `callback_map`."""
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    server.json = Json(server)

    @server.before_request
    def check() -> Response | None:
        if not is_ours(request.host, settings()):
            return refused(421, "This dashboard is not asked by that name; HUD_ALLOWED_HOSTS says by which it may be.")
        if "Transfer-Encoding" in request.headers and not _can_be_read():
            return refused(400, "The request's body cannot be read.")
        stopped = _stopped(doorkeeper())
        if stopped is not None:
            return stopped
        if _asks_callback():
            return _refuse_strange(request.get_json(silent=True), callbacks())
        return None

    @server.errorhandler(DashException)
    def unknown(_: Exception) -> Response:
        """Of a component, or a part of one, that is not served."""
        return refused(404, "There is no such thing here.")


def _can_be_read() -> bool:
    """Whether a body that comes in chunks is whole, and no more than it may be; it is kept for whoever wants it."""
    try:
        request.get_data()
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001 (each web server has errors of its own for chunks that are none)
        return False
    return True


class Json(DefaultJSONProvider):
    """What is nested too deeply to be read is no JSON, like anything else that is none."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Raises ValueError."""
        try:
            return super().loads(s, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _stopped(door: Doorkeeper) -> Response | None:
    """An answer for whoever may not ask this; else `g.person` is who asks."""
    try:
        g.person = door.identify(request)
    except RefusedError as error:
        return None if request.endpoint in _OPEN else _unknown(door, error)
    if request.method in _READING or _asks_callback() or OPERATOR in g.person.roles:
        return None
    if request.endpoint in _OPEN or request.endpoint == measures.ENDPOINT:
        return None
    return refused(403, "Only an operator may change anything here (HUD_OPERATOR_GROUPS).")


def _unknown(door: Doorkeeper, error: RefusedError) -> Response:
    """A browser that opens a page is sent to sign in; everybody else is told why not."""
    opens = request.method == "GET" and request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
    if error.status == 401 and door.settings.by_provider and opens and "text/html" in request.accept_mimetypes.values():
        return signin.to_signin()
    answer = refused(error.status, error.words)
    if error.status == 401 and door.settings.by_provider:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Prism HUD"'
    return answer


def _asks_callback() -> bool:
    return request.method == "POST" and request.path.endswith(CALLBACKS)


def is_ours(host: str, settings: Settings) -> bool:
    """Whether a Host names us: by a loopback name, as HUD_HOST or HUD_ALLOWED_HOSTS say, and by any address of this
    machine where it listens on all of them. A name that somebody else had point here (DNS rebinding) is none of those.
    """
    if not _HOST.fullmatch(host):
        return False
    known = [*filter(None, (settings.host, home_host(settings))), *listed(settings.allowed_hosts)]
    address = _address(host)
    if address:
        own = is_loopback(address) or address in map(_address, known)
        return own or settings.host in _WILDCARDS
    name = host.partition(":")[0].lower().rstrip(".")
    names = [one.lower().rstrip(".") for one in known if not _address(one)]
    return is_loopback(name) or (bool(names) and host_is_trusted(name, names))  # of no names it trusts all


def _address(said: str) -> str:
    """The address of a host with or without a port, in one spelling; '' for a name."""
    for one in (said, said.rpartition(":")[0]):
        with suppress(ValueError):
            return ipaddress.ip_address(one.strip("[]")).compressed
    return ""


def _refuse_strange(body: Any, callbacks: Mapping[str, Any]) -> Response | None:
    """What no page of ours asks would fail somewhere in Dash: say so at once."""
    if not isinstance(body, Mapping) or not isinstance(body.get("output"), str):
        return refused(400, "This is no request for a callback.")
    known = callbacks.get(body["output"])
    if known is None:
        return refused(404, "There is no such callback.")
    outputs = body.get("outputs")
    given = [outputs] if isinstance(outputs, Mapping) else outputs
    if _named(given) != _set_by(body["output"]) or not isinstance(body.get("changedPropIds", []), list):
        return refused(400, "This is no request for a callback.")
    if any(_named(body.get(part) or []) != _named(known[part]) for part in ("inputs", "state")):
        return refused(400, "This callback takes other inputs.")
    said = [*(body.get("inputs") or []), *(body.get("state") or [])]
    if not all(_may_be_said(one["property"], one.get("value")) for one in said):
        return refused(400, "This callback takes other values.")
    return None


def _set_by(output: str) -> list[tuple[str, str]]:
    """(component id, property) of all that a callback sets, from its name: `..a.data...b.value@1..`, or `a.data`."""
    parts = output[2:-2].split("...") if output.startswith("..") else [output]
    return [(name, prop.partition("@")[0]) for name, _, prop in (one.rpartition(".") for one in parts)]


def _may_be_said(prop: str, value: Any) -> bool:
    """Whether a browser's address, clock and store of what is selected may have this value."""
    if value is None:  # a page that is not there yet has no place, but the browser always has one
        return prop != "pathname"
    if prop == "data":
        return isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())
    return isinstance(value, int if prop == "n_intervals" else str)


def _named(parts: Any) -> list[tuple[Any, Any]] | None:
    """(component id, property) of each; None for what is no list of those."""
    if not isinstance(parts, Iterable) or not all(isinstance(one, Mapping) for one in parts):
        return None
    return [(one.get("id"), one.get("property")) for one in parts]


def refused(status: int, words: str) -> Response:
    """A short answer in words: as JSON where programs ask, in one shape for all problems there."""
    if request.path.startswith(_AS_JSON):
        kinds = {401: "unauthenticated", 403: "forbidden"}
        body = json.dumps({"error": kinds.get(status, "refused"), "message": words})
        return Response(body, status, mimetype="application/json")
    return Response(words + "\n", status, mimetype="text/plain")
