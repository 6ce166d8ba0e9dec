"""SigNoz over two years of its versions: routes, shapes, refusals, and every alert edge told once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from collectors.contract import PartialReadError
from collectors.signoz import SignozCollector
from model.series import Event, Scrape, Severity
from model.settings import SourceOptions
from model.sources import CollectError, ErrorKind
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
        told = route(asked)
        return told if isinstance(told, Reply) else Reply.of({"status": "success", "data": told})

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


def test_v5_answers_become_figures_in_base_units_and_what_is_no_number_is_missing(http: Http) -> None:
    assert figures(read(Signoz(http).collector())) == V5_FIGURES


@pytest.mark.parametrize(
    ("version", "path"),
    [("v0.39.0", "v3"), ("0.91.9", "v3"), ("v0.92.0", "v5"), ("v1.2.3", "v5"), ("dev-abc", "v5"), ("", "v5")],
)
def test_the_version_decides_which_query_api_is_used(http: Http, version: str, path: str) -> None:
    signoz = Signoz(http, version)
    collector = signoz.collector()
    for _ in range(3):
        assert figures(read(collector)) == (V5_FIGURES if path == "v5" else V3_FIGURES)
    assert signoz.asked(f"/api/{path}/query_range") == 3
    assert signoz.asked("/api/v1/version") == 1


@pytest.mark.parametrize(
    "absent", [HTML, Reply(404, b"404 page not found"), Reply(405, b"")], ids=["html", "404", "405"]
)
def test_an_absent_v5_falls_back_to_v3_once(http: Http, absent: Reply) -> None:
    signoz = Signoz(http, "dev")
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: absent
    collector = signoz.collector()
    for _ in range(2):
        assert figures(read(collector)) == V3_FIGURES
    assert signoz.asked("/api/v5/query_range") == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ErrorKind.HTTP_ERROR),
        (401, ErrorKind.UNAUTHENTICATED),
        (403, ErrorKind.REFUSED),
        (500, ErrorKind.HTTP_ERROR),
    ],
)
def test_a_refused_query_does_not_fall_back_and_the_alerts_are_kept(http: Http, status: int, kind: ErrorKind) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert()]
    refusal = {"status": "error", "errorType": "bad_data", "error": "token=opensesame is no good"}
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: Reply.of(refusal, status)
    with pytest.raises(PartialReadError) as caught:
        read(signoz.collector())
    assert caught.value.kind is kind
    assert "is no good" in caught.value.detail
    assert "opensesame" not in caught.value.detail
    assert [series.name for series in caught.value.scrape.series] == [
        "signoz_alert_active", "signoz_alert_starts_at_seconds",
    ]  # fmt: skip
    assert len(caught.value.scrape.events) == 1
    assert signoz.asked("/api/v3/query_range") == 0


@pytest.mark.parametrize("version", ["v3", "v5"])
def test_a_pinned_version_is_used_and_nothing_else(http: Http, version: str) -> None:
    signoz = Signoz(http)
    assert figures(read(signoz.collector(version=version))) == (V5_FIGURES if version == "v5" else V3_FIGURES)
    assert signoz.asked("/api/v1/version") == 0
    del signoz.routes["POST", f"/api/{version}/query_range"]
    with pytest.raises(CollectError) as caught:
        read(signoz.collector(version=version))
    assert caught.value.kind is ErrorKind.WRONG_PROTOCOL


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": "error", "error": {"message": "bad", "errors": [{"message": "key `name` not found"}]}},
        {"status": "error", "errorType": "bad_data", "error": "key service.name not found"},
    ],
)  # fmt: skip
def test_a_key_that_nothing_carries_yet_is_no_data_and_no_failure(http: Http, refusal: dict[str, Any]) -> None:
    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: Reply.of(refusal, 400)
    assert figures(read(signoz.collector())) == {}


@pytest.mark.parametrize("data", [None, [], {"data": 5}, {"data": {"results": [{"queryName": "A", "data": [[1]]}]}}])
def test_another_shape_is_malformed(http: Http, data: Any) -> None:
    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: data
    with pytest.raises(PartialReadError) as caught:
        read(signoz.collector())
    assert caught.value.kind is ErrorKind.MALFORMED


def test_no_spans_at_all_is_an_answer(http: Http) -> None:
    signoz = Signoz(http)
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: {"type": "scalar", "data": {"results": None}}
    assert figures(read(signoz.collector())) == {}


def test_the_key_is_sent_and_a_wrong_one_is_unauthenticated(http: Http) -> None:
    signoz = Signoz(http, key="k1")
    assert figures(read(signoz.collector("k1"))) == V5_FIGURES
    with pytest.raises(CollectError) as caught:
        read(signoz.collector("k2"))
    assert caught.value.kind is ErrorKind.UNAUTHENTICATED


def test_an_answer_with_status_200_may_be_an_error(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = Reply.of({"status": "error", "errorType": "internal", "error": "no alertmanager"})
    with pytest.raises(CollectError, match="no alertmanager"):
        read(signoz.collector())


def test_the_base_address_may_hold_a_path(http: Http) -> None:
    server = http(lambda asked: Reply.of([]) if asked.path == "/signoz/api/v1/alerts" else HTML)
    with pytest.raises(PartialReadError):
        read(SignozCollector(f"{server.url}/signoz", "", "v5", OPTIONS))


# Alerts.


def actives(scrape: Scrape) -> list[dict[str, str]]:
    return [dict(series.labels) for series in scrape.series if series.name == "signoz_alert_active"]


def test_open_alerts_become_samples_with_their_useful_labels(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert(pattern="redis", password="opensesame", value="9", instance="b:1")]
    scrape = read(signoz.collector())
    (labels,) = actives(scrape)
    assert labels.items() >= {
        "alertname": "Pool full", "severity": "critical", "pattern": "redis", "alert_state": "active", "value": "9",
        "exported_instance": "b:1", "instance": scrape.instance, "password": "[removed]",
    }.items()  # fmt: skip
    assert "ruleSource" not in labels
    starts = [s for s in scrape.samples() if s.series.name == "signoz_alert_starts_at_seconds"]
    assert [(s.series.label("fingerprint"), s.value) for s in starts] == [(labels["fingerprint"], NOW - 600)]


@pytest.mark.parametrize("wrap", [lambda data: data, lambda data: json.dumps({"status": "success", "data": data})])
def test_the_list_of_alerts_may_be_encoded_twice(http: Http, wrap: Callable[[Any], Any]) -> None:
    signoz = Signoz(http)
    signoz.alerts = wrap([alert()])
    assert len(actives(read(signoz.collector()))) == 1


@pytest.mark.parametrize("alerts", [5, "not json", {"data": 5}])
def test_a_list_of_alerts_that_is_none_is_malformed(http: Http, alerts: Any) -> None:
    signoz = Signoz(http)
    signoz.alerts = alerts
    with pytest.raises(CollectError) as caught:
        read(signoz.collector())
    assert caught.value.kind is ErrorKind.MALFORMED


@pytest.mark.parametrize("one", [{}, {"labels": None, "startsAt": 5, "status": "x"}, {"labels": {"a": None}}, 5, None])
def test_an_alert_with_almost_nothing_is_still_one(http: Http, one: Any) -> None:
    signoz = Signoz(http)
    signoz.alerts = [one]
    assert len(actives(read(signoz.collector()))) == (1 if isinstance(one, dict) else 0)


def edges(events: list[Event]) -> list[tuple[str | None, float]]:
    return [(event.label("state"), event.time) for event in events]


def test_each_edge_is_told_once(http: Http) -> None:
    signoz = Signoz(http)
    collector = signoz.collector()
    assert read(collector).events == []
    signoz.alerts = [alert(pattern="redis")]
    (begun,) = read(collector, NOW + 1).events
    assert (begun.kind, begun.severity, begun.time) == ("signoz_alert", Severity.CRITICAL, NOW - 600)
    assert begun.message == "words of it"
    assert begun.label("pattern") == "redis"
    assert read(collector, NOW + 2).events == []
    signoz.alerts = []
    assert edges(read(collector, NOW + 3).events) == [("resolved", NOW + 3)]
    assert read(collector, NOW + 4).events == []
    signoz.alerts = [alert(pattern="redis")]
    assert edges(read(collector, NOW + 5).events) == [("firing", NOW + 5)]


def test_beginning_end_and_sample_share_one_fingerprint(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert(pattern="redis")]
    signoz.history = [item("firing", NOW - 600)]
    collector = signoz.collector()
    first = read(collector)
    signoz.alerts = []
    events = [*first.events, *read(collector, NOW + 1).events]
    assert edges(events) == [("firing", NOW - 600), ("resolved", NOW + 1)]
    assert {event.label("fingerprint") for event in events} == {actives(first)[0]["fingerprint"]}


def test_a_source_that_cannot_be_read_resolves_nothing(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert()]
    collector = signoz.collector()
    read(collector)
    signoz.alerts = Reply(500, b"")
    with pytest.raises(CollectError):
        read(collector, NOW + 1)
    signoz.alerts = [alert()]
    assert read(collector, NOW + 2).events == []


def test_the_history_of_the_last_day_is_read_once(http: Http) -> None:
    signoz = Signoz(http)
    signoz.history = [
        item("inactive", NOW - 900), item("firing", NOW - 1320), item("pending", NOW - 1400),
        item("firing", NOW - 1000, stateChanged=False), item("firing", 0),
    ]  # fmt: skip
    collector = signoz.collector()
    assert edges(read(collector).events) == [("firing", NOW - 1320), ("resolved", NOW - 900)]
    assert read(collector, NOW + 1).events == []
    bodies = [asked.body for asked in signoz.server.asked if asked.path.endswith("timeline")]
    assert [(body["start"], body["end"]) for body in bodies] == [(int((NOW - 86400) * 1000), int(NOW * 1000))]


def test_after_a_gap_the_history_tells_what_happened_meanwhile(http: Http) -> None:
    signoz = Signoz(http)
    collector = signoz.collector()
    read(collector)
    signoz.history = [item("firing", NOW + 100), item("inactive", NOW + 200)]
    assert edges(read(collector, NOW + 1000).events) == [("firing", NOW + 100), ("resolved", NOW + 200)]


def test_an_edge_that_both_history_and_list_tell_is_one(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert(pattern="redis")]
    signoz.history = [item("firing", NOW - 595)]
    assert edges(read(signoz.collector()).events) == [("firing", NOW - 595)]


def test_a_restarted_collector_tells_no_edge_again(http: Http) -> None:
    signoz = Signoz(http)
    signoz.history = [item("firing", NOW - 3000), item("inactive", NOW - 2000), item("firing", NOW - 600)]
    signoz.alerts = [alert(pattern="redis")]
    told = read(signoz.collector()).events
    assert len(told) == 3
    again = signoz.collector()
    again.restore(told)
    assert read(again, NOW + 30).events == []
    signoz.alerts = []
    assert edges(read(again, NOW + 60).events) == [("resolved", NOW + 60)]


def test_the_newer_history_route_and_shape_are_understood(http: Http) -> None:
    signoz = Signoz(http)
    del signoz.routes["POST", "/api/v1/rules/7/history/timeline"], signoz.routes["GET", "/api/v1/rules"]
    signoz.routes["GET", "/api/v2/rules"] = lambda asked: [{"id": "7", "alert": "Pool full", "labels": None}]
    labels = [{"key": {"name": "pattern"}, "value": "redis"}, {"key": {"name": "severity"}, "value": "info"}, 5]
    signoz.routes["GET", "/api/v2/rules/7/history/timeline"] = lambda asked: {
        "items": [item("firing", NOW - 50, labels=labels)], "nextCursor": "",
    }  # fmt: skip
    (event,) = read(signoz.collector()).events
    assert (event.label("pattern"), event.severity, event.message) == ("redis", Severity.INFO, "Pool full")


def test_a_version_without_history_has_none(http: Http) -> None:
    signoz = Signoz(http, "v0.39.0")
    del signoz.routes["POST", "/api/v1/rules/7/history/timeline"]
    assert figures(read(signoz.collector())) == V3_FIGURES


def test_a_history_that_fails_does_not_hide_the_alerts(http: Http) -> None:
    signoz = Signoz(http)
    signoz.alerts = [alert()]
    signoz.routes["GET", "/api/v1/rules"] = lambda asked: Reply(500, b"no")
    collector = signoz.collector()
    with pytest.raises(PartialReadError) as caught:
        read(collector)
    assert edges(caught.value.scrape.events) == [("firing", NOW - 600)]
