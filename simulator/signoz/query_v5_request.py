"""The request of POST /api/v5/query_range, checked as strictly as SigNoz checks it: an unknown field is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.signoz.filter_text import parse_filter
from simulator.signoz.spans import KEYS, QUANTILES, Clause, QueryError, canonical

_TOP = frozenset(
    ("schemaVersion", "start", "end", "requestType", "compositeQuery", "variables", "noCache", "formatOptions")
)
_SPEC = frozenset(
    (
        "name", "signal", "source", "aggregations", "filter", "groupBy", "order", "limit", "offset", "cursor", "having",
        "stepInterval", "selectFields", "disabled", "legend", "functions", "secondaryAggregations", "limitBy",
    )
)  # fmt: skip
_FUNCTIONS = {*QUANTILES, "count", "count_distinct", "rate", "avg", "min", "max", "sum"}
_CALL = re.compile(r"(\w+?)(If)?\s*\((.*)\)", re.DOTALL)
MIN_STEP_SECONDS = 5.0


class UnsupportedError(Exception):
    """A kind of query that this stand-in does not run."""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """One aggregate of a query: `function`, the condition of its If form, and the key that it is of."""

    expression: str
    alias: str
    function: str
    clauses: tuple[Clause, ...]
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """A checked builder query."""

    name: str
    groups: tuple[str, ...]
    clauses: tuple[Clause, ...]
    aggregations: tuple[Aggregation, ...]
    order: tuple[tuple[str, bool], ...]
    limit: int
    step: float


def _known(given: Any, allowed: frozenset[str], where: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise QueryError(f"{where}: an object is expected")
    unknown = sorted(set(given) - allowed)
    if unknown:
        raise QueryError(f'unknown field "{unknown[0]}" in {where}')
    return given


def checked(request: Any) -> tuple[float, float, str, list[Query]]:
    """Start and end in seconds, request type, queries. Raises QueryError (400) and UnsupportedError (501)."""
    top = _known(request, _TOP, "request body")
    start, end, kind = top.get("start"), top.get("end"), top.get("requestType")
    if not isinstance(start, int | float) or not isinstance(end, int | float) or start >= end:
        raise QueryError("start time must be before end time")
    if kind not in ("scalar", "time_series", "raw"):
        if kind in ("trace", "distribution"):
            raise UnsupportedError(f"request type {kind}")
        raise QueryError(f"invalid request type: {kind}")
    asked = _known(top.get("compositeQuery"), frozenset({"queries"}), "composite query").get("queries")
    if not isinstance(asked, list) or not asked:
        raise QueryError("at least one query is required")
    window = (end - start) / 1000.0
    try:
        queries = [_query(one, window) for one in asked]
    except (KeyError, TypeError, AttributeError) as error:
        raise QueryError(f"query cannot be read: {error}") from None
    if len({query.name for query in queries}) != len(queries):
        raise QueryError("query names must be unique")
    return start / 1000.0, end / 1000.0, kind, queries


def _query(envelope: Any, window: float) -> Query:
    outer = _known(envelope, frozenset({"type", "spec"}), "query")
    if outer.get("type") != "builder_query":
        raise UnsupportedError(f"query type {outer.get('type')}")
    spec = _known(outer.get("spec"), _SPEC, "builder query spec")
    if spec.get("signal") != "traces":
        raise UnsupportedError(f"signal {spec.get('signal')}")
    groups = [_group(one) for one in spec.get("groupBy") or []]
    order = [(str(one["key"]["name"]), one.get("direction") == "desc") for one in spec.get("order") or []]
    return Query(
        str(spec.get("name") or "A"),
        tuple(groups),
        tuple(parse_filter((spec.get("filter") or {}).get("expression") or "")),
        tuple(_aggregation(one) for one in spec.get("aggregations") or []),
        tuple(order),
        int(spec.get("limit") or 0),
        _step(spec.get("stepInterval"), window),
    )


def _group(given: Any) -> str:
    name = str(given.get("name", "")) if isinstance(given, dict) else ""
    if canonical(name) not in KEYS:
        raise QueryError(f"key `{name}` not found")
    return canonical(name)


def _step(given: Any, window: float) -> float:
    units = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", str(given)) if given else None
    if given and match is None:
        raise QueryError(f"invalid step interval: {given}")
    wanted = float(match[1]) * units[match[2]] if match else window / 300.0 // 5 * 5
    return max(MIN_STEP_SECONDS, wanted)


def _aggregation(given: Any) -> Aggregation:
    expression = str(given.get("expression", "")) if isinstance(given, dict) else ""
    match = _CALL.fullmatch(expression.strip())
    if match is None or match[1] not in _FUNCTIONS:
        raise QueryError(f"invalid aggregation expression: {expression}")
    inner = match[3].strip()
    if match[2]:
        return Aggregation(expression, str(given.get("alias") or ""), match[1], tuple(parse_filter(inner)))
    if inner and canonical(inner) not in KEYS:
        raise QueryError(f"key `{inner}` not found")
    return Aggregation(expression, str(given.get("alias") or ""), match[1], (), canonical(inner))
