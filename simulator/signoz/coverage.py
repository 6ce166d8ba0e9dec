"""Which spans the stored traces hold, and SigNoz's trace operators over them (v0.94 and later).

Every request leaves a trace of a proxy, a pattern and a backend span; a few miss one, and while a pattern is down its
requests never reach it. Counts of spans by service leave these few out of account.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.signoz.query_v5_request import UnsupportedError, checked
from simulator.signoz.spans import Clause, QueryError, Span, chosen
from simulator.traffic.traffic_model import TrafficModel

OPERATOR = "builder_trace_operator"
MISSING_RATIOS = {"backend": 45 / 12487, "pattern": 31 / 12487, "proxy": 10 / 12487}
"""The RFC's picture of view 7."""
_COUNT_TRACES = "count_distinct(trace_id)"
_SPEC = frozenset(
    (
        "name", "expression", "aggregations", "filter", "order", "limit", "offset", "cursor", "having", "stepInterval",
        "selectFields", "disabled", "legend", "functions", "groupBy", "returnSpansFrom",
    )
)  # fmt: skip
_SPANS = {
    "proxy": {"service.name": "prism-proxy", "name": "KeyValue.Get", "kind_string": "Server"},
    "pattern": {"service.name": "prism-plugin-redis", "name": "plugin.execute", "plugin.name": "redis"},
    "backend": {"service.name": "prism-plugin-redis", "name": "redis.query", "db.system": "redis"},
}
"""One span of each part of a trace, to see which of them a filter is about."""
_TOKEN = re.compile(r"\s*(&&|\|\||=>|->|NOT\b|\(|\)|[A-Za-z_]\w*)\s*")
Test = Callable[[frozenset[str]], bool]


class Traces(NamedTuple):
    """Traces of a window by what they hold; the four add up to all."""

    complete: int
    backend_missing: int
    pattern_missing: int
    proxy_missing: int

    def holding(self) -> dict[frozenset[str], int]:
        """The counts by the parts that are there."""
        return {
            frozenset(("proxy", "pattern", "backend")): self.complete,
            frozenset(("proxy", "pattern")): self.backend_missing,
            frozenset(("proxy",)): self.pattern_missing,
            frozenset(("pattern", "backend")): self.proxy_missing,
        }


def traces(traffic_model: TrafficModel, start: float, end: float) -> Traces:
    """The traces of the requests that the journal holds for [start, end)."""
    asked = sum(int(slot.total.sum()) for slot in traffic_model.span_store.slots(start, end))
    unreached = min(asked, traffic_model.lost_spans.within(start, end))
    left = asked - unreached
    backend, pattern, proxy = (
        min(left // 3, round(left * ratio) + traffic_model.lost_spans.within(start, end, part))
        for part, ratio in MISSING_RATIOS.items()
    )
    return Traces(asked - unreached - backend - pattern - proxy, backend, pattern + unreached, proxy)


def exported_until(traffic_model: TrafficModel, span: Span, at: float) -> float:
    """When the newest of these spans can have been sent: a pattern that is down sends none."""
    process = traffic_model.processes[traffic_model.scenario.flows[span.flow].pattern]
    return at if process.up or "plugin.name" not in span.fields else min(at, process.crashed)


def is_asked(request: Any) -> bool:
    """True when the request holds a trace operator."""
    return any(_kind(one) == OPERATOR for one in _queries(request))


def answer(request: Any, traffic_model: TrafficModel) -> dict[str, Any]:
    """The distinct traces of each trace operator; what they name is not run by itself, as in SigNoz, the others are.

    Raises QueryError (400) and UnsupportedError (501).
    """
    given = _queries(request)
    named = [one for one in given if _kind(one) != OPERATOR]
    start, end, kind, queries = checked({**request, "compositeQuery": {"queries": named}})
    if kind != "scalar":
        raise UnsupportedError(f"a trace operator with request type {kind}")
    parts = {query.name: _parts(query.clauses) for query in queries}
    found = traces(traffic_model, start, end).holding()
    results = []
    for one in given:
        if _kind(one) == OPERATOR:
            name, test = _operator(one["spec"], parts)
            results.append(_result(name, sum(count for held, count in found.items() if test(held))))
    referred = {word for one in given if _kind(one) == OPERATOR for word in _words(one["spec"])}
    for query in queries:
        if query.name not in referred:
            _accept([one.expression for one in query.aggregations], f"query {query.name}")
            results.append(_result(query.name, sum(count for held, count in found.items() if parts[query.name] & held)))
    return {"type": kind, "data": {"results": results}, "meta": {"rowsScanned": 0, "bytesScanned": 0, "durationMs": 9}}


def _queries(request: Any) -> list[Any]:
    composite = request.get("compositeQuery") if isinstance(request, dict) else None
    queries = composite.get("queries") if isinstance(composite, dict) else None
    return queries if isinstance(queries, list) else []


def _kind(query: Any) -> str:
    return str(query.get("type", "")) if isinstance(query, dict) else ""


def _parts(clauses: Sequence[Clause]) -> frozenset[str]:
    """Which parts of a trace a query is about."""
    return frozenset(part for part, fields in _SPANS.items() if chosen([Span(fields, 0)], clauses))


def _operator(spec: Any, parts: Mapping[str, frozenset[str]]) -> tuple[str, Test]:
    unknown = sorted(set(spec) - _SPEC) if isinstance(spec, dict) else ["spec"]
    if unknown:
        raise QueryError(f'unknown field "{unknown[0]}" in trace operator spec')
    _accept([str(one.get("expression", "")) for one in spec.get("aggregations") or []], "a trace operator")
    tokens = _words(spec)
    test = _either(tokens, parts)
    if tokens:
        raise QueryError(f"trace operator: nothing is understood after {tokens[0]}")
    return str(spec.get("name") or "T"), test


def _words(spec: Any) -> list[str]:
    return _TOKEN.findall(str(spec.get("expression", ""))) if isinstance(spec, dict) else []


def _accept(aggregations: list[str], whose: str) -> None:
    if aggregations != [_COUNT_TRACES]:
        raise UnsupportedError(f"aggregations {aggregations} of {whose}")


def _either(tokens: list[str], parts: Mapping[str, frozenset[str]]) -> Test:
    """Operands joined by && , || and NOT, from left to right."""
    left = _operand(tokens, parts)
    while tokens and tokens[0] != ")":
        word, one, other = tokens.pop(0), left, _operand(tokens, parts)
        if word not in ("&&", "||", "NOT"):
            raise UnsupportedError(f"trace operator {word}")
        left = _joined(word, one, other)
    return left


def _joined(word: str, one: Test, other: Test) -> Test:
    if word == "||":
        return lambda held: one(held) or other(held)
    wanted = word == "&&"
    return lambda held: one(held) and other(held) is wanted


def _operand(tokens: list[str], parts: Mapping[str, frozenset[str]]) -> Test:
    if not tokens:
        raise QueryError("trace operator: the expression ends too early")
    word = tokens.pop(0)
    if word == "(":
        inside = _either(tokens, parts)
        if not tokens or tokens.pop(0) != ")":
            raise QueryError("trace operator: a parenthesis is not closed")
        return inside
    if word not in parts:
        raise QueryError(f"trace operator: query {word} not found")
    return lambda held: bool(parts[word] & held)


def _result(name: str, count: int) -> dict[str, Any]:
    column = {
        "name": "__result_0",
        "signal": "",
        "fieldContext": "",
        "fieldDataType": "",
        "queryName": name,
        "columnType": "aggregation",
        "meta": {},
        "aggregationIndex": 0,
    }
    return {"queryName": name, "columns": [column], "data": [[count]]}
