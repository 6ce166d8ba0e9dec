"""The spans that the tracing backend holds, as histograms: filters, groups and aggregates over them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.traffic.latency import MIDDLES, longest, quantile
from simulator.traffic.scenario import BOUNDS
from simulator.traffic.span_store import Slot
from simulator.traffic.traffic_model import TrafficModel

QUANTILES = {f"p{n}": float(f"0.{n}") for n in ("05", "10", "20", "25", "50", "75", "90", "95", "99", "999")}
_ALIASES = {
    "serviceName": "service.name",
    "durationNano": "duration_nano",
    "hasError": "has_error",
    "kind": "kind_string",
}
_PREFIXES = ("resource.", "attribute.", "tag.", "span.", "scope.")
_COUNTED = ("has_error", "duration_nano")
KEYS = frozenset(
    (
        "service.name", "name", "kind_string", "has_error", "duration_nano", "isRoot", "isEntryPoint", "namespace",
        "operation", "pattern", "plugin.name", "rpc.system", "db.system", "messaging.system", "trace_id", "span_id",
        "timestamp", "status_code_string", "reason", "client.address", "enduser.id",
    )
)  # fmt: skip
"""Every key that some span carries."""


class QueryError(Exception):
    """A query that the backend refuses; the message is its own wording."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; `value` is text, number, truth or a list of them."""

    key: str
    op: str
    value: object


@dataclass(frozen=True, slots=True)
class Span:
    """A kind of span: its fields, and the flow whose requests make it."""

    fields: Mapping[str, str]
    flow: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Spans per latency bucket, and those that failed; `seconds` is the time they took to arrive."""

    total: NDArray[np.int64]
    failed: NDArray[np.int64]
    seconds: float


def canonical(key: str) -> str:
    """A field's name without its context and in today's spelling."""
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return _ALIASES.get(key, key)


def spans_of(traffic_model: TrafficModel) -> list[Span]:
    """One Server span of the proxy and one of the pattern's plugin for each flow."""
    drivers = {spec.name: spec.driver for spec in traffic_model.scenario.patterns}
    made = []
    for index, flow in enumerate(traffic_model.scenario.flows):
        driver = drivers[flow.pattern]
        common = {
            "namespace": flow.namespace,
            "operation": flow.operation,
            "pattern": flow.pattern,
            "kind_string": "Server",
            "isEntryPoint": "true",
            "rpc.system": "grpc",
        }
        made.append(Span({**common, "service.name": "prism-proxy", "name": flow.operation, "isRoot": "true"}, index))
        system = "messaging.system" if driver == "nats" else "db.system"
        plugin = {"service.name": f"prism-plugin-{driver}", "name": "plugin.execute", "plugin.name": driver}
        made.append(Span({**common, **plugin, system: driver, "isRoot": "false"}, index))
    return made


def chosen(spans: Iterable[Span], clauses: Sequence[Clause]) -> list[Span]:
    """The spans whose fields satisfy every clause; clauses on duration and failure are for `counted`."""
    return [span for span in spans if all(_holds(span, one) for one in clauses if one.key not in _COUNTED)]


def _holds(span: Span, clause: Clause) -> bool:
    test = _TESTS.get(clause.op)
    if test is None:
        raise QueryError(f"operator `{clause.op}` cannot be used with `{clause.key}`")
    return test(span.fields.get(clause.key), clause.value)


def _is_like(own: str, pattern: object) -> bool:
    """SQL's LIKE in any case; only % stands for anything."""
    wanted = ".*".join(re.escape(part) for part in _text(pattern).split("%"))
    return re.fullmatch(wanted, own, re.IGNORECASE | re.DOTALL) is not None


