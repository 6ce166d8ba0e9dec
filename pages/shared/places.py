"""Everything that can be gone to by its name, with its address: what the finder lists and /api/places serves."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from aggregators.places.places import Place, PlaceKind, Places, places
from components.lists.table import namespace_href, pattern_href
from store.snapshot import Snapshot

ROWS = {
    PlaceKind.TOPIC: "ms-topics",
    PlaceKind.SUBSCRIBER: "ms-subscribers",
    PlaceKind.SETTING: "st-settings",
    PlaceKind.DETECTION: "st-limits",
}
"""Of what has no page but a row on one: the table there, which is filtered for it by the column of its kind."""


def place_links(snapshot: Snapshot, now: float) -> Places:
    """What can be gone to at `now`, with the addresses of the things themselves."""
    found = places(snapshot, now)
    return replace(found, places=tuple(replace(one, href=href(one)) for one in found.places))


def href(one: Place) -> str:
    """The address of a place."""
    if one.kind in ROWS:
        return row_href(one)
    if one.kind is PlaceKind.NAMESPACE:
        return namespace_href(one.name)
    return pattern_href(one.href.removeprefix("/patterns/")) if one.href.startswith("/patterns/") else one.href


def row_href(one: Place) -> str:
    """The address of a page with the table that holds the thing filtered for it (assets/later/filter.js reads it)."""
    escaped = one.name.replace("\\", "\\\\").replace('"', '\\"')
    words = f'{one.kind}="{escaped}"'
    return f"{one.href}?{ROWS[one.kind]}.q={quote(words, safe='')}"
