"""A table with real table semantics, whose rows may be links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import dash_bootstrap_components as dbc
from dash import dcc, html

from components.save import save_menu


@dataclass(frozen=True)
class Column:
    """A heading. `kind` is '' for text, 'number' for right-aligned figures; a `minor` one folds away on a phone.

    `share` is its percentage of the table's width, `medium` that on a tablet, `narrow` that on a phone; 0 is what the
    others leave.
    """

    title: str
    kind: str = ""
    minor: bool = False
    share: int = 0
    narrow: int = 0
    medium: int = 0

    @property
    def look(self) -> str:
        """The CSS classes of its cells."""
        return f"{self.kind}{' minor' if self.minor else ''}".strip()

    @property
    def widths(self) -> dict[str, str]:
        """The inline style of its head: how wide it is."""
        medium, narrow = self.medium or self.share, self.narrow or self.share
        wanted = {"--share": self.share, "--medium": medium, "--narrow": narrow}
        return {name: f"{percent}%" for name, percent in wanted.items() if percent}


def table(body: str, caption: str, columns: Sequence[Column]) -> html.Div:
    """An empty table, and the menu that saves it; its rows are the children of the component `body`. `caption` is for
    screen readers.
    """
    heads = [html.Th(column.title, scope="col", className=column.look, style=column.widths) for column in columns]
    said = html.Caption(caption, className="visually-hidden")
    inside = dbc.Table([said, html.Thead(html.Tr(heads)), html.Tbody(id=body, className="rows")])
    return html.Div([inside, save_menu(caption)], className="table-box")


def row(columns: Sequence[Column], cells: Sequence[Any], look: str = "") -> html.Tr:
    """One row; its first cell is the row's heading."""
    head = html.Th(cells[0], scope="row", className=columns[0].look)
    rest = [html.Td(cell, className=column.look) for column, cell in zip(columns[1:], cells[1:], strict=True)]
    return html.Tr([head, *rest], className=look)


def empty_row(columns: Sequence[Column], words: str) -> html.Tr:
    """What would be here, when nothing is."""
    return html.Tr(html.Td(words, colSpan=len(columns), className="empty"))


def name_text(name: str) -> html.Span:
    """An untrusted name: cut with an ellipsis by its box, whole on hover; direction marks cannot leak out."""
    return html.Span(name, title=name, className="name", dir="auto")


def row_link(name: str, href: str) -> dcc.Link:
    """A link that covers its row: middle-click, keyboard and address all work."""
    return dcc.Link(name_text(name), href=href, className="row-link")


def page_href(prefix: str, name: str) -> str:
    """The address of the page about `name` below `prefix`; everything in the name is quoted, '/' included.

    A name of dots alone would be eaten by the browser as a relative path, so its dots are quoted twice.
    """
    quoted = quote(name, safe="")
    return f"{prefix}/" + (quoted.replace(".", "%252E") if quoted.strip(".") == "" else quoted)


def page_name(quoted: str) -> str:
    """The name in such an address."""
    return undotted(unquote(quoted))


def pattern_href(name: str) -> str:
    """The address of a pattern's page."""
    return page_href("/patterns", name)


def namespace_href(name: str) -> str:
    """The address of a namespace's page."""
    return page_href("/namespaces", name)


def undotted(name: str) -> str:
    """A name that is unquoted but for its dots, as the live connection sends it."""
    return name.replace("%2E", ".") if name.replace("%2E", "") == "" else name
