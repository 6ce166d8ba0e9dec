"""A chart of the report as vectors, drawn once for both forms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from reportlab.graphics.shapes import Drawing, Line, PolyLine, String
from reportlab.lib.colors import HexColor

from components import format as fmt
from pages.report.document import Chart

WIDTH, HEIGHT = 520.0, 150.0
"""In points."""
LEFT, RIGHT, BOTTOM, TOP = 52.0, 74.0, 18.0, 14.0
COLOURS = ("#2f7ebc", "#c9661f", "#2a9d8f", "#7c5cbf", "#b23a48", "#6b7280", "#8a6d1d")
INK, RULE, MARK = HexColor("#374151"), HexColor("#e5e7eb"), HexColor("#b23a48")
SMALL = 7.5
GRID_LINES, TICKS = 2, 6


def drawing(chart: Chart, font: str) -> Drawing:
    """The chart; `font` is one that the form knows."""
    made = Drawing(WIDTH, HEIGHT)
    top = _round_up(max((value for _, line in chart.lines for value in line if value is not None), default=0.0))
    for part in (*_axes(chart, top, font), *_marks(chart, font), *_lines(chart, top), *_names(chart, top, font)):
        made.add(part)
    return made


def _x(chart: Chart, time: float) -> float:
    share = (time - chart.since) / max(chart.until - chart.since, 1.0)
    return LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT)


def _y(value: float, top: float) -> float:
    return BOTTOM + min(max(value / top, 0.0), 1.0) * (HEIGHT - BOTTOM - TOP)


def _round_up(value: float) -> float:
    """The next of 1, 2, 3, 5 or 10 times a power of ten; 1 of nothing."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    scale = 10.0 ** math.floor(math.log10(value))
    return next((step * scale for step in (1, 2, 3, 5) if value <= step * scale), 10 * scale)


def _axes(chart: Chart, top: float, font: str) -> Iterator[Any]:
    for at in range(GRID_LINES + 1):
        value = top * at / GRID_LINES
        y = _y(value, top)
        yield Line(LEFT, y, WIDTH - RIGHT, y, strokeColor=RULE, strokeWidth=0.6)
        yield _text(LEFT - 4, y - 2.5, chart.worded(value), font, "end")
    for at in range(TICKS + 1):
        time = chart.since + (chart.until - chart.since) * at / TICKS
        yield _text(_x(chart, time), 4, fmt.iso(time)[11:16], font, "middle")


def _marks(chart: Chart, font: str) -> Iterator[Any]:
    for time, words in chart.marks:
        if chart.since <= time <= chart.until:
            x = _x(chart, time)
            yield Line(x, BOTTOM, x, HEIGHT - TOP, strokeColor=MARK, strokeWidth=0.6, strokeDashArray=[2, 2])
            yield _text(x, HEIGHT - TOP + 3, words, font, "middle")


def _lines(chart: Chart, top: float) -> Iterator[PolyLine]:
    for at, (_, line) in enumerate(chart.lines):
        for piece in _pieces(chart, line, top):
            yield PolyLine(piece, strokeColor=HexColor(COLOURS[at % len(COLOURS)]), strokeWidth=1.1)


def _pieces(chart: Chart, line: Sequence[float | None], top: float) -> Iterator[list[float]]:
    """The line without its gaps; a point between two gaps is a short stroke."""
    piece: list[float] = []
    for time, value in [*zip(chart.times, line, strict=True), (chart.until, None)]:
        if value is not None:
            piece += [round(_x(chart, time), 1), round(_y(value, top), 1)]
        elif piece:
            yield piece if len(piece) > 2 else [*piece, piece[0] + 1.0, piece[1]]
            piece = []


def _names(chart: Chart, top: float, font: str) -> Iterator[String]:
    """Each line's name beside its end, apart from each other."""
    ends = []
    for at, (name, line) in enumerate(chart.lines):
        last = next((value for value in reversed(line) if value is not None), None)
        if last is not None:
            ends.append((_y(last, top), name, COLOURS[at % len(COLOURS)]))
    lowest = BOTTOM
    for y, name, colour in sorted(ends):
        lowest = max(y - 2.5, lowest)
        yield _text(WIDTH - RIGHT + 4, lowest, name if len(name) <= 16 else name[:15] + "…", font, "start", colour)
        lowest += SMALL + 1


def _text(x: float, y: float, words: str, font: str, anchor: str, colour: str = "") -> String:
    ink = HexColor(colour) if colour else INK
    return String(x, y, words, fontName=font, fontSize=SMALL, fillColor=ink, textAnchor=anchor)
