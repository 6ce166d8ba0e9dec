"""What requests to SigNoz's query APIs v5 and v3 have in common, and answers of another shape (external A3, A5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from model.sources import CollectError, ErrorKind

V5_PATH, V3_PATH = "/api/v5/query_range", "/api/v3/query_range"
Window = tuple[float, float]
"""From and to, in seconds since 1970."""
OTHER_SHAPE = (LookupError, TypeError, AttributeError, ValueError, OverflowError)
"""What comes of taking an answer apart that has another shape than what was asked for."""


def v5_request(kind: str, specs: Sequence[Mapping[str, Any]], window: Window) -> dict[str, Any]:
    """Builder queries; `kind` is scalar, time_series, raw."""
    return {
        "schemaVersion": "v1",
        **_instants(window),
        "requestType": kind,
        "compositeQuery": {"queries": [{"type": "builder_query", "spec": dict(spec)} for spec in specs]},
    }


def v3_request(panel: str, queries: Mapping[str, Mapping[str, Any]], window: Window, step: int) -> dict[str, Any]:
    """Builder queries by their letters; `panel` is table, list. `step` in seconds."""
    return {
        **_instants(window),
        "step": step,
        "variables": {},
        "compositeQuery": {
            "queryType": "builder",
            "panelType": panel,
            "builderQueries": {name: {**query, "stepInterval": step} for name, query in queries.items()},
        },
    }


def _instants(window: Window) -> dict[str, int]:
    return {"start": int(window[0] * 1000), "end": int(window[1] * 1000)}


def v3_column(key: str, data_type: str = "string") -> dict[str, Any]:
    """A column of the span itself."""
    return {"key": key, "dataType": data_type, "type": "tag", "isColumn": True}


def v3_attribute(key: str) -> dict[str, Any]:
    """An attribute that a span may have."""
    return {"key": key, "dataType": "string", "type": "tag", "isColumn": False}


@contextmanager
def taking_apart(what: str) -> Iterator[None]:
    """Turns what comes of another shape than `what` ("a list of spans") into a CollectError."""
    try:
        yield
    except OTHER_SHAPE as error:
        raise CollectError(ErrorKind.MALFORMED, f"not {what}: {type(error).__name__}") from None
