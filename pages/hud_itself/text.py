"""What the dashboard promises and keeps, as rows of a table."""

from __future__ import annotations

from aggregators.overview.promises import AlertsOfTool, HourOfPaints, Promise
from components import format as fmt
from components.lists.grid import GridColumn, GridRow, cell, status_cell, text_cell
from components.status import StatusWord
from model.measure import Measure
from model.series import Unit
from model.status import Status

PROMISE_COLUMNS = (
    GridColumn("name", "Promise", flex=4),
    GridColumn("state", "Kept", "status", flex=3),
    GridColumn("target", "Target", "number", flex=3, minor=True),
    GridColumn("hour", "Last hour", "number", flex=3),
    GridColumn("day", "24 h", "number", flex=3, minor=True),
    GridColumn("says", "What is measured", flex=8, minor=True),
)
HOUR_COLUMNS = (
    GridColumn("hour", "Hour", flex=3),
    GridColumn("p50", "P50", "number", flex=2),
    GridColumn("p99", "P99", "number", flex=2),
    GridColumn("paints", "Paints", "number", flex=2),
)
ALERT_COLUMNS = (
    GridColumn("tool", "Raised by", flex=3),
    GridColumn("raised", "Alerts", "number", flex=2),
    GridColumn("seen", "Seen to", "number", flex=2, minor=True),
    GridColumn("short", "Over in 1 min", "number", flex=2),
)


def promise(one: Promise) -> GridRow:
    """One figure beside its target."""
    bound = "at least" if one.at_least else "at most"
    number, unit = fmt.parts(one.promised)
    number = fmt.without_zeros(number)
    unjudged = one.hour.note if one.status is Status.UNKNOWN else ""
    target = cell(one.promised) | {"n": f"{'≥' if one.at_least else '≤'} {number}", "u": unit}
    return GridRow(
        one.id,
        {
            "name": text_cell(one.name),
            "state": status_cell(StatusWord(one.status), one.hour.note),
            "target": target | {"t": f"{bound} {number} {unit}".strip()},
            "hour": cell(one.figure(one.hour)),
            "day": cell(one.figure(one.day)),
            "says": text_cell(": ".join(filter(None, (one.says, unjudged)))),
        },
    )


def hour(one: HourOfPaints) -> GridRow:
    """One hour's paints."""
    start = one.start.value or 0.0
    return GridRow(
        f"{start:.0f}",
        {
            "hour": {"v": start, "n": fmt.iso(start)[11:16], "d": start},
            "p50": cell(one.p50),
            "p99": cell(one.p99),
            "paints": cell(one.paints),
        },
    )


def alerts(one: AlertsOfTool) -> GridRow:
    """One tool's alerts of 24 hours."""
    counts = {"raised": one.raised, "seen": one.acknowledged, "short": one.short}
    cells = {name: cell(Measure.of(float(count), Unit.COUNT)) for name, count in counts.items()}
    return GridRow(one.tool, {"tool": text_cell(one.tool), **cells})
