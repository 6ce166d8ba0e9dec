"""`GET /report`: the incident report of a window as one file, made when it is asked for.

The same window and the same rules about names as `/api/report`, which is the answer that it words.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from flask import Blueprint, Flask, Response, request

from aggregators.overview.report import Report, report
from aggregators.overview.report_series import report_series
from components import format as fmt
from pages.report.text import document
from pages.shared.choices import AT, LONGEST, normal
from pages.shared.selections import EVERYWHERE, permitted
from store.past import Kept
from store.snapshot import Snapshot
from web.feed import StoreFeed, within
from web.lanes import Lanes
from web.replay.replays import Replays

PATH = "/report"
TAKES = ("range", "incident", "format", *EVERYWHERE)
HTML, PDF = "html", "pdf"
SELF = {"report": "1"}
"""However few windows there are, one report is made at a time."""


def register(server: Flask, feed: Callable[[], StoreFeed], lanes: Lanes, replays: Callable[[], Replays]) -> None:
    """Add the route to `server`."""
    made = Blueprint("report", __name__)

    @made.get(PATH)
    def of_window() -> Response:
        asked = {name: value[:LONGEST] for name, value in request.args.items()}
        unknown = set(asked) - set(TAKES)
        form = asked.pop("format", HTML)
        selection = {name: normal(name, value) for name, value in asked.items()}
        if unknown or form not in (HTML, PDF) or (asked.get(AT) and not selection[AT]):
            return _words(400, f"A report takes {', '.join(TAKES)}; format is {HTML} or {PDF}, {AT} an instant in UTC.")
        at = replays().instant(selection)
        if at is None:
            with lanes.turn(SELF):
                return _made(feed(), 0.0, selection, form)
        with replays().turn():
            past = replays().feed(at)
            if past.past.kept is Kept.NOTHING:
                return _words(404, "Nothing is kept of that time; the last 24 hours are.")
            return _made(past, past.instant, selection, form)

    server.register_blueprint(made)


def _made(feed: StoreFeed, instant: float, selection: dict[str, str], form: str) -> Response:
    """The report as of `instant`; of now when that is 0."""
    snapshot = feed.snapshot()
    if snapshot.version == 0:
        return _words(503, "The collector has written nothing yet.")
    now = instant or max(time.time(), snapshot.written_at)
    chosen = within(tuple((name, value) for name, value in sorted(selection.items()) if value and name in EVERYWHERE))
    snapshot = feed.part(snapshot, now, chosen)
    own = permitted({name: value for name, value in selection.items() if name not in EVERYWHERE})
    found = report(snapshot, now, **own)
    if not found.known:
        return _words(404, "No such incident is known; the last 24 hours are kept.")
    body, kind = _file(found, snapshot, now, form)
    answer = Response(body, mimetype=kind)
    answer.headers["Content-Disposition"] = f'inline; filename="prism-report-{fmt.iso(now).replace(":", "")}.{form}"'
    return answer


def _file(found: Report, snapshot: Snapshot, now: float, form: str) -> tuple[bytes, str]:
    """What draws is loaded when the first report is asked for: it would cost every start half a second."""
    said = document(found, report_series(snapshot, found.since + found.seconds, found.seconds), now)
    if form == PDF:
        writer: Any = import_module("pages.report.pdf")
        return writer.pdf(said), "application/pdf"
    writer = import_module("pages.report.html")
    query = request.query_string.decode("latin-1")
    return writer.html(
        said, f"{request.script_root}{request.path}?{query + '&' if query else ''}format={PDF}"
    ).encode(), "text/html"


def _words(status: int, words: str) -> Response:
    return Response(words + "\n", status, mimetype="text/plain")
