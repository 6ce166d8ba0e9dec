"""Addresses below the path where browsers see the dashboard (`/hud/`), in what was made without knowing of it.

Pages and hub work everything out once for all who look, whichever way they come. Their links say `/patterns/x`; the
prefix of `request.script_root` goes in front when bytes leave. In JSON a link is told by its key: `href` of components,
`h` of a table's cells (components/lists/grid.py), also in deltas. No text can look like one: its quotes are escaped.
"""

from __future__ import annotations

import re

from flask import Flask, Response, redirect, request

LINK = re.compile(rb'("h(?:ref)?": ?\[?")(?:/|\\u002f)')
"""Dash writes a slash escaped."""
_MADE_BY_DASH = "/_dash-"
_FETCHED = re.compile(r'"/(assets/|_dash-component-suites/|_favicon|_dash-layout|_dash-dependencies)')
_FACT = re.compile(r'("(?:requests_pathname_)?prefix": ?")(?:/|\\u002f)"')
"""Dash's own, and that of our scripts (web/live.py)."""


def links(body: bytes, prefix: str) -> bytes:
    """JSON with its links below `prefix`, which ends with no slash."""
    return LINK.sub(rb"\1" + prefix.encode() + b"/", body) if prefix else body


def document(html: str, prefix: str) -> str:
    """Dash's document with all that it fetches below `prefix`, which ends with no slash."""
    if not prefix:
        return html
    return _FACT.sub(rf'\g<1>{prefix}/"', _FETCHED.sub(rf'"{prefix}/\1', html))


def stripped(path: str | None, prefix: str) -> str | None:
    """An address as a page's registry has it, from that in the browser."""
    return path.removeprefix(prefix) or "/" if path and path.startswith(f"{prefix}/") else path


def register(server: Flask) -> None:
    """Complete the prefix in an address without its last slash, and the links in the answers of callbacks."""

    @server.before_request
    def complete() -> Response | None:
        if request.script_root and not request.environ["PATH_INFO"]:
            query = request.query_string.decode("ascii", "replace")
            found = redirect(f"{request.script_root}/{'?' if query else ''}{query}", 308)
            assert isinstance(found, Response)
            return found
        return None

    @server.after_request
    def below(response: Response) -> Response:
        if request.script_root and request.path.startswith(_MADE_BY_DASH) and response.mimetype == "application/json":
            response.set_data(links(response.get_data(), request.script_root))
        return response
