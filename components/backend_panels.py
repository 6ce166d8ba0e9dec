"""Backends as panels: a title that leads to the pattern's page, its status, and named figures below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from components import aria
from components.format import Style
from components.measure import figure_of
from components.status import StatusWord, badge
from components.table import name_text
from model.measure import Measure
from model.series import Unit

MOST = 24
"""Beyond these the rest, none of them worse, is named and not drawn."""


@dataclass(frozen=True)
class Line:
    """A named line: figures side by side, or words. `share` draws a bar of that ratio.

    A figure's word is the noun of a count ("3 refused"), and stands before any other ("avg 0.3 ms").
    """

    title: str
    figures: tuple[tuple[Measure, str], ...] = ()
    words: str = ""
    share: Measure | None = None
    kind: str = ""


@dataclass(frozen=True)
class PanelView:
    """One backend. `about` stands beside the title, `reason` below it; `key` makes the ids of its parts."""

    key: str
    title: str
    about: str
    href: str
    status: StatusWord
    reason: str
    lines: tuple[Line, ...]


def panels(views: Sequence[PanelView], empty: str) -> list[Any]:
    """A card per backend."""
    if not views:
        return [html.P(empty, className="empty")]
    shown: list[Any] = [_panel(one) for one in views[:MOST]]
    rest = views[MOST:]
    if rest:
        links = [html.Li(dcc.Link(name_text(one.title), href=one.href)) for one in rest]
        shown.append(html.Section([html.H2(f"{len(rest)} more, none worse", className="card-title"),
                                   html.Ul(links, className="bk-more")], className="card"))  # fmt: skip
    return shown


def _panel(one: PanelView) -> html.Section:
    title = html.H2(dcc.Link(name_text(one.title), href=one.href), id=f"{one.key}-title", className="card-title")
    head = html.Div([title, html.Span(one.about, className="hint")], className="card-head")
    said = html.P([badge(one.status), html.Span(one.reason, title=one.reason, className="name bk-reason", dir="auto")],
                  className="bk-status")  # fmt: skip
    lines = html.Dl([_line(line) for line in one.lines], className="facts-list")
    return html.Section([head, said, lines], className="card", **aria.labelled_by(f"{one.key}-title"))


def _line(line: Line) -> html.Div:
    told: list[Any] = []
    for measure, word in line.figures:
        counted = measure.unit is Unit.COUNT
        shown = figure_of(measure, Style.PLAIN, word if counted else "")
        told.append(shown if counted or not word else html.Span([html.Span(f"{word} ", className="hint"), shown]))
    if line.words:
        told.append(html.Span(line.words, title=line.words, className="name", dir="auto"))
    parts: list[Any] = [html.Dt(name_text(line.title)), html.Dd(told, className="told")]
    if line.share is not None and line.share.value is not None:
        width = f"{min(1.0, max(0.0, line.share.value)) * 100:.1f}%"
        look = f"bar row-{line.kind}" if line.kind else "bar"
        parts.append(html.Dd(html.Span(style={"width": width}), className=look, **aria.DECORATION))
    return html.Div(parts, className="fact")
