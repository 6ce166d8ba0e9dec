"""Named facts below each other, a limit with how much of it is used, and things that lead to pages of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from components import aria
from components import format as fmt
from components.lists.table import name_text
from components.measure import figure_name, figure_of
from model.measure import Measure


def facts(entries: Sequence[tuple[str, str]]) -> html.Dl:
    """Named places: (component id, name). The whole line is `<id>-row`, so that it can be left out."""
    cells = [html.Div([figure_name(one, name), html.Dd(id=one)], id=f"{one}-row") for one, name in entries]
    return html.Dl(cells, className="named")


def text_fact(text: str, why_not: str) -> list[Any]:
    """Untrusted words; a dash where there are none, and why."""
    if text:
        return [name_text(text)]
    dash = html.Span(fmt.DASH, title=why_not, className="hint", **aria.DECORATION)
    return [dash, html.Span(f"not reported: {why_not}", className="visually-hidden")]


def allowance(limit: Measure, use: Measure, kind: str = "") -> list[Any]:
    """'10.0k /s (current: 42.1 %)' over a bar; `kind` (degraded) colours it."""
    if limit.value is None:
        return [figure_of(limit), html.Span(limit.note, className="hint")]
    share = min(1.0, max(0.0, use.value or 0.0))
    filled = html.Span(style={"width": f"{100 * share:.1f}%"}, className="progress-bar")
    bar = html.Span(filled, className="progress", **aria.DECORATION)
    words = html.Span([figure_of(limit), " (current: ", figure_of(use), ")"])
    return [words, html.Span(bar, className=f"row-{kind}" if kind else "")]


def linked_items(items: Sequence[tuple[str, str, str]], empty: str) -> list[Any]:
    """Items of a list: (name, address, what is said of it)."""
    if not items:
        return [html.Li(empty, className="empty")]
    return [
        html.Li([dcc.Link(name_text(name), href=href), html.Span(said, title=said, className="hint name", dir="auto")])
        for name, href, said in items
    ]
