"""Tables that sort, filter, page and export CSV: what a row says, as plain values; assets/tables.js lays them out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from components import aria, ids
from components import format as fmt
from components.format import Style
from components.measure import LOOKS
from components.props import Props
from components.save import save_menu
from components.status import TROUBLE, StatusWord
from model.measure import Measure
from model.status import Reading

Cell = dict[str, Any]
"""`v` is what sorts, and goes into the CSV unless `x` does (base units, named by `q`); `n` and `u` are shown.

`c` is the look, `t` the words on hover, `s` what only a screen reader gets, `h` an address, `k` a status mark, `b` the
share 0…1 of a bar, `d` an instant. Absent keys are empty.
"""
SORTED_DIGITS = 6
ROW_PIXELS, HEAD_PIXELS, PAGER_PIXELS = 32, 32, 48


@dataclass(frozen=True)
class GridColumn:
    """A column. `kind` is text, time, number (right-aligned), status or bar; a `minor` one folds away on a phone.

    `sort` is 'asc' or 'desc' where the rows come in the order of this column.
    """

    key: str
    title: str
    kind: str = "text"
    flex: int = 1
    minor: bool = False
    sort: str = ""

    @property
    def name(self) -> str:
        """What a filter calls it: its title where that is one word, else its key."""
        word = self.title.lower()
        return word if word.isidentifier() else self.key


@dataclass(frozen=True)
class GridRow:
    """One row; `id` stays the same while it is about the same thing. `look` is a class, such as row-degraded."""

    id: str
    cells: Mapping[str, Cell]
    look: str = ""


def cell(measure: Measure, style: Style = Style.PLAIN, noun: str = "") -> Cell:
    """A figure in whichever of its states. Without a value it sorts below all values."""
    if measure.value is None:
        words = fmt.reading_words(measure)
        shown = fmt.DASH if measure.reading is Reading.NOT_REPORTED else words
        return {
            "v": None,
            "n": shown,
            "c": LOOKS[measure.reading],
            "t": measure.note,
            "s": measure.note or words,
            "q": measure.unit.value,
        }
    number, unit = fmt.parts(measure, style, noun)
    made: Cell = {"v": _sorting(measure.value), "n": number, "u": unit, "t": measure.note, "q": measure.unit.value}
    if measure.reading is Reading.STALE and measure.age_seconds is not None:
        made |= {"c": LOOKS[measure.reading], "s": fmt.age(measure.age_seconds), "t": fmt.age(measure.age_seconds)}
    return made


def _sorting(value: float) -> float:
    """A value as it sorts and is exported: whole numbers as they are, others to SORTED_DIGITS."""
    return value if value.is_integer() else float(f"{value:.{SORTED_DIGITS}g}")


def text_cell(text: str, note: str = "") -> Cell:
    """Words; the whole of them on hover, since the column cuts them."""
    return {"v": text, "n": text or fmt.DASH, "t": note or text}


def link_cell(text: str, href: str) -> Cell:
    """Words that lead somewhere."""
    return {**text_cell(text), "h": href}


def status_cell(word: StatusWord, note: str = "") -> Cell:
    """Mark and word; sorts by trouble, the worst highest."""
    age = fmt.age(word.age_seconds) if word.age_seconds is not None else ""
    rank = len(TROUBLE) - TROUBLE.index(word.status)
    return {"v": rank, "x": word.status.value, "n": word.status.value, "k": word.kind, "t": note or age, "s": age}


def bar_cell(measure: Measure, kind: str = "") -> Cell:
    """A ratio with its bar; `kind` (degraded, unhealthy) colours it."""
    made = cell(measure)
    return made if measure.value is None else {**made, "b": min(1.0, max(0.0, measure.value)), "k": kind}


def time_cell(time: float, now: float) -> Cell:
    """An absolute time with its zone; sorts by time. How long ago it was, the browser says on hover."""
    return {"v": time, "x": fmt.iso(time), "n": fmt.clock(time, now), "d": fmt.iso(time)}


def grid(
    name: str,
    caption: str,
    columns: Sequence[GridColumn],
    rows: int = 10,
    csv: str = "table",
    empty: str = "Nothing to show.",
    search: bool = True,
) -> list[Any]:
    """Search, export and the slot of a table of at most `rows` rows a page, at its final height. `caption` names it."""
    spec = {
        "csv": csv,
        "empty": empty,
        "page": rows,
        "columns": [
            {
                "key": one.key,
                "name": one.name,
                "title": one.title,
                "kind": one.kind,
                "flex": one.flex,
                "minor": one.minor,
                "sort": one.sort,
            }
            for one in columns
        ],
    }
    height = HEAD_PIXELS + rows * ROW_PIXELS + PAGER_PIXELS
    slot = html.Div(
        id=name,
        className="grid",
        style={"height": f"{height}px"},
        **aria.label(caption),
        **aria.data(grid=json.dumps(spec)),
    )
    return [_tools(name, caption, search), slot, dcc.Store(id=f"{name}{ids.DATA}")]


def _tools(name: str, caption: str, search: bool) -> html.Div:
    """The box is answered by assets/tables.js, the menu by assets/keep/saving.js."""
    label = dbc.Label(f"Filter {caption}", html_for=f"{name}-filter", class_name="visually-hidden")
    field = dbc.Input(id=f"{name}-filter", type="search", placeholder="Filter", size="sm", class_name="grid-filter")
    menu = save_menu(caption)
    return html.Div([label, field, menu] if search else [menu], className="grid-tools")


def grid_props(name: str, rows: Sequence[GridRow], whole: bool = False) -> Props:
    """The rows of a grid, in the order that stands until the viewer sorts. `whole`: all on one page that scrolls."""
    reported = [
        {"id": row.id, "look": row.look, **{key: _brief(one) for key, one in row.cells.items()}} for row in rows
    ]
    return {f"{name}{ids.DATA}": {"data": {"rows": reported, "whole": whole}}}


def _brief(one: Cell) -> Cell:
    """A thousand rows are sent at once: what is empty, or the same twice, is not."""
    return {
        key: value
        for key, value in one.items()
        if value not in ("", None) and not (key == "t" and value == one.get("n"))
    }
