"""Everything that can be gone to by its name, with its address: what the finder lists and /api/places serves."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from aggregators.places.places import Place, PlaceKind, places
from components.lists.table import namespace_href, pattern_href
from model.status import Status
from store.snapshot import Snapshot

ROWS = {PlaceKind.TOPIC: "ms-topics", PlaceKind.SUBSCRIBER: "ms-subscribers", PlaceKind.SETTING: "st-settings",
        PlaceKind.DETECTION: "st-limits"}  # fmt: skip
"""Of what has no page but a row on one: the table there, which is filtered for it by the column of its kind."""


@dataclass(frozen=True, slots=True)
class PlaceLink:
    """A thing that has a page, or a row on one. `href` is its address, below the dashboard's own; `status` is null and
    `says` what it is where a thing does not stand in any way.
    """

    kind: PlaceKind
    name: str
    href: str
    status: Status | None
    says: str


@dataclass(frozen=True, slots=True)
class PlaceLinks:
    """Every place, those of a kind in the order of their page. `left_out` counts what is beyond 5,000 of a kind."""

    places: tuple[PlaceLink, ...]
    left_out: int


def place_links(snapshot: Snapshot, now: float) -> PlaceLinks:
    """What can be gone to at `now`, and where it is."""
    found = places(snapshot, now)
    linked = (PlaceLink(one.kind, one.name, href(one), one.status, one.says) for one in found.places)
    return PlaceLinks(tuple(linked), found.left_out)


def href(one: Place) -> str:
    """The address of a place."""
    if one.kind in ROWS:
        return row_href(one)
    if one.kind is PlaceKind.NAMESPACE:
        return namespace_href(one.name)
    return pattern_href(one.page.removeprefix("/patterns/")) if one.page.startswith("/patterns/") else one.page


def row_href(one: Place) -> str:
    """The address of a page with the table that holds the thing filtered for it (assets/later/filter.js reads it)."""
    escaped = one.name.replace("\\", "\\\\").replace('"', '\\"')
    words = f'{one.kind}="{escaped}"'
    return f"{one.page}?{ROWS[one.kind]}.q={quote(words, safe='')}"
