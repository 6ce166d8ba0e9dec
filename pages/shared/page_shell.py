"""What every page shares: the running snapshot for the first paint, and what the top bar says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dash import html
from dash.development.base_component import Component
from flask import current_app

from aggregators.alerts.alerts import Alert, AlertState, alerts
from aggregators.overview.overall import OF_SEVERITY, overall
from aggregators.patterns.health import pattern_health, worst_status
from aggregators.series.sources import source_table
from components import aria, ids, shell
from components.props import Props, apply, ids_of
from components.shell import ShellView
from components.status import StatusWord
from model.status import Status
from pages.shared import answer_text
from store.snapshot import Snapshot

EXTENSION = "hud"
FAMILY_VIEWS = {
    "errors": "performance",
    "latency": "performance",
    "pool": "backends",
    "down": "backends",
    "degraded": "backends",
    "restart": "backends",
    "auth": "security",
    "source": "settings",
    "collector": "settings",
}
"""On which view the trouble of an alert's family shows."""


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
    inside = ids_of(tree)
    props = update(running.snapshot(), running.now(), **selection)
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


def shell_props(snapshot: Snapshot, now: float) -> Props:
    """The top bar and the rail, the same around every page."""
    return shell.render(shell_view(snapshot, now))


def shell_view(snapshot: Snapshot, now: float) -> ShellView:
    """What they say."""
    patterns, rows, found = pattern_health(snapshot, now), source_table(snapshot, now), alerts(snapshot, now)
    whole = overall(snapshot, now, patterns, found)
    status = StatusWord(whole.status)
    return ShellView(
        status=status,
        reason=answer_text.sentence(whole, now),
        announcement=answer_text.announcement(whole, patterns),
        sources=answer_text.source_dots(rows, answer_text.pattern_names(patterns)),
        simulated=bool(snapshot.meta.get("simulated")),
        views=(("system-health", status), *_marks(found)),
    )


def _marks(found: Sequence[Alert]) -> list[tuple[str, StatusWord]]:
    """The status of each view that some detection speaks for: as bad as the worst alert of it that fires."""
    worst = dict.fromkeys(FAMILY_VIEWS.values(), Status.HEALTHY)
    for alert in found:
        view = FAMILY_VIEWS.get(alert.family)
        if view is not None and alert.in_prism and alert.state is AlertState.FIRING:
            worst[view] = worst_status([worst[view], OF_SEVERITY[alert.severity]])
    firing = [OF_SEVERITY[alert.severity] for alert in found if alert.state is AlertState.FIRING]
    every = worst_status([*worst.values(), *firing])
    return [(view, StatusWord(status)) for view, status in ({**worst, "alerts": every}).items()]
