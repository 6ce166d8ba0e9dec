"""Time × bucket: how many of a step's requests fell between which edges, with quantiles drawn over it.

Every bucket is as high as any other, so that the edges, which grow by factors, read like a logarithmic axis. Nothing is
placed below the first edge or above the last one: those buckets are open, and are called so.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from components import format as fmt
from components.charts.frame import framed
from components.charts.marks import Figure, Span, escaped
from components.charts.palette import GREY
from components.charts.scale import Axis, Limit

SCALE = ((0.0, "rgba(61,133,198,0.05)"), (0.0001, "rgba(61,133,198,0.16)"), (1.0, "rgba(61,133,198,1)"))
"""By the logarithm of a cell's share; a step that was read is never quite blank, one that was not is."""
LEAST_SHARE = 0.0001
EDGE_PIXELS = 58
MOST_EDGES = 9
"""More labels than this would touch each other."""


@dataclass(frozen=True)
class Buckets:
    """`times` (R,) end each step of `step_seconds`; `bounds` (B,) ascend, in seconds; R `counts` rows of B, or None."""

    step_seconds: float
    times: Sequence[float]
    bounds: Sequence[float]
    counts: Sequence[Sequence[float] | None]


@dataclass(frozen=True)
class Quantile:
    """A line: `values` in seconds, None where unknown; `bounds` are '<' or '>' where it lies beyond an edge."""

    name: str
    values: Sequence[float | None]
    bounds: Sequence[str]
    colour: str


def heatmap(reported: Buckets, lines: Sequence[Quantile], span: Span, limit: Limit | None = None) -> Figure:
    """The figure; only buckets that hold something, their neighbours and the limit's are drawn."""
    low, high = _shown(reported, limit)
    ladder = Ladder(reported.bounds[low:high], reported.bounds[low - 1] if low else None)
    traces: list[Figure] = []
    if any(row is not None for row in reported.counts) and high > low:
        traces = [_cells(reported, low, high, ladder), *(_line(one, reported.times, ladder) for one in lines)]
    figure = framed(traces, Axis(""), span, float(max(1, high - low)), _ends(lines, ladder), None, ())
    layout = figure["layout"]
    edges = ladder.labels()
    layout["margin"] = {**layout["margin"], "l": EDGE_PIXELS}
    layout["yaxis"] |= {
        "range": [0, max(1, high - low)],
        "tickmode": "array",
        "tickvals": [at for at, _ in edges],
        "ticktext": [words for _, words in edges],
        "zeroline": False,
    }
    layout["yaxis"].pop("nticks")
    layout["hovermode"] = "closest"
    if limit is not None and traces:
        _mark(layout, limit, ladder)
    return figure


class Ladder:
    """Bucket edges as heights: the bucket with upper edge `bounds[i]` reaches from i to i + 1.

    `floor` is the lower edge of the first one; None when that is the histogram's first, and open below.
    """

    def __init__(self, bounds: Sequence[float], floor: float | None) -> None:
        self.bounds, self.floor = tuple(bounds), floor

    def bucket(self, seconds: float) -> int:
        """In which bucket a latency lies."""
        return min(bisect_left(self.bounds, seconds), len(self.bounds) - 1)

    def edges(self, at: int) -> tuple[float | None, float | None]:
        """A bucket's lower and upper edge; None where it is open."""
        upper = self.bounds[at]
        return (self.bounds[at - 1] if at else self.floor), (upper if math.isfinite(upper) else None)

    def height(self, seconds: float) -> float:
        """Where a latency stands, linear within its bucket; in an open bucket at its only edge."""
        if not self.bounds:
            return 0.0
        at = self.bucket(seconds)
        lower, upper = self.edges(at)
        if upper is None:
            return float(at)
        if lower is None:
            return at + 1.0
        return at + min(1.0, max(0.0, (seconds - lower) / (upper - lower)))

    def labels(self) -> list[tuple[float, str]]:
        """Edges with their units and their heights, at most MOST_EDGES, from the last one down."""
        edges = [(at + 1.0, edge) for at, edge in enumerate(self.bounds) if math.isfinite(edge)]
        if self.floor is not None:
            edges.insert(0, (0.0, self.floor))
        every = max(1, math.ceil(len(edges) / MOST_EDGES))
        return [(at, fmt.round_latency(edge)) for at, edge in edges[::-1][::every]]

    def words(self, at: int) -> str:
        """A bucket in words: '0.5 ms to 1 ms', '< 0.05 ms', '> 5 s'."""
        lower, upper = self.edges(at)
        if lower is None or upper is None:
            known = upper if lower is None else lower
            return "any latency" if known is None else f"{'<' if lower is None else '>'} {fmt.round_latency(known)}"
        return f"{fmt.round_latency(lower)} to {fmt.round_latency(upper)}"


