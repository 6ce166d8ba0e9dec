"""Response headers: what a browser may keep, and what it must refuse to run."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable

from flask import Flask, Response, g, request

from model.settings import Settings
from web.files.bundle import PLACE

YEAR_SECONDS = 31_536_000
INLINE_SCRIPT = re.compile(r"<script(?![^>]*(?:\bsrc=|/json))[^>]*>(.*?)</script>", re.DOTALL)
FINGERPRINTED = re.compile(rf"/_dash-component-suites/.*\.v[\w.]+m\d+\.|^/{PLACE}/")
DESCRIBED = "/_dash-dependencies"
"""What Dash asks at each opening of a page, and what changes with a release alone."""
KEPT = (200, 206, 304)
"""Not where something has gone for now."""
DOCUMENT_MARK = 'id="_dash-config"'
"""Dash answers some other requests as HTML too."""
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; script-src 'self'"
)


FRAMES = "HUD_FRAMES"


def allow_frames(server: Flask) -> None:
    """Whoever runs this in a notebook looks at it in a frame of the notebook's page."""
    server.config[FRAMES] = "*"


def register(server: Flask, settings: Callable[[], Settings]) -> None:
    """Add the headers to every response of `server`."""
    policy: list[str] = []

    @server.after_request
    def add(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if response.status_code in KEPT and _immutable():
            response.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
        elif "Cache-Control" not in response.headers or response.mimetype in ("text/html", "application/json"):
            response.headers["Cache-Control"] = "no-cache"
            if getattr(g.get("person"), "subject", ""):
                response.headers["Cache-Control"] = "private, no-cache"
        if request.method == "GET" and request.path.startswith(DESCRIBED):
            response.add_etag()  # a browser that has them already is told so
        if response.mimetype == "text/html":
            # The document is the same for every address and holds nothing from outside, so its first rendering
            # tells which inline scripts are ours.
            if not policy and not response.is_streamed:
                document = response.get_data(as_text=True)
                if DOCUMENT_MARK in document:
                    policy.append(" ".join([POLICY, *script_hashes(document)]))
            frames = server.config.get(FRAMES) or settings().frame_ancestors
            ours = f"connect-src 'self' ws://{request.host} wss://{request.host}; frame-ancestors {frames}"
            response.headers["Content-Security-Policy"] = f"{ours}; {policy[0] if policy else POLICY}"
        return response


def _immutable() -> bool:
    """True for an address that changes whenever its content does."""
    return bool(FINGERPRINTED.search(request.path)) or (request.path.startswith("/assets/") and "m" in request.args)


def script_hashes(document: str) -> list[str]:
    """The sources that allow exactly the inline scripts of `document`."""
    bodies = (body.encode() for body in INLINE_SCRIPT.findall(document))
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(body).digest()).decode()}'" for body in bodies]
    return list(dict.fromkeys(hashes))
