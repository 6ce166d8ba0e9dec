"""Burn rates of the error budget, pair of windows by pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from aggregators.performance.slo import Burn
from components.lists.table import Column, row
from components.measure import figure_of
from components.status import mark
from model.status import Reading
from pages.performance.text import coverage, window_text

BURNS = (
    Column("Windows", share=20, narrow=20),
    Column("Long", "number"),
    Column("Short", "number"),
    Column("Alert above", "number", narrow=15),
    Column("State", share=26, narrow=23),
)
BURNING, STEADY = "BURNING", "steady"


def burn_rows(burns: Sequence[Burn]) -> list[Any]:
    """The pairs of windows."""
    return [_burn_row(one) for one in burns]


def _burn_row(one: Burn) -> Any:
    long, short = (window_text(window.window_seconds) for window in (one.long, one.short))
    state: list[Any] = [mark("unknown"), html.Span("unknown")]
    if one.burning is not None:
        stale = one.long.sli.reading is Reading.STALE
        kind = "stale" if stale else "unhealthy" if one.burning else "healthy"
        state = [mark(kind), html.Span(BURNING if one.burning else STEADY)]
    partly = "" if one.long.is_whole else coverage(one.long)
    cells = [
        html.Span(f"{long} / {short}", title=partly),
        figure_of(one.long.burn_rate, noun="×"),
        figure_of(one.short.burn_rate, noun="×"),
        html.Span([f"{one.limit:g}", " ", html.Span("×", className="unit")]),
        html.Span(state, className="status", title=partly),
    ]
    return row(BURNS, cells, "row-unhealthy" if one.burning else "")
