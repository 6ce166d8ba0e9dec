"""What the pages of one thing have in common: they are of something that is known, or say that nothing is."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from components.card import page_row
from components.props import Props


def known_or_not(
    prefix: str, crumbs: Component, known: list[Any], nobody: list[Any] | str, why: str, back: dcc.Link
) -> list[Component]:
    """`known`, or the heading `nobody` with `why` and the way back; `known_props` says which is shown."""
    unknown = [html.H1(nobody, className="card-title"), html.P(why), html.P(back, className="crumbs")]
    return [
        crumbs,
        html.Div(page_row(known), id=f"{prefix}-known"),
        html.Div(unknown, id=f"{prefix}-unknown", className="text-center py-5", hidden=True),
    ]


def nothing_called(kind: str, name: str) -> list[Any]:
    """The heading of a name that nothing of this kind bears."""
    return [f"No {kind} is called ", html.Span(name, className="font-monospace", dir="auto")]


def known_props(prefix: str, known: bool) -> Props:
    """Shows the one and hides the other."""
    return {f"{prefix}-known": {"hidden": not known}, f"{prefix}-unknown": {"hidden": known}}
