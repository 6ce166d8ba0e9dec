"""`POST /api/alerts/actions`: an operator acknowledges an alert or an incident, silences it for a while, or lifts both.

The one thing that is written here, and it changes nothing but what this dashboard says of alerts. A page of another
site may not ask for it; a program asks with JSON, which no page can send without leave.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Blueprint, Flask, Response, g, redirect, request
from pydantic import ValidationError

from aggregators.alerts.actions import Verb, wish
from aggregators.alerts.alerts import Alert, alerts
from aggregators.incidents.incidents import incident_named, known_incidents
from components.alert_form import PATH
from store.errors import StoreError
from store.inbox import Inbox
from store.snapshot import Snapshot
from web.api.alert_action import MOST_BY, AlertAction
from web.api.routes import ApiError
from web.front.origin import from_own_page

JSON = "application/json"
BACK = "/alerts"


def register(server: Flask, snapshot: Callable[[], Snapshot], inbox: Callable[[], Inbox]) -> None:
    """Add the route to `server`."""
    actions = Blueprint("alert-actions", __name__)

    @actions.post(PATH)
    def act() -> Any:
        is_form = request.mimetype == "application/x-www-form-urlencoded"
        asks = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        own = from_own_page(*asks, request.host, request.scheme)
        if own is False or (is_form and own is None):
            raise ApiError(403, "forbidden", "Only our own pages, and programs with JSON, may ask for this.")
        if not is_form and request.mimetype != JSON:
            raise ApiError(415, "unsupported_media_type", "application/json is wanted.")
        asked = _asked(request.form.to_dict() if is_form else request.get_json(silent=True), is_form)
        count = _leave(asked, snapshot(), inbox())
        if is_form:
            return redirect(_back(), 303)
        return Response(orjson.dumps({"accepted": count}), 202, mimetype=JSON)

    actions.register_error_handler(ApiError, ApiError.response)
    server.register_blueprint(actions)


def _asked(body: Any, is_form: bool) -> AlertAction:
    """The body as what it should be. A form says each of its fields, the empty ones and those of other actions too."""
    if is_form and isinstance(body, dict):
        body = {name: value for name, value in body.items() if value}
        if body.get("action") != Verb.SILENCE:
            body.pop("seconds", None)
    signed_in = getattr(g.get("person"), "name", "")
    if signed_in and isinstance(body, dict):
        body = {**body, "by": signed_in[:MOST_BY]}  # whoever signed in acts in their own name
    try:
        return AlertAction.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ApiError(400, "bad_request", f"{where}: {first['msg']}".removeprefix(": ")) from None


def _leave(asked: AlertAction, held: Snapshot, inbox: Inbox) -> int:
    now = time.time()
    found = _meant(asked, held, now)
    if not found:
        raise ApiError(404, "not_found", "No alert that lasts is called so.")
    until = None if asked.seconds is None else now + asked.seconds
    try:
        inbox.put(wish(one, asked.action, asked.by, asked.why, until) for one in found)
    except StoreError as error:
        raise ApiError(503, "not_kept", str(error)) from None
    return len(found)


def _meant(asked: AlertAction, held: Snapshot, now: float) -> Sequence[Alert]:
    """The alerts that last of those that are asked for."""
    if asked.alert:
        return [one for one in alerts(held, now) if one.id == asked.alert and one.is_active]
    incident = incident_named(known_incidents(held, now), asked.incident)
    return [one for one in incident.alerts if one.is_active] if incident else []


def _back() -> str:
    """The page that asked, as far as it is one of ours."""
    path = urlsplit(request.headers.get("Referer", "")).path
    return path if path.startswith("/") and not path.startswith("//") else BACK
