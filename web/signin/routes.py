"""The addresses of sign-in: to the provider, back from it, and out again."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from html import escape
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, Response, redirect, request

from web.front.origin import same_origin
from web.signin.attempt import AwayError, SignedIn
from web.signin.doorkeeper import Doorkeeper
from web.signin.person import RefusedError, let_in

OPEN = frozenset({"signin.begin", "signin.back", "signin.out", "signin.left"})
"""The endpoints to which everybody comes."""
MOST_CHARACTERS = 2000
LOOK = (
    "body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif}"
    "main{box-sizing:border-box;width:min(28rem,100% - 32px);padding:24px;border:1px solid GrayText;border-radius:8px}"
    "h1{margin:0;font-size:20px}p{margin:12px 0;overflow-wrap:anywhere}"
    "a{display:inline-block;padding:6px 16px;border:1px solid;border-radius:6px;color:inherit;text-decoration:none}"
)
"""In the system's own colours: who is not signed in is given no stylesheet of the dashboard."""
PAGE = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Prism HUD</title>'
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="dark light">'
    '<style>{}</style></head><body><main><h1>Prism HUD</h1><p role="status">{}</p><a href="{}">Sign in</a></main>'
    "</body></html>"
)
log = logging.getLogger("hud.signin")


def register(server: Flask, doorkeeper: Callable[[], Doorkeeper]) -> None:
    """Add the routes; where nobody signs in there are none (404)."""
    routes = Blueprint("signin", __name__)

    @routes.before_request
    def only_with_a_provider() -> Response | None:
        return None if doorkeeper().settings.by_provider else page(404, "Nobody signs in here.")

    @routes.get("/signin", endpoint="begin")
    def begin() -> Response:
        return _begin(doorkeeper())

    @routes.get("/signin/callback", endpoint="back")
    def back() -> Response:
        return _back(doorkeeper())

    @routes.post("/signout", endpoint="out")
    def out() -> Response:
        return _out(doorkeeper())

    @routes.get("/signed-out", endpoint="left")
    def left() -> Response:
        return page(200, "You are signed out of this dashboard.")

    @routes.get("/signin/session", endpoint="session")
    def session() -> Response:
        """Behind the guard, which refuses whoever holds none."""
        return Response(status=204)

    routes.register_error_handler(RefusedError, lambda error: page(error.status, error.words))
    server.register_blueprint(routes)


def _begin(door: Doorkeeper) -> Response:
    """To the provider; first to the dashboard's own public address, whose cookies the way back needs."""
    then = safe(request.args.get("next", ""))
    home = urlsplit(door.home)
    if request.host != home.netloc:
        return _sent(f"{door.home}/signin?next={quote(then, safe='/')}")
    try:
        url, attempt = door.provider.begin(then)
    except AwayError as error:
        raise _away(error) from None
    response = _sent(url)
    door.cookies.begin(response, attempt)
    return response


def _back(door: Doorkeeper) -> Response:
    attempt = door.cookies.attempt(request)
    if not hmac.compare_digest(request.args.get("state", "").encode(), attempt.state.encode()):
        raise RefusedError("This answer belongs to another sign-in (its state differs); begin again.", 403)
    if "error" in request.args:
        raise RefusedError(f"The provider refused this sign-in ({request.args['error'][:60]}).", 403)
    try:
        found = door.provider.finish(request.args, attempt)
    except AwayError as error:
        raise _away(error) from None
    except RefusedError as error:
        raise RefusedError(error.words, 403) from None
    return _let_in(door, found, attempt.then)


def _let_in(door: Doorkeeper, found: SignedIn, then: str) -> Response:
    """A session of its own, whatever the browser held before."""
    let_in(found.person, door.settings)
    try:
        name = door.sessions.begin(found.person, found.refresh)
    except OSError as error:
        log.error("no session can be kept: %s", error.strerror or error)
        raise RefusedError("No session can be kept here; the log says why.", 503) from None
    _end_held(door)
    response = _sent(f"{door.home}{then}")
    door.cookies.signed_in(response, name)
    return response


def _out(door: Doorkeeper) -> Response:
    """End the session, for every copy of its cookie; another site's page may not ask for that."""
    origin = request.headers.get("Origin")
    if origin is None or not same_origin(origin, request.host, request.scheme):
        raise RefusedError("Only the dashboard's own pages may sign you out.", 403)
    _end_held(door)
    response = _sent(f"{door.home}/signed-out")
    door.cookies.forget(response)
    return response


def _end_held(door: Doorkeeper) -> None:
    try:
        held = door.cookies.session(request)
    except RefusedError:
        return
    if held:
        door.sessions.end(held)


def _away(error: AwayError) -> RefusedError:
    log.warning("nobody can sign in: %s", error)
    return RefusedError("The sign-in provider does not answer as one; the log says why. Try again later.", 502)


def _sent(url: str) -> Response:
    response = redirect(url, 303)
    assert isinstance(response, Response)
    response.headers["Cache-Control"] = "no-store"
    return response


def safe(then: str) -> str:
    """Where to go after, on this dashboard and nowhere else; '/' for whatever is no plain path of it."""
    plain = then.startswith("/") and then[1:2] not in ("/", "\\") and len(then) <= MOST_CHARACTERS
    if not plain or not then.isprintable() or "\\" in then:
        return "/"
    parts = urlsplit(then)
    return "/" if parts.scheme or parts.netloc or parts.path.startswith("/sign") else then


def page(status: int, words: str) -> Response:
    """A sentence and the way in."""
    prefix = request.script_root
    response = Response(PAGE.format(LOOK, escape(words), escape(f"{prefix}/signin")), status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def to_signin() -> Response:
    """For a browser that opens a page without a session."""
    here = request.full_path.rstrip("?")
    return _sent(f"{request.script_root}/signin?next={quote(safe(here), safe='/')}")
