"""Charts as plain dictionaries: one idea each, unit on the axis, gaps for missing data, readable on dark and light.

`x` is milliseconds since 1970 (zone.js draws them in the chosen zone), `y` is in the axis' unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from components.charts.frame import Series, framed, hover
from components.charts.marks import Figure, Moment, Span, escaped
from components.charts.palette import AMBER, BLUE, COLOURS, GREY, ORANGE, PURPLE, RED, TEAL
from components.charts.scale import MILLISECONDS, PER_MINUTE, PER_SECOND, SECONDS, Axis, Limit, Values, point, top_of

__all__ = [
    "AMBER", "BLUE", "COLOURS", "GREY", "MILLISECONDS", "ORANGE", "PER_MINUTE", "PER_SECOND", "PURPLE", "RED",
    "SECONDS", "TEAL", "Axis", "Figure", "Limit", "Moment", "Series", "Span", "Values", "bars", "escaped", "lines",
    "stacked", "strip",
]  # fmt: skip


def lines(
    times: Sequence[float],
    series: Sequence[Series],
    axis: Axis,
    span: Span,
    *,
    limit: Limit | None = None,
    moments: Sequence[Moment] = (),
) -> Figure:
    """Lines that break where data is missing. Milliseconds give way to seconds when they would count in thousands."""
    if axis is MILLISECONDS and top_of([value for one in series for value in one.values], axis, limit) >= 1000:
        axis = SECONDS
    traces = [_dotted(_trace(one, times, axis, {"width": 1.75}), one.values) for one in series]
    top = top_of([value for one in series for value in one.values], axis, limit)
    ends = [(one, _last(one.values)) for one in series]
    labels = [(one.name, at * axis.factor) for one, at in ends if at is not None]
    return framed(traces, axis, span, top, labels, limit, moments)


def stacked(
    times: Sequence[float], series: Sequence[Series], axis: Axis, span: Span, *, moments: Sequence[Moment] = ()
) -> Figure:
    """Areas on top of each other; where any is missing, none is drawn. `series` from the bottom up."""
    sums: list[list[float | None]] = []
    for one in series:
        sums.append(_added(sums[-1], one.values) if sums else list(one.values))
    traces = [
        _area(one, tops, times, axis, slice(*run), at)
        for run in _runs(sums[-1])
        for at, (one, tops) in enumerate(zip(series, sums, strict=True))
    ]
    labels = []
    for at, one in enumerate(series):
        end, below = _last(sums[at]), _last(sums[at - 1]) if at else 0.0
        if end is not None and below is not None:
            labels.append((one.name, (end + below) / 2 * axis.factor))
    return framed(traces, axis, span, top_of(sums[-1], axis, None), labels, None, moments)


def _area(one: Series, tops: Values, times: Sequence[float], axis: Axis, run: slice, at: int) -> Figure:
    """One area over one run without gaps; plotly would fill a gap otherwise."""
    trace = _trace(Series(one.name, tops[run], one.colour), times[run], axis, {"width": 1.25})
    own = [point(value, axis.factor) for value in one.values[run]]
    words = hover("customdata", axis, one.name)
    fill = "tonexty" if at else "tozeroy"
    return {**trace, "fill": fill, "fillcolor": _faded(one.colour), "customdata": own, "hovertemplate": words}


def _runs(values: Values) -> list[tuple[int, int]]:
    """Where values are known without a break: (first, after the last)."""
    edges = [at for at in range(len(values) + 1) if _known(values, at) != _known(values, at - 1)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _known(values: Values, at: int) -> bool:
    return 0 <= at < len(values) and values[at] is not None


def bars(
    times: Sequence[float],
    values: Values,
    name: str,
    axis: Axis,
    span: Span,
    *,
    width_seconds: float,
    limit: Limit | None = None,
    moments: Sequence[Moment] = (),
) -> Figure:
    """One bar per interval, red above the limit; `times` are the intervals' ends. A missing bar is a gap."""
    most = math.inf if limit is None else limit.value
    trace = {
        "type": "bar",
        "name": name,
        "x": [round((time - width_seconds / 2) * 1000) for time in times],
        "y": [point(value, axis.factor) for value in values],
        "width": width_seconds * 800,
        "marker": {"color": [RED if value is not None and value > most else GREY for value in values]},
        "hovertemplate": hover("y", axis, name),
    }
    return framed([trace], axis, span, top_of(values, axis, limit), [], limit, moments)


def strip(
    ends: Sequence[float], states: Sequence[str], looks: Mapping[str, tuple[str, float]], span: Span, step: float
) -> Figure:
    """States over time: (colour, height 0…1) by state, so that the height reports as well; gaps are empty."""
    traces = [
        {
            "type": "bar",
            "name": state,
            "x": [round((end - step / 2) * 1000) for end, one in zip(ends, states, strict=True) if one == state],
            "y": [height] * sum(one == state for one in states),
            "width": step * 1000,
            "marker": {"color": colour, "line": {"width": 0}},
            "hovertemplate": f"{state}<extra>%{{x|%H:%M}} UTC</extra>",
        }
        for state, (colour, height) in looks.items()
        if state in states
    ]
    figure = framed(traces, Axis(""), span, 1.0, [], None, ())
    layout = figure["layout"]
    layout["yaxis"] |= {"visible": False, "range": [0, 1]}
    layout |= {"hovermode": "closest", "barmode": "overlay", "margin": {"l": 8, "r": 8, "t": 4, "b": 22}}
    layout["xaxis"]["nticks"] = 9
    return figure


def _dotted(trace: Figure, values: Values) -> Figure:
    """A point without a neighbour would be no line at all: it is a dot."""
    lone = [
        _known(values, at) and not _known(values, at - 1) and not _known(values, at + 1) for at in range(len(values))
    ]
    if not any(lone):
        return trace
    dots = {"size": [5 if one else 0 for one in lone], "line": {"width": 0}}
    return {**trace, "mode": "lines+markers", "marker": {"color": trace["line"]["color"], **dots}}


def _trace(one: Series, times: Sequence[float], axis: Axis, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": one.name,
        "x": [round(time * 1000) for time in times],
        "y": [point(value, axis.factor) for value in one.values],
        "line": {"color": one.colour, **line},
        "connectgaps": False,
        "hovertemplate": hover("y", axis, one.name),
    }


def _last(values: Values) -> float | None:
    """The last known value, or None."""
    return next((value for value in reversed(values) if value is not None and math.isfinite(value)), None)


def _added(below: Values, values: Values) -> list[float | None]:
    return [None if a is None or b is None else a + b for a, b in zip(below, values, strict=True)]


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.28)"
