"""The lines that pages list: a pattern, a pool, a source. Plain values in, rows out; worst first is the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dash import html

from components import aria
from components import format as fmt
from components.format import Style
from components.lists.table import Column, empty_row, name_text, pattern_href, row, row_link
from components.measure import figure_of
from components.status import StatusWord, badge, mark
from model.measure import Measure

PATTERN_COLUMNS = (
    Column("Pattern", share=15, medium=18, narrow=27),
    Column("Status", share=20, medium=22, narrow=35),
    Column("Phase", minor=True, share=10, medium=12),
    Column("Uptime", "number", share=10, medium=12, narrow=20),
    Column("Restarts 24 h", "number", share=14, medium=17, narrow=18),
    Column("Says", "says", minor=True),
)
DETAIL_COLUMNS = (Column("Detail"), Column("Value"))
SOURCES = "sources row row-cols-1 row-cols-md-2 row-cols-xl-5 gx-3 gy-0"
"""The look of a list of sources."""
MOST_PATTERNS = 40
MOST_POOLS = 7


@dataclass(frozen=True)
class PatternLine:
    """One pattern. `restarts_origin` says who counted ('reported', 'inferred'); '' when nobody did."""

    name: str
    status: StatusWord
    says: str
    phase: str
    phase_note: str
    uptime: Measure
    restarts: Measure
    restarts_origin: str


@dataclass(frozen=True)
class PoolLine:
    """One backend pool. `share` is used / max (None without a limit), `words` stands instead of figures if set."""

    name: str
    status: StatusWord
    used: Measure
    most: Measure
    share: float | None = None
    words: str = ""
    note: str = ""


@dataclass(frozen=True)
class SourceLine:
    """One source: `kind` is the look of its mark, `words` say how reading it goes ('down for 14 s')."""

    name: str
    address: str
    kind: str
    words: str
    detail: str = ""


def pattern_rows(lines: Sequence[PatternLine], empty: str) -> list[Any]:
    """The rows of the pattern grid; beyond MOST_PATTERNS the rest is counted, not listed."""
    if not lines:
        return [empty_row(PATTERN_COLUMNS, empty)]
    rows: list[Any] = [_pattern_row(line) for line in lines[:MOST_PATTERNS]]
    if len(lines) > MOST_PATTERNS:
        rows.append(empty_row(PATTERN_COLUMNS, f"and {len(lines) - MOST_PATTERNS} more, none worse than these"))
    return rows


@lru_cache(64)
def _pattern_row(line: PatternLine) -> html.Tr:
    restarts: list[Any] = [figure_of(line.restarts)]
    if line.restarts_origin:
        restarts.append(html.Span(line.restarts_origin, className="origin"))
    cells = [
        row_link(line.name, pattern_href(line.name)),
        badge(line.status),
        html.Span(line.phase or fmt.DASH, title=line.phase_note),
        figure_of(line.uptime, Style.DURATION),
        restarts,
        html.Span(line.says, title=line.says, className="name", dir="auto"),
    ]
    return row(PATTERN_COLUMNS, cells, f"linked row-{line.status.kind}")


def detail_rows(details: Sequence[tuple[str, str]], empty: str) -> list[Any]:
    """What a health service reported besides its status, in its own words."""
    if not details:
        return [empty_row(DETAIL_COLUMNS, empty)]
    return [
        row(
            DETAIL_COLUMNS,
            [name_text(key), html.Span(value, title=value, className="name font-monospace small", dir="auto")],
        )
        for key, value in details
    ]


def pool_items(lines: Sequence[PoolLine], empty: str) -> list[Any]:
    """The items of a pool list."""
    if not lines:
        return [html.Li(empty, className="empty")]
    items: list[Any] = [_pool_item(line) for line in lines[:MOST_POOLS]]
    if len(lines) > MOST_POOLS:
        items.append(html.Li(f"and {len(lines) - MOST_POOLS} more, none worse than these", className="empty"))
    return items


@lru_cache(32)
def _pool_item(line: PoolLine) -> html.Li:
    if line.words:
        use: Any = html.Span(line.words, className="pool-use pool-words", title=line.note)
    else:
        # Two figures of one pool share a cell: "7 / 10".
        use = html.Span([figure_of(line.used), " / ", figure_of(line.most)], className="pool-use", title=line.note)
    width = f"{min(1.0, max(0.0, line.share)) * 100:.0f}%" if line.share is not None else "0"
    filled = html.Span(style={"width": width}, className="progress-bar")
    bar = html.Span(filled, className="progress", hidden=line.share is None, **aria.DECORATION)
    status = html.Span(line.status.status.value, className="visually-hidden")
    return html.Li(
        [mark(line.status.kind), status, name_text(line.name), bar, use], className=f"row-{line.status.kind}"
    )


def source_items(lines: Sequence[SourceLine], empty: str) -> list[Any]:
    """The items of the source list."""
    if not lines:
        return [html.Li(empty, className="empty")]
    return [_source_item(line) for line in lines]


@lru_cache(64)
def _source_item(line: SourceLine) -> html.Li:
    return html.Li(
        [
            mark(line.kind),
            html.Span(line.name, className="name", title=line.address, dir="auto"),
            html.Span(line.words, className="source-words", title=line.detail),
        ],
        className=f"row-{line.kind}",
    )
