"""A SigNoz that answers in the shapes of its versions, and what is to be read from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from collectors.signoz.collector import SignozCollector
from model.series import Scrape
from model.settings import SourceOptions
from tests.collectors.conftest import Answers, Asked, HttpServer, Reply

OPTIONS = SourceOptions(interval_seconds=1.0, timeout_seconds=3.0)
Http = Callable[[Answers], HttpServer]
NOW = 1_762_506_000.0
HTML = Reply(200, b"<!doctype html><html>SigNoz</html>", {"Content-Type": "text/html"})
COLUMNS = [
    {"name": "name", "queryName": "A", "aggregationIndex": 0, "columnType": "group"},
    *({"name": f"__result_{n}", "aggregationIndex": n, "columnType": "aggregation"} for n in reversed(range(8))),
]
V5 = {
    "type": "scalar",
    "data": {
        "results": [
            {"queryName": "B", "columns": [], "data": []},
            {
                "queryName": "A",
                "columns": COLUMNS,
                "data": [
                    ["KeyValue.Get", 9_000_000, "NaN", 760_000, None, 540_000, "375000", 2, 1000],
                    [None, "n/a", "Inf", "", None, 1, 1, 0, 3],
                ],
            },
        ]
    },
}


def v3_series(**values: str) -> list[dict[str, Any]]:
    return [{"labels": {"name": name}, "values": [{"timestamp": 1, "value": value}]} for name, value in values.items()]


V3 = {
    "resultType": "",
    "result": [
        {"queryName": "F", "series": v3_series(get="760000"), "list": None},
        {"queryName": "A", "series": v3_series(get="1000", set="10"), "list": None},
        {"queryName": "B", "series": v3_series(get="2"), "list": None},
        {"queryName": "C", "series": v3_series(get="375000", gone="1"), "list": None},
        {"queryName": "D", "series": None},
    ],
}


def alert(name: str = "Pool full", starts: str = "2025-11-07T08:50:00Z", **labels: str) -> dict[str, Any]:
    return {
        "labels": {"alertname": name, "severity": "critical", "ruleId": "7", "ruleSource": "http://x", **labels},
        "annotations": {"description": "words of it", "summary": "s"},
        "startsAt": starts,
        "endsAt": "0001-01-01T00:00:00Z",
        "status": {"state": "active"},
        "receivers": ["default"],
        "fingerprint": "00f0",
    }


def item(state: str, at: float, **extra: Any) -> dict[str, Any]:
    return {
        "ruleID": "7", "ruleName": "Pool full", "state": state, "stateChanged": True, "unixMilli": int(at * 1000),
        "labels": {"pattern": "redis"}, "fingerprint": 13365505941756604461, **extra,
    }  # fmt: skip


class Signoz:
    """A SigNoz with these facts; routes that are not among them are the web page."""

    def __init__(self, http: Http, version: str = "v0.138.0", key: str = "") -> None:
        self.alerts: Any = []
        self.history: list[dict[str, Any]] = []
        self.key = key
        self.routes: dict[tuple[str, str], Callable[[Asked], Any]] = {
            ("GET", "/api/v1/version"): lambda asked: Reply.of({"version": version, "ee": "Y"}),
            ("GET", "/api/v1/alerts"): lambda asked: self.alerts,
            ("GET", "/api/v1/rules"): lambda asked: {
                "rules": [{"id": "7", "alert": "Pool full", "labels": {"severity": "critical"}}]
            },
            ("POST", "/api/v1/rules/7/history/timeline"): lambda asked: {"items": self.history, "total": 1},
            ("POST", "/api/v5/query_range"): lambda asked: V5,
            ("POST", "/api/v3/query_range"): lambda asked: V3,
        }
        self.server = http(self._answer)

    def _answer(self, asked: Asked) -> Reply:
        route = self.routes.get((asked.method, asked.path))
        if route is None:
            return HTML
        if self.key and asked.path != "/api/v1/version" and asked.headers.get("signoz-api-key") != self.key:
            return Reply.of({"status": "error", "error": {"code": "unauthenticated", "message": "no"}}, 401)
        reported = route(asked)
        return reported if isinstance(reported, Reply) else Reply.of({"status": "success", "data": reported})

    def collector(self, key: str = "", version: str = "auto") -> SignozCollector:
        return SignozCollector(self.server.url, key, version, OPTIONS)

    def asked(self, path: str) -> int:
        return sum(asked.path == path for asked in self.server.asked)


def read(collector: SignozCollector, at: float = NOW) -> Scrape:
    return collector.collect(lambda: at)


def figures(scrape: Scrape) -> dict[tuple[str, ...], float]:
    return {
        (s.series.name.removeprefix("signoz_operation_"), *(v for k, v in s.series.labels if k != "instance")): s.value
        for s in scrape.samples()
        if s.series.name.startswith("signoz_operation_")
    }


V5_FIGURES = {
    ("spans", "KeyValue.Get"): 1000.0,
    ("error_spans", "KeyValue.Get"): 2.0,
    ("duration_seconds", "KeyValue.Get", "0.5"): pytest.approx(0.000375),
    ("duration_seconds", "KeyValue.Get", "0.9"): pytest.approx(0.00054),
    ("duration_seconds", "KeyValue.Get", "0.99"): pytest.approx(0.00076),
    ("duration_seconds", "KeyValue.Get", "max"): pytest.approx(0.009),
    ("spans", ""): 3.0,
    ("error_spans", ""): 0.0,
    ("duration_seconds", "", "0.5"): pytest.approx(1e-9),
    ("duration_seconds", "", "0.9"): pytest.approx(1e-9),
}
V3_FIGURES = {
    ("spans", "get"): 1000.0,
    ("error_spans", "get"): 2.0,
    ("duration_seconds", "get", "0.5"): pytest.approx(0.000375),
    ("duration_seconds", "get", "0.99"): pytest.approx(0.00076),
    ("spans", "set"): 10.0,
    ("error_spans", "set"): 0.0,
}
