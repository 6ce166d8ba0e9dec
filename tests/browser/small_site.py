"""Two small live pages on the real hub, sockets, headers and live client. `python small_site.py PORT`.

POST /control?sampling=0 stops the figures' clock as a dead source would; ?sockets=0 refuses and drops live connections;
?calling=a:critical,b:warning lets incidents fire; ?names=0 refuses /api/places.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dash
import orjson
from dash import Dash, dcc, html
from flask import Flask, Response, request

from aggregators.places.places import Place, PlaceKind, Places
from components import aria, ids, shell
from components.card import chart
from model.settings import Settings
from model.status import Status
from pages.shared.callbacks import EXTENSION, frame_of, register_callbacks
from pages.shared.registration import companions
from web import http_headers, live, sockets
from web.api.json_answer import plain
from web.hub import Hub
from web.hub_payload import Props, Selection
from web.lanes import Lanes
from web.polled import PolledViews
from web.processes import standalone

ROOT = Path(__file__).parent.parent.parent


class Running:
    """What a page's callback asks."""

    def full(self, view: str, selection: Mapping[str, str]) -> bytes:
        return polled.full((view, feed.selection(view, selection)))


class Figures:
    """A number that grows five times a second, until its source is stopped."""

    stopped_at: float | None = None
    calling: tuple[str, ...] = ()

    def version(self) -> int:
        return int((self.stopped_at or time.time()) * 5)

    def knows(self, view: str) -> bool:
        return view in ("one", "two")

    def selection(self, view: str, wanted: Mapping[str, str]) -> Selection:
        return tuple(sorted((name, value) for name, value in wanted.items() if name == "name"))

    def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Props]:
        gone = [{"source": "proxy@here:1", "why": "down", "since": self.stopped_at}] if self.stopped_at else []
        head = {"version": self.version(), "sampled": self.stopped_at or now, "stale_after": 2.5, "gone": gone}
        number = self.version()
        figure = {"data": [{"x": [0, 1, 2], "y": [number % 7, 3, number % 5]}], "layout": {"xaxis": {"range": [0, 2]}}}
        return head, {
            ids.NOTICES: aria.data(incidents=json.dumps(list(map(called, self.calling))), count=str(len(self.calling))),
            f"{view}-number": {"children": str(number)},
            f"{view}-about": {"children": html.Strong(dict(selection).get("name", "everything"))},
            f"{view}-chart": {"figure": figure},
            f"{view}-low": {"figure": figure},
        }


def called(said: str) -> dict[str, Any]:
    """An incident that fires, as the shell says it; `said` is its name and severity."""
    name, _, severity = said.partition(":")
    known = {"id": name, "names": [name], "words": f"{name} is down", "severity": severity, "href": f"/two/{name}"}
    return {**known, "kinds": ["Patterns"], "started": 1_700_000_000.0, "alerts": 2, "seen_to": False}


feed = Figures()
hub = Hub(feed, 100)
polled = PolledViews(feed, Lanes())
refusing = {"sockets": False, "names": False}
web = Flask("board")


@web.before_request
def refuse() -> Response | None:
    """A network that lets requests through and no websockets."""
    if refusing["sockets"] and request.path.startswith("/ws"):
        return Response("no sockets here", 503)
    return None


def page(view: str) -> Any:
    """A page's static tree."""

    def layout(name: str = "", **_: str) -> html.Main:
        children = [
            html.H1(f"Page {view}"),
            html.P("-", id=f"{view}-number"),
            html.P("-", id=f"{view}-about"),
            dcc.Link("the other", href="/two/redis" if view == "one" else "/", id="other"),
            chart(f"{view}-chart", "Numbers"),
            html.Div(style={"height": "3000px"}),
            chart(f"{view}-low", "The same numbers"),
            *companions(view, {"name": name} if name else {}),
        ]
        return html.Main(children, className="page", **aria.data(view=view))

    return layout


board = Dash(
    __name__,
    server=web,  # type: ignore[arg-type]
    use_pages=True,
    pages_folder="",
    assets_folder=str(ROOT / "assets"),
    assets_path_ignore=["^vendor$", "^later$"],
    include_pages_meta=False,
    update_title="",
)
dash.register_page("one", path="/", view="one", layout=page("one"))
dash.register_page("two", path_template="/two/<name>", view="two", layout=page("two"))
RAIL = [shell.RailItem("one", "Page one", "/"), shell.RailItem("two", "Page two", "/two/redis")]
around = [shell.shell(RAIL, dash.page_container), dcc.Location(id=ids.ADDRESS, refresh="callback-nav")]
board.layout = html.Div([*around, *companions("shell", {})])
web.extensions[EXTENSION] = Running()
for one in ("one", "two"):
    said = feed.read(one, (), 0.0)[1]
    register_callbacks(
        one, tuple((name, prop) for name, own in said.items() if name != ids.NOTICES for prop in own), frame_of(one)
    )
views = [{"path": "/", "view": "one"}, {"path": "/two/<name>", "view": "two"}]
board.index_string = live.document(shell.DOCUMENT, views, ROOT, board.get_asset_url)
sockets.register(web, lambda: hub, lambda: feed)
http_headers.register(web, Settings)


NAMED = (
    *(Place(PlaceKind.NAMESPACE, f"team-{at}", f"/two/team-{at}", Status.HEALTHY, "HEALTHY") for at in range(2000)),
    *(Place(PlaceKind.TOPIC, f"metrics.{at}.1999", f"/two/metrics-{at}", None, "") for at in range(500)),
    Place(PlaceKind.NAMESPACE, "<img src=x onerror=alert(1)>", "/two/hostile", Status.UNHEALTHY, "UNHEALTHY"),
    Place(PlaceKind.SETTING, "redis_urls", "/two/setting", None, "not set"),
    Place(PlaceKind.INCIDENT, "redis is down", "/two/incident", Status.UNHEALTHY, "firing"),
)


@web.get("/api/places")
def named() -> Response | tuple[dict[str, str], int]:
    """As many names as a large site has."""
    if refusing["names"]:
        return {"error": "no_data_yet", "message": "The collector has written nothing yet."}, 503
    return Response(orjson.dumps(plain(Places(NAMED, 0))), mimetype="application/json")


@web.post("/api/measured")
def measured() -> tuple[str, int]:
    """What a page says of how fast it was; nobody asks here."""
    return "", 204


@web.post("/control")
def control() -> str:
    """What a test wants to go wrong."""
    if "sampling" in request.args:
        feed.stopped_at = None if request.args["sampling"] == "1" else time.time()
    if "calling" in request.args:
        feed.calling = tuple(filter(None, request.args["calling"].split(",")))
    if "names" in request.args:
        refusing["names"] = request.args["names"] == "0"
    if "sockets" in request.args:
        refusing["sockets"] = request.args["sockets"] == "0"
    return "done"


if __name__ == "__main__":
    standalone.serve(standalone.listen(web, "127.0.0.1", int(sys.argv[1])), hub.close)
