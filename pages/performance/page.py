"""Does Prism answer as fast as was promised, and what does not? RFC view 2; drawn every 5 s."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import html

from aggregators.performance.performance import Performance, performance, performance_verdict
from aggregators.performance.performance_series import PerformanceLines, performance_series
from components.card import bare_card, card, chart, column, hint_props
from components.charts.kinds import Figure, Span
from components.compliance import slo_bar, slo_bar_props, verdict
from components.heading import page_head, range_words, verdict_props
from components.lists.grid import GridRow, grid, grid_props
from components.lists.table import table
from components.lists.then_now import Compared, compare_box, compare_props
from components.measure import figure, figure_name, figure_props
from components.props import Props
from components.status import StatusWord
from model.figures.windows import step_seconds, window_seconds
from model.measure import Measure
from pages.performance import burn_text, fleet_text, operations_text
from pages.performance import text as words
from pages.performance.beside import beside
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from pages.shared.selections import Present
from store.snapshot import Snapshot

VIEW = "performance"
ABOUT = About(VIEW, "/performance", "Performance", refresh_seconds=5.0, order=2)
RANGE = "15m"
BURN_HINT = "1 × lasts just as long as planned"
QUESTION = "Does Prism answer as fast as was promised, and if not, what is slow?"
WINDOWS = (("pf-day", "Last 24 h"), ("pf-week", "Last 7 d"), ("pf-budget", "Error budget left"))
EMPTY = "No operation's latency is reported: prism_request_duration_seconds by pattern and operation would fill this."


@dataclass(frozen=True)
class PerformanceView:
    """What the screen says: the answer, its charts over the window that the address asks for, and that window."""

    found: Performance
    lines: PerformanceLines
    charts: tuple[tuple[str, Figure], ...]
    rows: list[GridRow]
    window: str
    compared: Compared | None = None


def view_model(snapshot: Snapshot, now: float, chosen: str = "", present: Present | None = None) -> PerformanceView:
    """What the screen says of `snapshot` at `now`."""
    found, window = performance(snapshot, now), window_seconds(chosen, RANGE)
    lines = performance_series(snapshot, now, window, step_seconds(window))
    return PerformanceView(
        found=found,
        lines=lines,
        charts=words.figures(lines, found.slo.threshold, Span(now - window, now)),
        rows=operations_text.operation_rows(found),
        window=range_words(chosen, RANGE),
        compared=beside(found, present),
    )


def update(snapshot: Snapshot, now: float, range: str = "", present: Present | None = None) -> Props:  # ?range=
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now, range, present))


def tree(range: str = "") -> html.Main:
    """The static tree; every id begins with `pf-`."""
    operations = grid(
        "pf-operations",
        "latency by operation",
        operations_text.OPERATIONS,
        rows=11,
        csv="latency-by-operation",
        empty=EMPTY,
    )
    now = [html.Span(figure("pf-slo"), className="pf-now"), html.Span(id="pf-verdict", className="status")]
    compliance = [
        html.P(id="pf-target", className="note"),
        html.Div(now, className="pf-verdict d-flex flex-wrap align-items-baseline column-gap-3"),
        slo_bar("pf-bar"),
        html.Dl([_cell(*one) for one in WINDOWS], className="pf-windows row row-cols-1 row-cols-md-3 g-2"),
    ]
    p99 = [
        html.Dl([_cell("pf-p99", "P99 latency, last 5 min")], className="pf-windows pf-p99 mb-2"),
        table("pf-burns", "Burn rates of the error budget", burn_text.BURNS),
    ]
    buckets = chart("pf-heat-chart", "Share of requests by latency bucket over time, with P50 and P99")
    patterns = chart("pf-flow-chart", "Requests per second by pattern over time, stacked")
    heat = bare_card("pf-heat", "Latency heatmap", [buckets])
    flow = bare_card("pf-flow", "Throughput by pattern", [patterns])
    return page_shell.main(
        VIEW,
        [
            page_head("pf", "Performance", QUESTION, refresh="5 s", ranges=RANGE, chosen=range, verdict=True),
            compare_box("pf"),
            card("pf-compliance", "SLO compliance", compliance, hint="last 5 min", wide=7),
            card("pf-burning", "P99 and burn rates", p99, hint=BURN_HINT, wide=5, look="pf-narrow"),
            fleet_text.proxies_card(),
            card("pf-table", "Latency by operation", operations, hint="last 1h, slowest first", wide=7),
            column(dbc.Stack([heat, flow], class_name="h-100 pf-stack"), 5),
        ],
        range=range,
    )


def _cell(name: str, title: str) -> html.Div:
    return html.Div([figure_name(name, title), html.Dd(figure(name)), html.Dd(id=f"{name}-note", className="note")])


def render(view: PerformanceView) -> Props:
    """The view as component properties."""
    found, slo = view.found, view.found.slo
    said = words.verdict(slo.current, words.is_burning(found))
    props = grid_props("pf-operations", view.rows) | {slot: {"figure": one} for slot, one in view.charts}
    props |= slo_bar_props("pf-bar", slo.current.sli, slo.objective.value or 0.0, said.kind)
    props |= {
        "pf-target": {"children": words.target(found)},
        "pf-verdict": {"children": verdict(said), "className": f"status status-{said.kind}"},
        "pf-slo": {**figure_props(slo.current.sli), "title": words.reported(slo.current)},
        "pf-compliance-hint": hint_props([slo.current.sli], "last 5 min"),
        "pf-burns": {"children": burn_text.burn_rows(slo.burns)},
        "pf-fleet-box": {"hidden": len(found.proxies) < fleet_text.SEVERAL},
        "pf-proxies": {"children": fleet_text.proxy_rows(found.proxies)},
        "pf-table-hint": operations_text.operations_hint(found),
        "pf-heat-hint": hint_props(
            (), words.chart_hint(view.lines.heat_reading, f"{view.window}; bluer is more of them")
        ),
        "pf-flow-hint": hint_props((), words.chart_hint(view.lines.throughput_reading, view.window)),
    }
    props |= _figure("pf-day", slo.day.sli, words.window_note(slo.day), words.reported(slo.day))
    props |= _figure("pf-week", slo.week.sli, words.window_note(slo.week), words.reported(slo.week))
    props |= _figure("pf-budget", slo.week.budget_remaining, words.budget(slo.week), words.reported(slo.week))
    props |= compare_props("pf", view.compared)
    props |= verdict_props("pf", StatusWord(found.status), found.reason)
    return props | _figure("pf-p99", found.p99, "a quantile, not the share of requests", found.p99.note)


def _figure(name: str, measure: Measure, note: Any, title: str) -> Props:
    return {name: figure_props(measure), f"{name}-note": {"children": note, "title": title}}


register_view(__name__, ABOUT, judge=performance_verdict, answer=performance, update=update, tree=tree)
