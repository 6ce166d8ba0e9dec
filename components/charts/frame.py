"""What every chart has in common: axes, limits, marks on the time axis, labels at the line ends; plain dictionaries.

`x` is milliseconds since 1970 (look.js draws them in the chosen zone), `y` is in the axis' unit. Readable on dark and
light; the theme's own colours come in the browser.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Figure = dict[str, Any]
Values = Sequence[float | None]

BLUE, ORANGE, TEAL, PURPLE, GREY = "#3d85c6", "#c8722c", "#2b958a", "#8f6fd0", "#7f8792"
RED, AMBER = "#dd4f4f", "#b0812a"
COLOURS = (BLUE, ORANGE, TEAL, PURPLE, GREY, RED, AMBER)
"""Each has a contrast of 3 or more against the cards of both themes."""
MARGIN = {"l": 42, "r": 44, "t": 20, "b": 28}
PAPER = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 11}}
"""A note placed on the chart's area, not at a value."""
LABEL_GAP = 0.11
"""Least distance of two line-end labels, as a share of the chart's height."""
HEADROOM = 1.15
LABEL_CHARACTERS = 14
DIGITS = 4
"""Significant digits of a point: one more than it says under the pointer. What nobody can see need not travel."""


@dataclass(frozen=True)
class Axis:
    """A value axis. `factor` takes base units to the shown `unit`; `least` is the smallest top of the axis.

    `digits` words a value under the pointer, as d3 does.
    """

    unit: str
    factor: float = 1.0
    least: float = 0.0
    digits: str = ",.3~r"


MILLISECONDS = Axis("ms", 1e3, least=0.001)
SECONDS = Axis("s")
PER_SECOND = Axis("/s", least=1.0)
PER_MINUTE = Axis("/min", least=5.0)


@dataclass(frozen=True)
class Series:
    """One line, area or set of bars: `values` in base units, None where nothing is known."""

    name: str
    values: Values
    colour: str


@dataclass(frozen=True)
class Limit:
    """A labelled threshold or objective, in base units. Off the scale it is only named, so that it squashes nothing."""

    value: float
    words: str


@dataclass(frozen=True)
class Moment:
    """A restart or an alert on the time axis."""

    time: float
    words: str
    colour: str = AMBER


@dataclass(frozen=True)
class Span:
    """The time axis, in seconds since 1970."""

    start: float
    end: float


def _window(span: Span, empty: bool) -> dict[str, Any]:
    """The time axis' ends. Only where nothing is drawn, and nothing can be zoomed, they are its range."""
    start, end = round(span.start * 1000), round(span.end * 1000)
    if empty:
        return {"range": [start, end]}
    return {"autorange": True, "autorangeoptions": {"include": [start, end], "clipmin": start, "clipmax": end}}


def hover(field: str, axis: Axis, name: str) -> str:
    """What a series says under the pointer."""
    return f"%{{{field}:{axis.digits}}} {axis.unit}<extra>{escaped(name)}</extra>"


NOTE_ROWS, ROW_PIXELS, NOTE_CHARACTERS = 4, 14, 24
"""Rows in which moments are named, from the top of the plot down, and how much of a name is shown."""
LETTER_PIXELS, NARROW_PIXELS = 6.5, 280
"""Of an 11 px text, and of the plot on a phone: what does not overlap there overlaps nowhere."""
NEAR_TOP = 0.7


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
    shapes, notes = _limit_marks(limit, axis, top)
    empty = not any(value is not None for trace in traces for value in trace["y"])
    if empty:
        notes = [{**PAPER, "x": 0.5, "xanchor": "center", "y": 0.5, "text": "Nothing was read in this window"}]
    within = [moment for moment in moments if span.start <= moment.time <= span.end]
    shapes += map(_upright, within)
    notes += moment_notes(within, span, _taken_at_top(limit, axis, top))
    return {
        "data": traces,
        "layout": {
            "margin": {**MARGIN, "r": _label_room(labels)},
            "showlegend": False,
            "hovermode": "x",
            "barmode": "stack",
            "bargap": 0,
            "uirevision": "kept",
            "shapes": shapes,
            "annotations": [_unit_label(axis), *_end_labels(labels, top), *notes],
            "xaxis": {
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
            },
            "yaxis": {
                "range": [0, top],
                "nticks": 4,
                "tickformat": "~s" if top >= 1000 else "~r",
                "zeroline": True,
                "fixedrange": True,
            },
        },
    }


