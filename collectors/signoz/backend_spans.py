"""How many of the newest traces of patterns lack the spans of their backend (RFC view 7; contracts external A3.5).

Coverage waits a minute until traces are whole over all services. A backend's span comes from the same process as its
pattern's, ends before it, and so is sent no later: whether it is missing shows within seconds.
"""

from __future__ import annotations

from typing import Any

from collectors.signoz.client import NoDataError, SignozClient
from collectors.signoz.coverage import COUNT_TRACES, FILTERS, Backends, operator_request, trace_query, traces
from collectors.signoz.envelopes import V5_PATH, Window
from collectors.signoz.throttled_queries import Found
from model.series import labels_of

WINDOW_SECONDS, SETTLE_SECONDS = 10.0, 5.0
"""Spans of one batch are stored together; those of two that followed each other within a moment."""


class BackendSpans:
    """One request: the traces with a pattern's span and without a backend's, and all with a pattern's."""

    name = "backend spans"
    period_seconds = 5.0
    first_version = (0, 94)

    def __init__(self) -> None:
        self._backends = Backends()

    def forget(self) -> None:
        """Nothing is kept between its requests."""

    def ask(self, client: SignozClient, now: float) -> list[Found] | None:
        """Both numbers. Raises CollectError."""
        end = now - SETTLE_SECONDS
        try:
            data = client.post(V5_PATH, lacking((end - WINDOW_SECONDS, end), self._backends))
        except NoDataError as error:
            self._backends.leave_out(error)
            return None
        counts = {"all": traces(data, "E"), "backend_missing": traces(data)}
        return [Found("signoz_pattern_traces", count, labels_of({"part": part})) for part, count in counts.items()]


def lacking(window: Window, backends: Backends) -> dict[str, Any]:
    """E repeats the query of the patterns' spans: what the operator names is not answered by itself."""
    made = operator_request(f"B NOT {backends.expression}", window, backends)
    whole = {"type": "builder_query", "spec": trace_query("E", FILTERS["B"], COUNT_TRACES)}
    made["compositeQuery"]["queries"].insert(0, whole)
    return made
