"""POST /api/v5/query_range: builder queries over traces, answered as scalar, time_series or raw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from simulator.signoz import auth_spans, coverage
from simulator.signoz.query_v5_request import Query, UnsupportedError, checked
from simulator.signoz.spans import Counts, Span, aggregate, canonical, chosen, counted, gather, rounded, spans_of
from simulator.traffic.span_store import Slot
from simulator.traffic.timestamps import rfc3339
from simulator.traffic.traffic_model import TrafficModel

_INTRINSIC = ("name", "kind_string", "has_error", "duration_nano", "isRoot", "isEntryPoint", "trace_id", "span_id")
Row = tuple[tuple[str, ...], list[float]]
Run = Callable[[Query, Sequence[Slot], Sequence[Span], tuple[float, float]], dict[str, Any]]


def answer(request: Any, traffic_model: TrafficModel) -> dict[str, Any]:
    """The value of `data` for a decoded request. Raises QueryError (400) and UnsupportedError (501)."""
    if coverage.is_asked(request):
        return coverage.answer(request, traffic_model)
    start, end, kind, queries = checked(request)
    spans = spans_of(traffic_model)
    runs: dict[str, Run] = {"scalar": _scalar, "time_series": _time_series, "raw": partial(_raw, traffic_model)}
    results = []
    for query in queries:
        if auth_spans.asks_for(query.clauses):
            results.append(_refusals(kind, query, traffic_model, (start, end)))
            continue
        if any(one.function == "count_distinct" for one in query.aggregations):
            raise UnsupportedError("count_distinct of requests")
        slots = list(traffic_model.span_store.slots(start, end))
        mine = chosen(spans, query.clauses)
        results.append(runs[kind](query, slots, mine, (start, end)))
    steps = {query.name: int(query.step) for query in queries} if kind == "time_series" else {}
    meta = {"rowsScanned": 0, "bytesScanned": 0, "durationMs": 3, "stepIntervals": steps}
    return {"type": kind, "data": {"results": results}, "meta": meta}


def _groups(query: Query, spans: Sequence[Span]) -> dict[tuple[str, ...], list[Span]]:
    found: dict[tuple[str, ...], list[Span]] = {}
    for span in spans:
        found.setdefault(tuple(span.fields.get(key, "") for key in query.groups), []).append(span)
    return found if query.groups or found else {(): []}


def _values(query: Query, counts: Counts, seconds: float) -> list[float]:
    return [aggregate(one.function, counted(counts, one.clauses), seconds) for one in query.aggregations]


def _scalar(query: Query, slots: Sequence[Slot], spans: Sequence[Span], window: tuple[float, float]) -> dict[str, Any]:
    rows: list[Row] = []
    for labels, mine in _groups(query, spans).items():
        counts = gather(slots, mine, query.clauses)
        if counts.total.sum() or not query.groups:
            rows.append((labels, _values(query, counts, window[1] - window[0])))
    return _table(query, rows)


def _refusals(kind: str, query: Query, traffic_model: TrafficModel, window: tuple[float, float]) -> dict[str, Any]:
    """Failed token checks, which are kept one by one."""
    if kind == "raw":
        found = auth_spans.newest(traffic_model.auth_log, query.clauses, window, query.limit)
        return {
            "queryName": query.name,
            "nextCursor": "",
            "rows": [{"timestamp": at, "data": row} for at, row in found],
        }
    if kind != "scalar" or any(one.clauses for one in query.aggregations):
        raise UnsupportedError(f"{kind} of {auth_spans.NAME}")
    rows = [
        (labels, [value(one.function, one.argument) for one in query.aggregations])
        for labels, value in auth_spans.grouped(traffic_model.auth_log, query.clauses, query.groups, window)
    ]
    return _table(query, rows)


def _table(query: Query, rows: list[Row]) -> dict[str, Any]:
    """Groups and aggregates in the order and number that the query wants."""
    names = [*query.groups, *(one.expression for one in query.aggregations)]
    for key, descending in reversed(query.order):
        wanted = canonical(key) if canonical(key) in query.groups else key
        if wanted in names:
            rows.sort(key=_by(names.index(wanted)), reverse=descending)
    if query.limit:
        rows = rows[: query.limit]
    columns = [_column(key, query, index, "group") for index, key in enumerate(query.groups)]
    columns += [_column(f"__result_{index}", query, index, "aggregation") for index in range(len(query.aggregations))]
    data = [[*labels, *(rounded(value) for value in values)] for labels, values in rows]
    return {"queryName": query.name, "columns": columns, "data": data}


def _by(column: int) -> Callable[[Row], Any]:
    return lambda row: (*row[0], *row[1])[column]


def _column(name: str, query: Query, index: int, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        **_field(name, kind),
        "queryName": query.name,
        "columnType": kind,
        "meta": {},
        "aggregationIndex": index if kind != "group" else 0,
    }


def _field(name: str, kind: str = "group") -> dict[str, str]:
    if kind != "group":
        return {"signal": "", "fieldContext": "", "fieldDataType": ""}
    context = "resource" if name == "service.name" else "span" if name in _INTRINSIC else "attribute"
    return {"signal": "traces", "fieldContext": context, "fieldDataType": "string"}


def _time_series(
    query: Query, slots: Sequence[Slot], spans: Sequence[Span], window: tuple[float, float]
) -> dict[str, Any]:
    buckets: dict[float, list[Slot]] = {}
    for slot in sorted(slots, key=lambda one: one.start):
        buckets.setdefault(slot.start // query.step * query.step, []).append(slot)
    series: list[list[dict[str, Any]]] = [[] for _ in query.aggregations]
    for labels, mine in _groups(query, spans).items():
        reported = [
            {"key": {"name": key, **_field(key)}, "value": value}
            for key, value in zip(query.groups, labels, strict=True)
        ]
        points: list[list[dict[str, Any]]] = [[] for _ in query.aggregations]
        for start, inside in buckets.items():
            counts = gather(inside, mine, query.clauses)
            if not counts.total.sum():
                continue
            partial = start < window[0] or start + query.step > window[1]
            for index, value in enumerate(_values(query, counts, query.step)):
                point: dict[str, Any] = {"timestamp": int(start * 1000), "value": rounded(value)}
                points[index].append({**point, "partial": True} if partial else point)
        for index, values in enumerate(points):
            if values:
                series[index].append({"labels": reported, "values": values})
    reported_aggregations = [
        {"index": index, "alias": one.alias or f"__result_{index}", "meta": {}, "series": series[index]}
        for index, one in enumerate(query.aggregations)
        if series[index]
    ]
    return {"queryName": query.name, "aggregations": reported_aggregations or None}


def _raw(
    traffic_model: TrafficModel, query: Query, slots: Sequence[Slot], spans: Sequence[Span], window: tuple[float, float]
) -> dict[str, Any]:
    """The newest spans: one of each kind that the newest slot holds."""
    rows = []
    newest = max(slots, key=lambda one: one.start, default=None)
    for number, span in enumerate(spans if newest else ()):
        counts = gather([newest], [span], query.clauses) if newest else None
        if newest is None or counts is None or not counts.total.sum():
            continue
        at = coverage.exported_until(traffic_model, span, min(newest.start + newest.seconds, window[1])) - 0.001 * (
            number + 1
        )
        trace = f"{int(at * 1000):016x}{span.flow:016x}"
        shown = {**span.fields, "trace_id": trace, "span_id": trace[:16], "has_error": "false"}
        shown["duration_nano"] = str(int(aggregate("p50", counts, 1.0)))
        rows.append({"timestamp": rfc3339(at), "data": shown})
    rows.sort(key=lambda row: str(row["timestamp"]), reverse=True)
    return {"queryName": query.name, "nextCursor": "", "rows": rows[: query.limit or 100]}
