"""Shares of a whole as a pie, and as a table beside it, since colour alone is not enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from components import aria
from components import format as fmt
from components.charts.marks import Figure, escaped
from components.charts.palette import OTHERS, colours
from components.lists.table import Column, empty_row, name_text, row
from components.measure import figure_of
from model.measure import Measure

INK = "#0b0d10"
"""On all of these colours, in both themes, text has a contrast of 4.5 or more."""
LABELLED_RATIO = 0.05
"""A narrower slice has no room for its name: the table has it."""
COLUMNS = (Column("Namespace", share=70), Column("Share", "number"))


@dataclass(frozen=True)
class Slice:
    """One share of the whole: a ratio; `href` leads to whose it is."""

    name: str
    share: Measure
    href: str = ""
    rest: bool = False


def pie(slices: Sequence[Slice], nothing: str) -> Figure:
    """The slices clockwise from the top, in their order. A slice without a value is not drawn."""
    drawn = [(one, colour) for one, colour in zip(slices, slice_colours(slices), strict=True) if one.share.value]
    notes = [] if drawn else [{**_CENTRE, "text": escaped(nothing, 60)}]
    ratios = [one.share.value or 0.0 for one, _ in drawn]
    names = [escaped(one.name) for one, _ in drawn]
    shares = [fmt.percent(ratio).text for ratio in ratios]
    trace = {
        "type": "pie",
        "labels": [str(at) for at in range(len(drawn))],  # plotly adds up what has the same label
        "values": ratios,
        "customdata": [f"{name}: {share}" for name, share in zip(names, shares, strict=True)],
        "text": [
            f"{name}<br>{share}" if ratio >= LABELLED_RATIO else ""
            for name, share, ratio in zip(names, shares, ratios, strict=True)
        ],
        "textinfo": "text",
        "textposition": "inside",
        "insidetextorientation": "horizontal",
        "insidetextfont": {"color": INK, "size": 12},
        "hovertemplate": "%{customdata}<extra></extra>",
        "marker": {"colors": [colour for _, colour in drawn], "line": {"width": 1, "color": "#7f8792"}},
        "sort": False,
        "direction": "clockwise",
    }
    return {
        "data": [trace] if drawn else [],
        "layout": {
            "margin": {"l": 4, "r": 4, "t": 4, "b": 4},
            "showlegend": False,
            "uirevision": "kept",
            "uniformtext": {"minsize": 11, "mode": "hide"},
            "annotations": notes,
            "xaxis": {"visible": False},
            "yaxis": {"visible": False},
        },
    }


_CENTRE = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 12}}


def slice_colours(slices: Sequence[Slice]) -> list[str]:
    """Each name's own colour, as far as they go round; the rest is grey."""
    own = colours(one.name for one in slices if not one.rest)
    return [OTHERS if one.rest else own[one.name] for one in slices]


def legend_rows(slices: Sequence[Slice], empty: str) -> list[Any]:
    """The rows of the table beside the pie: its colour, its name, its share."""
    if not slices:
        return [empty_row(COLUMNS, empty)]
    return [_row(one, colour) for one, colour in zip(slices, slice_colours(slices), strict=True)]


def _row(one: Slice, colour: str) -> html.Tr:
    swatch = html.Span(className="swatch", style={"background": colour}, **aria.DECORATION)
    name: Any = name_text(one.name)
    if one.href:
        name = dcc.Link(name, href=one.href, className="row-link")
    cells = [html.Span([swatch, name], className="d-flex align-items-center gap-2"), figure_of(one.share)]
    return row(COLUMNS, cells, "linked" if one.href else "")
