"""What is drawn over a chart's lines: a limit, moments on the time axis, names at the line ends."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.charts.palette import AMBER, RED
from components.charts.scale import Axis, Limit

Figure = dict[str, Any]
MARGIN = {"l": 42, "r": 44, "t": 20, "b": 28}
PAPER = {"xref": "paper", "yref": "paper", "showarrow": False, "font": {"size": 11}}
"""A note placed on the chart's area, not at a value."""
END = "end"
"""What a line-end label is called, for assets/charts.js: it alone knows how high the chart is, and which would meet."""
LABEL_CHARACTERS = 18


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


NOTE_ROWS, ROW_PIXELS, NOTE_CHARACTERS = 4, 14, 24
"""Rows in which moments are named, from the top of the plot down, and how much of a name is shown."""
LETTER_PIXELS, NARROW_PIXELS = 6.5, 280
"""Of an 11 px text, and of the plot on a phone: what does not overlap there overlaps nowhere."""
NEAR_TOP = 0.7


def limit_marks(limit: Limit | None, axis: Axis, top: float) -> tuple[list[Figure], list[Figure]]:
    """A limit's line and its words, as (shapes, annotations); one above `top` is only named, over the plot."""
    if limit is None:
        return [], []
    at = limit.value * axis.factor
    note = {"xref": "paper", "x": 0, "xanchor": "left", "showarrow": False, "font": {"size": 11}, "text": limit.words}
    if at > top:
        return [], [{**note, "yref": "paper", "y": 1, "yanchor": "bottom", "text": f"{limit.words} ↑"}]
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at}
    return [{**line, "line": {"color": RED, "width": 1, "dash": "dash"}}], [{**note, "y": at, "yanchor": "bottom"}]


def upright(moment: Moment) -> Figure:
    """A moment's dotted line over the whole height."""
    at = round(moment.time * 1000)
    line = {"color": moment.colour, "width": 1, "dash": "dot"}
    return {"type": "line", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}


def taken_at_top(limit: Limit | None, axis: Axis, top: float) -> dict[int, float]:
    """How far from the left, as a share of the width, a limit's words fill the rows in which moments are named."""
    if limit is None or not NEAR_TOP * top <= limit.value * axis.factor <= top:
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


def label_room(labels: Sequence[tuple[str, float]]) -> int:
    """Pixels at the right end for the longest name; very long ones are cut, or the chart would be given up to them."""
    if not labels:
        return 12
    longest = max(len(escaped(name, LABEL_CHARACTERS)) for name, _ in labels)
    return max(MARGIN["r"], 10 + math.ceil(LETTER_PIXELS * longest))


def end_labels(labels: Sequence[tuple[str, float]], top: float) -> list[Figure]:
    """Names at the line ends, from the lowest up; the browser pushes those apart that would cover each other."""
    look = {**PAPER, "name": END, "x": 1.01, "xanchor": "left", "yanchor": "middle"}
    return [
        {**look, "y": round(at / top, 3), "text": escaped(name, LABEL_CHARACTERS)}
        for name, at in sorted(labels, key=lambda label: label[1])
    ]


def escaped(text: str, most: int = 24) -> str:
    """Untrusted text for plotly, which reads a little HTML in annotations; cut to `most` characters."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return cut.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
