"""Pools as the page words them: rows of the table, connections over time."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.backends.backends import Backends, PoolRow
from aggregators.backends.clients import Backend
from aggregators.backends.pool_series import PoolLines
from components.charts import kinds as charts
from components.charts import palette
from components.charts.frame import Series
from components.charts.marks import Figure, Span
from components.charts.scale import Axis
from components.lists.grid import Cell, GridColumn, GridRow, bar_cell, cell, link_cell, status_cell, text_cell
from components.lists.table import pattern_href
from components.status import TROUBLE, StatusWord
from model.measure import Measure
from model.needs import fills
from model.series import Unit
from model.status import Status

COLUMNS = (
    GridColumn("backend", "Backend", flex=5),
    GridColumn("type", "Type", flex=3, minor=True),
    GridColumn("active", "Active", "number", minor=True),
    GridColumn("idle", "Idle", "number", minor=True),
    GridColumn("max", "Max", "number", minor=True),
    GridColumn("use", "Util", "bar", flex=2),
    GridColumn("status", "Status", "status", flex=2),
)
NO_POOL = "no pool: one connection, or none at all"
NO_CONNECTIONS = fills(
    proxy="prism_pool_connections_active by pattern", patterns="what its driver reports its pool in the health details"
)
POOLLESS = ("memstore",)
CONNECTIONS = Axis("conns", least=1.0)
MOST_LINES = 6
KINDS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy"}


def rows(found: Backends) -> list[GridRow]:
    """Pools and the patterns without any, worst first, then what the pools sum up to."""
    pooled = {(row.pool.pattern or row.pool.backend) for row in found.rows}
    reported = [(row.pool.status, _row(row)) for row in found.rows]
    reported += [(one.status, _without_pool(one)) for one in found.backends if one.name not in pooled]
    ordered = [row for _, row in sorted(reported, key=lambda one: TROUBLE.index(one[0]))]
    return [*ordered, _sum_row(found)] if found.summed > 1 else ordered


def _row(row: PoolRow) -> GridRow:
    pool = row.pool
    place = " · ".join(dict.fromkeys(filter(None, (pool.backend, pool.pattern, pool.instance))))
    status = StatusWord(pool.status, pool.active.age_seconds if pool.is_pool else None)
    use = bar_cell(pool.utilization_ratio, KINDS.get(pool.status, "")) if pool.is_pool else _na()
    cells = {
        "backend": _name(pool.backend, pool.pattern) | {"t": f"{place}, from {pool.reported_by}"},
        "type": text_cell(", ".join(row.interfaces)),
        "active": cell(pool.active),
        "idle": cell(pool.idle),
        "max": cell(pool.maximum),
        "use": use,
        "status": status_cell(status, pool.note or pool.connection),
    }
    return GridRow(f"{pool.backend}|{pool.pattern}|{pool.instance}", cells)


def _without_pool(one: Backend) -> GridRow:
    """A client without a pool; or one of which nobody reports whether it has any."""
    reported = one.driver in POOLLESS or any(not key.startswith("launcher ") for key in one.details)
    missing = _na() if reported else cell(Measure.not_reported(Unit.COUNT, NO_CONNECTIONS))
    cells = {
        "backend": _name(one.backend, one.pattern),
        "type": text_cell(", ".join(one.interfaces)),
        **dict.fromkeys(("active", "idle", "max", "use"), missing),
        "status": status_cell(StatusWord(one.status), one.reason),
    }
    return GridRow(f"|{one.name}", cells)


def _name(backend: str, pattern: str) -> Cell:
    """A backend as it is called, behind the pattern that uses it where that has another name: a long one is cut."""
    if not pattern:
        return text_cell(backend)
    same = pattern.lower() == backend.lower()
    return link_cell(backend if same else f"{pattern} · {backend}", pattern_href(pattern))


def _sum_row(found: Backends) -> GridRow:
    cells = {
        "backend": text_cell(f"Sum of {found.summed} pools"),
        "type": text_cell(""),
        "active": cell(found.active),
        "idle": cell(found.idle),
        "max": cell(found.maximum),
        "use": text_cell(""),
        "status": text_cell(""),
    }
    return GridRow("sum", cells)


def _na() -> Cell:
    return {"v": None, "n": "N/A", "t": NO_POOL, "s": NO_POOL}


def connections(lines: PoolLines, span: Span) -> Figure:
    """Connections in use, a line per pool; the busiest ones by name, the rest together."""
    ordered = sorted(lines.in_use.items(), key=lambda item: -max((one or 0.0 for one in item[1]), default=0.0))
    shown, rest = ordered[:MOST_LINES], ordered[MOST_LINES:]
    hues = palette.colours(name for name, _ in sorted(shown))
    series = [Series(name, values, hues[name]) for name, values in sorted(shown)]
    if rest:
        series.append(Series(f"{len(rest)} others", _added([values for _, values in rest]), charts.GREY))
    return charts.lines(lines.times, series, CONNECTIONS, span)


def _added(many: Sequence[Sequence[float | None]]) -> list[float | None]:
    return [
        None if all(one is None for one in step) else sum(one or 0.0 for one in step)
        for step in zip(*many, strict=True)
    ]
