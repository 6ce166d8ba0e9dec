"""What every page shares: the element around it, and what the top bar and the rail say."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from aggregators.incidents.notices import Notice
from aggregators.incidents.wiring import health_keys
from aggregators.overview.overall import Judgement
from aggregators.overview.summary import summary
from components import aria, ids, shell
from components.card import page_row
from components.measure import narrow_follow_links
from components.props import Props
from components.shell import Calling, ShellView
from components.status import StatusWord
from pages.shared import answer_text, source_text
from pages.shared.callbacks import register_callbacks, register_selections, running
from pages.shared.choices import AT
from pages.shared.judges import judgement
from pages.shared.registration import places
from pages.shared.selections import EVERYWHERE
from store.snapshot import Snapshot, snapshot_of

SHELL = "shell"
"""What the shell is called among the views."""


def main(view: str, children: Sequence[Any], **selection: str) -> html.Main:
    """The element of a page, around its row; `selection` is what its address says, for the live connection."""
    inside = dbc.Container(page_row(children), fluid=True, class_name="px-2 px-md-3")
    narrow_follow_links(inside, selection)
    return html.Main(
        [inside],
        id=ids.PAGE,
        className="page",
        tabIndex=-1,
        **aria.data(view=view, selection=json.dumps(selection)),
    )


def shell_props(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> Props:
    """The top bar and the rail, the same around every page."""
    return shell.render(shell_view(snapshot, now, judged))


def register_shell(tree: Component) -> None:
    """The shell's own callback: the way round a lost socket for the top bar and the rail."""
    outputs = places(SHELL, tree, shell_props(snapshot_of([]), 0.0))

    def answer(selection: Mapping[str, str]) -> tuple[None, Props]:
        live = running()
        with live.turn({name: value for name, value in selection.items() if name == AT and value}):
            snapshot, now, judgement, _ = live.moment(selection)
            return None, shell_props(snapshot, now, judgement(snapshot, now))

    register_callbacks(SHELL, outputs, answer)
    register_selections(tree, EVERYWHERE)


def shell_view(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> ShellView:
    """What they say of a judgement; without one it is worked out."""
    judged = judged or judgement(snapshot, now)
    found = summary(snapshot, now, judged)
    status = StatusWord(found.whole.status)
    return ShellView(
        status=status,
        reason=answer_text.sentence(found.whole, now),
        announcement=answer_text.announcement(found.whole, found.patterns),
        sources=source_text.source_dots(found.sources, health_keys(found.patterns)),
        simulated=found.simulated,
        views=(("system-health", status), *((one.view, StatusWord(one.verdict.status)) for one in judged.views)),
        calling=tuple(map(_calling, found.calling)),
        proxies=found.proxies,
    )


def _calling(one: Notice) -> Calling:
    since, severity = round(one.started, 3), one.severity.value
    return Calling(one.id, one.names, one.headline, severity, one.kinds, one.page, since, one.alerts, one.seen_to)
