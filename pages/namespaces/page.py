"""Who uses Prism, how much, and who suffers or disturbs the others? RFC view 5; redrawn every 10 s."""

from __future__ import annotations

from dataclasses import dataclass

from dash import dcc, html

from aggregators.namespaces.namespaces import namespaces, namespaces_verdict
from components.card import card, chart, figures, hint_props
from components.charts.kinds import Figure
from components.charts.pie import COLUMNS, Slice, legend_rows, pie
from components.heading import page_head, verdict_props
from components.lists.grid import GridRow, grid, grid_props
from components.lists.table import table
from components.measure import figure_props
from components.props import Props
from components.status import StatusWord, mark
from model.measure import Measure
from pages.namespaces import text
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "namespaces"
ABOUT = About(VIEW, "/namespaces", "Namespaces", refresh_seconds=10.0, order=5)
QUESTION = "Who uses Prism, how much, and who suffers or disturbs the others?"
TOTALS = (
    ("ns-active", "Active namespaces"),
    ("ns-traffic", "With requests, 5 min"),
    ("ns-idle", "Configured but idle"),
    ("ns-unlisted", "Not in the Admin API"),
    ("ns-total", "All requests"),
)
TABLE_HINT = "worst first; RPS of the last 15 s, P99 and errors of 5 min"
PAGE_ROWS = 15
LINK = "flex-shrink-0 text-decoration-underline text-body"


@dataclass(frozen=True)
class NamespacesView:
    """Exactly what the screen says. `totals` follow TOTALS; `whole` when the address asks for all on one page."""

    rows: tuple[GridRow, ...]
    table_figures: tuple[Measure, ...]
    whole: bool
    totals: tuple[Measure, ...]
    slices: tuple[Slice, ...]
    pie: Figure
    note: str
    noisy: str
    is_noisy: bool
    nothing: str
    status: StatusWord
    says: str


def view_model(snapshot: Snapshot, now: float, all: str = "") -> NamespacesView:
    """What the screen says of `snapshot` at `now`."""
    answer = namespaces(snapshot, now)
    slices = text.slices(answer.shares)
    nothing = text.nothing_asked(answer)
    return NamespacesView(
        rows=tuple(text.grid_row(one, answer.age_seconds) for one in answer.rows),
        table_figures=(answer.per_second,),
        whole=bool(all),
        totals=(answer.active, answer.with_traffic, answer.idle, answer.unlisted, answer.per_second),
        slices=slices,
        pie=pie(slices, nothing),
        note=text.table_note(answer),
        noisy=text.noisy(answer),
        is_noisy=bool(answer.noisy),
        nothing=nothing,
        status=StatusWord(answer.status),
        says=answer.reason,
    )


def update(snapshot: Snapshot, now: float, all: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, all))


def tree(all: str = "") -> html.Main:
    """The static tree; every id begins with `ns-`."""
    rows = grid(
        "ns-rows",
        "namespaces, the worst first",
        text.COLUMNS,
        rows=PAGE_ROWS,
        csv="namespaces",
        empty="No namespace is known; the line below says why when a source is missing.",
    )
    other = (
        dcc.Link("Page by page", href="/namespaces", className=LINK)
        if all
        else dcc.Link("Show all →", href="/namespaces?all=1", className=LINK)
    )
    note = [html.Span(id="ns-note", className="name"), other]
    traffic = [
        html.P(id="ns-noisy", className="ns-noisy", role="status"),
        chart("ns-pie", "Share of each namespace in all requests; the table below has the figures", "ns-pie"),
        table("ns-shares", "Share of each namespace in all requests, the busiest first", COLUMNS),
    ]
    return page_shell.main(
        VIEW,
        [
            page_head("ns", "Namespaces", QUESTION, refresh="10 s", verdict=True),
            card("ns-totals", "Totals", [figures(TOTALS)], hint="last 15 s", look="ns-totals"),
            card(
                "ns-table",
                "Namespaces",
                [*rows, html.P(note, className="d-flex justify-content-between gap-3 hint")],
                hint=TABLE_HINT,
                wide=9,
                look="ns-whole" if all else "",
            ),
            card("ns-share", "Traffic distribution", traffic, hint="last 15 s", wide=3, look="ns-share"),
        ],
        all=all,
    )


def render(view: NamespacesView) -> Props:
    """The view as component properties."""
    props: Props = {name: figure_props(one) for (name, _), one in zip(TOTALS, view.totals, strict=True)}
    props |= grid_props("ns-rows", view.rows, whole=view.whole)
    props["ns-table-hint"] = hint_props(view.table_figures, TABLE_HINT)
    props["ns-share-hint"] = hint_props(view.table_figures, "last 15 s")
    props["ns-totals-hint"] = hint_props(view.totals, "last 15 s")
    props["ns-note"] = {"children": view.note, "title": view.note}
    props["ns-pie"] = {"figure": view.pie}
    props["ns-shares"] = {"children": legend_rows(view.slices, view.nothing)}
    warned = [mark("degraded"), html.Span(view.noisy)] if view.is_noisy else view.noisy
    look = "ns-noisy is-noisy" if view.is_noisy else "ns-noisy"
    props |= verdict_props("ns", view.status, view.says)
    props["ns-noisy"] = {"children": warned, "className": look, "title": view.noisy}
    return props


register_view(__name__, ABOUT, judge=namespaces_verdict, answer=namespaces, update=update, tree=tree)
