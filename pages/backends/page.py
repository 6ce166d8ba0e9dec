"""Are the backends well, and are there connections to them? RFC view 3; drawn every 5 s."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html

from aggregators.backends.backends import backends, backends_verdict
from aggregators.backends.pool_series import pool_series
from components.card import card, chart, hint_props
from components.charts.marks import Figure, Span
from components.heading import page_head, range_words
from components.lists.backend_panels import PanelView, panels_of
from components.lists.grid import GridRow, grid, grid_props
from components.lists.server_panels import ServerPanel, servers_of
from components.measure import follow_link
from components.props import Props
from components.status import StatusWord, badge_parts, status_line
from model.figures.windows import step_seconds, window_seconds
from model.measure import Measure
from pages.backends import pools_text as words
from pages.backends.panels import panel
from pages.backends.servers_text import server_panels
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "backends"
ABOUT = About(VIEW, "/backends", "Backends", refresh_seconds=5.0, order=3)
RANGE = "5m"
METRICS = "what each client reports; times and errors of the last 5 min"
HINT = "worst first; > 90 % is nearly full"


@dataclass(frozen=True)
class BackendsView:
    """Exactly what the screen says."""

    status: StatusWord
    says: str
    rows: list[GridRow]
    panels: list[PanelView]
    servers: list[ServerPanel]
    chart: Figure
    window: str
    used: tuple[Measure, ...]
    timed: tuple[Measure, ...]


def view_model(snapshot: Snapshot, now: float, chosen: str = "") -> BackendsView:
    """What the screen says of `snapshot` at `now`, its chart over the window that the address asks for."""
    found = backends(snapshot, now)
    window = window_seconds(chosen, RANGE)
    lines = pool_series(snapshot, now, window, step_seconds(window))
    return BackendsView(
        status=StatusWord(found.status),
        says=found.reason or "Every backend that is known is well",
        rows=words.rows(found),
        panels=[panel(one) for one in found.backends],
        servers=server_panels(found.servers),
        chart=words.connections(lines, Span(now - window, now)),
        window=range_words(chosen, RANGE),
        used=tuple(row.pool.active for row in found.rows if row.pool.is_pool),
        timed=tuple(one.acquire.p99 for one in found.backends if one.acquire.p99.value is not None),
    )


def update(snapshot: Snapshot, now: float, range: str = "") -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, range))


def tree(range: str = "") -> html.Main:
    """The static tree; every id begins with `bk-`."""
    table = grid(
        "bk-pools",
        "connection pools",
        words.COLUMNS,
        rows=6,
        csv="connection-pools",
        empty="No source reports a connection pool yet.",
    )
    head = html.Div(
        [
            html.H2(follow_link("bk-panels", "Connection metrics"), className="card-title"),
            html.Span(METRICS, id="bk-metrics-hint", className="hint"),
        ],
        className="d-flex align-items-baseline gap-2",
    )
    slot = chart("bk-conns-chart", "Connections in use by each pool over time", "bk-chart")
    return page_shell.main(
        VIEW,
        [
            page_head(
                "bk",
                "Backend Health",
                "Are the backends well, and are there connections to them?",
                refresh="5 s",
                ranges=RANGE,
                chosen=range,
            ),
            card("bk-pool", "Connection pools", [status_line("bk-status", "bk-says"), *table], hint=HINT, wide=8),
            card("bk-conns", "Connections in use", [slot], hint="last 5 min", wide=4),
            head,
            html.Div(id="bk-panels", className="bk-panels"),
            html.Div(id="bk-servers", className="bk-servers"),
        ],
        range=range,
    )


def render(view: BackendsView) -> Props:
    """The view as component properties."""
    props = grid_props("bk-pools", view.rows)
    props["bk-conns-chart"] = {"figure": view.chart}
    props["bk-status"] = {"children": badge_parts(view.status), "className": f"status status-{view.status.kind}"}
    props["bk-says"] = {"children": view.says, "title": view.says}
    props["bk-pool-hint"] = hint_props(view.used, HINT)
    props["bk-conns-hint"] = {"children": view.window}
    props["bk-metrics-hint"] = hint_props(view.timed, METRICS)
    props["bk-panels"] = {"children": panels_of(view.panels, "No pattern has reported its backend yet.")}
    props["bk-servers"] = {"children": servers_of(view.servers)}
    return props


register_view(__name__, ABOUT, judge=backends_verdict, answer=backends, update=update, tree=tree)
