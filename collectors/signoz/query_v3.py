"""SigNoz's query API v3, for versions before v0.92: one aggregate a query, values as texts (external A5)."""

from __future__ import annotations

from typing import Any

from collectors.core.redact import text_of
from collectors.signoz.envelopes import taking_apart, v3_column, v3_request
from collectors.signoz.results import (
    COUNT,
    ERRORS,
    MAX_OPERATIONS,
    QUANTILES,
    WINDOW_SECONDS,
    Figures,
    put,
)
from model.catalogue.signoz import PROXY_SERVICE

_DURATION = v3_column("durationNano", "float64")
_SERVICE, _FAILED, _NAME = v3_column("serviceName"), v3_column("hasError", "bool"), v3_column("name")
_QUERIES = {
    "A": COUNT,
    "B": ERRORS,
    **dict(zip("CDEFG", (name for name in QUANTILES if name != "0.999"), strict=True)),
}
"""p999 does not exist there."""


def request(now: float) -> dict[str, Any]:
    """Every figure by operation over the window that ends at `now`."""
    queries = {letter: _query(letter, name) for letter, name in _QUERIES.items()}
    return v3_request("table", queries, (now - WINDOW_SECONDS, now), int(WINDOW_SECONDS))


def _query(letter: str, name: str) -> dict[str, Any]:
    conditions: list[dict[str, Any]] = [{"key": _SERVICE, "op": "=", "value": PROXY_SERVICE}]
    if name == ERRORS:
        conditions.append({"key": _FAILED, "op": "=", "value": True})
    counts = name in (COUNT, ERRORS)
    return {
        "queryName": letter,
        "expression": letter,
        "dataSource": "traces",
        "aggregateOperator": "count" if counts else QUANTILES[name],
        "aggregateAttribute": {} if counts else _DURATION,
        "filters": {"op": "AND", "items": conditions},
        "groupBy": [_NAME],
        "limit": MAX_OPERATIONS,
        "orderBy": [{"columnName": "#SIGNOZ_VALUE", "order": "desc"}],
        "having": [],
        "disabled": False,
    }


def figures(data: Any) -> Figures:
    """The answer's `data` in our shape. Raises CollectError when it has another one."""
    with taking_apart("a v3 answer"):
        found: Figures = {}
        for result in data["result"] or []:
            name = _QUERIES.get(result.get("queryName"))
            for series in result.get("series") or [] if name else []:
                points = series.get("values") or []
                if points and name:
                    # One point in table form; where a graph comes all the same, the newest.
                    newest = max(points, key=lambda point: point.get("timestamp", 0))
                    put(found, text_of((series.get("labels") or {}).get("name")), name, newest.get("value"))
    return _with_counts(found)


def _with_counts(found: Figures) -> Figures:
    """The queries are cut to their largest groups one by one: an operation without a count is left out. One that was
    counted and is missing among all the failed has no failures.
    """
    counted = {operation: figures for operation, figures in found.items() if COUNT in figures}
    if sum(ERRORS in figures for figures in found.values()) < MAX_OPERATIONS:
        for figures in counted.values():
            figures.setdefault(ERRORS, 0.0)
    return counted
