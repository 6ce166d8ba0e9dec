"""Backends as the page words them: a panel each, with the lines of its driver."""

from __future__ import annotations

from collections.abc import Sequence

from aggregators.backends.clients import Backend
from aggregators.backends.health_details import reported
from aggregators.backends.pools import Pool
from components.format import DASH
from components.lists.backend_panels import Line, PanelView
from components.lists.table import pattern_href
from components.status import StatusWord
from model.measure import Measure
from model.series import Unit
from pages.backends.pools_text import KINDS, NO_CONNECTIONS

MOST_DETAILS = 8


def panel(one: Backend) -> PanelView:
    """A backend with the lines of its driver; any other shows what its details carry."""
    lines = {"redis": _redis, "nats": _nats, "postgresql": _postgresql, "memstore": _memstore}.get(one.driver, _pooled)
    about = (one.backend if one.backend != one.name else "", ", ".join(one.interfaces))
    return PanelView(
        name=one.name,
        about=" · ".join(filter(None, about)),
        href=pattern_href(one.pattern) if one.pattern else "",
        status=StatusWord(one.status),
        reason=one.reason,
        lines=(*lines(one), *_details(one)),
    )


def _redis(one: Backend) -> list[Line]:
    return [*_capacity(one), _acquisition(one, "Acquisition time"), _errors(one)]


def _nats(one: Backend) -> list[Line]:
    return [
        Line("Connection", ((one.reconnects, "reconnects"),), one.connection.upper()),
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
        _acquisition(one, "Pool wait"),
        _errors(one),
    ]


def _memstore(one: Backend) -> list[Line]:
    """It has no pool; a proxy that reports one all the same is believed."""
    keys = Line("Keys", ((one.stored, "stored"), (one.most_stored, "max")), "", one.stored_ratio)
    return [keys, *_pooled(one)]


def _pooled(one: Backend) -> list[Line]:
    return [*_capacity(one), _acquisition(one, "Acquisition time"), _errors(one)] if one.pools else []


def _capacity(one: Backend) -> list[Line]:
    """Connections and the share of the limit that is in use, for each pool."""
    if not one.pools:
        missing = Measure.not_reported(Unit.COUNT, NO_CONNECTIONS)
        return [Line("Connections", ((missing, ""),))]
    return [line for pool in one.pools for line in _pool(pool, _whose(pool, one.pools))]


def _pool(pool: Pool, whose: str) -> list[Line]:
    figures = [(pool.active, "active"), (pool.maximum, "max")]
    if pool.waiting.value:
        figures.append((pool.waiting, "waiting"))
    reported = [Line(f"Connections{whose}", tuple(figures), pool.connection.upper())]
    if pool.is_pool:
        used = pool.utilization_ratio
        reported.append(Line(f"Pool capacity{whose}", ((used, ""),), "", used, KINDS.get(pool.status, "")))
    return reported


def _whose(pool: Pool, among: Sequence[Pool]) -> str:
    """What tells a pool from the others of its pattern: its backend, its proxy; '' where nothing has to."""
    parts = [pool.backend] if len({one.backend for one in among}) > 1 else []
    parts += [pool.instance] if len({one.instance for one in among}) > 1 else []
    return f" ({', '.join(parts)})" if parts else ""


def _acquisition(one: Backend, title: str) -> Line:
    return Line(title, ((one.acquire.mean, "avg"), (one.acquire.p99, "P99")))


def _errors(one: Backend) -> Line:
    reported = [(one.errors.refused, "refused"), (one.errors.timeout, "timeout"), (one.errors.reset, "reset")]
    if one.errors.others.value:
        reported.append((one.errors.others, "other"))
    return Line("Errors", tuple(reported))


def _details(one: Backend) -> list[Line]:
    """What nothing here explains, as it is reported, up to a readable number."""
    age = one.details_age_seconds
    lines = [_detail(key, text, age) for key, text in one.details.items()]
    rest = len(lines) - MOST_DETAILS
    return [*lines[:MOST_DETAILS], Line("And", words=f"{rest} more on its page")] if rest > 0 else lines


def _detail(key: str, text: str, age: float | None) -> Line:
    counted = reported(key, text, age)
    if counted is None:
        return Line(key.replace("_", " "), words=text or DASH, age_seconds=age)
    title, measure = counted
    return Line(title, ((measure, ""),))
