"""Cards: a titled region of a page, its figures, and the slot of its chart.

A card of stale figures says their age once, where its hint is, so that no figure grows by it.

The static tree is made of dash-bootstrap-components. What frames push into it is plain `html` with Bootstrap's classes:
assets/paint.js sets that in place, while Dash would render other components anew with each frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from components import aria
from components import format as fmt
from components.measure import figure, figure_name, follow_link, whole_of
from components.save import CHART, save_menu
from model.measure import Measure
from model.status import Reading

WRAPPED = "d-flex flex-wrap column-gap-3 row-gap-1"
"""The look of what stands side by side as far as there is room."""
HEAD = "d-flex align-items-baseline justify-content-between gap-2 mb-2"
"""The look of a card's head."""
CHART_CONFIG: Any = {"responsive": True, "displaylogo": False, "displayModeBar": False}


COLUMNS = 12
"""Of a page's grid."""


def page_row(columns: Sequence[Any]) -> dbc.Row:
    """The grid of a page: columns side by side as far as COLUMNS reach."""
    return dbc.Row(list(columns), class_name="page-row")


def column(child: Any, wide: int = COLUMNS, medium: int = COLUMNS) -> dbc.Col:
    """A part of a page's row: `wide` of its COLUMNS on a wide screen, `medium` on a tablet, all of them on a phone."""
    return dbc.Col(child, width=COLUMNS, md=medium, xl=wide)


def card(
    name: str,
    title: str,
    children: Sequence[Any],
    *,
    hint: str = "",
    wide: int = COLUMNS,
    medium: int = COLUMNS,
    look: str = "",
    level: int = 2,
) -> dbc.Col:
    """A region with a real heading. `name` is the prefix of its ids, `hint` says its window or order."""
    inside = bare_card(name, title, children, hint=hint, look=f"h-100 {look}".strip(), level=level)
    return column(inside, wide, medium)


def bare_card(
    name: str, title: str, children: Sequence[Any], *, hint: str = "", look: str = "", level: int = 2
) -> dbc.Card:
    """The same, for a place that is no row of the page."""
    whole = whole_of(children)
    words = follow_link(whole, title) if whole else title
    heading = (html.H3 if level == 3 else html.H2)(words, id=f"{name}-title", className="card-title")
    head = html.Div([heading, html.Span(hint, id=f"{name}-hint", className="hint")], className=HEAD)
    region = html.Section([head, *children], className="card-body", **aria.labelled_by(f"{name}-title"))
    return dbc.Card(region, class_name=look)


def hint_props(measures: Iterable[Measure], otherwise: str) -> dict[str, Any]:
    """The hint of a card: how old its figures are, or that none is reported; else its window or order."""
    found = tuple(measures)
    ages = [measure.age_seconds for measure in found if measure.age_seconds is not None]
    if ages:
        return {"children": fmt.age(max(ages)), "className": "hint is-stale"}
    silent = bool(found) and all(measure.reading is Reading.NOT_REPORTED for measure in found)
    return {"children": "not reported" if silent else otherwise, "className": "hint"}


def figures(entries: Sequence[tuple[str, str]]) -> html.Dl:
    """Named figures side by side: (component id, name)."""
    cells = [html.Div([figure_name(one, name), html.Dd(figure(one))]) for one, name in entries]
    return html.Dl(cells, className="figures")


def chart(name: str, words: str, look: str = "") -> html.Div:
    """A chart at its final height, and the menu that saves it; charts.js sees to when and how it is drawn."""
    save = save_menu(words, CHART, "chart-save")
    graph = dcc.Graph(id=name, className="chart-graph", config=CHART_CONFIG, animate=False)
    return html.Div([graph, save], className=f"chart {look}".strip(), role="group", **aria.label(words))
