"""Requests, and refused tokens, as the proxy's spans tell of them, in steps of five seconds: what is left to judge them
by when no proxy can be read (contracts external A3.2).

What is asked for every page is of five minutes, by operation: a tenth of five minutes' requests that fail for half a
minute is a hundredth of them, of nobody in particular. Each answer here is of the spans since the one before, so that
their sums only grow, as a proxy's own counters do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from collectors.core.amounts import amount
from collectors.core.redact import redact, text_of
from collectors.signoz.auth_failures_v5 import REASONS, Groups, counts_request, counts_rows
from collectors.signoz.auth_spans import REASON, Attributes
from collectors.signoz.client import NoDataError, SignozClient
from collectors.signoz.envelopes import V5_PATH, Window, taking_apart, v5_request
from collectors.signoz.throttled_queries import Found
from model.catalogue.signoz import PROXY_SERVICE, REQUESTS_COUNTED, REQUESTS_STEP_SECONDS
from model.series import Kind, labels_of

SETTLE_SECONDS = 5.0
"""Whole steps, once their spans have come: a process sends its own in batches of five seconds at the most."""
LONGEST_SECONDS = 60.0
"""After a longer time without an answer it is counted anew."""
EDGES = (0.0005, 0.00075, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.1, 1.0)
"""Seconds: the limits of the rules on latency, and enough between them to tell a P99 that has doubled."""
MAX_GROUPS, MAX_REASONS = 200, 50
KEYS = {"pattern": "attribute", "namespace": "attribute", "name": "span"}
"""By what is counted, and where a span carries it. No document of Prism's names a pattern there (contracts 7): where it
is left out, patterns are not told apart.
"""
ASK_AGAIN_SECONDS = 300.0
"""An attribute that no span carried may have come meanwhile."""
_FILTER = f"service.name = '{PROXY_SERVICE}' AND kind_string = 'Server' AND name NOT ILIKE '%health%'"
"""One span for each request: as the proxy received it."""
_AGGREGATIONS = (
    "count()",
    "countIf(has_error = true)",
    *(f"countIf(duration_nano <= {round(edge * 1e9)})" for edge in EDGES),
)
Group = tuple[str, str, str]
Counts = npt.NDArray[np.float64]


class RequestSpans:
    """One request a step, for requests and for refused tokens by reason. Counts of requests: all, failed, and those
    that took no longer than each of EDGES.
    """

    name = "requests"
    period_seconds = 1.0
    first_version = (0, 92)

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._totals: dict[Group, Counts] = {}
        self._refused: dict[str, float] = {}
        self._until = 0.0
        self._absent: dict[str, float] = {}

    def forget(self) -> None:
        """The sums go on."""

    def ask(self, client: SignozClient, now: float) -> list[Found] | None:
        """All since the last answer; nothing before a step is over. Raises CollectError."""
        end = (now - SETTLE_SECONDS) // REQUESTS_STEP_SECONDS * REQUESTS_STEP_SECONDS
        if end == self._until:
            return None
        if not 0.0 < end - self._until <= LONGEST_SECONDS:
            self._totals, self._refused, self._until = {}, {}, end - REQUESTS_STEP_SECONDS
        keys = [key for key in KEYS if self._absent.get(key, 0.0) <= now]
        request = _request(keys, (self._until, end))
        if reason := self._attributes.key(REASON, now):
            refusals = counts_request(self._attributes.span, {REASONS: (reason, None)}, (self._until, end))
            request["compositeQuery"]["queries"] += refusals["compositeQuery"]["queries"]
        try:
            data = client.post(V5_PATH, request)
        except NoDataError as error:
            self._leave_out(error, now)
            return None
        self._add(dict(_counted(data, keys)), counts_rows(data, REASONS))
        self._until = end
        return list(self._found())

    def _leave_out(self, unknown: NoDataError, now: float) -> None:
        """Before v0.134 an attribute that no span carries yet fails the request: it is then asked without it."""
        absent = [key for key, context in KEYS.items() if context == "attribute" and key in unknown.detail]
        if not absent and not self._attributes.lacks(unknown.detail, now):
            raise unknown
        self._absent |= dict.fromkeys(absent, now + ASK_AGAIN_SECONDS)

    def _add(self, counted: dict[Group, Counts], refused: Groups) -> None:
        for reason, count, _ in refused.get(REASONS, ()):
            text = redact(reason, 200)
            if text in self._refused or len(self._refused) < MAX_REASONS:
                self._refused[text] = self._refused.get(text, 0.0) + max(0.0, count)
        for group, counts in counted.items():
            if group in self._totals:
                self._totals[group] += counts
            elif len(self._totals) < MAX_GROUPS:
                self._totals[group] = counts

    def _found(self) -> Iterator[Found]:
        yield Found(REQUESTS_COUNTED, self._until)
        for reason, count in self._refused.items():
            yield Found("signoz_auth_refusals_total", count, labels_of({"reason": reason}), Kind.COUNTER)
        for (pattern, namespace, operation), (total, failed, *under) in self._totals.items():
            own = {"pattern": pattern, "namespace": namespace, "operation": operation}
            for status, count in (("success", total - failed), ("error", failed)):
                labels = labels_of({**own, "status": status})
                yield Found("signoz_requests_total", float(count), labels, Kind.COUNTER)
            for edge, count in zip((*EDGES, "+Inf"), (*under, total), strict=True):
                labels = labels_of({**own, "le": str(edge)})
                yield Found("signoz_request_duration_seconds_bucket", float(count), labels, Kind.HISTOGRAM)


def _request(keys: list[str], window: Window) -> dict[str, Any]:
    spec = {
        "name": "A",
        "signal": "traces",
        "aggregations": [{"expression": expression} for expression in _AGGREGATIONS],
        "filter": {"expression": _FILTER},
        "groupBy": [{"name": key, "fieldContext": KEYS[key]} for key in keys],
        "order": [{"key": {"name": "count()"}, "direction": "desc"}],
        "limit": MAX_GROUPS,
    }
    return v5_request("scalar", [spec], window)


def _counted(data: Any, keys: list[str]) -> Iterator[tuple[Group, Counts]]:
    """Columns are told apart by type and index, groups by their order: their names are not always what was asked."""
    with taking_apart("counts of requests"):
        for result in data["data"]["results"] or []:
            if result.get("queryName") != "A":
                continue
            columns = result.get("columns") or []
            groups = [at for at, one in enumerate(columns) if one["columnType"] == "group"]
            places = {
                int(one["aggregationIndex"]): at for at, one in enumerate(columns) if one["columnType"] == "aggregation"
            }
            for row in result.get("data") or []:
                named = dict(zip(keys, (redact(text_of(row[at]), 200) for at in groups), strict=True))
                counts = [amount(row[places[number]]) or 0.0 for number in range(len(_AGGREGATIONS))]
                yield tuple(named.get(key, "") for key in KEYS), np.array(counts)  # type: ignore[misc]
