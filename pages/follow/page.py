"""Where does this figure come from, and how do I ask for it myself? One figure of any page; every 2 s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from dash import Input, Output, callback, dcc, html

from aggregators.follow.follow import Followed, follow
from aggregators.follow.question import Question
from components import aria
from components.card import card
from components.heading import page_head
from components.lists.grid import GridRow, grid, grid_props
from components.lists.table import table
from components.props import Props
from model.figures.parts import FIGURES
from pages.follow import text
from pages.shared import page_shell
from pages.shared.callbacks import running
from pages.shared.choices import AT
from pages.shared.detail import known_or_not, known_props, nothing_called
from pages.shared.registry import About, register_detail
from store.snapshot import Snapshot

VIEW, RANGE = "follow", "5m"
ABOUT = About(VIEW, "/follow/<figure>", "Where it comes from", refresh_seconds=2.0)
SLOTS = ("fo-first", "fo-second")
"""A figure has one question, and one more where a share stands beside it."""
ASKED = "asked for when this page was opened"


@dataclass(frozen=True)
class FollowView:
    """Exactly what the screen says of one figure; `known` is False where no page has such a figure."""

    found: Followed
    questions: tuple[Question, ...]
    families: list[Any]
    sources: list[Any]
    series: tuple[GridRow, ...]
    more: str
    lines: list[Any]
    spans: list[Any]


def view_model(snapshot: Snapshot, now: float, figure: str, name: str, range: str, hide: str) -> FollowView:
    """What the screen says of `figure` at `now`."""
    found = follow(snapshot, now, figure, name, range, hide)
    return FollowView(
        found=found,
        questions=found.questions[: len(SLOTS)],
        families=text.family_rows(found),
        sources=text.source_rows(found),
        series=text.series_rows(found),
        more=text.more(found),
        lines=text.lines(found),
        spans=text.spans(found),
    )


def update(snapshot: Snapshot, now: float, figure: str = "", name: str = "", range: str = "", hide: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, figure, name, range, hide))


def tree(figure: str = "", name: str = "", range: str = "", hide: str = "") -> html.Main:
    """The static tree; every id begins with `fo-`."""
    page, title, href = text.whence(figure, name, range)
    crumbs = html.P([dcc.Link(page, href=href), " / where it comes from"], className="crumbs")
    spans = html.Ul(id="fo-spans", className="follow-spans crumbs mt-2")
    ask = [*map(_slot, SLOTS), html.P(text.NO_METRIC, id="fo-none", className="note"), spans]
    sources = table("fo-sources", "Sources that report it", text.SOURCES)
    families = table("fo-families", "Families that it is made of", text.FAMILIES)
    series = grid("fo-series", "newest samples", text.SERIES, rows=6, csv="newest-samples", empty=text.NONE_OF)
    newest = [*series, html.P(id="fo-more", className="note")]
    raw = [html.Div(id="fo-lines"), html.P(id="fo-no-lines", className="note")]
    known = [
        page_head("fo", title, text.QUESTION, refresh="2 s", ranges=RANGE, chosen=range),
        card("fo-ask", "PromQL", ask, hint="gives the same figure"),
        card("fo-source", "Sources", [sources], hint="that report it"),
        card("fo-family", "Families", [families], hint="any one of them fills it"),
        card("fo-newest", "Newest samples", newest, hint="as they were read last"),
        card("fo-raw", "Lines of the last scrape", raw, hint="credentials removed"),
    ]
    nobody, back = nothing_called("figure", figure), dcc.Link("System Health", href="/")
    inside = known_or_not("fo", crumbs, known, nobody, "No page shows such a figure.", back)
    return page_shell.main(VIEW, inside, figure=figure, name=name, range=range, hide=hide)


def _slot(slot: str) -> html.Div:
    """A question and the button that copies it (assets/keep/saving.js)."""
    said = html.Span(role="status", className="link-said")
    copy = html.Button(["Copy", said], type="button", className="btn follow-copy", **aria.data(copy=f"{slot}-promql"))
    query = html.Div([html.Code(id=f"{slot}-promql", dir="auto"), copy], className="follow-query")
    head = html.P(id=f"{slot}-of", className="hint")
    return html.Div([head, query, html.P(id=f"{slot}-note", className="note")], id=slot, hidden=True)


def render(view: FollowView) -> Props:
    """The view as component properties."""
    props: Props = {}
    for slot, one in zip_longest(SLOTS, view.questions):
        props[slot] = {"hidden": one is None}
        props[f"{slot}-of"] = {"children": one.figure if one else ""}
        props[f"{slot}-promql"] = {"children": one.promql if one else ""}
        props[f"{slot}-note"] = {"children": one.note if one else ""}
    props |= {
        "fo-none": {"hidden": bool(view.questions)},
        "fo-sources": {"children": view.sources},
        "fo-families": {"children": view.families},
        "fo-more": {"children": view.more},
        "fo-lines": {"children": view.lines},
        "fo-spans": {"children": view.spans, "hidden": not view.spans},
        "fo-no-lines": {"children": view.found.lines_note},
    }
    return props | grid_props("fo-series", view.series) | known_props("fo", view.found.known)


@callback(Output("fo-no-lines", "title"), Input(f"{VIEW}-selection", "data"))
def ask(selection: Mapping[str, str] | None) -> str:
    """Whoever opens the page wants the lines of the figure's families: nobody keeps them else. Without an Output, Dash
    would not call it for a page that a link leads to.
    """
    need = FIGURES.get(str((selection or {}).get("figure")))
    if need is None or (selection or {}).get(AT):
        return ""
    running().ask_lines(need.families)
    return ASKED


register_detail(__name__, ABOUT, answer=follow, update=update, tree=tree)