_TESTS: Mapping[str, Callable[[str | None, object], bool]] = {
    "exists": lambda own, _: own is not None,
    "nexists": lambda own, _: own is None,
    "in": lambda own, value: own in _texts(value),
    "nin": lambda own, value: own is not None and own not in _texts(value),
    "=": lambda own, value: own == _text(value),
    "!=": lambda own, value: own is not None and own != _text(value),
    "contains": lambda own, value: own is not None and _text(value).lower() in own.lower(),
    "ilike": lambda own, value: own is not None and _is_like(own, value),
    "nilike": lambda own, value: own is None or not _is_like(own, value),
    "regex": lambda own, value: own is not None and re.search(_text(value), own) is not None,
}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(value: object) -> list[str]:
    return [_text(one) for one in value] if isinstance(value, list) else [_text(value)]


def gather(slots: Iterable[Slot], spans: Sequence[Span], clauses: Sequence[Clause]) -> Counts:
    """All of `spans` in `slots` that satisfy the clauses on duration and failure."""
    flows = [span.flow for span in spans]
    total = failed = np.zeros(len(MIDDLES), dtype=np.int64)
    seconds = 0.0
    for slot in slots:
        total = total + slot.total[flows].sum(axis=0, dtype=np.int64)
        failed = failed + slot.failed[flows].sum(axis=0, dtype=np.int64)
        seconds += slot.seconds
    return counted(Counts(total, failed, seconds), clauses)


def counted(counts: Counts, clauses: Sequence[Clause]) -> Counts:
    """Only what satisfies the clauses on `has_error` and `duration_nano`."""
    for clause in clauses:
        if clause.key == "has_error":
            wanted = _text(clause.value) in ("true", "1") if clause.op == "=" else _text(clause.value) in ("false", "0")
            none = np.zeros_like(counts.total)
            counts = Counts(
                counts.failed if wanted else counts.total - counts.failed,
                counts.failed if wanted else none,
                counts.seconds,
            )
        elif clause.key == "duration_nano":
            share = _share_below(_nanos(clause.value) / 1e9)
            share = 1.0 - share if clause.op in (">", ">=") else share
            counts = Counts(
                np.rint(counts.total * share).astype(np.int64),
                np.rint(counts.failed * share).astype(np.int64),
                counts.seconds,
            )
    return counts


@lru_cache(maxsize=64)
def _share_below(seconds: float) -> NDArray[np.float64]:
    """Of each bucket, the share below `seconds`, linear within it."""
    low, high = np.array([0.0, *BOUNDS]), np.array([*BOUNDS, 10.0])
    return np.asarray(np.clip((seconds - low) / (high - low), 0.0, 1.0))


def _nanos(value: object) -> float:
    units = {"ns": 1.0, "us": 1e3, "µs": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10}
    match = re.fullmatch(r"([\d.]+)\s*([a-zµ]*)", str(value).strip())
    if match is None or (match[2] and match[2] not in units):
        raise QueryError(f"`{value}` is not a duration")
    return float(match[1]) * units.get(match[2], 1.0)


def aggregate(name: str, counts: Counts, seconds: float) -> float:
    """count, rate, avg, min, max, sum or a quantile of duration_nano (ns); NaN when there is nothing to take it of."""
    number = int(counts.total.sum())
    if name == "count":
        return float(number)
    if name == "rate":
        return number / seconds if seconds > 0 else 0.0
    if name == "sum":
        return float(counts.total @ MIDDLES) * 1e9
    if number == 0:
        return float("nan")
    if name == "avg":
        return float(counts.total @ MIDDLES) / number * 1e9
    if name == "min":
        return float([0.0, *BOUNDS][int(np.flatnonzero(counts.total)[0])] + 1e-6) * 1e9
    if name == "max":
        return longest(counts.total) * 1e9
    return min(quantile(QUANTILES[name], counts.total), longest(counts.total)) * 1e9


def rounded(value: float) -> float | str:
    """Three decimals, or three significant digits below 1; what JSON has no number for is a word."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Inf" if value > 0 else "-Inf"
    number = float(f"{value:.3g}") if abs(value) < 1 else round(value, 3)
    return int(number) if number.is_integer() else number
