"""What stands at an address that no page has; Dash knows it by this module's name."""

from __future__ import annotations

from typing import Any

from dash import dcc, html, register_page

from components import ids
from pages.shared.registry import titled

NAME = "No such page"


def layout(**_address: object) -> html.Main:
    """The heading, and the way on; whatever the address says."""
    ways: list[Any] = [
        "Go to ",
        dcc.Link("System Health", href="/", className="crumbs"),
        ", choose a view in the rail, or find what you look for: ",
    ]
    inside = [
        html.H1(NAME, className="card-title"),
        html.P("The address leads to none of the dashboard's pages."),
        html.P([*ways, html.Kbd("Ctrl K"), "."]),
    ]
    return html.Main(html.Div(inside, className="text-center py-5"), id=ids.PAGE, className="page", tabIndex=-1)


register_page(__name__, title=titled(NAME), layout=layout)
