"""Who needs whom, how is each, and what broke first? Drawn every 2 s, at once when a source changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from aggregators.overview.service_map import service_map, service_map_verdict
from components import aria
from components.card import bare_card, card
from components.heading import page_head, verdict_props
from components.lists.table import table
from components.props import Props
from components.status import StatusWord
from pages.service_map import drawing, text
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "service-map"
ABOUT = About(VIEW, "/map", "Service Map", refresh_seconds=2.0, order=9)
ROW_PIXELS = 62
NARROW_BELOW = "720"
"""Pixels: what the wide drawing needs."""
LEGEND = "an arrow leads from who needs to what it needs"
SPOKEN = "Who needs whom; the table below says the same"


@dataclass(frozen=True)
class ServiceMapView:
    """Exactly what the screen says. `height` is the room that the drawing is kept, in pixels."""

    status: StatusWord
    reason: str
    causes: list[Any]
    drawing: dict[str, Any]
    height: int
    rows: list[Any]


def view_model(snapshot: Snapshot, now: float) -> ServiceMapView:
    """What the screen says of `snapshot` at `now`."""
    found = service_map(snapshot, now)
    return ServiceMapView(
        status=StatusWord(found.status),
        reason=found.reason,
        causes=text.causes(found),
        drawing=drawing.drawing(found),
        height=ROW_PIXELS * drawing.rows_high(found),
        rows=text.rows(found),
    )


def update(snapshot: Snapshot, now: float) -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now))


def tree() -> html.Main:
    """The static tree; every id begins with `sm-`."""
    spoken = {**aria.label(SPOKEN), **aria.data(narrow=NARROW_BELOW)}
    slot = html.Div(id="sm-drawing", className="diagram map-drawing", role="group", **spoken)
    inside = [html.P(id="sm-causes", className="note mb-2"), slot, dcc.Store(id="sm-drawing-data")]
    return page_shell.main(
        VIEW,
        [
            page_head("sm", "Service Map", "Who needs whom, and what broke first?", refresh="2 s", verdict=True),
            html.Div(bare_card("sm-map", "Map", inside, hint=LEGEND), className="col-12 map-drawing-column"),
            card(
                "sm-list",
                "In words",
                [table("sm-rows", "Components, the worst first", text.COLUMNS)],
                hint="worst first",
            ),
        ],
    )


def render(view: ServiceMapView) -> Props:
    """The view as component properties."""
    return verdict_props("sm", view.status, view.reason) | {
        "sm-causes": {"children": view.causes},
        "sm-drawing": {"style": {"minHeight": f"{view.height}px"}},
        "sm-drawing-data": {"data": view.drawing},
        "sm-rows": {"children": view.rows},
    }


register_view(__name__, ABOUT, judge=service_map_verdict, answer=service_map, update=update, tree=tree)
