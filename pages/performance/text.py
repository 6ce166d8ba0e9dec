"""How the performance view words its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from aggregators.performance.performance import Performance
from aggregators.performance.performance_series import PerformanceLines
from aggregators.performance.slo import PROXY, Burn, Compliance
from aggregators.performance.span_operations import Operation
from components import format as fmt
from components.card import hint_props
from components.charts import kinds as charts
from components.charts import palette
from components.charts.heatmap import EDGE_PIXELS, Buckets, Quantile, heatmap
from components.compliance import Verdict, round_percent
from components.lists.grid import Cell, GridColumn, GridRow, cell, link_cell, text_cell
from components.lists.table import Column, pattern_href, row
from components.measure import figure_of
from components.status import mark
from model.measure import Measure
from model.slo import DAY_SECONDS
from model.status import Reading

BURNS = (Column("Windows", share=20, narrow=24), Column("Long", "number"), Column("Short", "number"),
         Column("Alert above", "number"), Column("State", share=26, narrow=28))  # fmt: skip
OPERATIONS = (
    GridColumn("operation", "Operation", flex=8),
    GridColumn("pattern", "Pattern", flex=6),
    GridColumn("p50", "P50", "number", flex=4, minor=True),
    GridColumn("p99", "P99", "number", flex=4),
    GridColumn("p999", "P999", "number", flex=4, minor=True),
    GridColumn("max", "Max", "number", flex=7, minor=True),
    GridColumn("count", "Count", "number", flex=4, minor=True),
)
UNNAMED = "(no pattern label)"
BURNING, STEADY = "BURNING", "steady"
NOT_READ = "not read"
"""The source cannot be read and never gave a value."""


def target(found: Performance) -> str:
    """What is asked for."""
    share, limit = found.slo.objective.value or 0.0, found.slo.threshold.value or 0.0
    return f"Target: {round_percent(share)} of requests within {fmt.round_latency(limit)}"


def verdict(one: Compliance, burning: bool = False) -> Verdict:
    """Met, missed, or why neither can be said; a miss reports how fast it uses up the budget."""
    if one.sli.reading is Reading.ERROR:
        return Verdict("unknown", NOT_READ.upper(), one.sli.note)
    if one.sli.value is None:
        return Verdict("unknown", one.sli.reading.value.upper())
    stale = one.sli.reading is Reading.STALE
    speed = f"burning its error budget at {_speed(one)}" if one.burn_rate.value else "no request took longer"
    if one.met is None:
        return Verdict("stale" if stale else "unknown", "UNSURE", "its limit lies beyond the histogram's edges")
    if one.met:
        return Verdict("stale" if stale else "healthy", "MET", speed)
    return Verdict("stale" if stale else "unhealthy" if burning else "degraded", "MISSED", speed)


def is_burning(found: Performance) -> bool:
    """Some pair of windows burns faster than it may."""
    return any(one.burning for one in found.slo.burns)


def window_note(one: Compliance) -> list[Any]:
    """Met or missed, and how much of the window was read."""
    reported = verdict(one)
    if one.sli.value is None:
        return [html.Span(coverage(one))]
    burn = f" {_speed(one)}" if one.met is False else ""
    return [html.Span([mark(reported.kind), html.Span(f"{reported.word.lower()}{burn}")]), html.Span(coverage(one))]


def _speed(one: Compliance) -> str:
    """'3.00×'."""
    return "".join(fmt.parts(one.burn_rate, noun="×"))


def coverage(one: Compliance) -> str:
    """'covers 3h 12m of 24h', 'covers all of 7d'; '' when nothing was read."""
    window = _window(one.window_seconds)
    if not one.covered.value:
        return f"nothing of {window} was read"
    if one.is_whole:
        return f"covers all of {window}"
    return f"covers {fmt.lasting(one.covered.value)} of {window}"


def reported(one: Compliance) -> str:
    """On hover: how many requests it stands on, and who reported them."""
    if one.requests.value is None:
        return one.sli.note
    return f"{fmt.words(one.requests, noun='requests')}, from {one.reported_by}"


def budget(one: Compliance) -> list[Any]:
    """Of what the budget is left."""
    return [html.Span(f"of the last {_window(one.window_seconds)}"), html.Span(coverage(one))]


def _window(seconds: float) -> str:
    """'5m', '1h', '24h', '7d'."""
    return "24h" if seconds == DAY_SECONDS else fmt.duration(seconds).split(" ")[0]


def burn_rows(burns: Sequence[Burn]) -> list[Any]:
    """The pairs of windows."""
    return [_burn_row(one) for one in burns]


def _burn_row(one: Burn) -> Any:
    long, short = (_window(window.window_seconds) for window in (one.long, one.short))
    state: list[Any] = [mark("unknown"), html.Span("unknown")]
    if one.burning is not None:
        stale = one.long.sli.reading is Reading.STALE
        kind = "stale" if stale else "unhealthy" if one.burning else "healthy"
        state = [mark(kind), html.Span(BURNING if one.burning else STEADY)]
    partly = "" if one.long.is_whole else coverage(one.long)
    cells = [
        html.Span(f"{long} / {short}", title=partly),
        figure_of(one.long.burn_rate, noun="×"),
        figure_of(one.short.burn_rate, noun="×"),
        html.Span([f"{one.limit:g}", " ", html.Span("×", className="unit")]),
        html.Span(state, className="status", title=partly),
    ]
    return row(BURNS, cells, "row-unhealthy" if one.burning else "")


def operation_rows(found: Performance) -> list[GridRow]:
    """The operations, the slowest first."""
    limit = found.slo.threshold.value or 0.0
    return [
        GridRow(
            f"{one.pattern}\n{one.operation}",
            {
                "operation": _named(one, limit),
                "pattern": link_cell(one.pattern, pattern_href(one.pattern)) if one.pattern else text_cell(""),
                "p50": cell(one.p50),
                "p99": cell(one.p99),
                "p999": cell(one.p999),
                "max": cell(one.maximum),
                "count": cell(one.count),
            },
        )
        for one in found.operations
    ]


def _named(one: Operation, limit: float) -> Cell:
    """The operation, with a mark when its P99 is above the objective's threshold."""
    made = text_cell(one.operation)
    if one.p99.value is None or one.p99.value <= limit or one.p99.bound == "<":
        return made
    words = f"its P99 is above {fmt.round_latency(limit)}"
    return {**made, "k": "degraded", "t": f"{one.operation}: {words}", "s": words}


