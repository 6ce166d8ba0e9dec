"""Performance at an instant of the past, beside now."""

from __future__ import annotations

from aggregators.performance.performance import Performance, performance
from components.lists.then_now import Compared
from pages.shared.compare_text import Figure, compared
from pages.shared.selections import Present

FIGURES: tuple[Figure, ...] = (
    ("Within the objective, last 5 min", lambda one: one.slo.current.sli),
    ("P99 latency, last 5 min", lambda one: one.p99),
    ("Within the objective, 24 h", lambda one: one.slo.day.sli),
    ("Error budget left", lambda one: one.slo.week.budget_remaining),
)


def beside(found: Performance, present: Present | None) -> Compared | None:
    """The main figures of both; None while the present is shown."""
    return compared(found, performance, FIGURES, present)
