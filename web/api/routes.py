"""The answers as JSON, for programs: `/api/health`, `/api/performance`, …, described by `/api/openapi.json`.

Units are in the names. A figure that is no plain value is null or old, and says why under `states`. However many ask,
an answer is worked out and encoded no more often than its page is redrawn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from aggregators.overview.overall import Judgement
from components.lists.table import undotted
from pages.shared.choices import AT, LONGEST, normal
from pages.shared.judges import SLACK_SECONDS
from pages.shared.selections import HIDE, called, permitted
from store.past import Kept
from store.snapshot import Snapshot
from web.api.answers import ALWAYS_SECONDS, Route, routes
from web.api.json_answer import plain
from web.api.openapi import document
from web.feed import StoreFeed, within
from web.lanes import BusyError, Lanes
from web.replay.replays import Replays

KEPT_SELECTIONS = 64
RETRY_SECONDS = 1
JSON = "application/json"

Selection = tuple[tuple[str, str], ...]


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


class _Kept:
    """One answer to one selection, with when it was worked out and what stood then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._mark: Hashable = None
        self._at = 0.0
        self._body: bytes | None = b""

    def body(self, route: Route, selection: Selection, feed: StoreFeed, now: float, lanes: Lanes) -> bytes | None:
        """The answer as JSON; None when there is nothing of the name in the address. Raises BusyError."""
        with self._lock:
            if not self._holds(route, feed.version(), None, now):
                snapshot = feed.snapshot()
                now = max(now, snapshot.written_at)  # it may have been written after we were asked
                snapshot = feed.part(snapshot, now, selection)
                mark = feed.mark(snapshot, now, route.view, feed.judgement(snapshot, now))
                if not self._holds(route, snapshot.version, mark, now):
                    judged = feed.judgement(snapshot, now, route.view)
                    mark = feed.mark(snapshot, now, route.view, judged)
                    with lanes.turn({name: value for name, value in within(selection) if value}):
                        self._body = encoded(route, selection, snapshot, now, judged)
                    self._version, self._mark, self._at = snapshot.version, mark, now
            return self._body

    def _holds(self, route: Route, version: int, mark: Hashable, now: float) -> bool:
        """Nothing new for a while; or, by the page's beat, nothing that may not wait for the next one."""
        age = now - self._at
        if version == self._version and 0.0 <= age < max(ALWAYS_SECONDS, route.refresh_seconds - SLACK_SECONDS):
            return True
        return mark is not None and mark == self._mark and 0.0 <= age < route.refresh_seconds - SLACK_SECONDS


class Answers:
    """What has been worked out, for a bounded number of selections."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, Selection], _Kept] = {}

    def body(self, route: Route, selection: Selection, feed: StoreFeed, now: float) -> bytes:
        """The answer as JSON. Raises ApiError."""
        if feed.version() == 0:
            raise ApiError(503, "no_data_yet", "The collector has written nothing yet.")
        key = (route.path, selection)
        with self._lock:
            kept = self._kept.pop(key, None) or _Kept()
            self._kept[key] = kept
            while len(self._kept) > KEPT_SELECTIONS:
                del self._kept[next(iter(self._kept))]
        try:
            body = kept.body(route, selection, feed, now, self._lanes)
        except BusyError as error:
            raise ApiError(503, "busy", str(error.description)) from None
        if body is None:
            raise ApiError(404, "not_found", f"No {route.name} of this name is known: {dict(selection)[route.inside]}")
        return body


def encoded(route: Route, selection: Selection, snapshot: Snapshot, now: float, judged: Judgement) -> bytes | None:
    """The answer to `selection` at `now` as JSON; None when nothing of its name is known."""
    answer = called(route.answer, snapshot, now, judged, dict(selection))
    if answer is None or (route.inside and not getattr(answer, "known", True)):
        return None
    head = {"now_seconds": now, "version": snapshot.version, "written_at_seconds": snapshot.written_at}
    return orjson.dumps({**head, **plain(answer)}, option=orjson.OPT_SERIALIZE_NUMPY)


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
            past = replays.feed(at)
            if past.past.kept is Kept.NOTHING:
                raise ApiError(404, "not_kept", "Nothing is kept of that time.")
            return answers.body(route, selection, past, past.instant)
    except BusyError as error:
        raise ApiError(503, "busy", str(error.description)) from None


def register(server: Flask, feed: Callable[[], StoreFeed], lanes: Lanes, replays: Callable[[], Replays]) -> None:
    """Add the routes to `server`."""
    api = Blueprint("api", __name__)
    answers, served = Answers(lanes), routes()
    described: list[dict[str, Any]] = []

    def answer(route: Route, **inside: str) -> Response:
        selection = selected(route, {name: undotted(value) for name, value in inside.items()})
        at = replays().instant(dict(selection))
        if at is None:
            return Response(answers.body(route, within(selection), feed(), time.time()), mimetype=JSON)
        return Response(of_the_past(route, selection, at, answers, replays()), mimetype=JSON)

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
