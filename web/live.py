"""The browser's half of the live connection: what `assets/live.js` needs to know."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

LIBRARIES = {"charts": "vendor/plotly-cartesian.min.js", "tables": "vendor/tabulator.min.js",
             "tableStyle": "vendor/tabulator.min.css", "diagrams": "vendor/mermaid-tiny.js"}  # fmt: skip
"""What draws in the slots of a page, below assets/; the browser fetches each when a page first has need of it."""


def libraries(root: Path, url: Callable[[str], str]) -> dict[str, str]:
    """The address of each library, which changes when the library does. `url` gives that of a path below assets/."""
    return {name: url(f"{path}?m={int((root / 'assets' / path).stat().st_mtime)}") for name, path in LIBRARIES.items()}


def document(template: str, views: Sequence[Mapping[str, Any]], libraries: Mapping[str, str], prefix: str = "/") -> str:
    """The HTML document with what live.js has to know, as data and not as a script. `prefix` begins every address."""
    facts = orjson.dumps({"views": views, "prefix": prefix, **libraries}).decode().replace("<", "\\u003c")
    return template.replace("</head>", f'<script type="application/json" id="live-facts">{facts}</script></head>')
