"""Cards: a titled region of a page, its figures, and the slot of its chart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from components import aria
from components.measure import figure


def card(
    name: str, title: str, children: Sequence[Any], *, hint: str = "", look: str = "", level: int = 2
) -> html.Section:
    """A region with a real heading. `name` is the prefix of its ids, `hint` says its window or order."""
    heading = (html.H3 if level == 3 else html.H2)(title, id=f"{name}-title", className="card-title")
    head = html.Div([heading, html.Span(hint, className="hint")], className="card-head")
    return html.Section([head, *children], className=f"card {look}".strip(), **aria.labelled_by(f"{name}-title"))


def figures(entries: Sequence[tuple[str, str]]) -> html.Dl:
    """Named figures side by side: (component id, name)."""
    cells = [html.Div([html.Dt(name), html.Dd(figure(one))]) for one, name in entries]
    return html.Dl(cells, className="figures")


def chart(name: str, words: str, look: str = "") -> html.Div:
    """The place of a chart at its final height; live.js draws it once plotly is there and it is in view."""
    return html.Div(id=name, className=f"chart {look}".strip(), role="img", **aria.label(words))
