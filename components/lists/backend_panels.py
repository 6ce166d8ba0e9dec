"""Backends as panels: a title that leads to the pattern's page, its status, and named figures below each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from dash import dcc, html

from components import aria
from components import format as fmt
from components.card import HEAD, WRAPPED
from components.format import Style
from components.lists.table import name_text
from components.measure import figure_of
from components.status import StatusWord, badge
from model.measure import Measure
from model.series import Unit

MOST = 24
"""Beyond these the rest, none of them worse, is named and not drawn."""


@dataclass(frozen=True)
class Line:
    """A named line: figures side by side, or words, which are old when they have an age. `share` draws a bar of it.

    A figure's word is the noun of a count ("3 refused"), and stands before any other ("avg 0.3 ms").
    """

    title: str
    figures: tuple[tuple[Measure, str], ...] = ()
    words: str = ""
    share: Measure | None = None
    kind: str = ""
    age_seconds: float | None = None


@dataclass(frozen=True)
class PanelView:
    """One backend. `about` stands beside the title, `reason` below it; `href` is '' when no page is about it."""

    name: str
    about: str
    href: str
    status: StatusWord
    reason: str
    lines: tuple[Line, ...]

    @property
    def key(self) -> str:
        """Its id: a name without what an id cannot have."""
        return f"bk-{quote(self.name, safe='').replace('.', '%2E')}"


def panels_of(views: Sequence[PanelView], empty: str) -> list[Any]:
    """A card per backend."""
    if not views:
        return [html.P(empty, className="empty")]
    shown: list[Any] = [_panel(one) for one in views[:MOST]]
    rest = views[MOST:]
    if rest:
        links = [html.Li(_name(one)) for one in rest]
        shown.append(
            html.Section(
                [html.H3(f"{len(rest)} more, none worse", className="card-title"), html.Ul(links, className=WRAPPED)],
                className="card card-body bk-rest",
            )
        )
    return shown


def _name(one: PanelView) -> dcc.Link | html.Span:
    return dcc.Link(name_text(one.name), href=one.href) if one.href else name_text(one.name)


def _panel(one: PanelView) -> html.Section:
    title = html.H3(_name(one), id=f"{one.key}-title", className="card-title")
    head = html.Div([title, html.Span(one.about, title=one.about, className="hint name")], className=HEAD)
    said = html.P(
        [badge(one.status), html.Span(one.reason, title=one.reason, className="name", dir="auto")],
        className="verdict-line",
    )
    lines = html.Dl([_line(line) for line in one.lines], className="facts-list")
    return html.Section(
        [head, said, lines], id=one.key, className="card card-body", **aria.labelled_by(f"{one.key}-title")
    )


def _line(line: Line) -> html.Div:
    parts: list[Any] = [html.Dt(name_text(line.title)), html.Dd(_reported(line), className="reported")]
    if line.share is not None and line.share.value is not None:
        width = f"{min(1.0, max(0.0, line.share.value)) * 100:.1f}%"
        filled = html.Span(style={"width": width}, className="progress-bar")
        look = f"progress row-{line.kind}" if line.kind else "progress"
        parts.append(html.Dd(filled, className=look, **aria.DECORATION))
    return html.Div(parts, className="fact")


def _reported(line: Line) -> list[Any]:
    """The words and the figures of a line; figures that all lack a value for the same reason are one dash."""
    reported: list[Any] = []
    if line.words:
        look = "name" if line.age_seconds is None else "name figure is-stale"
        reported.append(html.Span(line.words, title=line.words, className=look, dir="auto"))
    if line.age_seconds is not None:
        reported.append(html.Span(fmt.age(line.age_seconds), className="age hint"))
    shown = line.figures
    if len(shown) > 1 and len({(one.reading, one.value) for one, _ in shown}) == 1 and shown[0][0].value is None:
        shown = ((shown[0][0], ""),)
    return reported + [_figure(measure, word) for measure, word in shown]


def _figure(measure: Measure, word: str) -> html.Span:
    if measure.unit is Unit.COUNT or not word or measure.value is None:
        return figure_of(measure, Style.PLAIN, word if measure.unit is Unit.COUNT else "")
    return html.Span([html.Span(f"{word} ", className="hint"), figure_of(measure)])
