"""Does telemetry get through, and is it whole? RFC view 7; drawn every 30 s, at once when a source changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import html

from aggregators.observability.exports import Exports
from aggregators.observability.ingest import Coverage
from aggregators.observability.observability import observability, observability_verdict
from components.card import card, hint_props
from components.heading import page_head
from components.lists.fact_list import fact_list, fact_props
from components.lists.grid import GridRow, grid, grid_props
from components.lists.table import table
from components.props import Props
from components.status import StatusWord, badge_parts, status_line
from pages.observability import coverage_text
from pages.observability import text as words
from pages.shared import page_shell
from pages.shared.registry import About, register_view
from store.snapshot import Snapshot

VIEW = "observability"
ABOUT = About(VIEW, "/observability", "Observability", refresh_seconds=30.0, order=7)
WINDOW = "last 5 min"


@dataclass(frozen=True)
class ObservabilityView:
    """Exactly what the screen says."""

    status: StatusWord
    headline: str
    hops: list[Any]
    arrivals: list[Any]
    exports: Exports
    exporters: list[GridRow]
    coverage: Coverage
    note: list[Any]


def view_model(snapshot: Snapshot, now: float) -> ObservabilityView:
    """What the screen says of `snapshot` at `now`."""
    found = observability(snapshot, now)
    return ObservabilityView(
        status=StatusWord(found.status),
        headline=words.headline(found),
        hops=words.hop_rows(found.hops, now),
        arrivals=words.arrivals(found.arrivals, now),
        exports=found.exports,
        exporters=words.exporter_rows(found.exporters),
        coverage=found.coverage,
        note=coverage_text.coverage_note(found.coverage, now),
    )


def update(snapshot: Snapshot, now: float) -> Props:
    """The page's properties at `now`: first paint, push and fallback alike."""
    return render(view_model(snapshot, now))


def tree() -> html.Main:
    """The static tree; every id begins with `ob-`."""
    columns, empty = words.EXPORTERS, "The collector reports no exporter."
    exporters = grid("ob-exporters", "exporters of the collector", columns, 5, "exporters", empty, search=False)
    return page_shell.main(
        VIEW,
        [
            page_head("ob", "Observability Health", "Does telemetry get through, and is it whole?", refresh="30 s"),
            card(
                "ob-pipeline",
                "OpenTelemetry pipeline status",
                [
                    status_line("ob-status", "ob-headline"),
                    table("ob-hops", "The pipeline, hop by hop", words.HOP_COLUMNS),
                    html.P(id="ob-arrivals", className="note"),
                ],
                hint="judged by what was seen to arrive",
                wide=8,
                look="ob-pipeline",
            ),
            card("ob-export", "Export metrics", [fact_list(words.EXPORT_FACTS)], hint=WINDOW, wide=4),
            card(
                "ob-cover",
                "Trace coverage",
                [
                    fact_list(coverage_text.WHOLE_FACTS),
                    html.H3("Missing spans", className="hint fw-semibold border-top mt-2 pt-2"),
                    fact_list(coverage_text.GAP_FACTS),
                    html.P(id="ob-cover-note", className="note ob-note"),
                ],
                hint="5 min, to a minute ago",
                wide=4,
            ),
            card("ob-queue", "Exporters and their queues", exporters, hint="last 5 min, worst first", wide=8),
        ],
    )


def render(view: ObservabilityView) -> Props:
    """The view as component properties."""
    props = fact_props(words.EXPORT_FACTS, view.exports)
    props |= fact_props(coverage_text.WHOLE_FACTS, view.coverage) | fact_props(coverage_text.GAP_FACTS, view.coverage)
    props |= grid_props("ob-exporters", view.exporters)
    props["ob-status"] = {"children": badge_parts(view.status), "className": f"status status-{view.status.kind}"}
    props["ob-headline"] = {"children": view.headline, "title": view.headline}
    props["ob-hops"] = {"children": view.hops}
    props["ob-arrivals"] = {"children": view.arrivals}
    props["ob-cover-note"] = {"children": view.note}
    props["ob-export-hint"] = hint_props(tuple(one.exported for one in view.exports.signals), WINDOW)
    props["ob-cover-hint"] = hint_props((view.coverage.traces,), "5 min, to a minute ago")
    return props


register_view(__name__, ABOUT, judge=observability_verdict, answer=observability, update=update, tree=tree)
