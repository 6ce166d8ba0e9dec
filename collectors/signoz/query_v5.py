"""SigNoz's query API v5: one scalar query with all aggregates (contracts external A3, A4)."""

from __future__ import annotations

from typing import Any

from collectors.core.redact import text_of
from collectors.signoz.envelopes import taking_apart, v5_request
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

_NAMES = (COUNT, ERRORS, *QUANTILES)
_EXPRESSIONS = ("count()", "countIf(has_error = true)", *(f"{word}(duration_nano)" for word in QUANTILES.values()))


def request(now: float) -> dict[str, Any]:
    """Every figure by operation over the window that ends at `now`."""
    spec = {
        "name": "A",
        "signal": "traces",
        "aggregations": [{"expression": expression} for expression in _EXPRESSIONS],
        "filter": {"expression": f"service.name = '{PROXY_SERVICE}'"},
        "groupBy": [{"name": "name", "fieldContext": "span"}],
        "order": [{"key": {"name": "count()"}, "direction": "desc"}],
        "limit": MAX_OPERATIONS,
    }
    return v5_request("scalar", [spec], (now - WINDOW_SECONDS, now))


def figures(data: Any) -> Figures:
    """The answer's `data` in our shape. Raises CollectError when it has another one."""
    with taking_apart("a v5 answer"):
        found: Figures = {}
        for result in data["data"]["results"] or []:
            if result.get("queryName") == "A":
                _take(result.get("columns") or [], result.get("data") or [], found)
        return found


def _take(columns: list[dict[str, Any]], rows: list[list[Any]], found: Figures) -> None:
    """Columns are distinguished by type and index: their names are `__result_0` whatever was asked."""
    (group,) = (at for at, column in enumerate(columns) if column["columnType"] == "group")
    places = [
        (at, _NAMES[int(column["aggregationIndex"])])
        for at, column in enumerate(columns)
        if column["columnType"] == "aggregation"
    ]
    for row in rows:
        for at, name in places:
            put(found, text_of(row[group]), name, row[at])
