"""How many alerts were open over time, stacked by severity with the worst at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from components.chart_frame import AMBER, GREY, RED, Axis, Figure, Span, framed, top_of
from model.series import Severity

ALERTS = Axis("alerts", least=4.0, digits="d")
BAR_SHARE = 0.8
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
    return framed(traces, ALERTS, Span(ends[0] - step, ends[-1]), top_of(sums, ALERTS, None), [], None, ())
