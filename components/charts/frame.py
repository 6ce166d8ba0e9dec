"""What every chart has in common: axes, margins, how it answers the pointer; plain dictionaries.

`x` is milliseconds since 1970 (zone.js draws them in the chosen zone), `y` is in the axis' unit. Readable on dark and
light; the theme's own colours come in the browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.charts.marks import (
    MARGIN,
    PAPER,
    Figure,
    Moment,
    Span,
    end_labels,
    escaped,
    label_room,
    limit_marks,
    moment_notes,
    taken_at_top,
    upright,
)
from components.charts.palette import GREY
from components.charts.scale import Axis, Limit, Values

SPARSE = "one value a minute is kept"
NOTE_PIXELS = 16
MINUTE_MS, FINE_SECONDS = 60_000, 900.0
"""Windows of up to a quarter are drawn in steps of seconds where every read is kept."""


@dataclass(frozen=True)
class Series:
    """One line, area or set of bars: `values` in base units, None where nothing is known."""

    name: str
    values: Values
    colour: str


def hover(field: str, axis: Axis, name: str) -> str:
    """What a series says under the pointer."""
    return f"%{{{field}:{axis.digits}}} {axis.unit}<extra>{escaped(name)}</extra>"


def framed(
    traces: list[dict[str, Any]],
    axis: Axis,
    span: Span,
    top: float,
    labels: Sequence[tuple[str, float]],
    limit: Limit | None,
    moments: Sequence[Moment],
) -> Figure:
    """A figure of `traces` over `span`. `top` is the upper end of the value axis, in its unit, which begins at 0.

    `labels` are (name, height in the axis' unit) at the right end.
    """
    shapes, notes = limit_marks(limit, axis, top)
    empty = not any(value is not None for trace in traces for value in trace["y"])
    if empty:
        notes = [{**PAPER, "x": 0.5, "xanchor": "center", "y": 0.5, "text": "Nothing was read in this window"}]
    sparse = _is_sparse(traces, span)
    within = [moment for moment in moments if span.start <= moment.time <= span.end]
    shapes += map(upright, within)
    notes += moment_notes(within, span, taken_at_top(limit, axis, top))
    annotations = [_unit_label(axis), *end_labels(labels, top), *notes]
    return {
        "data": traces,
        "layout": {
            "margin": {**MARGIN, "r": label_room(labels), "b": MARGIN["b"] + (NOTE_PIXELS if sparse else 0)},
            "showlegend": False,
            "hovermode": "x",
            "barmode": "stack",
            "bargap": 0,
            "uirevision": "kept",
            "shapes": shapes,
            "annotations": annotations,
            "xaxis": _time_axis(span, empty) | ({"title": {"text": SPARSE, "font": {"size": 11}}} if sparse else {}),
            "yaxis": _value_axis(top),
        },
    }


def _is_sparse(traces: Sequence[Mapping[str, Any]], span: Span) -> bool:
    """True where a minute is as closely as the window can be shown, though there would be room for more."""
    steps = [trace["x"][1] - trace["x"][0] for trace in traces if len(trace["x"]) > 1]
    return bool(steps) and min(steps) >= MINUTE_MS and span.end - span.start <= FINE_SECONDS


def _time_axis(span: Span, empty: bool) -> Figure:
    return {
        "type": "date",
        # Not `range`: a window that moves on would undo the viewer's zoom with every update.
        **_window(span, empty),
        "nticks": 4,
        "tickformat": "%H:%M",
        "hoverformat": "%H:%M:%S UTC",
        "showgrid": False,
        "fixedrange": False,
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikecolor": GREY,
        "spikedash": "solid",
    }


def _window(span: Span, empty: bool) -> Figure:
    """The time axis' ends. Only where nothing is drawn, and nothing can be zoomed, they are its range."""
    start, end = round(span.start * 1000), round(span.end * 1000)
    if empty:
        return {"range": [start, end]}
    return {"autorange": True, "autorangeoptions": {"include": [start, end], "clipmin": start, "clipmax": end}}


def _value_axis(top: float) -> Figure:
    tickformat = "~s" if top >= 1000 else "~r"
    return {"range": [0, top], "nticks": 4, "tickformat": tickformat, "zeroline": True, "fixedrange": True}


def _unit_label(axis: Axis) -> Figure:
    """The unit, at the head of the value axis."""
    return {
        **PAPER,
        "x": 0,
        "xanchor": "right",
        "xshift": -4,
        "y": 1,
        "yshift": 5,
        "yanchor": "bottom",
        "text": axis.unit,
    }
