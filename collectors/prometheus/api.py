"""Prometheus' HTTP API, as Prometheus, Thanos, Mimir and VictoriaMetrics speak it (contracts external D)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import SecretStr

from collectors.core.redact import redact, text_of
from collectors.http.fetch import Answer, Fetcher, StatusError
from model.access import Access
from model.sources import CollectError, ErrorKind

MAX_WORDS = 200
ABOUT_THE_QUESTION = "PromQL "
"""How Prometheus begins a remark about the expression, since 2.48; elsewhere a server could not ask all of its own."""
PARTIAL = "it is partial, a part of the server did not answer"
"""VictoriaMetrics' `isPartial`, which comes without words."""
Labelled = dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """Series and their points: `points[i]` are the [seconds, "value"] pairs of `labels[i]`, one for an instant.

    `warning` says why some of it may be missing, '' when nothing is; `info` is advice that may explain what is.
    """

    labels: list[Labelled]
    points: list[Sequence[Sequence[Any]]]
    warning: str = ""
    info: str = ""
    in_parts: bool = False
    """Of a VictoriaMetrics, which may know a part of a scrape before the others."""


class PrometheusApi:
    """One server. For one thread at a time."""

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float,
        max_bytes: int,
        headers: Mapping[str, SecretStr],
        access: Access,
    ) -> None:
        reported = {"Accept": "application/json", **{name: text.get_secret_value() for name, text in headers.items()}}
        self._fetcher = Fetcher(
            url, timeout_seconds=timeout_seconds, max_bytes=max_bytes, headers=reported, access=access
        )
        self._timeout = timeout_seconds

    def begin(self) -> None:
        """Start a read: all questions until the next `begin` share its time."""
        self._fetcher.begin()

    def instant(self, query: str) -> Found:
        """The value of every series that an instant query selects, now. Raises CollectError."""
        # VictoriaMetrics answers for half a minute ago unless it is told not to.
        return self._found("/api/v1/query", "vector", query=query, timeout=f"{self._timeout:g}s", nocache="1")

    def span(self, query: str, start: float, end: float, step: float) -> Found:
        """Its values at start, start + step, … end (seconds since 1970, the server's). Raises CollectError."""
        times = {"start": f"{start:.3f}", "end": f"{end:.3f}", "step": f"{step:g}"}
        return self._found("/api/v1/query_range", "matrix", query=query, nocache="1", **times)

    def scrape_errors(self) -> dict[tuple[str, str], str]:
        """Why targets could not be scraped, by job and instance. Not every server reports. Raises CollectError."""
        data = _data(self._fetcher.get("/api/v1/targets", params={"state": "active"}))
        found = {}
        targets = data.get("activeTargets") if isinstance(data, dict) else None
        for one in targets if isinstance(targets, list) else ():
            labels, said = (one.get("labels"), one.get("lastError")) if isinstance(one, dict) else (None, None)
            if isinstance(labels, dict) and isinstance(said, str) and said:
                found[text_of(labels.get("job")), text_of(labels.get("instance"))] = redact(said, MAX_WORDS)
        return found

    def close(self) -> None:
        """Close the connection."""
        self._fetcher.close()

    def _found(self, path: str, kind: str, **form: str) -> Found:
        try:
            answer = self._fetcher.post_form(path, form)
        except StatusError as error:
            raise _refusal(error) from None
        envelope = _envelope(answer)
        data = envelope.get("data")
        if isinstance(data, dict) and "result" in data and data["result"] is None:
            data["result"] = []  # how Go writes a list that nothing was put into
        if not isinstance(data, dict) or data.get("resultType") != kind or not isinstance(data.get("result"), list):
            raise _foreign()
        warning, info = (_first(_of_parts(envelope.get(name))) for name in ("warnings", "infos"))
        if not warning and envelope.get("isPartial") is True:
            warning = PARTIAL
        labels: list[Labelled] = []
        points: list[Sequence[Sequence[Any]]] = []
        for one in data["result"]:
            reported = _points(one, kind)
            if reported is not None:
                labels.append(one["metric"])
                points.append(reported)
        return Found(labels, points, warning, info, "isPartial" in envelope)


def _points(one: Any, kind: str) -> Sequence[Sequence[Any]] | None:
    """The points of one series; None of one that has histograms of the native kind only."""
    metric = one.get("metric") if isinstance(one, dict) else None
    if not isinstance(metric, dict) or not all(isinstance(value, str) for value in metric.values()):
        raise CollectError(ErrorKind.MALFORMED, "a series without its labels")
    points = [one["value"]] if kind == "vector" and "value" in one else one.get("values")
    if points is None:
        return None
    if not isinstance(points, list):
        raise CollectError(ErrorKind.MALFORMED, "a series whose values are no list")
    return points


def _envelope(answer: Answer) -> dict[str, Any]:
    answer.refuse_foreign("Prometheus' API")
    try:
        envelope = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise CollectError(ErrorKind.MALFORMED, redact(f"not JSON: {error}", MAX_WORDS)) from None
    if not isinstance(envelope, dict) or envelope.get("status") != "success":
        raise _foreign()
    return envelope


def _of_parts(remarks: Any) -> list[Any]:
    """Remarks about parts of the answer: those about the question cost nothing of it."""
    every = remarks if isinstance(remarks, list) else []
    return [one for one in every if not text_of(one).startswith(ABOUT_THE_QUESTION)]


def _first(words: list[Any]) -> str:
    """The first of a list of remarks; '' when there is none."""
    return redact(text_of(words[0]), MAX_WORDS) if words else ""


def _data(answer: Answer) -> Any:
    return _envelope(answer).get("data")


def _foreign() -> CollectError:
    return CollectError(ErrorKind.WRONG_PROTOCOL, "answered something else than Prometheus' API does")


def _refusal(error: StatusError) -> CollectError:
    """The server's own words, where it has some."""
    try:
        reported = orjson.loads(error.body)
    except orjson.JSONDecodeError:
        reported = None
    if error.status == 404 and not isinstance(reported, dict):
        return CollectError(ErrorKind.NOT_OFFERED, "no Prometheus API at this address (HTTP 404)")
    if not isinstance(reported, dict) or not isinstance(reported.get("error"), str):
        return error
    return CollectError(error.kind, redact(f"HTTP {error.status}: {reported['error']}", MAX_WORDS))
