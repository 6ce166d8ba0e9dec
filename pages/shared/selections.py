"""What an address selects of a page, and how an `update` or an answer is asked for it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from flask import g

from aggregators.overview.overall import Judgement
from aggregators.requests.proxies import only
from pages.shared.choices import AT
from store.snapshot import Snapshot

JUDGED = "judged"
"""The parameter by which an `update` or an answer asks for the judgement of the whole."""
PRESENT = "present"
"""The parameter by which an `update` asks for the present, to set it beside the past; None while that is shown."""
DRAWN = "drawn"
"""The parameter by which an `update` asks whether its charts are wanted; they are drawn less often than figures."""
EVERYWHERE = ("proxy", AT)
"""The names in an address that every page understands: they say from what the page is worked out."""
HIDE = "hide"
"""The name in an address that hides the users and addresses of failed logins; '' shows them."""
SEES_THEM = "security"
"""The role of whoever may see those."""


def selection_of(function: Callable[..., Any]) -> list[str]:
    """The names in an address that an `update` or an answer takes, after the snapshot and the time."""
    return [name for name in list(inspect.signature(function).parameters)[2:] if name not in (JUDGED, PRESENT, DRAWN)]


def narrowed(snapshot: Snapshot, now: float, selection: Mapping[str, str]) -> Snapshot:
    """What the figures of a selection are worked out from."""
    return only(snapshot, now, selection.get("proxy", ""))


def permitted(wanted: Mapping[str, str]) -> dict[str, str]:
    """What the request of just now selects, names hidden unless the guard said that its sender may see them."""
    roles = getattr(g.get("person"), "roles", ())
    return dict(wanted) if SEES_THEM in roles else {**wanted, HIDE: "1"}


class Present(NamedTuple):
    """What is known now, narrowed as the past is."""

    snapshot: Snapshot
    now: float


def called(
    function: Callable[..., Any],
    snapshot: Snapshot,
    now: float,
    judged: Judgement,
    selection: Mapping[str, str],
    present: Present | None = None,
    drawn: bool = True,
) -> Any:
    """What it says of a selection, of a snapshot that is narrowed to it; the judgement, the present and whether charts
    are wanted go along where they are asked for.
    """
    offered = {JUDGED: judged, PRESENT: present, DRAWN: drawn}
    extra = {name: one for name, one in offered.items() if asks_for(function, name)}
    own = {name: value for name, value in selection.items() if name not in EVERYWHERE}
    return function(snapshot, now, **own, **extra)


def asks_for(function: Callable[..., Any], name: str) -> bool:
    """Whether a function has this parameter."""
    return name in inspect.signature(function).parameters