def top_of(values: Values, axis: Axis, limit: Limit | None) -> float:
    """The axis' upper end: the largest value with headroom, or a limit that lies close above it."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    largest = max([*known, axis.least])
    if limit is not None and limit.value <= 2 * largest:
        largest = max(largest, limit.value)
    return _two_digits(largest * axis.factor * HEADROOM)


def _two_digits(top: float) -> float:
    """Rounded up, so that an axis holds still while its largest value wavers."""
    if top <= 1e-300:
        return top
    step = 10.0 ** (math.floor(math.log10(top)) - 1)
    return float(f"{math.ceil(top / step) * step:.2g}")


def point(value: float | None, factor: float = 1.0) -> float | None:
    """A value in its axis' unit, to the DIGITS that can be seen; None stays a gap."""
    return None if value is None else float(f"{value * factor:.{DIGITS}g}")


def _limit_marks(limit: Limit | None, axis: Axis, top: float) -> tuple[list[Figure], list[Figure]]:
    if limit is None:
        return [], []
    at = limit.value * axis.factor
    note = {"xref": "paper", "x": 0, "xanchor": "left", "showarrow": False, "font": {"size": 11}, "text": limit.words}
    if at > top:
        return [], [{**note, "yref": "paper", "y": 1, "yanchor": "top", "text": f"{limit.words} ↑"}]
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at}
    return [{**line, "line": {"color": RED, "width": 1, "dash": "dash"}}], [{**note, "y": at, "yanchor": "bottom"}]


def _upright(moment: Moment) -> Figure:
    at = round(moment.time * 1000)
    line = {"color": moment.colour, "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}


def _taken_at_top(limit: Limit | None, axis: Axis, top: float) -> dict[int, float]:
    """How far from the left, as a share of the width, a limit's words fill the rows in which moments are named."""
    if limit is None or limit.value * axis.factor < NEAR_TOP * top:
        return {}
    return dict.fromkeys(range(2), _share_of_width(limit.words))


def _share_of_width(words: str) -> float:
    return (len(words) + 2) * LETTER_PIXELS / NARROW_PIXELS


def moment_notes(moments: Sequence[Moment], span: Span, taken: Mapping[int, float]) -> list[Figure]:
    """The words of moments, each in the first row from the top where it covers nobody's; none where all rows are full.

    `taken` is the share of the width from the left that is in use already, by row.
    """
    ends = dict(taken)
    notes = []
    for moment in sorted(moments, key=lambda one: one.time):
        at, wide = (moment.time - span.start) / (span.end - span.start), _share_of_width(moment.words[:NOTE_CHARACTERS])
        left = at if at + wide <= 1.0 else max(0.0, at - wide)
        row = next((row for row in range(NOTE_ROWS) if ends.get(row, 0.0) <= left), None)
        if row is not None:
            ends[row] = left + wide
            notes.append(_moment_note(moment, row, "left" if left == at else "right"))
    return notes


def _moment_note(moment: Moment, row: int, anchor: str) -> Figure:
    return {
        "x": round(moment.time * 1000),
        "yref": "paper",
        "y": 1,
        "yshift": -ROW_PIXELS * row,
        "yanchor": "top",
        "xanchor": anchor,
        "showarrow": False,
        "font": {"size": 11},
        "text": escaped(moment.words, NOTE_CHARACTERS),
    }


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


def _label_room(labels: Sequence[tuple[str, float]]) -> int:
    """Pixels at the right end for the longest name; very long ones are cut, or the chart would be given up to them."""
    if not labels:
        return 12
    longest = max(len(escaped(name, LABEL_CHARACTERS)) for name, _ in labels)
    return max(MARGIN["r"], 10 + 7 * longest)


def _end_labels(labels: Sequence[tuple[str, float]], top: float) -> list[Figure]:
    """Names at the line ends, pushed apart where they would cover each other."""
    ordered = sorted(labels, key=lambda label: label[1])
    look = {**PAPER, "x": 1.01, "xanchor": "left", "yanchor": "middle"}
    return [
        {**look, "y": round(height, 2), "text": escaped(name, LABEL_CHARACTERS)}
        for (name, _), height in zip(ordered, _apart([at / top for _, at in ordered]), strict=True)
    ]


def _apart(heights: Sequence[float]) -> list[float]:
    """Ascending heights (0…1) at least LABEL_GAP apart: pushed up, then down again from the top."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + LABEL_GAP if placed else 0.04))
    ceiling = 1.0
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], ceiling)
        ceiling = placed[at] - LABEL_GAP
    return placed


def escaped(text: str, most: int = 24) -> str:
    """Untrusted text for plotly, which reads a little HTML in annotations; cut to `most` characters."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
