"""Words for the settings page: the facts of the store and of the latency objective."""

from __future__ import annotations

from typing import Any

from dash import html

from aggregators.overview.settings import Objective, StoreFacts
from components import format as fmt
from components.format import Style
from components.measure import figure_of
from components.status import mark
from model.sources import ErrorKind


def store(reported: StoreFacts, now: float) -> dict[str, Any]:
    """The facts of the store by component id."""
    silent = reported.collector_silent_seconds
    lacking = ErrorKind.NOT_KEPT.value if reported.written_at and not reported.version else ""
    if silent is None:
        alive: list[Any] = [mark("unknown"), " has never run here"]
    elif reported.collector_alive:
        alive = [mark("healthy"), f" alive, heard {fmt.ago(silent)}"]
    else:
        alive = [mark("unhealthy"), f" silent for {fmt.duration(silent)}"]
    return {
        "st-alive": html.Span(alive, className="status"),
        "st-pid": str(reported.pid) if reported.pid else _dash(lacking or "no collector has written"),
        "st-version": f"{reported.version:,}" if reported.version else _dash(lacking or "nothing has been written"),
        "st-size": figure_of(reported.size),
        "st-events": figure_of(reported.events),
        "st-trouble": reported.trouble or "none",
    }


def _dash(why: str) -> html.Span:
    return html.Span([fmt.DASH, html.Span(f" {why}", className="visually-hidden")], title=why)


def objective(reported: Objective) -> dict[str, Any]:
    """The latency objective by component id."""
    return {
        "st-slo-objective": figure_of(reported.objective),
        "st-slo-threshold": figure_of(reported.threshold),
        "st-slo-window": figure_of(reported.window, Style.DURATION),
        "st-slo-whence": "as configured" if reported.reported else "the RFC's: no collector has reported another",
    }
