"""Parts of the service map as the lines that the screen shows; shared by the pages."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html

from aggregators.overview.service_map import MapNode
from components import format as fmt
from components.card import bare_card
from components.lists.strip import StripItem, strip_items
from components.lists.table import namespace_href, pattern_href
from components.props import Props
from components.status import MARKS

FIRST = "broke first"
MOST_IN_STRIP = 6
"""With one that counts the others they take three lines at 1440 px, for which System Health has room."""
_NAMED = {"/patterns/": pattern_href, "/namespaces/": namespace_href}


def href(node: MapNode) -> str:
    """The page about it, with the name in its address quoted."""
    for start, quoted in _NAMED.items():
        if node.page.startswith(start):
            return quoted(node.page.removeprefix(start))
    return node.page


def folded(node: MapNode) -> str:
    """'2 of 12 in trouble'; '' of one component, or when all of them are well."""
    return f"{node.troubled:,} of {node.members:,} in trouble" if node.members > 1 and node.troubled else ""


def box(prefix: str) -> html.Div:
    """A card of what is in trouble, which is not shown while nothing is."""
    inside = [
        html.Ul(id=f"{prefix}-strip", className="map-strip"),
        html.P(dcc.Link("Open the service map →", href="/map"), className="crumbs mb-0"),
    ]
    whole = bare_card(prefix, "What is in trouble", inside, hint="what broke first in front", look="card-line")
    return html.Div(whole, id=f"{prefix}-box", className="col-12", hidden=True)


def box_props(prefix: str, items: Sequence[StripItem]) -> Props:
    """What it says."""
    return {f"{prefix}-box": {"hidden": not items}, f"{prefix}-strip": {"children": strip_items(items)}}


def strip(bad: Sequence[MapNode]) -> tuple[StripItem, ...]:
    """What is in trouble in one line, what broke first in front."""
    items = [
        StripItem(
            words=f"{node.troubled:,} of {node.words}" if folded(node) else node.words,
            kind=MARKS.get(node.status, "unknown"),
            word=node.status.value,
            note=FIRST if node.broke_first else "",
            title=node.reason or folded(node),
            href=href(node),
        )
        for node in bad[:MOST_IN_STRIP]
    ]
    more = len(bad) - MOST_IN_STRIP
    if more > 0:
        items.append(StripItem(f"{fmt.many(more, 'more component')}", "unknown", "", href="/map"))
    return tuple(items)
