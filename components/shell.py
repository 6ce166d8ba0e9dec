"""What surrounds every page: top bar, rail, live state, announcements; and the HTML document itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from components import aria, ids
from components.props import Props
from components.status import StatusWord, badge_parts, mark
from components.time_bar import past_banner, time_bar
from model.status import Status

DOCUMENT = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="color-scheme" content="dark light">
    <title>{%title%}</title>
    {%favicon%}
    <link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
    <script>{
      const chosen = document.documentElement.dataset;
      try {
        const asked = new URLSearchParams(location.search);
        for (const [name, known] of [["theme", ["dark", "light"]], ["zone", ["utc", "local"]]]) {
          const wanted = known.includes(asked.get(name)) ? asked.get(name) : localStorage.getItem("hud-" + name);
          if (known.includes(wanted)) chosen[name] = wanted;
        }
        if (asked.get("embed") === "1") chosen.embed = "1";
      } catch (_) { /* storage refused: the system's theme serves */ }
      chosen.bsTheme = chosen.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    }</script>
    <style>@import url("{%bootstrap%}") layer(bootstrap);</style>
    {%css%}
    <link rel="preload" href="/_dash-layout" as="fetch" crossorigin>
    <link rel="preload" href="/_dash-dependencies" as="fetch" crossorigin>
  </head>
  <body>
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>"""
"""Dash's document. The theme (chosen in the address, else kept, else the system's) is set before anything is painted.
So is whether a view stands alone (`?embed=1`): without rail and top bar, in a frame of another page.

Bootstrap's stylesheet is the lowest layer: whatever the others in assets/ say stands above it, however specific it is.
"""

ALL = "all"
ALL_PROXIES = {"label": "All proxies", "value": ALL}
MOST_CALLING = 10
"""Incidents that a browser hears of by name; all are counted."""


@dataclass(frozen=True)
class RailItem:
    """One view in the rail."""

    view: str
    name: str
    href: str


@dataclass(frozen=True)
class SourceDot:
    """A kind of source in the top bar: the look of its mark, and in words how reading it goes."""

    name: str
    kind: str
    words: str


@dataclass(frozen=True)
class Calling:
    """An incident that somebody who looks elsewhere is called for. `names` are those of its alerts; `started` is in
    seconds since 1970.
    """

    id: str
    names: tuple[str, ...]
    words: str
    severity: str
    kinds: tuple[str, ...]
    href: str
    started: float
    alerts: int
    seen_to: bool


@dataclass(frozen=True)
class ShellView:
    """What the shell says. `announcement` changes only when the status does."""

    status: StatusWord
    reason: str
    announcement: str
    sources: tuple[SourceDot, ...]
    simulated: bool
    views: tuple[tuple[str, StatusWord], ...] = ()
    calling: tuple[Calling, ...] = ()
    proxies: tuple[str, ...] = ()


def shell(rail: Sequence[RailItem], content: Any) -> html.Div:
    """The static tree around `content` (the pages)."""
    return html.Div(
        [
            html.A("Skip to content", href=f"#{ids.PAGE}", className="skip"),
            _top_bar(),
            html.Nav(
                html.Ul([_rail_item(item) for item in rail], className="nav"), className="rail", **aria.label("Views")
            ),
            html.Div([past_banner(), content], className="content"),
            time_bar(),
            html.Div(id=ids.ANNOUNCE, className="visually-hidden", role="status", **aria.POLITE),
            html.Span(id=ids.NOTICES, hidden=True),
        ],
        className="hud",
    )


