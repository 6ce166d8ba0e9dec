"""What is said of namespaces: rows of their table, slices of their traffic, a noisy neighbour, what is configured."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.namespaces.namespaces import Namespaces
from aggregators.namespaces.row import NEARLY_FULL_RATIO, NOISY_RATIO, NamespaceRow
from aggregators.namespaces.shares import Share
from components import format as fmt
from components.charts.pie import Slice
from components.lists.grid import GridColumn, GridRow, bar_cell, cell, link_cell, status_cell, text_cell
from components.lists.table import namespace_href
from components.status import MARKS, StatusWord
from model.measure import Measure
from model.status import Reading

COLUMNS = (
    GridColumn("name", "Namespace", flex=6),
    GridColumn("rps", "RPS", "number", flex=3),
    GridColumn("p99", "P99", "number", flex=3, minor=True),
    GridColumn("errors", "Errors", "number", flex=3, minor=True),
    GridColumn("patterns", "Patterns", flex=4, minor=True),
    GridColumn("use", "Of max RPS", "bar", flex=4, minor=True),
    GridColumn("status", "Status", "status", flex=4),
    GridColumn("says", "Says", flex=7, minor=True),
)


def grid_row(one: NamespaceRow, age_seconds: float | None) -> GridRow:
    """A row of the table."""
    return GridRow(
        one.name,
        {
            "name": link_cell(one.name, namespace_href(one.name)),
            "rps": cell(one.per_second),
            "p99": cell(one.p99),
            "errors": cell(one.error_ratio),
            "patterns": text_cell(", ".join(one.patterns), "" if one.patterns else "no source reports its patterns"),
            "use": bar_cell(one.use_ratio, use_kind(one.use_ratio)),
            "status": status_cell(StatusWord(one.status, age_seconds), one.reason),
            "says": text_cell(one.reason) if one.reason else {"v": ""},
        },
        look="" if age_seconds is not None else f"row-{MARKS.get(one.status, 'unknown')}",
    )


def use_kind(use: Measure) -> str:
    """The colour of a bar of use: yellow above 90 %."""
    return "degraded" if use.value is not None and use.value > NEARLY_FULL_RATIO else ""


def slices(shares: Sequence[Share]) -> tuple[Slice, ...]:
    """The pie's slices: the ten busiest, then the rest together."""
    return tuple(map(_slice, shares))


def _slice(one: Share) -> Slice:
    href = namespace_href(one.name) if one.name else ""
    return Slice(share_name(one), one.share_ratio, href, rest=not one.name)


def share_name(one: Share) -> str:
    """'payments', '5 others', or who names no namespace."""
    if one.name:
        return one.name
    if not one.names:
        return "without a namespace"
    return "1 other" if one.names == 1 else f"{one.names:,} others"


def noisy(answer: Namespaces) -> str:
    """'analytics makes 83.1 % of all requests: a noisy neighbour', or that nobody does."""
    limit = fmt.percent(NOISY_RATIO).text.replace(".0", "")
    if answer.noisy:
        share = next(one.share_ratio for one in answer.rows if one.name == answer.noisy)
        aged = f" ({fmt.age(share.age_seconds)})" if share.age_seconds is not None else ""
        return f"{answer.noisy} makes {fmt.parts(share).text} of all requests: a noisy neighbour{aged}"
    if answer.per_second.value is None:
        return f"Whether somebody makes over {limit} of all requests is not known: {answer.per_second.note}"
    age = answer.per_second.age_seconds
    return f"Nobody makes over {limit} of all requests" + ("" if age is None else f" ({fmt.age(age)})")


def nothing_asked(answer: Namespaces) -> str:
    """What stands where the pie would be."""
    return "No requests in the last 15 s" if answer.per_second.reading is Reading.VALUE else "Not known who asks"


def table_note(answer: Namespaces) -> str:
    """What is missing from the table and why; how long it is when nothing is."""
    missing = [f"Requests: {answer.note}"] if answer.note else []
    missing += [f"Configuration: {answer.config_note}"] if answer.config_note else []
    count = len(answer.rows)
    return ". ".join(missing) or ("1 namespace" if count == 1 else f"{count:,} namespaces")
