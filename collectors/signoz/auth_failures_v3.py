"""The same over the query API v3, for versions before v0.92: one aggregate a query, values as texts (external A5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.core.redact import text_of
from collectors.signoz.auth_failures_v5 import MOST_GROUPS, Grouping, Groups, Row, Window
from collectors.signoz.results import OTHER_SHAPE, SERVICE, figure
from model.sources import CollectError, ErrorKind

PATH = "/api/v3/query_range"
DISTINCT = "_distinct"
_SERVICE = {"key": "serviceName", "dataType": "string", "type": "tag", "isColumn": True}
_FAILED = {"key": "hasError", "dataType": "bool", "type": "tag", "isColumn": True}
_NAME = {"key": "name", "dataType": "string", "type": "tag", "isColumn": True}
_SPAN_ID = {"key": "spanID", "dataType": "string", "type": "tag", "isColumn": True}


def newest_request(span: str, keys: Sequence[str], window: Window, most: int) -> dict[str, Any]:
    """The newest spans of a window with these attributes."""
    query = {
        **_query("A", span),
        "aggregateOperator": "noop",
        "selectColumns": [_SPAN_ID, *map(_attribute, keys)],
        "limit": most,
        "orderBy": [{"columnName": "timestamp", "order": "desc"}],
    }
    return _request("list", {"A": query}, window)


def newest_rows(data: Any) -> list[Row]:
    """What is reported each span. Raises CollectError."""
    try:
        found = [row for result in data["result"] or [] for row in result.get("list") or []]
        return [(row.get("timestamp"), dict(row["data"])) for row in found]
    except OTHER_SHAPE as error:
        raise CollectError(ErrorKind.MALFORMED, f"not a list of spans: {type(error).__name__}") from None


def counts_request(span: str, grouping: Grouping, window: Window) -> dict[str, Any]:
    """How many spans by each attribute, the largest groups; distinct values are queries of their own."""
    queries: dict[str, dict[str, Any]] = {}
    for name, (key, other) in grouping.items():
        query = {
            **_query(name, span),
            "aggregateOperator": "count",
            "groupBy": [_attribute(key)],
            "limit": MOST_GROUPS,
            "orderBy": [{"columnName": "#SIGNOZ_VALUE", "order": "desc"}],
        }
        queries[name] = query
        if other:
            own = {
                "queryName": name + DISTINCT,
                "expression": name + DISTINCT,
                "aggregateOperator": "count_distinct",
                "aggregateAttribute": _attribute(other),
                "limit": 0,
            }
            queries[name + DISTINCT] = {**query, **own}
    return _request("table", queries, window)


def counts_rows(data: Any) -> Groups:
    """The groups of each query, the largest first. Raises CollectError."""
    try:
        reported = {result["queryName"]: _series(result) for result in data["result"] or []}
        return {
            name: [(value, count, reported.get(name + DISTINCT, {}).get(value)) for value, count in groups.items()]
            for name, groups in reported.items()
            if not name.endswith(DISTINCT)
        }
    except OTHER_SHAPE as error:
        raise CollectError(ErrorKind.MALFORMED, f"not an answer by groups: {type(error).__name__}") from None


def _series(result: Mapping[str, Any]) -> dict[str, float]:
    found = {}
    for one in result.get("series") or []:
        labels, points = one.get("labels") or {}, one.get("values") or []
        if points:
            found[text_of(next(iter(labels.values()), ""))] = figure(points[0]["value"]) or 0.0
    return found


def _query(name: str, span: str) -> dict[str, Any]:
    """The failed checks."""
    conditions = ((_SERVICE, SERVICE), (_NAME, span), (_FAILED, True))
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


def _attribute(key: str) -> dict[str, Any]:
    return {"key": key, "dataType": "string", "type": "tag", "isColumn": False}


def _request(panel: str, queries: Mapping[str, Mapping[str, Any]], window: Window) -> dict[str, Any]:
    step = max(60, int(window[1] - window[0]))
    return {
        "start": int(window[0] * 1000),
        "end": int(window[1] * 1000),
        "step": step,
        "variables": {},
        "compositeQuery": {
            "queryType": "builder",
            "panelType": panel,
            "builderQueries": {name: {**query, "stepInterval": step} for name, query in queries.items()},
        },
    }
