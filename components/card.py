"""Cards: a titled region of a page, its figures, and the slot of its chart.

A card of stale figures says their age once, where its hint is, so that no figure grows by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dash import dcc, html

from components import aria
from components import format as fmt
from components.measure import figure
from model.measure import Measure
from model.status import Reading

CHART_CONFIG: Any = {"responsive": True, "displaylogo": False, "displayModeBar": False}


def card(
    name: str, title: str, children: Sequence[Any], *, hint: str = "", look: str = "", level: int = 2
) -> html.Section:
    """A region with a real heading. `name` is the prefix of its ids, `hint` says its window or order."""
    heading = (html.H3 if level == 3 else html.H2)(title, id=f"{name}-title", className="card-title")
    head = html.Div([heading, html.Span(hint, id=f"{name}-hint", className="hint")], className="card-head")
    return html.Section([head, *children], className=f"card {look}".strip(), **aria.labelled_by(f"{name}-title"))


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
    cells = [html.Div([html.Dt(name), html.Dd(figure(one))]) for one, name in entries]
    return html.Dl(cells, className="figures")


def chart(name: str, words: str, look: str = "") -> html.Div:
    """A chart at its final height, and the button that saves it; charts.js sees to when and how it is drawn."""
    save = html.Button("PNG", className="chart-save", type="button", **aria.label(f"Save as PNG: {words}"))
    graph = dcc.Graph(id=name, className="chart-graph", config=CHART_CONFIG, animate=False)
    return html.Div([graph, save], className=f"chart {look}".strip(), role="group", **aria.label(words))
