"""How many alerts were open over time, stacked by severity with the worst at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from components.charts.frame import framed
from components.charts.marks import Figure, Span
from components.charts.palette import AMBER, GREY, RED
from components.charts.scale import Axis, top_of
from model.series import Severity

ALERTS = Axis("alerts", least=4.0, digits="d")
BAR_SHARE = 0.8
UNWATCHED = "rgba(127,135,146,0.12)"
NAMED_SECONDS = 7200.0
"""A shorter band has no room for its name."""
NAME_SHARE = 0.25
"""How much of the width a name takes on a phone."""
LOOKS = ((Severity.CRITICAL, RED), (Severity.WARNING, AMBER), (Severity.INFO, GREY))


def open_alerts(ends: Sequence[float], by_severity: Sequence[Sequence[int | None]], step: float) -> Figure:
    """`by_severity` in the order of LOOKS, a count per step; None leaves a gap: nobody watched."""
    sums = [
        None if any(one is None for one in column) else float(sum(one or 0 for one in column))
        for column in zip(*by_severity, strict=True)
    ]
    traces = [
        {
            "type": "bar",
            "name": severity.value,
            "x": [round((end - step / 2) * 1000) for end in ends],
            "y": list(counts),
            "width": step * BAR_SHARE * 1000,
            "marker": {"color": colour, "line": {"width": 0}},
            "hovertemplate": f"%{{y}} {severity.value}<extra>half an hour around %{{x|%H:%M}} UTC</extra>",
        }
        for (severity, colour), counts in zip(LOOKS, by_severity, strict=True)
    ]
    figure = framed(traces, ALERTS, Span(ends[0] - step, ends[-1]), top_of(sums, ALERTS, None), [], None, ())
    layout = figure["layout"]
    layout["xaxis"]["nticks"] = 9
    if any(one is not None for one in sums):
        unwatched = _runs([end for end, one in zip(ends, sums, strict=True) if one is None], step)
        layout["shapes"] += [_band(*run) for run in unwatched]
        layout["annotations"] += [_note(*run) for run in _named(unwatched, len(ends) * step)]
    return figure


def _runs(ends: Sequence[float], step: float) -> list[tuple[float, float]]:
    """Steps that follow each other as (start, end)."""
    runs: list[tuple[float, float]] = []
    for end in ends:
        if runs and runs[-1][1] == end - step:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((end - step, end))
    return runs


def _named(runs: Sequence[tuple[float, float]], whole: float) -> list[tuple[float, float]]:
    """The bands that get their name, the longest first: those long enough, and far enough from each other."""
    named: list[tuple[float, float]] = []
    for run in sorted(runs, key=lambda run: run[0] - run[1]):
        middle = (run[0] + run[1]) / 2
        apart = all(abs(middle - (one[0] + one[1]) / 2) >= NAME_SHARE * whole for one in named)
        if apart and run[1] - run[0] >= NAMED_SECONDS:
            named.append(run)
    return sorted(named)


def _band(start: float, end: float) -> Figure:
    """Where nobody watched: no bar there does not mean no alert."""
    place = {"x0": round(start * 1000), "x1": round(end * 1000), "yref": "paper", "y0": 0, "y1": 1}
    return {"type": "rect", **place, "fillcolor": UNWATCHED, "line": {"width": 0}, "layer": "below"}


def _note(start: float, end: float) -> Figure:
    look = {"yref": "paper", "y": 0.5, "yanchor": "middle", "xanchor": "center", "showarrow": False}
    return {**look, "x": round((start + end) * 500), "text": "not watched", "font": {"size": 11}}
