"""The banner: one status in the largest letters, its worst reason in words, and a few figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_bootstrap_components as dbc
from dash import html

from components import aria
from components.card import column
from components.format import Style
from components.measure import figure, figure_name, figure_props
from components.props import Props
from components.status import StatusWord, mark
from model.measure import Measure


@dataclass(frozen=True)
class Stat:
    """One figure: `note` is the line below it, `worse` when that reports a change for the worse."""

    measure: Measure
    note: str = ""
    worse: bool = False
    noun: str = ""
    style: Style = Style.PLAIN


STATS = "row row-cols-3 g-2"
"""How the figures stand: all in a row, where there is room."""


def banner(prefix: str, stats: Sequence[tuple[str, str]]) -> dbc.Col:
    """The static tree; `stats` are (key, name). Ids are `<prefix>-status`, `<prefix>-<key>` and its `-note`."""
    named = [(f"{prefix}-{key}", name) for key, name in stats]
    cells = [
        html.Div([figure_name(one, name), html.Dd(figure(one)), html.Dd(id=f"{one}-note", className="note")])
        for one, name in named
    ]
    figures = html.Dl(cells, className=f"stats {STATS} row-cols-md-{len(cells)}")
    verdict = [html.H1(id=f"{prefix}-status", className="verdict"), html.P(id=f"{prefix}-reason", className="reason")]
    return column(
        html.Section(
            [html.Div(verdict, className="verdict-box"), figures],
            id=f"{prefix}-banner",
            className="banner",
            **aria.labelled_by(f"{prefix}-status"),
        )
    )


def banner_props(
    prefix: str, status: StatusWord, headline: str, reason: str, stats: Sequence[tuple[str, Stat]]
) -> Props:
    """What the banner says."""
    props: Props = {
        f"{prefix}-banner": {"className": f"banner banner-{status.kind}"},
        f"{prefix}-status": {"children": [mark(status.kind), html.Span(headline)]},
        f"{prefix}-reason": {"children": reason, "title": reason},
    }
    for key, stat in stats:
        props[f"{prefix}-{key}"] = figure_props(stat.measure, stat.style, stat.noun)
        look = "note is-worse" if stat.worse else "note"
        props[f"{prefix}-{key}-note"] = {"children": stat.note, "className": look, "title": stat.note}
    return props
