"""How the performance view words its answer."""

from __future__ import annotations

from typing import Any

from dash import html

from aggregators.performance.performance import Performance
from aggregators.performance.performance_series import PerformanceLines
from aggregators.performance.slo import Compliance
from components import format as fmt
from components.charts import kinds as charts
from components.charts import palette
from components.charts.heatmap import EDGE_PIXELS, Buckets, Quantile, heatmap
from components.compliance import Verdict, round_percent
from components.status import mark
from model.measure import Measure
from model.slo import DAY_SECONDS
from model.status import Reading

UNNAMED = "(no pattern label)"
NOT_READ = "not read"
"""The source cannot be read and never gave a value."""


def target(found: Performance) -> str:
    """What is asked for."""
    share, limit = found.slo.objective.value or 0.0, found.slo.threshold.value or 0.0
    return f"Target: {round_percent(share)} of requests within {fmt.round_latency(limit)}"


def verdict(one: Compliance, burning: bool = False) -> Verdict:
    """Met, missed, or why neither can be said; a miss says how fast it uses up the budget."""
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
    window = window_text(one.window_seconds)
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
    return [html.Span(f"of the last {window_text(one.window_seconds)}"), html.Span(coverage(one))]


def window_text(seconds: float) -> str:
    """'5m', '1h', '24h', '7d'."""
    return "24h" if seconds == DAY_SECONDS else fmt.duration(seconds).split(" ")[0]


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