def render(view: ShellView) -> Props:
    """The shell's properties; `live-state` and `live-age` belong to live.js, the clock to since.js."""
    props: Props = {
        ids.TOP_STATUS: {
            "children": [
                *badge_parts(view.status),
                html.Span(view.reason, className="reason", title=view.reason, dir="auto"),
            ],
            "className": f"top-status status-{view.status.kind}",
        },
        ids.TOP_SOURCES: {"children": [_dot(source) for source in view.sources]},
        ids.TOP_SIMULATED: {"hidden": not view.simulated},
        ids.TOP_PROXIES_BOX: {"hidden": len(view.proxies) < 2},
        ids.TOP_PROXIES: {"options": [ALL_PROXIES, *({"label": one, "value": one} for one in view.proxies)]},
        ids.ANNOUNCE: {"children": view.announcement},
        ids.NOTICES: aria.data(
            incidents=json.dumps([asdict(one) for one in view.calling[:MOST_CALLING]]), count=str(len(view.calling))
        ),
    }
    for name, word in view.views:
        look = "" if word.status is Status.HEALTHY and word.age_seconds is None else word.status.value
        props[ids.rail(name)] = {"children": [mark(word.kind), html.Span(look, className="visually-hidden")]}
    return props


def _top_bar() -> html.Header:
    return html.Header(
        [
            dbc.NavLink(
                [html.Span(className="icon logo", **aria.DECORATION), html.Span("Prism HUD")],
                href="/",
                class_name="brand",
            ),
            html.Div(id=ids.TOP_STATUS, className="top-status"),
            html.Span(
                "simulated",
                id=ids.TOP_SIMULATED,
                className="badge is-simulated",
                hidden=True,
                title="No source is configured: all figures come from the simulated Prism beside the dashboard.",
            ),
            html.Div(
                [
                    dbc.Label("Proxy", html_for=ids.TOP_PROXIES, class_name="visually-hidden"),
                    dbc.Select(id=ids.TOP_PROXIES, options=[ALL_PROXIES], value=ALL, size="sm"),
                ],
                id=ids.TOP_PROXIES_BOX,
                hidden=True,
            ),
            html.Ul(id=ids.TOP_SOURCES, className="dots d-none d-md-flex flex-shrink-0 gap-2", **aria.label("Sources")),
            html.Div(
                [
                    html.Span("Connecting", id=ids.LIVE_STATE),
                    html.Span(id=ids.LIVE_AGE, className="live-age d-none d-md-inline"),
                ],
                className="live",
            ),
            html.Time(id=ids.TOP_CLOCK, className="clock d-none d-xl-inline"),
            *_switches(),
        ],
        className="top",
    )


def _switches() -> list[dbc.Button]:
    return [
        _switch(ids.FIND_SWITCH, "switch-find", "Find"),
        _link_switch(),
        _switch(ids.PAUSE_SWITCH, "switch-pause", "Pause updates"),
        _switch(ids.ZONE_SWITCH, "switch-zone d-none d-xl-inline-block", "Local time or UTC"),
        _switch(ids.THEME_SWITCH, "switch-theme", "Dark or light"),
    ]


def _switch(name: str, look: str, words: str) -> dbc.Button:
    """A button whose look says how it stands; assets/choices.js, live.js and commands.js answer it."""
    return dbc.Button(html.Span(words, className="visually-hidden"), id=name, title=words, class_name=f"switch {look}")


def _link_switch() -> dbc.Button:
    """Copies a link; what came of that is said beside it (assets/keep/saving.js)."""
    button = _switch(ids.LINK_SWITCH, "switch-link d-none d-md-inline-block", "Copy a link to what is shown")
    button.children = [button.children, html.Span(role="status", className="link-said")]
    return button


def _rail_item(item: RailItem) -> html.Li:
    words = [
        html.Span(className=f"icon icon-{item.view}", **aria.DECORATION),
        html.Span(item.name, className="rail-name name"),
        html.Span(id=ids.rail(item.view), className="rail-mark"),
    ]
    # A list, which dbc.Nav is not: how many views there are is heard.
    return html.Li(dbc.NavLink(words, href=item.href, class_name="rail-link"), className="nav-item")


def _dot(source: SourceDot) -> html.Li:
    heard = html.Span(f": {source.words}", className="visually-hidden")
    return html.Li(
        [mark(source.kind), html.Span(source.name, className="dot-name"), heard],
        title=f"{source.name}: {source.words}",
        className="is-well" if source.kind == "healthy" else "",
    )
