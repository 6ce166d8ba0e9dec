"""How long ago something was, kept true by the browser (assets/since.js) between one redraw and the next."""

from __future__ import annotations

from typing import Any

from dash import html

from components import aria
from components import format as fmt
from components.measure import LOOKS, figure_of
from model.measure import Measure
from model.status import Reading


def since(measure: Measure, now: float) -> html.Span:
    """'2 s ago'; without an instant the words of any figure without a value.

    An old one keeps counting: how long ago the last was is exactly what has gone stale.
    """
    if measure.value is None:
        return figure_of(measure)
    stale = measure.reading is Reading.STALE and measure.age_seconds is not None
    words = fmt.ago(now - measure.value)
    ticking = html.Time(
        words,
        dateTime=fmt.iso(measure.value),
        title=fmt.clock(measure.value, now),
        className="ticks",
        **aria.data(since=f"{measure.value:.3f}"),
    )
    age: list[Any] = [" ", html.Span(f"known {fmt.age(measure.age_seconds or 0.0)}", className="age")] if stale else []
    return html.Span([ticking, *age], className=f"figure {LOOKS[measure.reading]}", title=measure.note)
