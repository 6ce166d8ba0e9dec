"""The browser libraries of assets/vendor, as they were compressed once and well: 15 % less than at each request."""

from __future__ import annotations

from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

PLACE = "assets/vendor"
COMPRESSED = ".br"
"""What lies beside each; `.ci/dashboard_assets.py` makes it."""
BROTLI = "br"


def register(server: Flask, assets: Path) -> None:
    """Serve them from below `assets`. A browser that takes no Brotli (none does without encryption) gets the file."""
    folder = assets / "vendor"
    compressed = {path.stem for path in folder.glob(f"*{COMPRESSED}")}

    @server.get(f"/{PLACE}/<name>")
    def libraries(name: str) -> Response:
        short = name in compressed and bool(request.accept_encodings[BROTLI])
        answer = send_from_directory(folder, f"{name}{COMPRESSED}" if short else name, mimetype=guess_type(name)[0])
        if short:
            answer.content_encoding = BROTLI
        answer.vary.add("Accept-Encoding")
        return answer
