"""The browser's half of the live connection: what `assets/live.js` needs to know, and the way round a lost socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from dash import Input, Output, callback, clientside_callback, dcc, html, no_update

from web.hub import Hub
from web.hub_payload import Feed

LIBRARIES = {"charts": "vendor/plotly-cartesian.min.js", "tables": "vendor/tabulator.min.js",
             "tableStyle": "vendor/tabulator.min.css", "diagrams": "vendor/mermaid-tiny.js"}  # fmt: skip
"""What draws in the slots of a page, below assets/; the browser fetches each when a page first has need of it."""
FALLBACK_MILLISECONDS = 2000


def fallback() -> html.Div:
    """A clock that asks by HTTP while there is no socket; it rests while there is one."""
    return html.Div(
        [
            dcc.Interval(id="fallback-clock", interval=FALLBACK_MILLISECONDS, disabled=True),
            dcc.Store(id="fallback-question"),
            dcc.Store(id="fallback-answer"),
            dcc.Store(id="fallback-done"),
        ],
        id="fallback",
        hidden=True,
    )


def libraries(root: Path, url: Callable[[str], str]) -> dict[str, str]:
    """The address of each library, which changes when the library does. `url` gives that of a path below assets/."""
    return {name: url(f"{path}?m={int((root / 'assets' / path).stat().st_mtime)}") for name, path in LIBRARIES.items()}


def document(template: str, views: Sequence[Mapping[str, Any]], libraries: Mapping[str, str]) -> str:
    """The HTML document with what live.js has to know, as data and not as a script."""
    facts = orjson.dumps({"views": views, **libraries}).decode().replace("<", "\\u003c")
    return template.replace("</head>", f'<script type="application/json" id="live-facts">{facts}</script></head>')


def register_callbacks(hub: Callable[[], Hub], feed: Callable[[], Feed]) -> None:
    """The fallback: one question at a time (live.js sees to that), one answer for all who ask the same."""
    clientside_callback(
        "function(n) { return window.hudLive ? window.hudLive.question() : window.dash_clientside.no_update; }",
        Output("fallback-question", "data"),
        Input("fallback-clock", "n_intervals"),
        prevent_initial_call=True,
    )

    @callback(Output("fallback-answer", "data"), Input("fallback-question", "data"), prevent_initial_call=True)
    def answer(question: dict[str, Any] | None) -> Any:
        wanted = question or {}
        view = str(wanted.get("view", ""))
        if not feed().knows(view):
            return no_update
        asked = {str(name): str(value) for name, value in dict(wanted.get("selection") or {}).items()}
        return hub().full(view, feed().selection(view, asked)).decode()

    clientside_callback(
        "function(text) { return window.hudLive ? window.hudLive.answer(text) : null; }",
        Output("fallback-done", "data"),
        Input("fallback-answer", "data"),
        prevent_initial_call=True,
    )
