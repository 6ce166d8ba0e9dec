"""Observability's answer as lines of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from aggregators.observability.exports import Exports
from aggregators.observability.ingest import Coverage
from aggregators.observability.observability import Arrival, Observability
from aggregators.observability.pipeline import Hop
from aggregators.observability.queues import Exporter
from components import format as fmt
from components.lists.fact_list import Fact, Said
from components.lists.grid import GridColumn, GridRow, bar_cell, cell, status_cell, text_cell
from components.lists.table import Column, row
from components.since import since
from components.status import MARKS, StatusWord, badge
from model.status import Reading, Status

HOP_COLUMNS = (
    Column("Component", share=23, narrow=38), Column("Status", share=18, narrow=34),
    Column("Last exported", "number", share=15, narrow=28), Column("Says", "says", minor=True),
)  # fmt: skip
EXPORTERS = (
    GridColumn("exporter", "Exporter", flex=4),
    GridColumn("signal", "Signal", flex=2, minor=True),
    GridColumn("status", "Status", "status", flex=4),
    GridColumn("sent", "Sent", "number", flex=4, minor=True),
    GridColumn("lost", "Lost", "number", flex=3, minor=True),
    GridColumn("queue", "Queue", "bar", flex=4),
)
EXPORT_FACTS = (
    Fact("ob-traces", "Traces exported"),
    Fact("ob-metrics", "Metrics exported"),
    Fact("ob-logs", "Logs exported"),
    Fact("ob-errors", "Export errors", also=True),
    Fact("ob-latency", "Export latency P99"),
    Fact("ob-refused", "Refused at the door", optional=True),
    Fact("ob-dropped", "Dropped, queue full", optional=True),
)
WHOLE_FACTS = (
    Fact("ob-complete", "Traces with all spans", also=True, bar=True),
    Fact("ob-incomplete", "Traces missing spans", also=True),
)
GAP_FACTS = (
    Fact("ob-no-backend", "Backend span missing", also=True),
    Fact("ob-no-pattern", "Pattern span missing", also=True),
    Fact("ob-no-proxy", "Proxy span missing", also=True),
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


def export_facts(found: Exports) -> list[Said]:
    """In the order of EXPORT_FACTS. What was refused or dropped shows only when something was."""
    signals = [
        Said(
            signal.exported,
            noun=NOUNS[signal.name],
            note=signal.exported.note if signal.exported.reading is Reading.VALUE else "",
        )
        for signal in found.signals
    ]
    ratio = found.error_ratio
    return [
        *signals,
        Said(found.errors, noun="items", also=ratio),
        Said(found.latency_p99, note="" if found.latency_p99.value is not None else found.latency_p99.note),
        Said(found.refused, noun="items", hidden=not found.refused.value),
        Said(found.enqueue_failed, noun="items", hidden=not found.enqueue_failed.value),
    ]


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
    limit = fmt.parts(one.capacity).text if one.capacity.value is not None else "an unknown number"
    return f"{fmt.parts(one.queued).text} of {limit} batches wait"


def coverage_facts(found: Coverage) -> tuple[list[Said], list[Said]]:
    """In the order of WHOLE_FACTS and of GAP_FACTS."""
    whole = [
        Said(found.complete, also=found.complete_share, share=found.complete_share),
        Said(found.incomplete, also=found.incomplete_share),
    ]
    return whole, [Said(gap.traces, also=gap.share) for gap in found.gaps]


def coverage_note(found: Coverage, now: float) -> list[Any]:
    """Over which window it was counted, and what limits it; or why there is nothing."""
    if found.traces.value is None:
        return [f"{fmt.reading_words(found.traces).capitalize()}: {found.traces.note}."]
    window: list[Any] = []
    if found.window_start.value is not None and found.window_end.value is not None:
        clocks = [
            html.Time(fmt.clock(edge.value or 0.0, now), dateTime=fmt.iso(edge.value or 0.0))
            for edge in (found.window_start, found.window_end)
        ]
        window = ["Requests from ", clocks[0], " to ", clocks[1], ". "]
    return [*window, found.note]


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
