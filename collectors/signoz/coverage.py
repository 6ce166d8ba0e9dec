"""How many traces hold all of their spans, and which are missing (RFC view 7; contracts external A3.5)."""

from __future__ import annotations

from typing import Any

from collectors.core.amounts import figure
from collectors.signoz.client import NoDataError, SignozClient
from collectors.signoz.envelopes import V5_PATH, Window, taking_apart, v5_request
from collectors.signoz.throttled_queries import Found
from model.series import labels_of

WINDOW_SECONDS = 300.0
SETTLE_SECONDS = 60.0
"""Exporters send in batches: the newest traces always look incomplete."""
PARTS = {
    "complete": "(A && B) && {backend}",
    "backend_missing": "(A && B) NOT {backend}",
    "pattern_missing": "A NOT B",
    "proxy_missing": "B NOT A",
}
"""Every trace of Prism falls into exactly one of these."""
_NO_HEALTH_CHECKS = "name NOT ILIKE '%health%'"
"""Traces of health checks end in the proxy or the pattern, and would all count as incomplete."""
FILTERS = {
    "A": f"service.name = 'prism-proxy' AND {_NO_HEALTH_CHECKS}",
    "B": f"attribute.plugin.name EXISTS AND {_NO_HEALTH_CHECKS}",
}
_BACKENDS = {"C": "db.system", "D": "messaging.system"}
COUNT_TRACES = "count_distinct(trace_id)"


class Backends:
    """The attributes that tell a backend's span, by the name of their query.

    Before v0.134 an attribute that no span carries yet fails the whole request: it is then asked without it.
    """

    def __init__(self) -> None:
        self.keys = dict(_BACKENDS)

    @property
    def expression(self) -> str:
        """Any of them, for a trace operator."""
        return f"({' || '.join(self.keys)})"

    def leave_out(self, unknown: NoDataError) -> None:
        """Do without the attribute that is unknown. Raises it when it is none of ours, or the last."""
        left = {name: key for name, key in self.keys.items() if key not in unknown.detail}
        in_vain = left == self.keys or not left
        self.keys = dict(_BACKENDS) if in_vain else left
        if in_vain:
            raise unknown


class Coverage:
    """One request for each part, all over the same window."""

    name = "coverage"
    period_seconds = 30.0
    first_version = (0, 94)

    def __init__(self) -> None:
        self._backends = Backends()
        self.forget()

    def forget(self) -> None:
        """The next request begins a new window."""
        self._counts: dict[str, float] = {}
        self._window: Window | None = None

    def ask(self, client: SignozClient, now: float) -> list[Found] | None:
        """The next part; all of them once the last is known. Raises CollectError."""
        end = now - SETTLE_SECONDS
        self._window = window = self._window or (end - WINDOW_SECONDS, end)
        part = next(part for part in PARTS if part not in self._counts)
        try:
            self._counts[part] = traces(client.post(V5_PATH, request(part, window, self._backends)))
        except NoDataError as error:
            self._backends.leave_out(error)
            return None
        if len(self._counts) < len(PARTS):
            return None
        counted = [
            Found("signoz_trace_coverage_traces", count, labels_of({"part": part}))
            for part, count in self._counts.items()
        ]
        ends = zip(("signoz_trace_coverage_start_seconds", "signoz_trace_coverage_end_seconds"), window, strict=True)
        return counted + [Found(family, at) for family, at in ends]


def request(part: str, window: Window, backends: Backends) -> dict[str, Any]:
    """The distinct traces of one part."""
    return operator_request(PARTS[part].format(backend=backends.expression), window, backends)


def operator_request(expression: str, window: Window, backends: Backends) -> dict[str, Any]:
    """The distinct traces of an expression. Only queries that it names are sent: others would be run as well."""
    filters = {**FILTERS, **{name: f"attribute.{key} EXISTS" for name, key in backends.keys.items()}}
    named = expression.replace("NOT", "")
    specs = [trace_query(name, text, "count()") for name, text in filters.items() if name in named]
    operator = {"name": "T", "expression": expression, "aggregations": [{"expression": COUNT_TRACES}]}
    made = v5_request("scalar", specs, window)
    made["compositeQuery"]["queries"].append({"type": "builder_trace_operator", "spec": operator})
    return made


def trace_query(name: str, filter_text: str, aggregation: str) -> dict[str, Any]:
    """A builder query over spans."""
    return {
        "name": name,
        "signal": "traces",
        "aggregations": [{"expression": aggregation}],
        "filter": {"expression": filter_text},
    }


def traces(data: Any, name: str = "T") -> float:
    """The one number of a query's answer; no row at all is none. Raises CollectError when it has another shape."""
    with taking_apart("an answer of a trace operator"):
        (result,) = (one for one in data["data"]["results"] or [] if one.get("queryName") == name)
        rows = result.get("data") or []
        return (figure(rows[0][0]) or 0.0) if rows else 0.0
