"""Observability's answer as lines of the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dash import html

from aggregators.observability.exports import Exports
from aggregators.observability.observability import Arrival, Observability
from aggregators.observability.pipeline import Hop
from aggregators.observability.queues import Exporter
from components import format as fmt
from components.lists.fact_list import Fact, Said
from components.lists.grid import GridColumn, GridRow, bar_cell, cell, status_cell, text_cell
from components.lists.table import Column, row
from components.since import since
from components.status import MARKS, StatusWord, badge
from model.measure import Measure
from model.status import Reading, Status

HOP_COLUMNS = (
    Column("Component", share=23, narrow=38),
    Column("Status", share=18, narrow=34),
    Column("Last exported", "number", share=15, narrow=28),
    Column("Says", "says", minor=True),
)
EXPORTERS = (
    GridColumn("exporter", "Exporter", flex=4),
    GridColumn("signal", "Signal", flex=2, minor=True),
    GridColumn("status", "Status", "status", flex=4),
    GridColumn("sent", "Sent", "number", flex=4, minor=True),
    GridColumn("lost", "Lost", "number", flex=3, minor=True),
    GridColumn("queue", "Queue", "bar", flex=4),
)
NOUNS = {"traces": "spans", "metrics": "points", "logs": "records"}
_LOOKS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy"}


def hop_rows(hops: Sequence[Hop], now: float) -> list[Any]:
    """The pipeline, in the order in which telemetry goes through it."""
    return [
        row(
            HOP_COLUMNS,
            [
                html.Span(hop.name, className="name"),
                badge(StatusWord(hop.status)),
                since(hop.last_exported, now),
                html.Span(hop.reason, title=hop.reason, className="name", dir="auto"),
            ],
            f"row-{MARKS.get(hop.status, 'unknown')}",
        )
        for hop in hops
    ]


def headline(found: Observability) -> str:
    """One sentence for the whole."""
    return "Telemetry gets through" if found.status is Status.HEALTHY else found.reason


def _signal(name: str) -> Callable[[Exports], Said]:
    """What was exported of one signal."""

    def said(found: Exports) -> Said:
        one = next(one.exported for one in found.signals if one.name == name)
        return Said(one, noun=NOUNS[name], note=one.note if one.reading is Reading.VALUE else "")

    return said


def _latency(found: Exports) -> Said:
    return Said(found.latency_p99, note="" if found.latency_p99.value is not None else found.latency_p99.note)


def _lost(count: Measure) -> Said:
    """It shows only when something was."""
    return Said(count, noun="items", hidden=not count.value)


EXPORT_FACTS: tuple[Fact[Exports], ...] = (
    Fact("ob-traces", "Traces exported", _signal("traces")),
    Fact("ob-metrics", "Metrics exported", _signal("metrics")),
    Fact("ob-logs", "Logs exported", _signal("logs")),
    Fact("ob-errors", "Export errors", lambda one: Said(one.errors, noun="items", also=one.error_ratio), also=True),
    Fact("ob-latency", "Export latency P99", _latency),
    Fact("ob-refused", "Refused at the door", lambda one: _lost(one.refused), optional=True),
    Fact("ob-dropped", "Dropped, queue full", lambda one: _lost(one.enqueue_failed), optional=True),
)


def exporter_rows(found: Sequence[Exporter]) -> list[GridRow]:
    """The worst first. Of several collectors each exporter says whose it is."""
    several = len({one.collector for one in found}) > 1
    return [
        GridRow(
            f"{one.exporter} {one.signal} {one.collector}",
            {
                "exporter": text_cell(f"{one.exporter} of {one.collector}" if several else one.exporter, one.reason),
                "signal": text_cell(one.signal or "all"),
                "status": status_cell(StatusWord(one.status), one.reason),
                "sent": cell(one.sent, noun=NOUNS.get(one.signal, "items")),
                "lost": cell(one.lost, noun=NOUNS.get(one.signal, "items")),
                "queue": {**bar_cell(one.fill, _LOOKS.get(one.status, "")), "t": _batches(one)},
            },
            f"row-{_LOOKS[one.status]}" if one.status in _LOOKS else "",
        )
        for one in found
    ]


def _batches(one: Exporter) -> str:
    """What the share of its queue is made of."""
    if one.queued.value is None:
        return one.queued.note
    queued, limit = fmt.parts(one.queued).text, one.capacity.value
    if limit == 0.0:
        return f"{queued} batches wait; no limit is set"
    return f"{queued} of {'an unknown number' if limit is None else fmt.parts(one.capacity).text} batches wait"


def arrivals(found: Sequence[Arrival], now: float) -> list[Any]:
    """The newest row of each signal in SigNoz, in one line."""
    if all(one.observed.reading is Reading.NOT_REPORTED for one in found):
        return ["Newest row of each signal in SigNoz: ", found[0].observed.note, "."]
    said: list[Any] = ["Newest in SigNoz: "]
    for place, one in enumerate(found):
        said += [", " if place else "", name_part(one.signal), " ", since(one.observed, now)]
    return said


def name_part(signal: str) -> html.Span:
    """A signal's name within a sentence."""
    return html.Span(signal, className="signal")
