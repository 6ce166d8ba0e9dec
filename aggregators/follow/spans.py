"""The way into SigNoz: the traces and the service behind a figure, over the same window, narrowed as its page is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from model.catalogue import BY_NAME
from model.catalogue.signoz import PROXY_SERVICE
from model.needs import Need
from store.snapshot import Snapshot

TRACED = frozenset({"prism_requests_total", "prism_request_duration_seconds", "prism_auth_requests_total"})
"""Families of the proxy that count what its spans are of."""
FAILURES = ("sh-err-ratio", "sh-err-count", "sh-err-chart", "pd-err-chart", "nd-errors", "nd-err-chart")
LEAST_SECONDS, WHOLE_SECONDS = 300.0, 10.0
"""A window of spans is at least so long, and ends at a multiple of the other."""


@dataclass(frozen=True, slots=True)
class SpanLink:
    """An address in SigNoz, and what is found there."""

    title: str
    href: str


def span_links(
    snapshot: Snapshot, now: float, need: Need, only: Mapping[str, str], seconds: float
) -> tuple[SpanLink, ...]:
    """Where SigNoz shows what is behind a figure; nothing of one without spans, or while its address is not set."""
    base = str(snapshot.meta.get("signoz_public_url") or "").rstrip("/")
    if not base or not any(one in TRACED or BY_NAME[one].source == "signoz" for one in need.families):
        return ()
    end = now // WHOLE_SECONDS * WHOLE_SECONDS
    window = {"startTime": int((end - max(seconds, LEAST_SECONDS)) * 1000), "endTime": int(end * 1000)}
    query = json.dumps(_query(_conditions(need, only)), separators=(",", ":"))
    traces = urlencode({**window, "compositeQuery": quote(query, safe="")})  # SigNoz takes it out of two wrappings
    return (
        SpanLink("Its traces in SigNoz", f"{base}/traces-explorer?{traces}"),
        SpanLink(f"The service {PROXY_SERVICE} in SigNoz", f"{base}/services/{PROXY_SERVICE}?{urlencode(window)}"),
    )


def _conditions(need: Need, only: Mapping[str, str]) -> list[tuple[str, str, Any]]:
    """(key, kind of key, value) of what the spans must be."""
    found: list[tuple[str, str, Any]] = [("service.name", "resource", PROXY_SERVICE)]
    if "namespace" in only:
        found.append(("namespace", "tag", only["namespace"]))
    if need.element in FAILURES:
        found.append(("hasError", "span", True))
    return found


def _query(conditions: Sequence[tuple[str, str, Any]]) -> dict[str, Any]:
    """The list of spans, as the query builder of SigNoz keeps it; its newer versions read `filter`, older `filters`."""
    asked = {
        "dataSource": "traces",
        "queryName": "A",
        "expression": "A",
        "aggregateOperator": "noop",
        "disabled": False,
        "filter": {"expression": " AND ".join(_expression(*one) for one in conditions)},
        "filters": {"op": "AND", "items": [_item(*one) for one in conditions]},
        "orderBy": [{"columnName": "timestamp", "order": "desc"}],
    }
    return {"queryType": "builder", "builder": {"queryData": [asked], "queryFormulas": []}}


def _expression(key: str, kind: str, value: Any) -> str:
    name = f"attribute.{key}" if kind == "tag" else {"hasError": "has_error"}.get(key, key)
    escaped = str(value).replace("\\", "\\\\").replace("'", "\\'")
    return f"{name} = true" if value is True else f"{name} = '{escaped}'"


def _item(key: str, kind: str, value: Any) -> dict[str, Any]:
    of = {"key": key, "dataType": "bool" if value is True else "string", "type": "" if kind == "span" else kind}
    return {"key": {**of, "isColumn": kind == "span"}, "op": "=", "value": value}