def _shown(reported: Buckets, limit: Limit | None) -> tuple[int, int]:
    """The first bucket that is drawn and the one after the last."""
    filled = [at for row in reported.counts if row is not None for at, count in enumerate(row) if count > 0]
    if limit is not None and reported.bounds:
        filled.append(min(bisect_left(list(reported.bounds), limit.value), len(reported.bounds) - 1))
    if not filled:
        return 0, len(reported.bounds)
    return max(0, min(filled) - 1), min(len(reported.bounds), max(filled) + 2)


def _cells(reported: Buckets, low: int, high: int, ladder: Ladder) -> Figure:
    """The share of each step's requests, coloured by its logarithm."""
    shares = [_shares(row) for row in reported.counts]
    words = [
        [
            _cell_words(ladder.words(at - low), row[at], share[at]) if row is not None and share is not None else ""
            for row, share in zip(reported.counts, shares, strict=True)
        ]
        for at in range(low, high)
    ]
    z = [[None if share is None else _shade(share[at]) for share in shares] for at in range(low, high)]
    return {
        "type": "heatmap",
        "x": [
            round((reported.times[0] - reported.step_seconds) * 1000),
            *(round(time * 1000) for time in reported.times),
        ],
        "y": list(range(high - low + 1)),
        "z": z,
        "text": words,
        "hovertemplate": "%{text}<extra>%{x|%H:%M:%S} UTC</extra>",
        "hoverongaps": False,
        "colorscale": [list(stop) for stop in SCALE],
        "zmin": 0,
        "zmax": 1,
        "showscale": False,
        "xgap": 0,
        "ygap": 1,
    }


def _shares(row: Sequence[float] | None) -> list[float] | None:
    if row is None:
        return None
    total = sum(row)
    return [count / total if total > 0 else 0.0 for count in row]


def _shade(share: float) -> float:
    """0 for nothing, then from a ten-thousandth of a step's requests to all of them, logarithmic."""
    if share <= 0:
        return 0.0
    known = max(share, LEAST_SHARE)
    return round(0.001 + 0.999 * (1 - math.log(known) / math.log(LEAST_SHARE)), 3)


def _cell_words(bucket: str, count: float, share: float) -> str:
    if count <= 0:
        return bucket
    noun = "request" if count == 1 else "requests"
    return f"{bucket}: {fmt.count(round(count) or count).text} {noun}, {fmt.percent(share).text}"


def _line(one: Quantile, times: Sequence[float], ladder: Ladder) -> Figure:
    """A quantile over the cells; under the pointer it says its latency, with its bound."""
    words = [_latency(value, bound) for value, bound in zip(one.values, one.bounds, strict=True)]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": one.name,
        "x": [round(time * 1000) for time in times],
        "y": [None if value is None else round(ladder.height(value), 3) for value in one.values],
        "text": words,
        "line": {"color": one.colour, "width": 2},
        "connectgaps": False,
        "hovertemplate": f"{escaped(one.name)} %{{text}}<extra></extra>",
    }


def _latency(value: float | None, bound: str) -> str:
    if value is None:
        return ""
    return f"{bound} {fmt.round_latency(value)}" if bound else fmt.latency(value).text


def _ends(lines: Sequence[Quantile], ladder: Ladder) -> list[tuple[str, float]]:
    """Where each line ends, for its name."""
    last = [(one.name, next((value for value in reversed(one.values) if value is not None), None)) for one in lines]
    return [(name, ladder.height(value)) for name, value in last if value is not None]


def _mark(layout: Figure, limit: Limit, ladder: Ladder) -> None:
    """The limit as a dashed line with its words; beyond the edges it is only named, since it stands nowhere."""
    lower, upper = ladder.edges(ladder.bucket(limit.value))
    words = {"xref": "paper", "x": 0, "xanchor": "left", "showarrow": False, "font": {"size": 11}}
    if upper is None or lower is None:
        beyond = {"yref": "paper", "y": 1.0 if upper is None else 0.0, "yanchor": "top" if upper is None else "bottom"}
        sign = "↑" if upper is None else "↓"
        layout["annotations"].append({**words, **beyond, "text": f"{escaped(limit.words, 60)} {sign}"})
        return
    at = ladder.height(limit.value)
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": at, "y1": at}
    layout["shapes"].append({**line, "line": {"color": GREY, "width": 1.5, "dash": "dash"}})
    layout["annotations"].append({**words, "y": at, "yanchor": "bottom", "text": escaped(limit.words, 60)})
