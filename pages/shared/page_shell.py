"""What every page shares: the running snapshot for the first paint, and what the top bar says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dash import html
from dash.development.base_component import Component
from flask import current_app

from aggregators.overview.overall import Judgement
from aggregators.patterns.health import pattern_health
from aggregators.series.sources import source_table
from components import aria, ids, shell
from components.props import Props, apply, ids_of
from components.shell import ShellView
from components.status import StatusWord
from pages.shared import answer_text
from pages.shared.judges import judgement
from pages.shared.registry import called
from store.snapshot import Snapshot

EXTENSION = "hud"


class Running(Protocol):
    """What the application puts at `server.extensions["hud"]` for the first paint of a page."""

    def snapshot(self) -> Snapshot:
        """The newest snapshot."""

    def now(self) -> float:
        """The time, in seconds since 1970."""

    def judgement(self, snapshot: Snapshot, now: float) -> Judgement:
        """The judgement that the live pages word just now."""


def painted(tree: Component, update: Callable[..., Props], **selection: str) -> Component:
    """`tree` with the live figures of this instant, so that they are there before the socket is.

    What `update` says of places outside of `tree` (the top bar) is left to the live connection.
    """
    running: Running = current_app.extensions[EXTENSION]
    inside = ids_of(tree)
    snapshot, now = running.snapshot(), running.now()
    props = called(update, snapshot, now, running.judgement(snapshot, now), selection)
    return apply(tree, {name: values for name, values in props.items() if name in inside})


def main(view: str, children: Sequence[Any], **selection: str) -> html.Main:
    """The element of a page; `selection` is what its address says, for the live connection."""
    return html.Main(
        list(children),
        id=ids.PAGE,
        className="page",
        tabIndex=-1,
        **aria.data(view=view, selection=json.dumps(selection)),
    )


def shell_props(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> Props:
    """The top bar and the rail, the same around every page."""
    return shell.render(shell_view(snapshot, now, judged))


def shell_view(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> ShellView:
    """What they say of a judgement; without one it is worked out."""
    judged = judged or judgement(snapshot, now)
    patterns, rows, whole = pattern_health(snapshot, now), source_table(snapshot, now), judged.whole
    status = StatusWord(whole.status)
    return ShellView(
        status=status,
        reason=answer_text.sentence(whole, now),
        announcement=answer_text.announcement(whole, patterns),
        sources=answer_text.source_dots(rows, answer_text.pattern_names(patterns)),
        simulated=bool(snapshot.meta.get("simulated")),
        views=(("system-health", status), *((one.view, StatusWord(one.verdict.status)) for one in judged.views)),
    )
