"""What is shown as a file: the menu of a table or a chart, for assets/keep/saving.js and assets/later/files.js."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from components import aria
from components.measure import follow_link
from model.figures.parts import FIGURES

TABLE = ("csv", "json")
CHART = ("png", "csv", "json")


def save_menu(words: str, kinds: Sequence[str] = TABLE, look: str = "", figure: str = "") -> html.Details:
    """The kinds of file in which what `words` name can be kept, and the way to where `figure` comes from."""
    heard = html.Span(f" {words}", className="visually-hidden")
    items: list[Any] = [
        html.Button(one.upper(), type="button", className="btn", **aria.data(save=one)) for one in kinds
    ]
    if figure in FIGURES:
        items.append(follow_link(figure, "Source", "btn"))
    summary = html.Summary(["Save", heard], className="btn")
    return html.Details([summary, html.Span(items, className="save-kinds")], className=f"save {look}".strip())
