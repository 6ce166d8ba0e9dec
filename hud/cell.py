"""One view alone, live, in a notebook's cell."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from dash import jupyter_dash

from app import app
from model.figures.windows import RANGES
from model.settings import Settings
from model.settings_file import load_settings
from web.feed import views

HEIGHT = 640
"""Pixels: a row of cards and a chart, and room for the next cell's heading."""


@dataclass(frozen=True)
class Cell:
    """A view in a frame, drawn where a notebook's cell gives it back; `address` opens in a browser of this machine."""

    address: str
    height: int

    def _repr_html_(self) -> str:
        source = escape(self.address, quote=True)
        return (
            f'<iframe src="{source}" title="Prism HUD" width="100%" height="{self.height}" style="border:0"></iframe>'
        )


def show(view: str = "system-health", *, range: str = "", height: int = HEIGHT, **selection: str) -> Cell:
    """`view` live, without the rail and the top bar, `height` pixels high.

    `range` is the window of its charts; `selection` what else its address may say, such as `name="redis"` of `pattern`
    or `proxy=`. Raises ValueError with what is accepted, SettingsError, and RuntimeError outside a
    notebook.
    """
    if not 0 < height <= 10_000:
        raise ValueError(f"height {height}: from 1 to 10000 pixels")
    chosen = {**selection, "range": range} if range else selection
    path = address_of(view, chosen)
    return Cell(served() + path, height)


def address_of(view: str, chosen: Mapping[str, str]) -> str:
    """The path and query of `view` alone. Raises ValueError with what is accepted."""
    known = {one["view"]: one for one in views()}
    if view not in known:
        raise ValueError(f"there is no view {view!r}; accepted: {', '.join(sorted(known))}")
    path, takes = known[view]["path"], known[view]["takes"]
    strange = sorted(set(chosen) - set(takes))
    if strange:
        raise ValueError(f"{view} takes no {', '.join(strange)}; accepted: {', '.join(takes)}")
    if chosen.get("range", "5m") not in RANGES:
        raise ValueError(f"range {chosen['range']!r}; accepted: {', '.join(RANGES)}")
    query = {"embed": "1"}
    for name, value in chosen.items():
        if f"<{name}>" in path:
            path = path.replace(f"<{name}>", quote(value, safe=""))
        else:
            query[name] = value
    if "<" in path:
        raise ValueError(f"{view} is of one {path.partition('<')[2].partition('>')[0]}: say which")
    return f"{path}?{urlencode(query)}"


def served() -> str:
    """Where this process serves the dashboard, from the first call on."""
    if not app.served:
        if not jupyter_dash.active:
            raise RuntimeError("this is no notebook: `python app.py` serves the dashboard")
        options: dict[str, Any] = {"port": _port(load_settings())}
        app.run(jupyter_mode="_none", **options)
    return app.served.rstrip("/")


def _port(settings: Settings) -> int:
    """HUD_PORT; where nobody set it and another notebook has it, a free one."""
    if "port" not in settings.model_fields_set:
        with suppress(OSError):
            socket.create_server((settings.host, settings.port)).close()
            return settings.port
        with socket.create_server((settings.host, 0)) as listener:
            return int(listener.getsockname()[1])
    return settings.port
