from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.signoz.server import SigNoz
from simulator.traffic.effects import Effects, PatternEffect
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
NOW = START + 300
Ask = Callable[..., tuple[int, Any]]


def test_version_and_health_are_bare_and_open(ask: Ask, model: TrafficModel) -> None:
    locked = SigNoz(model, lambda: NOW, key="k")
    assert ask(locked, "/api/v1/version") == (200, {"version": "v0.129.0", "ee": "Y", "setupCompleted": True})
    assert ask(locked, "/api/v1/health") == (200, {"status": "ok"})
    status, body = ask(locked, "/api/v2/healthz")
    assert (status, body["data"]["healthy"]) == (200, True)


def test_a_key_is_asked_for_where_there_is_one(ask: Ask, model: TrafficModel) -> None:
    locked = SigNoz(model, lambda: NOW, key="k")
    for headers in ({}, {"signoz-api-key": "wrong"}):
        status, body = ask(locked, "/api/v1/rules", headers=headers)
        assert (status, body["status"], body["error"]["code"]) == (401, "error", "unauthenticated")
    assert ask(locked, "/api/v1/rules", headers={"signoz-api-key": "k"})[0] == 200


@pytest.mark.parametrize("path", ["/", "/api/v2/alerts", "/api/v5/query_range", "/api/v1/rules/1/history/timeline"])
def test_unknown_routes_and_methods_are_the_web_page(ask: Ask, signoz: SigNoz, path: str) -> None:
    assert ask(signoz, path) == (200, "text/html; charset=utf-8")


def test_an_old_version_has_v3_and_answers_v5_with_its_web_page(ask: Ask, model: TrafficModel) -> None:
    old = SigNoz(model, lambda: NOW, version="v0.39.0")
    assert ask(old, "/api/v5/query_range", {})[1] == "text/html; charset=utf-8"
    assert ask(old, "/api/v1/stats")[1] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/api/v3/query_range", "/api/v5/query_range"])
@pytest.mark.parametrize("body", [None, [], {}, {"start": 1}, "x"])
def test_requests_that_make_no_sense_are_400(ask: Ask, signoz: SigNoz, path: str, body: Any) -> None:
    assert ask(signoz, path, body)[0] == 400


def test_the_restart_loop_is_the_one_open_alert(ask: Ask, signoz: SigNoz) -> None:
    (alert,) = ask(signoz, "/api/v1/alerts")[1]["data"]
    assert alert["labels"]["alertname"] == "Pattern restart loop"
    assert (alert["labels"]["severity"], alert["labels"]["pattern"], alert["labels"]["ruleId"]) == (
        "warning",
        "nats",
        "1",
    )
    assert (alert["status"]["state"], alert["receivers"]) == ("active", ["default"])
    assert alert["startsAt"] < alert["endsAt"]
    rules = ask(signoz, "/api/v1/rules")[1]["data"]["rules"]
    assert [rule["alert"] for rule in rules if rule["state"] == "firing"] == ["Pattern restart loop"]
    assert {rule["state"] for rule in rules} == {"firing", "inactive"}


def test_history_reports_of_the_pool_that_got_well_a_quarter_of_an_hour_before(ask: Ask, signoz: SigNoz) -> None:
    body = {
        "start": 0,
        "end": int(NOW * 1000),
        "state": "",
        "filters": {"op": "AND", "items": []},
        "offset": 0,
        "limit": 9,
    }
    status, answer = ask(signoz, "/api/v1/rules/4/history/timeline", body)
    assert status == 200
    items = answer["data"]["items"]
    assert [(item["state"], START - item["unixMilli"] / 1000) for item in items] == [
        ("inactive", 900),
        ("firing", 1320),
    ]
    assert isinstance(items[0]["fingerprint"], int)
    assert items[0]["labels"]["pattern"] == "redis"
    assert len(ask(signoz, "/api/v1/rules/4/history/timeline", body | {"state": "firing"})[1]["data"]["items"]) == 1
    assert ask(signoz, "/api/v1/rules/99/history/timeline", body)[0] == 404
    assert ask(signoz, "/api/v1/rules/4/history/timeline", {})[0] == 400


def test_a_restart_shows_in_alerts_and_history(ask: Ask) -> None:
    traffic_model = TrafficModel(default_scenario(), 1, START, history=False)
    now = START + 10
    signoz = SigNoz(traffic_model, lambda: now)
    traffic_model.change(Effects(patterns={"redis": PatternEffect(down=True)}), START + 5)
    names = {one["labels"]["alertname"] for one in ask(signoz, "/api/v1/alerts")[1]["data"]}
    assert "Pattern down" in names
    traffic_model.change(Effects(), now)
    now += 2
    open_now = {
        (one["labels"]["alertname"], one["labels"].get("pattern")) for one in ask(signoz, "/api/v1/alerts")[1]["data"]
    }
    assert ("Pattern restarted", "redis") in open_now
    assert ("Pattern down", "redis") not in open_now


def test_statistics_say_when_the_newest_span_came(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    reported = ask(signoz, "/api/v1/stats")[1]["data"]
    assert reported["telemetry.traces.count"] == model.pipeline.signals["spans"].sent
    assert reported["telemetry.traces.last_observed.time_unix"] == int(NOW)
