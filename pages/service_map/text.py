"""The service map in words: a row for each component, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html

from aggregators.incidents.incident import incident_path
from aggregators.overview.service_map import MapEdge, MapNode, ServiceMap
from components import format as fmt
from components.lists.strip import first
from components.lists.table import Column, empty_row, row, row_link
from components.status import MARKS, TROUBLE, StatusWord, badge
from pages.shared.map_text import FIRST, folded, href

COLUMNS = (
    Column("Component", share=20, medium=28, narrow=60),
    Column("Status", share=13, medium=22, narrow=40),
    Column("Needs", minor=True, share=27, medium=24),
    Column("Says", "says", minor=True),
)
MOST_ROWS, MOST_NEEDS = 60, 5
NOTHING_BROKE = "Nothing broke: no incident lasts."


def rows(found: ServiceMap) -> list[Any]:
    """The rows of the table; beyond MOST_ROWS the rest is counted, not listed."""
    if not found.nodes:
        return [empty_row(COLUMNS, "No component is known yet.")]
    words = {one.id: one.words for one in found.nodes}
    ordered = sorted(found.nodes, key=lambda one: (not one.broke_first, TROUBLE.index(one.status)))
    made: list[Any] = [_row(one, _needs(one, found.edges, words)) for one in ordered[:MOST_ROWS]]
    if len(ordered) > MOST_ROWS:
        made.append(empty_row(COLUMNS, f"and {len(ordered) - MOST_ROWS:,} more, none worse than these"))
    return made


def _row(node: MapNode, needs: str) -> html.Tr:
    says = " · ".join(filter(None, (folded(node), node.reason)))
    named: list[Any] = [row_link(node.words, href(node))]
    cells = [
        html.Span([*named, first(FIRST)] if node.broke_first else named, className="map-name"),
        badge(StatusWord(node.status)),
        html.Span(needs, title=needs, className="name", dir="auto"),
        html.Span(says, title=says, className="name", dir="auto"),
    ]
    return row(COLUMNS, cells, f"linked row-{MARKS.get(node.status, 'unknown')}")


def _needs(node: MapNode, edges: Sequence[MapEdge], words: dict[str, str]) -> str:
    """'redis, nats and 4 more'; of many that ask, how many of them in trouble ask there."""
    said = []
    for edge in edges:
        if edge.of == node.id:
            some = f" ({edge.members:,})" if node.members > 1 and edge.members < node.members else ""
            said.append(words[edge.on] + some)
    return fmt.listed(said, MOST_NEEDS) if said else ""


def causes(found: ServiceMap) -> list[Any]:
    """What broke first, each with a link to its incident."""
    said: list[Any] = []
    for one in found.nodes:
        if one.broke_first:
            link = dcc.Link("its incident", href=incident_path(one.incident))
            said += [" · " if said else "", html.Strong(one.words, dir="auto"), f" {FIRST}: ", link]
    return said or [NOTHING_BROKE]
