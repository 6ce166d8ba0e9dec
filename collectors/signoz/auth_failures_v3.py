"""The same over the query API v3, for versions before v0.92: one aggregate a query, values as texts (external A5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.core.amounts import figure
from collectors.core.redact import text_of
from collectors.signoz.auth_failures_v5 import Grouping, Groups, Row, most_groups
from collectors.signoz.envelopes import Window, taking_apart, v3_attribute, v3_column, v3_request
from model.catalogue.signoz import PROXY_SERVICE

DISTINCT = "_distinct"
_SERVICE, _FAILED, _NAME = v3_column("serviceName"), v3_column("hasError", "bool"), v3_column("name")
_SPAN_ID = v3_column("spanID")


def newest_request(span: str, keys: Sequence[str], window: Window, most: int) -> dict[str, Any]:
    """The newest spans of a window with these attributes."""
    query = {
        **_query("A", span),
        "aggregateOperator": "noop",
        "selectColumns": [_SPAN_ID, *map(v3_attribute, keys)],
        "limit": most,
        "orderBy": [{"columnName": "timestamp", "order": "desc"}],
    }
    return v3_request("list", {"A": query}, window, _step(window))


def newest_rows(data: Any) -> list[Row]:
    """A row per span: when, and its attributes. Raises CollectError."""
    with taking_apart("a list of spans"):
        found = [row for result in data["result"] or [] for row in result.get("list") or []]
        return [(row.get("timestamp"), dict(row["data"])) for row in found]


def counts_request(span: str, grouping: Grouping, window: Window) -> dict[str, Any]:
    """How many spans by each attribute, the largest groups; distinct values are queries of their own."""
    queries: dict[str, dict[str, Any]] = {}
    for name, (key, other) in grouping.items():
        query = {
            **_query(name, span),
            "aggregateOperator": "count",
            "groupBy": [v3_attribute(key)],
            "limit": most_groups(name),
            "orderBy": [{"columnName": "#SIGNOZ_VALUE", "order": "desc"}],
        }
        queries[name] = query
        if other:
            own = {
                "queryName": name + DISTINCT,
                "expression": name + DISTINCT,
                "aggregateOperator": "count_distinct",
                "aggregateAttribute": v3_attribute(other),
                "limit": 0,
            }
            queries[name + DISTINCT] = {**query, **own}
    return v3_request("table", queries, window, _step(window))


def counts_rows(data: Any) -> Groups:
    """The groups of each query, the largest first. Raises CollectError."""
    with taking_apart("an answer by groups"):
        reported = {result["queryName"]: _series(result) for result in data["result"] or []}
        return {
            name: [(value, count, reported.get(name + DISTINCT, {}).get(value)) for value, count in groups.items()]
            for name, groups in reported.items()
            if not name.endswith(DISTINCT)
        }


def _series(result: Mapping[str, Any]) -> dict[str, float]:
    found = {}
    for one in result.get("series") or []:
        labels, points = one.get("labels") or {}, one.get("values") or []
        if points:
            found[text_of(next(iter(labels.values()), ""))] = figure(points[0]["value"]) or 0.0
    return found


def _query(name: str, span: str) -> dict[str, Any]:
    """The failed checks."""
    conditions = ((_SERVICE, PROXY_SERVICE), (_NAME, span), (_FAILED, True))
    return {
        "queryName": name,
        "expression": name,
        "dataSource": "traces",
        "aggregateAttribute": {},
        "filters": {"op": "AND", "items": [{"key": key, "op": "=", "value": value} for key, value in conditions]},
        "groupBy": [],
        "having": [],
        "offset": 0,
        "disabled": False,
    }


def _step(window: Window) -> int:
    """One step for the whole window, in seconds."""
    return max(60, int(window[1] - window[0]))
