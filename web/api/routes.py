"""The answers as JSON, for programs: `/api/health`, `/api/performance`, …, described by `/api/openapi.json`.

Units are in the names. A figure that is no plain value is null or old, and says why under `states`. However many ask,
an answer is worked out and encoded no more often than its page is redrawn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from components.lists.table import undotted
from pages.shared.choices import AT, LONGEST, normal
from pages.shared.selections import HIDE, permitted
from store.past import Kept
from web.api.ahead import Ahead
from web.api.answers import Route, routes
from web.api.kept_answer import KeptAnswer, Selection
from web.api.openapi import document
from web.feed import StoreFeed, within
from web.lanes import BusyError, Lanes
from web.replay.replays import Replays

KEPT_SELECTIONS = 64
RETRY_SECONDS = 1
JSON = "application/json"


class ApiError(Exception):
    """A request that gets no answer: its HTTP status, its kind and the words for it."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error, self.message = status, error, message

    def response(self) -> Response:
        """As JSON."""
        body = orjson.dumps({"error": self.error, "message": self.message})
        answer = Response(body, self.status, mimetype=JSON)
        if self.status == 503:
            answer.headers["Retry-After"] = str(RETRY_SECONDS)
        return answer


class Answers:
    """What has been worked out, for a bounded number of selections."""

    def __init__(self, lanes: Lanes, ticks: Callable[[], float] = time.monotonic) -> None:
        self._lanes, self._ticks = lanes, ticks
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, Selection], KeptAnswer] = {}

    def kept(self) -> list[KeptAnswer]:
        """The answers that are held, those asked for last at the end."""
        with self._lock:
            return list(self._kept.values())

    def body(
        self, route: Route, selection: Selection, feed: StoreFeed, now: float, ahead: Ahead | None = None
    ) -> bytes:
        """The answer as JSON; one that is asked for often is left to `ahead`. Raises ApiError."""
        if feed.version() == 0:
            raise ApiError(503, "no_data_yet", "The collector has written nothing yet.")
        key, tick = (route.path, selection), self._ticks()
        with self._lock:
            kept = self._kept.pop(key, None) or KeptAnswer(route, selection)
            self._kept[key] = kept
            while len(self._kept) > KEPT_SELECTIONS:
                del self._kept[next(iter(self._kept))]
        try:
            body = kept.body(feed, now, self._lanes, tick)
        except BusyError as error:
            raise ApiError(503, "busy", str(error.description)) from None
        if ahead is not None and kept.is_wanted(tick):
            ahead.begin(feed)
        if body is None:
            raise ApiError(404, "not_found", f"No {route.name} of this name is known: {dict(selection)[route.inside]}")
        return body


def selected(route: Route, given: dict[str, str]) -> Selection:
    """What the address asks for: `given` is its path's name and its query. Raises ApiError."""
    for name, value in request.args.items():
        if name not in route.query:
            known = ", ".join(route.query) or "none"
            raise ApiError(400, "unknown_parameter", f"{name[:100]!r} is no parameter here; known: {known}")
        given[name] = value
    if given.get(AT) and not normal(AT, given[AT]):
        raise ApiError(400, "unknown_parameter", f"{AT} is an instant in UTC, as 2026-11-28T13:04:10Z")
    if HIDE in route.query:
        given = {name: value for name, value in permitted(given).items() if value}
    if any(len(value) > LONGEST for value in given.values()):
        raise ApiError(400, "unknown_parameter", f"a parameter is longer than {LONGEST} characters")
    return tuple(sorted((name, normal(name, value)) for name, value in given.items()))


def of_the_past(route: Route, selection: Selection, at: float, answers: Answers, replays: Replays) -> bytes:
    """The answer as it was at an instant. Raises ApiError."""
    if not at:
        raise ApiError(404, "not_kept", "Nothing is kept of that time: the last 24 hours are.")
    try:
        with replays.turn():
            then = replays.feed(at)
            if then.past.kept is Kept.NOTHING:
                raise ApiError(404, "not_kept", "Nothing is kept of that time.")
            return answers.body(route, selection, then, then.instant)
    except BusyError as error:
        raise ApiError(503, "busy", str(error.description)) from None


def register(server: Flask, feed: Callable[[], StoreFeed], lanes: Lanes, replays: Callable[[], Replays]) -> None:
    """Add the routes to `server`."""
    api = Blueprint("api", __name__)
    answers, past, served = Answers(lanes), Answers(lanes), routes()
    ahead = Ahead(answers.kept, lanes)
    described: list[dict[str, Any]] = []

    def answer(route: Route, **inside: str) -> Response:
        selection = selected(route, {name: undotted(value) for name, value in inside.items()})
        at = replays().instant(dict(selection))
        if at is None:
            return Response(answers.body(route, within(selection), feed(), time.time(), ahead), mimetype=JSON)
        return Response(of_the_past(route, selection, at, past, replays()), mimetype=JSON)

    for one in served:
        api.add_url_rule(one.rule, one.name, partial(answer, one))

    @api.get("/api/openapi.json")
    def openapi() -> Response:
        if not described:
            described.append(document(served))
        below = {"servers": [{"url": request.script_root or "/"}]}
        return Response(orjson.dumps(described[0] | below), mimetype=JSON)

    @api.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def nothing(rest: str) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise ApiError(405, "method_not_allowed", "Everything here is read-only: GET.")
        raise ApiError(404, "not_found", f"There is no /api/{rest[:200]}; /api/openapi.json reports what there is.")

    api.register_error_handler(ApiError, ApiError.response)
    api.register_error_handler(HTTPException, refused)
    server.register_blueprint(api)


def refused(error: Any) -> Response:
    """An answer that failed, in the same shape as all problems and without its traces."""
    return ApiError(error.code or 500, "internal", "This answer could not be worked out; the log says why.").response()
