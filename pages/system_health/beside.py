"""System Health at an instant of the past, beside now."""

from __future__ import annotations

from aggregators.overview.overall import Judgement
from aggregators.overview.system_health import SystemHealth, system_health
from components.lists.then_now import Compared
from pages.shared.compare_text import Figure, compared
from pages.shared.judges import judgement
from pages.shared.selections import Present
from store.snapshot import Snapshot

FIGURES: tuple[Figure, ...] = (
    ("Success rate", lambda one: one.success),
    ("Requests", lambda one: one.requests),
    ("P99 latency", lambda one: one.latency_p99),
    ("Auth success", lambda one: one.auth_success),
    ("Errors, last minute", lambda one: one.errors_last_minute),
)


def answer(snapshot: Snapshot, now: float, judged: Judgement | None = None) -> SystemHealth:
    """What the page words; the judgement is worked out when it is not given."""
    return system_health(snapshot, now, judged or judgement(snapshot, now))


def beside(found: SystemHealth, present: Present | None) -> Compared | None:
    """The main figures of both; None while the present is shown."""
    return compared(found, answer, FIGURES, present)
