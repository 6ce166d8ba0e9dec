"""The charts that several pages show, from the aggregators' lines."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.alerts.rules import BY_ID
from aggregators.overview.system_health import SystemHealth
from aggregators.patterns.restarts import Restart
from aggregators.patterns.status_history import StatusHistory
from aggregators.requests.traffic_series import Lines
from components import format as fmt
from components.charts import kinds as charts
from components.charts.kinds import Figure, Limit, Moment, Series, Span
from components.lists.panels import Figures, Panel
from model.measure import Measure
from model.series import Event, Unit
from model.status import Status

WINDOW_SECONDS = 300.0
_P99, _ERRORS = BY_ID["latency_p99"].raise_at, BY_ID["error_ratio"].raise_at
LATENCY_LIMIT = Limit(_P99, f"P99 alert at {fmt.round_latency(_P99)}")
"""Where the detection raises its alert."""
STATUS_LOOKS = {
    Status.HEALTHY.value: (charts.TEAL, 0.4),
    Status.UNKNOWN.value: (charts.GREY, 0.55),
    Status.DEGRADED.value: (charts.AMBER, 0.75),
    Status.UNHEALTHY.value: (charts.RED, 1.0),
}
"""Colour and height of a status in a band of time."""


def panels() -> tuple[Panel, ...]:
    """Latency, throughput and errors of all of Prism, with their figures."""
    latency = (("sh-lat-p50", "P50"), ("sh-lat-p99", "P99"), ("sh-lat-p999", "P999"))
    throughput = (("sh-thr-read", "Read"), ("sh-thr-write", "Write"), ("sh-thr-total", "Total"))
    errors = (("sh-err-ratio", "Of requests"), ("sh-err-count", "Last minute"))
    return (
        Panel("sh-lat", "Latency", latency, "P50, P99 and P999 latency over the last 5 minutes"),
        Panel("sh-thr", "Throughput", throughput, "Reads and writes per second over the last 5 minutes"),
        Panel("sh-err", "Errors", errors, "Errors per minute over the last 5 minutes"),
    )


def figures(found: SystemHealth) -> Figures:
    """What `panels` show."""
    return (
        ("sh-lat-p50", found.latency_p50, ""),
        ("sh-lat-p99", found.latency_p99, ""),
        ("sh-lat-p999", found.latency_p999, ""),
        ("sh-thr-read", found.reads, ""),
        ("sh-thr-write", found.writes, ""),
        ("sh-thr-total", found.requests, ""),
        ("sh-err-ratio", found.error, ""),
        ("sh-err-count", found.errors_last_minute, "errors"),
    )


def of_requests(
    prefix: str, lines: Lines, per_second: Measure, now: float, marks: Sequence[Moment]
) -> tuple[tuple[str, Figure], ...]:
    """The charts of latency, throughput and errors, by slot."""
    return (
        (f"{prefix}-lat-chart", latency(lines, now, marks, LATENCY_LIMIT)),
        (f"{prefix}-thr-chart", throughput(lines, now, marks)),
        (f"{prefix}-err-chart", errors(lines, now, marks, error_limit(per_second))),
    )


def error_limit(per_second: Measure) -> Limit | None:
    """How many errors a minute the detection bears at this rate of requests."""
    if not per_second.value:
        return None
    share = fmt.parts(Measure.of(_ERRORS, Unit.RATIO)).text
    return Limit(_ERRORS * per_second.value * 60, f"Alert above {share}")


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


def history(reported: StatusHistory, now: float) -> Figure:
    """The worst status of each step of a day."""
    states = ["" if status is None else status.value for status in reported.worst]
    window = Span(reported.ends[0] - reported.step_seconds, reported.ends[-1])
    return charts.strip(reported.ends, states, STATUS_LOOKS, window, reported.step_seconds)


def event_moments(events: Sequence[Event]) -> list[Moment]:
    """Restarts that are stored as events, as marks on the time axis."""
    return [Moment(event.time, "restart") for event in events]


def span(now: float) -> Span:
    """The last 5 minutes."""
    return Span(now - WINDOW_SECONDS, now)
