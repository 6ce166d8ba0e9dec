from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.signoz.server import SigNoz
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
NOW = START + 300
Ask = Callable[..., tuple[int, Any]]


def v3(panel: str, **queries: dict[str, Any]) -> dict[str, Any]:
    def query(name: str, given: dict[str, Any]) -> dict[str, Any]:
        service = {
            "key": {"key": "serviceName", "dataType": "string", "type": "tag"},
            "op": "=",
            "value": "prism-proxy",
        }
        return {
            "queryName": name,
            "expression": name,
            "dataSource": "traces",
            "aggregateAttribute": {"key": "durationNano", "dataType": "float64", "type": "tag", "isColumn": True},
            "groupBy": [{"key": "name", "dataType": "string", "type": "tag", "isColumn": True}],
            "filters": {"op": "AND", "items": [service, *given.pop("items", [])]},
            **given,
        }

    return {
        "start": int(START * 1000),
        "end": int((NOW + 60) * 1000),
        "step": 60,
        "unknown": True,
        "compositeQuery": {
            "queryType": "builder",
            "panelType": panel,
            "builderQueries": {name: query(name, given) for name, given in queries.items()},
        },
    }


def test_v3_has_one_aggregate_per_query_and_values_as_text(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    fast = {"key": {"key": "durationNano"}, "op": "<", "value": 10_000_000}
    body = v3(
        "table",
        A={"aggregateOperator": "count"},
        B={"aggregateOperator": "p99"},
        C={"aggregateOperator": "count", "items": [fast]},
    )
    status, answer = ask(signoz, "/api/v3/query_range", body)
    assert status == 200
    results = {one["queryName"]: one for one in answer["data"]["result"]}
    assert set(results) == {"A", "B", "C"}
    assert all(one["list"] is None for one in results.values())
    counts = [int(series["values"][0]["value"]) for series in results["A"]["series"]]
    assert sum(counts) == model.requests().sum()
    for series in results["B"]["series"]:
        assert series["labels"] == series["labelsArray"][0]
        assert 5e5 < float(series["values"][0]["value"]) < 2e6
    under = sum(int(series["values"][0]["value"]) for series in results["C"]["series"])
    assert 0.999 * sum(counts) < under <= sum(counts)


def test_v3_graphs_hold_the_same_counts_over_time(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    status, answer = ask(
        signoz, "/api/v3/query_range", v3("graph", A={"aggregateOperator": "count", "stepInterval": 60})
    )
    assert status == 200
    points = [point for series in answer["data"]["result"][0]["series"] for point in series["values"]]
    assert sum(int(point["value"]) for point in points) == model.requests().sum()


@pytest.mark.parametrize("operator", ["p999", "countIf", None])
def test_v3_refuses_what_it_never_had_with_a_string_of_an_error(ask: Ask, signoz: SigNoz, operator: str | None) -> None:
    status, answer = ask(signoz, "/api/v3/query_range", v3("table", A={"aggregateOperator": operator}))
    assert (status, answer["status"], answer["errorType"]) == (400, "error", "bad_data")
    assert isinstance(answer["error"], str)


def test_v3_matches_nothing_by_an_unknown_attribute(ask: Ask, signoz: SigNoz) -> None:
    odd = {"key": {"key": "tenant"}, "op": "=", "value": "x"}
    status, answer = ask(signoz, "/api/v3/query_range", v3("table", A={"aggregateOperator": "count", "items": [odd]}))
    assert (status, answer["data"]["result"][0]["series"]) == (200, [])
