"""Failed token checks over SigNoz's query API v5 (contracts external A3, A4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from collectors.core.amounts import figure
from collectors.core.redact import text_of
from collectors.signoz.envelopes import Window, taking_apart, v5_request
from model.catalogue.signoz import PROXY_SERVICE

MOST_GROUPS, MOST_REASONS = 20, 1_000
"""Of addresses and of users those that fail most; of reasons all, since together they are the count of all failures."""
REASONS = "C"
"""The query by reason."""
Grouping = Mapping[str, tuple[str, str | None]]
"""By query name: the attribute to group by, and the one whose distinct values are counted beside the spans."""
Group = tuple[str, float, float | None]
"""(Value of the attribute, spans, distinct values of the other)."""
Groups = dict[str, list[Group]]
"""By query name."""
Row = tuple[Any, Mapping[str, Any]]
"""When, as it is reported, and the attributes."""


def newest_request(span: str, keys: Sequence[str], window: Window, most: int) -> dict[str, Any]:
    """The newest spans of a window with these attributes."""
    fields = [{"name": "span_id", "fieldContext": "span"}]
    fields += [{"name": key, "fieldContext": "attribute"} for key in keys]
    order = [{"key": {"name": "timestamp"}, "direction": "desc"}]
    return v5_request("raw", [{**_spec("A", span), "selectFields": fields, "order": order, "limit": most}], window)


def newest_rows(data: Any) -> list[Row]:
    """A row per span: when, and its attributes. Raises CollectError."""
    with taking_apart("a list of spans"):
        found = [row for result in data["data"]["results"] or [] for row in result.get("rows") or []]
        return [(row.get("timestamp") or row["data"].get("timestamp"), dict(row["data"])) for row in found]


def counts_request(span: str, grouping: Grouping, window: Window) -> dict[str, Any]:
    """How many spans by each attribute, the largest groups."""
    specs = []
    for name, (key, other) in grouping.items():
        expressions = ["count()", *([f"count_distinct({other})"] if other else [])]
        specs.append(
            {
                **_spec(name, span),
                "aggregations": [{"expression": one} for one in expressions],
                "groupBy": [{"name": key, "fieldContext": "attribute"}],
                "order": [{"key": {"name": "count()"}, "direction": "desc"}],
                "limit": most_groups(name),
            }
        )
    return v5_request("scalar", specs, window)


def most_groups(name: str) -> int:
    """How many groups a query is asked for."""
    return MOST_REASONS if name == REASONS else MOST_GROUPS


def counts_rows(data: Any, only: str = "") -> Groups:
    """The groups of each query, or of this one, the largest first. Raises CollectError."""
    with taking_apart("an answer by groups"):
        results = data["data"]["results"] or []
        return {one["queryName"]: _groups(one) for one in results if only in ("", one["queryName"])}


def _groups(result: Mapping[str, Any]) -> list[tuple[str, float, float | None]]:
    """Columns are distinguished by type and index: their names are `__result_0` whatever was asked."""
    columns, rows = result.get("columns") or [], result.get("data") or []
    if not rows:
        return []
    (group,) = (at for at, column in enumerate(columns) if column["columnType"] == "group")
    places = {int(one["aggregationIndex"]): at for at, one in enumerate(columns) if one["columnType"] == "aggregation"}
    return [
        (text_of(row[group]), figure(row[places[0]]) or 0.0, figure(row[places[1]]) if 1 in places else None)
        for row in rows
    ]


def _spec(name: str, span: str) -> dict[str, Any]:
    """The failed checks; `span` is a name that the settings have checked."""
    expression = f"service.name = '{PROXY_SERVICE}' AND name = '{span}' AND has_error = true"
    return {"name": name, "signal": "traces", "filter": {"expression": expression}}
