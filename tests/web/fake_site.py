"""A site with made-up views on the real hub and sockets: `python fake_site.py PORT`, or by gunicorn."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask

from model.settings import Settings
from web import sockets
from web.front.middleware import Front
from web.hub import Hub
from web.hub_payload import Props, Selection
from web.processes import standalone

STEP_SECONDS = 0.2


class Counting:
    """A feed whose version grows five times a second."""

    def version(self) -> int:
        return int(time.time() / STEP_SECONDS)

    def knows(self, view: str) -> bool:
        return view in ("system-health", "big")

    def selection(self, view: str, wanted: Mapping[str, str]) -> Selection:
        return tuple(sorted((name, value) for name, value in wanted.items() if name == "pattern"))

    def read(self, view: str, selection: Selection, now: float) -> tuple[dict[str, Any], Props]:
        number = self.version()
        filling = "x" * (200_000 if view == "big" else 10)
        props: dict[str, dict[str, Any]] = {
            "number": {"children": str(number)},
            "constant": {"children": "the same"},
            "about": {"children": dict(selection).get("pattern", "all")},
            "chart": {"figure": {"data": [{"y": [number]}]}},
            "filling": {"children": f"{filling}{number}" if view == "big" else filling},
        }
        return {"version": number, "sampled": now - 0.1, "stale_after": 2.5, "gone": []}, props


class Lazy:
    """The hub of this process, made after any fork, and one only when the first requests come at once."""

    feed = Counting()
    lock = threading.Lock()
    made: Hub | None = None

    def hub(self) -> Hub:
        with self.lock:
            if self.made is None:
                self.made = Hub(self.feed, int(os.environ.get("HUD_MAX_SOCKETS", "1000")))
            return self.made


lazy = Lazy()
server = Flask("fake")
server.wsgi_app = Front(server.wsgi_app, Settings)  # type: ignore[method-assign]
sockets.register(server, lazy.hub, lambda: lazy.feed)


@server.get("/stats")
def stats() -> dict[str, Any]:
    """What the hub did, and in which process."""
    said = lazy.hub().stats()
    return {"pid": os.getpid(), "clients": said.clients, "refreshes": said.refreshes, "refused": said.refused}


released = threading.Event()


@server.get("/waits")
def waits() -> str:
    """What takes until somebody asks for its end."""
    released.wait()
    return "over\n"


@server.get("/ends")
def ends() -> str:
    """The end of all that waits."""
    released.set()
    return "ended\n"


@server.get("/healthz")
def healthz() -> str:
    """That the process is up."""
    return "ok\n"


if __name__ == "__main__":
    standalone.serve(standalone.listen(server, "127.0.0.1", int(sys.argv[1])), lazy.hub().close)
