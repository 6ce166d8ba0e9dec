"""What is shown as a file: the menu of a table or a chart, for assets/keep/saving.js and assets/later/files.js."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from components import aria

TABLE = ("csv", "json")
CHART = ("png", "csv", "json")


def save_menu(words: str, kinds: Sequence[str] = TABLE, look: str = "") -> html.Details:
    """The kinds of file in which what `words` name can be kept."""
    heard = html.Span(f" {words}", className="visually-hidden")
    items = [html.Button(one.upper(), type="button", className="btn", **aria.data(save=one)) for one in kinds]
    summary = html.Summary(["Save", heard], className="btn")
    return html.Details([summary, html.Span(items, className="save-kinds")], className=f"save {look}".strip())
