"""Failed token checks: what is counted, what is reported one by one, and what the proxy's counters say are the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from simulator.signoz.server import SigNoz
from simulator.traffic.auth_log import CROWD, KEEP_SLOTS, KEEP_SPANS, SLOT_SECONDS, AuthLog
from simulator.traffic.effects import Effects
from simulator.traffic.scenario import AUTH_FAILURE_REASONS, default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
NOW = START + 300
Ask = Callable[..., tuple[int, Any]]
FAILED = "service.name = 'prism-proxy' AND name = 'prism.auth.verify' AND has_error = true"


def v5(kind: str, *specs: dict[str, Any]) -> dict[str, Any]:
    queries = [
        {"type": "builder_query", "spec": {"name": chr(65 + at), "signal": "traces",
                                           "filter": {"expression": FAILED}, **spec}}
        for at, spec in enumerate(specs)
    ]  # fmt: skip
    return {"schemaVersion": "v1", "start": int(START * 1000), "end": int(NOW * 1000), "requestType": kind,
            "compositeQuery": {"queries": queries}}  # fmt: skip


def v3(panel: str, **query: Any) -> dict[str, Any]:
    keys = {"serviceName": "prism-proxy", "name": "prism.auth.verify", "hasError": True}
    items = [{"key": {"key": key}, "op": "=", "value": value} for key, value in keys.items()]
    asked = {"queryName": "A", "expression": "A", "dataSource": "traces", "aggregateOperator": "count",
             "filters": {"op": "AND", "items": items}, **query}  # fmt: skip
    return {"start": int(START * 1000), "end": int(NOW * 1000), "step": 60,
            "compositeQuery": {"queryType": "builder", "panelType": panel, "builderQueries": {"A": asked}}}  # fmt: skip


def results(answer: tuple[int, Any]) -> list[dict[str, Any]]:
    status, body = answer
    assert status == 200, body
    found: list[dict[str, Any]] = body["data"]["data"]["results"]
    return found


def by(key: str, *expressions: str, limit: int = 100) -> dict[str, Any]:
    return {
        "aggregations": [{"expression": one} for one in expressions],
        "groupBy": [{"name": key, "fieldContext": "attribute"}],
        "order": [{"key": {"name": "count()"}, "direction": "desc"}],
        "limit": limit,
    }


def test_somebody_of_the_crowd_fails_for_each_reason_of_the_scene() -> None:
    assert {one.reason for one in CROWD} == set(AUTH_FAILURE_REASONS)


def test_counts_by_reason_are_those_of_the_books(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    (found,) = results(ask(signoz, "/api/v5/query_range", v5("scalar", by("reason", "count()"))))
    assert dict(found["data"]) == model.auth.failures
    counts = [count for _, count in found["data"]]
    assert counts == sorted(counts, reverse=True)


def test_one_address_stands_out_with_its_users(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    asked = by("client.address", "count()", "count_distinct(enduser.id)")
    (found,) = results(ask(signoz, "/api/v5/query_range", v5("scalar", asked)))
    reported = {address: (count, users) for address, count, users in found["data"]}
    assert reported["10.0.2.12"][1] == 4
    assert reported["10.0.3.88"][1] == 0, "a missing token names nobody"
    assert sum(count for count, _ in reported.values()) == sum(model.auth.failures.values())
    assert reported["10.0.2.12"][0] > model.auth.failures["invalid_signature"] / 2


def test_two_groupings_in_one_request(ask: Ask, signoz: SigNoz) -> None:
    two = v5("scalar", by("enduser.id", "count()", limit=3), by("reason", "count()"))
    users, reasons = results(ask(signoz, "/api/v5/query_range", two))
    assert (users["queryName"], len(users["data"]), reasons["queryName"]) == ("A", 3, "B")


def test_the_newest_are_reported_one_by_one_as_often_as_counted(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    (found,) = results(ask(signoz, "/api/v5/query_range", v5("raw", {"limit": 10_000})))
    times = [row["timestamp"] for row in found["rows"]]
    assert times == sorted(times, reverse=True)
    assert Counter(row["data"]["reason"] for row in found["rows"]) == Counter(model.auth.failures)
    assert len({row["data"]["span_id"] for row in found["rows"]}) == len(found["rows"])
    first = found["rows"][0]["data"]
    assert first["client.address"]
    assert first["has_error"] == "true"
    assert all("enduser.id" not in row["data"] for row in found["rows"] if row["data"]["reason"] == "missing_token")


def test_a_limit_a_window_and_an_address_cut_the_list(ask: Ask, signoz: SigNoz) -> None:
    only = v5("raw", {"limit": 7, "filter": {"expression": FAILED + " AND attribute.client.address = '10.0.2.12'"}})
    only["end"] = int((START + 100) * 1000)
    (found,) = results(ask(signoz, "/api/v5/query_range", only))
    assert len(found["rows"]) == 7
    assert {row["data"]["client.address"] for row in found["rows"]} == {"10.0.2.12"}
    assert found["rows"][0]["timestamp"] < "2023-11-14T22:15:00.000Z"


@pytest.mark.parametrize("negated", ["has_error != true", "has_error = false"])
def test_checks_that_succeed_are_not_kept(ask: Ask, signoz: SigNoz, negated: str) -> None:
    good = {"filter": {"expression": f"name = 'prism.auth.verify' AND {negated}"}}
    (found,) = results(ask(signoz, "/api/v5/query_range", v5("raw", good)))
    assert found["rows"] == []


def test_v3_reports_the_same(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    status, body = ask(signoz, "/api/v3/query_range", v3("table", groupBy=[{"key": "reason"}]))
    assert status == 200
    series = body["data"]["result"][0]["series"]
    assert {one["labels"]["reason"]: int(one["values"][0]["value"]) for one in series} == model.auth.failures
    status, body = ask(signoz, "/api/v3/query_range", v3("list", aggregateOperator="noop", limit=5))
    rows = body["data"]["result"][0]["list"]
    assert (status, len(rows)) == (200, 5)
    assert rows[0]["data"]["client.address"]


def test_a_burst_of_refusals_is_counted_whole_and_held_in_bounds() -> None:
    traffic_model = TrafficModel(default_scenario(), seed=3, now=START, history=False)
    traffic_model.change(Effects(auth_failure_ratio=0.5), START)
    traffic_model.advance(START + 20)
    failed = sum(traffic_model.auth.failures.values())
    assert failed > 2 * KEEP_SPANS
    assert traffic_model.auth_log.counts(START - SLOT_SECONDS, START + 60).sum() == failed
    reported = list(traffic_model.auth_log.newest(START, START + 60))
    assert len(reported) == KEEP_SPANS
    assert [one.number for one in reported[:2]] == [failed - 1, failed - 2]


def test_a_day_of_counts_is_kept_and_no_more() -> None:
    log = AuthLog()
    for number in range(KEEP_SLOTS + 50):
        at = START + number * SLOT_SECONDS
        log.book(at, at + 1, {"missing_token": number + 1})
    assert log.counts(0, START * 2).sum() == KEEP_SLOTS
