"""The charts that several pages show, from the aggregators' lines."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.restarts import Restart
from aggregators.rules import BY_ID
from aggregators.traffic_lines import Lines
from components import charts
from components import format as fmt
from components.charts import Figure, Limit, Moment, Series, Span

WINDOW_SECONDS = 300.0
_P99 = BY_ID["latency_p99"].raise_at
LATENCY_LIMIT = Limit(_P99, f"P99 alert at {fmt.round_latency(_P99)}")
"""Where the detection raises its alert."""


def moments(restarts: Sequence[Restart]) -> list[Moment]:
    """Restarts as marks on the time axis."""
    return [Moment(one.time, f"{one.pattern} restarted") for one in restarts]


def latency(lines: Lines, now: float, marks: Sequence[Moment] = (), limit: Limit | None = None) -> Figure:
    """P50, P99 and P999."""
    series = [
        Series("P50", lines.p50, charts.BLUE),
        Series("P99", lines.p99, charts.ORANGE),
        Series("P999", lines.p999, charts.PURPLE),
    ]
    return charts.lines(lines.times, series, charts.MILLISECONDS, span(now), limit=limit, moments=marks)


def throughput(lines: Lines, now: float, marks: Sequence[Moment] = ()) -> Figure:
    """Reads and writes on top of each other; operations that are neither only when there are any."""
    series = [Series("read", lines.read, charts.BLUE), Series("write", lines.write, charts.TEAL)]
    if any(lines.other):
        series.append(Series("other", lines.other, charts.GREY))
    return charts.stacked(lines.times, series, charts.PER_SECOND, span(now), moments=marks)


def errors(lines: Lines, now: float, marks: Sequence[Moment] = (), limit: Limit | None = None) -> Figure:
    """Errors per minute, a bar per 10 s."""
    times = lines.error_times
    width = times[1] - times[0] if len(times) > 1 else 10.0
    axis = charts.PER_MINUTE
    return charts.bars(
        times, lines.errors_per_minute, "errors", axis, span(now), width_seconds=width, limit=limit, moments=marks
    )


def span(now: float) -> Span:
    """The last 5 minutes."""
    return Span(now - WINDOW_SECONDS, now)