def operations_hint(found: Performance) -> dict[str, Any]:
    """Of which hour, and how much of it; or why there is nothing."""
    ages = [one.p99 for one in found.operations]
    if not found.operations and found.operations_note:
        why = chart_hint(found.p99.reading, Reading.NOT_REPORTED.value)
        return {"children": why, "className": "hint", "title": found.operations_note}
    window, covered = found.operations_window.value or 0.0, found.operations_covered.value or 0.0
    words = [f"last {_window(window)}"]
    if covered < 0.98 * window:
        words = [f"covers {fmt.lasting(covered)} of {_window(window)}"]
    if found.operations_reported_by != PROXY:
        words.append("from SigNoz")
    return {**hint_props(ages, ", ".join([*words, "slowest first"])), "title": found.operations_note}


def figures(found: PerformanceLines, limit: Measure, span: charts.Span) -> tuple[tuple[str, charts.Figure], ...]:
    """Both charts, by slot."""
    heat, flow = found.heat, found.throughput
    lines = (
        Quantile("P50", heat.p50, heat.p50_bounds, charts.TEAL),
        Quantile("P99", heat.p99, heat.p99_bounds, charts.ORANGE),
    )
    seconds = limit.value or 0.0
    objective = charts.Limit(seconds, f"objective {fmt.round_latency(seconds)}")
    cells = Buckets(heat.step_seconds, heat.times, heat.bounds, heat.counts)
    shades = palette.colours(name for name, _ in flow.lines)
    series = [charts.Series(name or UNNAMED, values, shades[name]) for name, values in flow.lines]
    if flow.more:
        series.append(charts.Series(f"{flow.more} others", flow.others, palette.OTHERS))
    draw = charts.stacked if series else charts.lines
    found_charts = heatmap(cells, lines, span, objective), draw(flow.times, series, charts.PER_SECOND, span)
    room = max(one["layout"]["margin"]["r"] for one in found_charts)
    for one in found_charts:  # one below the other, instant below instant
        one["layout"]["margin"] |= {"l": EDGE_PIXELS, "r": room}
    return tuple(zip(("pf-heat-chart", "pf-flow-chart"), found_charts, strict=True))


def chart_hint(reading: Reading, otherwise: str) -> str:
    """The window of a chart, or why it is empty."""
    if reading in (Reading.VALUE, Reading.STALE):
        return otherwise
    return NOT_READ if reading is Reading.ERROR else reading.value
