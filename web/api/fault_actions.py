"""Passes wishes for faults on to the simulated Prism.

Only while the dashboard reads it: else there is no such route (404). Nothing else is ever changed.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from urllib.parse import quote

from flask import Flask, Response, abort, request

from web.front.origin import from_own_page

PATH = "/simulated/faults"
TIMEOUT_SECONDS = 3.0
MOST_BYTES = 64 * 1024
_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""The simulated Prism listens on this machine."""


def register(server: Flask, control: Callable[[], str]) -> None:
    """Add the routes. `control` gives the simulated Prism's control address; '' while a real Prism is read."""

    @server.get(PATH)
    def faults() -> Response:
        return _passed(control(), "GET", "")

    @server.post(PATH)
    def inject() -> Response:
        address = _allowed(control())
        if request.mimetype != "application/json":
            return _refused("application/json is wanted", 415)
        if (request.content_length or 0) > MOST_BYTES:
            return _refused("this is too long", 413)
        return _passed(address, "POST", "", request.get_data())

    @server.delete(PATH)
    def clear_all() -> Response:
        return _passed(_allowed(control()), "DELETE", "")

    @server.delete(f"{PATH}/<fault>")
    def clear(fault: str) -> Response:
        return _passed(_allowed(control()), "DELETE", f"/{quote(fault, safe='')}")


def _allowed(address: str) -> str:
    """The address, for a request from a page of our own; another site's page may not break things here."""
    if not address:
        abort(404)
    asks = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
    if not from_own_page(*asks, request.host, request.scheme):
        abort(_refused("only the dashboard's own pages may ask for this", 403))
    return address


def _passed(address: str, method: str, path: str, body: bytes | None = None) -> Response:
    """The control endpoint's own answer, its refusals included."""
    if not address:
        abort(404)
    wish = urllib.request.Request(
        f"{address}/faults{path}", body, {"Content-Type": "application/json"} if body is not None else {}, method=method
    )
    try:
        with _DIRECTLY.open(wish, timeout=TIMEOUT_SECONDS) as answer:
            return Response(answer.read(), answer.status, mimetype="application/json")
    except urllib.error.HTTPError as error:
        with error:
            return Response(error.read(), error.code, mimetype="application/json")
    except OSError:
        return _refused("the simulated Prism does not answer", 502)


def _refused(words: str, status: int) -> Response:
    return Response(json.dumps({"error": words}), status, mimetype="application/json")
