"""POST /api/v3/query_range (and v4): one aggregate per query, values as strings, unknown fields ignored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from simulator.signoz import auth_spans
from simulator.signoz.spans import (
    KEYS,
    QUANTILES,
    Clause,
    QueryError,
    Span,
    aggregate,
    canonical,
    chosen,
    gather,
    rounded,
    spans_of,
)
from simulator.traffic.traffic_model import TrafficModel

_OPERATORS = {"count", "rate", "avg", "min", "max", "sum", *QUANTILES} - {"p999"}
_COMPARISONS = ("=", "!=", "in", "nin", "<", "<=", ">", ">=", "exists", "nexists", "contains", "regex")


@dataclass(frozen=True, slots=True)
class _Query:
    operator: str
    groups: tuple[str, ...]
    clauses: tuple[Clause, ...]
    step: float
    limit: int


def answer(request: Any, traffic_model: TrafficModel) -> dict[str, Any]:
    """The value of `data` for a decoded request. Raises QueryError."""
    try:
        composite = request["compositeQuery"]
        start, end, step = (
            float(request["start"]) / 1000,
            float(request["end"]) / 1000,
            float(request.get("step") or 60),
        )
        kind, panel = composite["queryType"], composite["panelType"]
        queries = composite["builderQueries"] if kind == "builder" else None
    except (KeyError, TypeError, ValueError) as error:
        raise QueryError(f"request cannot be read: {error}") from None
    if not isinstance(queries, dict):
        raise QueryError(f"query type {kind} is not supported here")
    if start >= end or panel not in ("graph", "table", "value", "list"):
        raise QueryError("start must be before end, and the panel one of graph, table, value, list")
    results = []
    for name, given in queries.items():
        refusals = _refusals(given, traffic_model, (start, end), panel)
        if refusals is not None:
            results.append({"queryName": name, **refusals})
            continue
        query = _read(given, step)
        if query is not None:
            results.append(
                {"queryName": name, "series": _series(query, traffic_model, (start, end), panel), "list": None}
            )
    return {"resultType": "", "result": results}


def _refusals(
    given: Any, traffic_model: TrafficModel, window: tuple[float, float], panel: str
) -> dict[str, Any] | None:
    """Failed token checks, which are kept one by one; None when the query is about something else."""
    try:
        clauses = [_clause(item) for item in (given.get("filters") or {}).get("items") or []]
        groups = [canonical(str(group["key"])) for group in given.get("groupBy") or []]
        argument = canonical(str((given.get("aggregateAttribute") or {}).get("key") or ""))
    except (KeyError, TypeError, AttributeError) as error:
        raise QueryError(f"query cannot be read: {error}") from None
    if not auth_spans.asks_for(clauses):
        return None
    if panel == "list":
        found = auth_spans.newest(traffic_model.auth_log, clauses, window, int(given.get("limit") or 0))
        return {"series": None, "list": [{"timestamp": at, "data": row} for at, row in found]}
    made = [
        (value(str(given.get("aggregateOperator")), argument), dict(zip(groups, labels, strict=True)))
        for labels, value in auth_spans.grouped(traffic_model.auth_log, clauses, groups, window)
    ]
    made.sort(key=lambda one: -one[0])
    at = int(window[0] * 1000)
    series = [
        {"labels": reported, "labelsArray": [reported], "values": [{"timestamp": at, "value": _text(value)}]}
        for value, reported in made[: int(given.get("limit") or 0) or None]
    ]
    return {"series": series, "list": None}


def _read(query: Any, step: float) -> _Query | None:
    """One query, checked; None when it is disabled."""
    try:
        if query.get("disabled"):
            return None
        operator, source = query.get("aggregateOperator"), query.get("dataSource")
        if source != "traces" or operator not in _OPERATORS:
            raise QueryError(f"invalid aggregate operator: {operator} of {source}")
        return _Query(
            operator,
            tuple(str(group["key"]) for group in query.get("groupBy") or []),
            tuple(_clause(item) for item in (query.get("filters") or {}).get("items") or []),
            max(5.0, float(query.get("stepInterval") or step)),
            int(query.get("limit") or 0),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise QueryError(f"query cannot be read: {error}") from None


def _series(
    query: _Query, traffic_model: TrafficModel, window: tuple[float, float], panel: str
) -> list[dict[str, Any]]:
    operator, keys, clauses, step = query.operator, query.groups, query.clauses, query.step
    if any(clause.key not in KEYS for clause in clauses) or any(canonical(key) not in KEYS for key in keys):
        return []
    groups: dict[tuple[str, ...], list[Span]] = {}
    for span in chosen(spans_of(traffic_model), clauses):
        groups.setdefault(tuple(span.fields.get(canonical(key), "") for key in keys), []).append(span)
    slots = sorted(traffic_model.span_store.slots(*window), key=lambda slot: slot.start)
    whole = {window[0]: slots}
    if panel == "graph":
        whole = {}
        for slot in slots:
            whole.setdefault(slot.start // step * step, []).append(slot)
    seconds = step if panel == "graph" else window[1] - window[0]
    made = []
    for labels, spans in groups.items():
        points: list[dict[str, Any]] = [
            {"timestamp": int(at * 1000), "value": _text(aggregate(operator, counts, seconds))}
            for at, inside in whole.items()
            if (counts := gather(inside, spans, clauses)).total.sum()
        ]
        reported = dict(zip(keys, labels, strict=True))
        if points:
            listed = [{key: value} for key, value in reported.items()]
            made.append((float(points[0]["value"]), {"labels": reported, "labelsArray": listed, "values": points}))
    made.sort(key=lambda one: -one[0])
    return [one for _, one in made][: query.limit or None]


def _clause(item: dict[str, Any]) -> Clause:
    op = str(item.get("op", "=")).lower()
    if op not in _COMPARISONS:
        raise QueryError(f"filter operator not supported: {op}")
    return Clause(canonical(str(item["key"]["key"])), op, item.get("value"))


def _text(value: float) -> str:
    number = rounded(value)
    return number if isinstance(number, str) else f"{number:.15g}"
