"""Backends as the page words them: table rows, panels by driver, connections over time."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.backends import Backend, Backends, PoolRow
from aggregators.pool_lines import PoolLines
from components import charts, palette
from components.backend_panels import Line, PanelView
from components.chart_frame import Axis, Figure, Series, Span
from components.grid import Cell, GridColumn, GridRow, bar_cell, cell, link_cell, status_cell, text_cell
from components.status import StatusWord
from components.table import pattern_href
from model.measure import Measure
from model.series import Unit
from model.status import Status

COLUMNS = (
    GridColumn("backend", "Backend", flex=2), GridColumn("type", "Type", flex=2, minor=True),
    GridColumn("active", "Active", "number"), GridColumn("idle", "Idle", "number", minor=True),
    GridColumn("max", "Max", "number"), GridColumn("use", "Util", "bar", flex=2, minor=True),
    GridColumn("status", "Status", "status", flex=2),
)  # fmt: skip
NO_POOL = "no pool: one connection, or none at all"
CONNECTIONS = Axis("conns", least=1.0)
MOST_LINES = 6
MOST_DETAILS = 8
_KINDS = {Status.DEGRADED: "degraded", Status.UNHEALTHY: "unhealthy"}


def rows(found: Backends) -> list[GridRow]:
    """Pools, then the patterns without any, then what the pools sum up to."""
    pooled = {row.pool.pattern for row in found.rows}
    told = [_row(row) for row in found.rows]
    told += [_without_pool(one) for one in found.backends if one.pattern not in pooled]
    if found.summed > 1:
        told.append(_sum_row(found))
    return told


def _row(row: PoolRow) -> GridRow:
    pool = row.pool
    place = " · ".join(dict.fromkeys(filter(None, (pool.backend, pool.pattern, pool.instance))))
    status = StatusWord(pool.status, pool.active.age_seconds if pool.is_pool else None)
    use = bar_cell(pool.utilization_ratio, _KINDS.get(pool.status, "")) if pool.is_pool else _na()
    cells = {
        "backend": link_cell(pool.backend, pattern_href(pool.pattern)) | {"t": f"{place}, from {pool.told_by}"},
        "type": text_cell(", ".join(row.interfaces)),
        "active": cell(pool.active),
        "idle": cell(pool.idle),
        "max": cell(pool.maximum),
        "use": use,
        "status": status_cell(status, pool.note or pool.connection),
    }
    return GridRow(f"{pool.backend}|{pool.pattern}|{pool.instance}", cells)


def _without_pool(one: Backend) -> GridRow:
    cells = {
        "backend": link_cell(one.backend, pattern_href(one.pattern)),
        "type": text_cell(", ".join(one.interfaces)),
        **{key: _na() for key in ("active", "idle", "max", "use")},
        "status": status_cell(StatusWord(one.status), one.reason),
    }
    return GridRow(f"|{one.pattern}", cells)


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


def panel(one: Backend) -> PanelView:
    """A backend with the lines of its driver; any other shows what its details carry."""
    lines = {"redis": _redis, "nats": _nats, "postgresql": _postgresql}.get(one.driver, _pooled)(one)
    about = " · ".join(dict.fromkeys(filter(None, (one.backend, ", ".join(one.interfaces)))))
    return PanelView(
        key=f"bk-{one.pattern}",
        title=one.pattern,
        about=about,
        href=pattern_href(one.pattern),
        status=StatusWord(one.status),
        reason=one.reason,
        lines=(*lines, *_details(one)),
    )


def _redis(one: Backend) -> list[Line]:
    return [*_capacity(one), _acquisition(one), _errors(one)]


def _nats(one: Backend) -> list[Line]:
    return [
        Line("Connection state", ((one.reconnects, "reconnects"),), one.connection.upper()),
        Line("Subscriptions", ((one.subscriptions, "active"),)),
        Line("In", ((one.in_messages, "msgs"), (one.in_bytes, ""))),
        Line("Out", ((one.out_messages, "msgs"), (one.out_bytes, ""))),
        Line("Pending", ((one.pending, "messages"),)),
        _errors(one),
    ]


def _postgresql(one: Backend) -> list[Line]:
    return [
        *_capacity(one),
        Line("Active queries", ((one.active_queries, ""),)),
        Line("Query duration", ((one.query.mean, "avg"), (one.query.p99, "P99"))),
        Line("Pool wait", ((one.acquire.mean, "avg"), (one.acquire.p99, "P99"))),
        _errors(one),
    ]


def _pooled(one: Backend) -> list[Line]:
    return [*_capacity(one), _acquisition(one), _errors(one)] if one.pools else []


def _capacity(one: Backend) -> list[Line]:
    if not one.pools:
        missing = Measure.not_reported(Unit.COUNT, "prism_pool_connections_active by pattern would fill it")
        return [Line("Connections", ((missing, ""),))]
    return [
        Line("Connections", ((pool.active, "active"), (pool.maximum, "max")), "", pool.utilization_ratio,
             _KINDS.get(pool.status, ""))
        for pool in one.pools
    ]  # fmt: skip


def _acquisition(one: Backend) -> Line:
    return Line("Acquisition time", ((one.acquire.mean, "avg"), (one.acquire.p99, "P99")))


def _errors(one: Backend) -> Line:
    told = [(one.errors.refused, "refused"), (one.errors.timeout, "timeout"), (one.errors.reset, "reset")]
    if one.errors.others.value:
        told.append((one.errors.others, "other"))
    return Line("Errors", tuple(told))


def _details(one: Backend) -> list[Line]:
    return [Line(key.replace("_", " "), words=text) for key, text in list(one.details.items())[:MOST_DETAILS]]


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
    return [None if all(one is None for one in step) else sum(one or 0.0 for one in step)
            for step in zip(*many, strict=True)]  # fmt: skip
