"""Where a figure comes from, in words and rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from dash import html

from aggregators.follow.follow import Followed, FollowedFamily, FollowedSeries
from aggregators.series.source_rows import SourceRow
from components import aria
from components import format as fmt
from components.lists.grid import GridColumn, GridRow, cell, text_cell
from components.lists.table import Column, empty_row, name_text, page_href, row
from components.status import mark
from model.catalogue.source_kinds import shown
from model.figures.parts import FIGURES
from model.measure import Measure
from model.series import Unit
from pages.shared.source_text import source_kind, source_words

FAMILIES = (
    Column("Family", share=30, narrow=60),
    Column("Means", share=34, minor=True),
    Column("How it is asked", share=26, minor=True),
    Column("Series", "number", share=10, narrow=40),
)
SOURCES = (
    Column("Source", share=26, narrow=50),
    Column("Address", share=34, minor=True),
    Column("Reading it", share=24, narrow=50),
    Column("Newest sample", "number", share=16, minor=True),
)
SERIES = (
    GridColumn("family", "Family", flex=3, minor=True),
    GridColumn("labels", "Labels", flex=7),
    GridColumn("value", "Value", "number", flex=2),
    GridColumn("age", "Age", "number", flex=1, minor=True),
    GridColumn("source", "Source", flex=2, minor=True),
)
QUESTION = "What is it made of, who reports it, and how do I ask for it myself?"
NO_METRIC = "No metric gives this figure: it comes from the calls named below."
NONE_OF = "Nobody reports these families now."


def whence(figure: str, name: str, range: str) -> tuple[str, str, str]:
    """The page that shows a figure, what the figure is called, and the address of the page."""
    need = FIGURES.get(figure)
    if need is None:
        return "System Health", "Where it comes from", "/"
    path = need.path
    if need.label:
        path = page_href(path.rpartition("/")[0], name) if name else "/"
    page = name if name and need.label else need.page
    return page, f"{need.widget}: where it comes from", f"{path}?{urlencode({'range': range})}" if range else path


def family_rows(found: Followed) -> list[Any]:
    """A row for each family."""
    return [row(FAMILIES, _family(one)) for one in found.families]


def _family(one: FollowedFamily) -> list[Any]:
    unit = f", in {one.unit}" if one.unit else ""
    means, asked = f"{one.means} ({one.kind}{unit})", f"{shown(one.source)}: {one.asked}".removesuffix(": ")
    return [name_text(one.name), name_text(means), name_text(asked), f"{one.series}"]


def source_rows(found: Followed) -> list[Any]:
    """A row for each source that reports the figure's families, or that could."""
    if not found.sources:
        return [empty_row(SOURCES, "No source that could report it is read.")]
    return [row(SOURCES, _source(one)) for one in found.sources]


def _source(one: SourceRow) -> list[Any]:
    name = html.Span([mark(source_kind(one)), name_text(one.key)], className="d-flex align-items-center gap-2")
    age = fmt.DASH if one.age_seconds is None else fmt.ago(one.age_seconds)
    return [name, name_text(one.address), html.Span(source_words(one), title=one.detail), age]


def series_rows(found: Followed) -> tuple[GridRow, ...]:
    """A row for each series, as many as are shown."""
    rows: Iterable[tuple[FollowedFamily, FollowedSeries]] = (
        (family, one) for family in found.families for one in family.newest
    )
    return tuple(_series(at, family, one) for at, (family, one) in enumerate(rows))


def _series(at: int, family: FollowedFamily, one: FollowedSeries) -> GridRow:
    unit = Unit.COUNT if family.kind == "histogram" else Unit(family.unit)
    value = (
        Measure.not_reported(unit, "not a number")
        if one.value is None
        else Measure.of(one.value, Unit.NONE if unit is Unit.TIMESTAMP else unit)
    )
    return GridRow(
        str(at),
        {
            "family": text_cell(family.name),
            "labels": text_cell(labels_text(one)),
            "value": cell(value),
            "age": cell(Measure.of(one.age_seconds, Unit.SECONDS)),
            "source": text_cell(one.source),
        },
    )


def labels_text(one: FollowedSeries) -> str:
    """`namespace="payments", pattern="redis"`; not the instance, which its source says as well."""
    said = {name: value for name, value in one.labels.items() if not (name == "instance" and value in one.source)}
    return ", ".join(f'{name}="{value}"' for name, value in said.items()) or "no labels"


def lines(found: Followed) -> list[Any]:
    """What each source's last scrape said, as it said it."""
    made: list[Any] = []
    for one in found.lines:
        left = f" and {one.left_out} more" if one.left_out else ""
        said = f"{one.family or 'whole answers'} of {one.source}, {fmt.ago(one.age_seconds)}{left}"
        text = html.Pre("\n".join(one.lines), className="follow-lines", tabIndex=0, **aria.label(said))
        made += [html.P(said, className="hint"), text]
    return made


def spans(found: Followed) -> list[Any]:
    """Links out of the dashboard."""
    return [
        html.Li(html.A(one.title, href=one.href, target="_blank", rel="noopener noreferrer")) for one in found.spans
    ]


def more(found: Followed) -> str:
    """How many series are not in the table."""
    left = sum(one.series - len(one.newest) for one in found.families)
    return f"and {left} more, which are not listed" if left else ""
