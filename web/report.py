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
from pages.shared.choices import LONGEST, normal
from pages.shared.selections import EVERYWHERE, permitted
from store.snapshot import Snapshot
from web.feed import StoreFeed
from web.lanes import Lanes

PATH = "/report"
TAKES = ("range", "incident", "format", *EVERYWHERE)
HTML, PDF = "html", "pdf"
SELF = {"report": "1"}
"""However few windows there are, one report is made at a time."""


def register(server: Flask, feed: Callable[[], StoreFeed], lanes: Lanes) -> None:
    """Add the route to `server`."""
    made = Blueprint("report", __name__)

    @made.get(PATH)
    def of_window() -> Response:
        asked = {name: value[:LONGEST] for name, value in request.args.items()}
        unknown = set(asked) - set(TAKES)
        form = asked.pop("format", HTML)
        if unknown or form not in (HTML, PDF):
            return _words(400, f"A report takes {', '.join(TAKES)}; format is {HTML} or {PDF}.")
        selection = {name: normal(name, value) for name, value in asked.items()}
        with lanes.turn(SELF):
            return _made(feed(), selection, form)

    server.register_blueprint(made)


def _made(feed: StoreFeed, selection: dict[str, str], form: str) -> Response:
    snapshot = feed.snapshot()
    if snapshot.version == 0:
        return _words(503, "The collector has written nothing yet.")
    now = max(time.time(), snapshot.written_at)
    chosen = tuple((name, value) for name, value in sorted(selection.items()) if value and name in EVERYWHERE)
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
