"""Failed token checks over time, a colour for each reason."""

from __future__ import annotations

from aggregators.security.auth_series import AuthLines
from components.charts import kinds as charts
from components.charts.frame import Series
from components.charts.marks import Figure, Span
from components.charts.palette import COLOURS
from components.charts.scale import PER_MINUTE
from pages.security import text as words


def figure(lines: AuthLines, span: Span) -> Figure:
    """A colour stays with its reason whichever is the most frequent."""
    names = sorted(name for name, _ in lines.failures)
    series = [
        Series(words.reason_words(name), line, COLOURS[names.index(name) % len(COLOURS)])
        for name, line in lines.failures
    ]
    return charts.stacked(lines.times, series, PER_MINUTE, span) if series else charts.lines((), (), PER_MINUTE, span)
