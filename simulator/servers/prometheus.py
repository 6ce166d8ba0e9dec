"""A stand-in for the Prometheus that scraped Prism until it started: its HTTP API, over nothing but the past."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from simulator.past.families import Labels, Values
from simulator.past.past import Floats, Past
from simulator.past.promql import PromQLError, evaluate
from simulator.past.scrapes import Scrapes, Target, TooManyError, Vector
from simulator.sockets.http import NOT_FOUND, Request, Response, json_response

MOST_STEPS = 11_000
NAMES = "/api/v1/label/__name__/values"


class Prometheus:
    """GET and POST /api/v1/query, /api/v1/query_range, the names of all series, /-/healthy and /-/ready.

    Without a past it has scraped nothing.
    """

    def __init__(self, past: Past | None, clock: Callable[[], float], targets: Callable[[], Sequence[Target]]) -> None:
        self._scrapes = None if past is None else Scrapes(past, targets)
        self._clock = clock

    def __call__(self, request: Request) -> Response:
        """Route."""
        if request.path in ("/-/healthy", "/-/ready"):
            return Response(b"Prometheus Server is Ready.\n")
        form = {**request.query, **dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))}
        answers: dict[str, Callable[[Mapping[str, str]], Response]] = {
            "/api/v1/query": self._instant,
            "/api/v1/query_range": self._range,
            NAMES: lambda _: _success([] if self._scrapes is None else self._scrapes.names()),
        }
        answer = answers.get(request.path)
        if answer is None:
            return NOT_FOUND
        try:
            return answer(form)
        except (PromQLError, ValueError) as error:
            return _failure("bad_data", str(error), 400)
        except TooManyError:
            return _failure("execution", "query processing would load too many samples into memory", 422)

    def _instant(self, form: Mapping[str, str]) -> Response:
        at = float(form.get("time") or self._clock())
        found = self._found(form, np.array([at]))
        lines = [
            _series(labels, f'"value":[{at!r},"{text}"]')
            for labels, values in zip(found.labels, found.values, strict=True)
            for text in _texts(values)
        ]
        return _data("vector", lines)

    def _range(self, form: Mapping[str, str]) -> Response:
        start, end, step = (float(form.get(name, "nan")) for name in ("start", "end", "step"))
        if not (step > 0 and end >= start):
            raise ValueError("invalid parameter: start, end and step must be numbers, with step > 0 and end >= start")
        steps = int((end - start) / step + 1e-9) + 1
        if steps > MOST_STEPS:
            raise ValueError("exceeded maximum resolution of 11,000 points per timeseries")
        times = start + step * np.arange(steps)
        found = self._found(form, times)
        heads = [f"[{at:.15g}," for at in times.tolist()]
        lines = [
            _series(labels, f'"values":[{points}]')
            for labels, values in zip(found.labels, found.values, strict=True)
            if (points := _points(heads, values))
        ]
        return _data("matrix", lines)

    def _found(self, form: Mapping[str, str], times: Floats) -> Vector:
        if self._scrapes is None:
            return Vector([], [], times)
        return evaluate(form.get("query", ""), self._scrapes, times)


def _points(heads: Sequence[str], values: Values) -> str:
    if np.issubdtype(values.dtype, np.integer):
        return ",".join([f'{head}"{value}"]' for head, value in zip(heads, values.tolist(), strict=True)])
    kept = np.flatnonzero(~np.isnan(values)).tolist()
    return ",".join([f'{heads[at]}"{text}"]' for at, text in zip(kept, _texts(values), strict=True)])


def _texts(values: Values) -> list[str]:
    """As Prometheus writes numbers: the shortest that is the same, without an exponent; nothing for NaN."""
    if np.issubdtype(values.dtype, np.integer):
        return [str(value) for value in values.tolist()]
    return [_number(value) for value in values.tolist() if value == value]


def _number(value: float) -> str:
    text = repr(value)
    return np.format_float_positional(value, trim="-") if "e" in text else text.removesuffix(".0")


def _series(labels: Labels, points: str) -> str:
    return f'{{"metric":{json.dumps(labels)},{points}}}'


def _data(kind: str, lines: Sequence[str]) -> Response:
    body = f'{{"status":"success","data":{{"resultType":"{kind}","result":[{",".join(lines)}]}}}}'
    return Response(body.encode(), "application/json")


def _success(data: Any) -> Response:
    return json_response({"status": "success", "data": data})


def _failure(kind: str, words: str, status: int) -> Response:
    return json_response({"status": "error", "errorType": kind, "error": words}, status)
