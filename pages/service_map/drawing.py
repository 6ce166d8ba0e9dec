"""The service map as a diagram: a box for each component, an arrow from who needs to what it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aggregators.incidents.dependencies import Kind
from aggregators.overview.service_map import MapNode, ServiceMap
from components.charts.mermaid_text import WIDE_COLUMNS, Arrow, Box, Diagram, diagram_value, flowchart
from components.status import TROUBLE
from model.status import Status
from pages.shared.map_text import FIRST, folded, href

SIGNS = {
    Status.HEALTHY: "● HEALTHY",
    Status.DEGRADED: "▲ DEGRADED",
    Status.UNHEALTHY: "⬣ UNHEALTHY",
    Status.UNKNOWN: "○ UNKNOWN",
}
LOOKS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy", Status.UNKNOWN: "idle"}
ROOM = max(SIGNS.values(), key=len)
NARROW = 14
MOST_BOXES, MOST_PATTERNS = 4, 8
"""So many of a kind have a box of their own, the worst first; the others share one."""
EMPTY = "No component is known yet: no source has named one."


def drawing(found: ServiceMap) -> dict[str, Any]:
    """The diagram for wide and for narrower screens; words where nothing is known."""
    if not found.nodes:
        return diagram_value(Diagram("", {}), Diagram("", {}), EMPTY)
    shown, place = _boxes(found)
    arrows = _arrows(found, place, shown)
    return diagram_value(flowchart(shown, arrows, WIDE_COLUMNS), flowchart(shown, arrows, NARROW))


def _boxes(found: ServiceMap) -> tuple[list[Box], Mapping[str, int]]:
    """The boxes, and the place of each node's among them."""
    boxes: list[Box] = []
    place: dict[str, int] = {}
    for kind in Kind:
        nodes = [one for one in found.nodes if one.kind is kind and _is_drawn(one, found)]
        most = MOST_PATTERNS if kind is Kind.PATTERN else MOST_BOXES
        named = sorted(nodes, key=_urgency)[: most if len(nodes) <= most else most - 1]
        rest = [one for one in nodes if one not in named]
        for one in sorted(named, key=lambda node: node.words):  # boxes keep their places while statuses change
            place[one.id] = len(boxes)
            boxes.append(_box(one))
        if rest:
            place |= {one.id: len(boxes) for one in rest}
            boxes.append(_rest(rest, kind))
    return boxes, place


def _is_drawn(node: MapNode, found: ServiceMap) -> bool:
    """A pool that is well stands in the way of the server behind it."""
    well = node.kind is Kind.POOL and node.status in (Status.HEALTHY, Status.UNKNOWN) and not node.broke_first
    return not (well and any(edge.of == node.id for edge in found.edges))


def _urgency(node: MapNode) -> tuple[bool, int, str]:
    return not node.broke_first, TROUBLE.index(node.status), node.words


def _box(node: MapNode) -> Box:
    looks = [node.kind.name.lower(), *filter(None, [LOOKS.get(node.status)]), *(["cause"] if node.broke_first else [])]
    word = FIRST if node.broke_first else folded(node)
    label = ", ".join(filter(None, (node.words, node.status.value, word, node.reason)))
    return Box(node.words, SIGNS[node.status], ROOM, word, tuple(looks), href=href(node), label=label)


def _rest(nodes: Sequence[MapNode], kind: Kind) -> Box:
    status = min((one.status for one in nodes), key=TROUBLE.index)
    looks = ("more", *filter(None, [LOOKS.get(status)]))
    words = f"{len(nodes):,} more {kind.value}s"
    return Box(words, SIGNS[status], ROOM, "", looks, True, nodes[0].page, f"{words}, {status.value} at worst")


def _arrows(found: ServiceMap, place: Mapping[str, int], boxes: Sequence[Box]) -> list[Arrow]:
    """Each line once, dotted into what is UNHEALTHY; one that another box stands on is left out: it leads over that."""
    lines = {(place[one.of], place[one.on]) for one in found.edges if one.of in place and one.on in place}
    return [Arrow(start, end, "unhealthy" in boxes[end].looks) for start, end in sorted(_direct(lines))]


def _direct(lines: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
    found = set(lines)
    over = {(start, end) for start, middle in found for other, end in found if middle == other}
    return found - over


def rows_high(found: ServiceMap) -> int:
    """How many boxes stand one above another at most, so that room can be kept."""
    drawn = [one.kind for one in found.nodes if _is_drawn(one, found)]
    patterns = min(drawn.count(Kind.PATTERN), MOST_PATTERNS)
    return max(4, patterns + 2)
