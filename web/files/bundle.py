"""Our own scripts in one file and our own style sheets in another: a page asks twice, and not once for each.

They are joined when the process starts, in the order in which Dash would load them: by folder, then by name. The
address has the digest of what they say, so a browser keeps it for good, and what says something else has another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

PLACE = "assets/bundle"
LATER = frozenset({"vendor", "later"})
"""The folders of what a page fetches when it first needs it, see web/live.py."""
KINDS = {"js": "text/javascript", "css": "text/css"}
NO_FILE_OF_OURS = rf"\.({'|'.join(KINDS)})$"
"""What Dash itself leaves out (`assets_ignore`)."""
DIGEST_LENGTH = 16


@dataclass(frozen=True)
class Bundle:
    """All files of one kind (`js`, `css`) as one, and where the document finds it."""

    kind: str
    address: str
    body: bytes


def bundle(folder: Path, kind: str) -> Bundle:
    """The files below `folder` whose names end with `kind`, each under its path."""
    found = ((path.relative_to(folder).as_posix(), path.read_bytes()) for path in parts(folder, kind))
    body = b"\n".join(b"/* " + name.encode() + b" */\n" + text for name, text in found)
    return Bundle(kind, f"/{PLACE}/{hashlib.sha256(body).hexdigest()[:DIGEST_LENGTH]}.{kind}", body)


def parts(folder: Path, kind: str) -> Iterator[Path]:
    """The files that a page has from the beginning, in their order."""
    for place, _, names in sorted(os.walk(folder)):
        if not LATER.intersection(Path(place).relative_to(folder).parts):
            yield from (Path(place, name) for name in sorted(names) if name.endswith(f".{kind}"))


def register(server: Flask, *bundles: Bundle) -> None:
    """Serve them. A page that came from another release is sent to what is there now, and keeps nothing of that."""

    @server.get(f"/{PLACE}/<name>")
    def own_files(name: str) -> Response:
        for one in bundles:
            if one.address.endswith(f"/{name}"):
                return Response(one.body, mimetype=KINDS[one.kind])
        for one in bundles:
            if name.endswith(f".{one.kind}"):
                return Response(status=302, headers={"Location": request.script_root + one.address})
        raise NotFound
