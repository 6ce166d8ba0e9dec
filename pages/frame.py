"""What every page shares: the running snapshot for the first paint, and what the top bar says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from dash.development.base_component import Component
from flask import current_app

from aggregators.health import PatternHealth
from aggregators.overall import Overall
from aggregators.sources import SourceRow
from components.props import Props, apply, ids
from components.shell import ShellView
from components.status import StatusWord
from pages import wording
from store.snapshot import Snapshot

EXTENSION = "hud"


class Running(Protocol):
    """What the application puts at `server.extensions["hud"]` for the first paint of a page."""

    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    def now(self) -> float:
        """The time, in seconds since 1970."""


def painted(tree: Component, update: Callable[..., Props], **selection: str) -> Component:
    """`tree` with the live figures of this instant, so that they are there before the socket is.

    What `update` says of places outside of `tree` (the top bar) is left to the live connection.
    """
    running: Running = current_app.extensions[EXTENSION]
    inside = ids(tree)
    props = update(running.snapshot(), running.now(), **selection)
    return apply(tree, {name: values for name, values in props.items() if name in inside})


def shell_view(
    snapshot: Snapshot, now: float, whole: Overall, patterns: Sequence[PatternHealth], rows: Sequence[SourceRow]
) -> ShellView:
    """The top bar and the rail, from answers that the page has already."""
    status = StatusWord(whole.status)
    return ShellView(
        status=status,
        reason=wording.sentence(whole, now),
        announcement=wording.announcement(whole, patterns),
        sources=wording.source_dots(rows, wording.pattern_names(patterns)),
        simulated=bool(snapshot.meta.get("simulated")),
        now=now,
        views=(("system-health", status),),
    )
