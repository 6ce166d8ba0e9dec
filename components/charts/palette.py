"""A colour for each name, the same on every page and after every restart: patterns, namespaces, topics."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

BLUE, ORANGE, TEAL, PURPLE, GREY = "#3d85c6", "#c8722c", "#2b958a", "#8f6fd0", "#7f8792"
RED, AMBER = "#dd4f4f", "#b0812a"
COLOURS = (BLUE, ORANGE, TEAL, PURPLE, GREY, RED, AMBER)
"""Each has a contrast of 3 or more against the cards of both themes."""
OTHERS = GREY
"""All that has no colour of its own."""
HUES = (BLUE, ORANGE, TEAL, PURPLE, "#c7588c", "#6f8f2b", "#a5754a", "#3f9a52")
"""Each has a contrast of 3 or more against the cards of both themes; red and amber are kept for trouble."""
KNOWN = {"memstore": PURPLE, "redis": ORANGE, "nats": TEAL, "postgresql": BLUE}
"""The RFC's patterns, which are seen side by side everywhere."""


def colour(name: str, index: int = 0) -> str:
    """The colour of `name`; with an `index` the one so many places further on, where the first is taken already."""
    first = HUES.index(KNOWN[name]) if name in KNOWN else crc32(name.encode("utf-8", "surrogatepass")) % len(HUES)
    return HUES[(first + index) % len(HUES)]


def colours(names: Iterable[str]) -> dict[str, str]:
    """Names that are shown together, as different as there are hues: who comes first keeps its own."""
    given: dict[str, str] = {}
    for name in names:
        wanted = [colour(name, index) for index in range(len(HUES))]
        given[name] = next((one for one in wanted if one not in given.values()), wanted[0])
    return given
