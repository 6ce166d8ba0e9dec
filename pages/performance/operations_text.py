"""Operations as rows of the performance page."""

from __future__ import annotations

from typing import Any

from aggregators.performance.performance import Performance
from aggregators.performance.slo import PROXY
from aggregators.performance.span_operations import Operation
from components import format as fmt
from components.card import hint_props
from components.lists.grid import Cell, GridColumn, GridRow, cell, link_cell, text_cell
from components.lists.table import pattern_href
from model.status import Reading
from pages.performance.text import chart_hint, window_text

OPERATIONS = (
    GridColumn("operation", "Operation", flex=9),
    GridColumn("pattern", "Pattern", flex=7),
    GridColumn("p50", "P50", "number", flex=4, minor=True),
    GridColumn("p99", "P99", "number", flex=4),
    GridColumn("p999", "P999", "number", flex=4, minor=True),
    GridColumn("max", "Max", "number", flex=6, minor=True),
    GridColumn("count", "Count", "number", flex=4, minor=True),
)


def operation_rows(found: Performance) -> list[GridRow]:
    """The operations, the slowest first."""
    limit = found.slo.threshold.value or 0.0
    return [
        GridRow(
            f"{one.pattern}\n{one.operation}",
            {
                "operation": _named(one, limit),
                "pattern": link_cell(one.pattern, pattern_href(one.pattern)) if one.pattern else text_cell(""),
                "p50": cell(one.p50),
                "p99": cell(one.p99),
                "p999": cell(one.p999),
                "max": cell(one.maximum),
                "count": cell(one.count),
            },
        )
        for one in found.operations
    ]


def _named(one: Operation, limit: float) -> Cell:
    """The operation, with a mark when its P99 is above the objective's threshold."""
    made = text_cell(one.operation)
    if one.p99.value is None or one.p99.value <= limit or one.p99.bound == "<":
        return made
    words = f"its P99 is above {fmt.round_latency(limit)}"
    return {**made, "k": "degraded", "t": f"{one.operation}: {words}", "s": words}


def operations_hint(found: Performance) -> dict[str, Any]:
    """Of which hour, and how much of it; or why there is nothing."""
    ages = [one.p99 for one in found.operations]
    if not found.operations and found.operations_note:
        why = chart_hint(found.p99.reading, Reading.NOT_REPORTED.value)
        return {"children": why, "className": "hint", "title": found.operations_note}
    window, covered = found.operations_window.value or 0.0, found.operations_covered.value or 0.0
    words = [f"last {window_text(window)}"]
    if covered < 0.98 * window:
        words = [f"covers {fmt.lasting(covered)} of {window_text(window)}"]
    if found.operations_reported_by != PROXY:
        words.append("from SigNoz")
    return {**hint_props(ages, ", ".join([*words, "slowest first"])), "title": found.operations_note}
