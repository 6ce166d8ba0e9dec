"""The browser's half of the live connection: what `assets/live.js` needs to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import orjson
from dash import dcc
from dash.fingerprint import build_fingerprint

from components import commands

LIBRARIES = {
    "charts": "vendor/plotly-charts.min.js",
    "tables": "vendor/tabulator.min.js",
    "filter": "later/filter.js",
    "columns": "later/columns.js",
    "tablesStyle": "vendor/tabulator.min.css",
    "diagrams": "vendor/mermaid-flow.min.js",
    "finder": "later/finder.js",
    "finderStyle": "later/finder.css",
    "files": "later/files.js",
    "kiosk": "later/kiosk.js",
    "kioskStyle": "later/kiosk.css",
    "matching": "vendor/fuzzysort.min.js",
}
"""What draws in the slots of a page, the finder, the wall screen …, below assets/; fetched when first needed."""
GRAPH = "async-graph.js"
STYLESHEET = "vendor/bootstrap.min.css"
"""The one that dash-bootstrap-components is made for; the document names it."""


def document(
    template: str, views: Sequence[Mapping[str, Any]], root: Path, url: Callable[[str], str], prefix: str = "/"
) -> str:
    """The HTML document with what the browser's scripts have to know, as data and not as a script.

    `url` gives the address of a path below the assets/ in `root`, and `prefix` begins every address.
    """

    def address(path: str) -> str:
        """That of a file, which changes when the file does."""
        return url(f"{path}?m={int((root / 'assets' / path).stat().st_mtime)}")

    libraries = {name: address(path) for name, path in LIBRARIES.items()}
    told = {"views": views, "prefix": prefix, "commands": commands.facts(), "graph": prefix + _graph(), **libraries}
    facts = orjson.dumps(told).decode().replace("<", "\\u003c")
    known = template.replace("{%bootstrap%}", address(STYLESHEET))
    return known.replace("</head>", f'<script type="application/json" id="live-facts">{facts}</script></head>')


def _graph() -> str:
    """Where the part of Dash that makes charts is, by the address that a browser keeps for good."""
    changed = int((Path(dcc.__file__).parent / GRAPH).stat().st_mtime)
    return str(build_fingerprint(f"_dash-component-suites/dash/dcc/{GRAPH}", dcc.__version__, changed))


def signed_in(document: str, name: str) -> str:
    """The document for somebody who signed in; as it is where nobody does."""
    return document.replace("<html", f'<html data-signed-in="{escape(name, quote=True)}"', 1) if name else document
