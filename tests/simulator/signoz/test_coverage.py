"""The stand-in's trace operators: parts that add up, and refusals in SigNoz's way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.servers.ground_truth import figures
from simulator.signoz.coverage import MISSING_RATIOS, traces
from simulator.signoz.server import SigNoz
from simulator.traffic.effects import Effects, PatternEffect
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
Ask = Callable[..., tuple[int, Any]]
FILTERS = {
    "A": "service.name = 'prism-proxy' AND name NOT ILIKE '%health%'",
    "B": "attribute.plugin.name EXISTS",
    "C": "attribute.db.system EXISTS",
}


def request(expression: str, **spec: Any) -> dict[str, Any]:
    """With the queries that it names, as the others would be run as well."""
    names = [name for name in FILTERS if name in expression.replace("NOT", "")]
    queries: list[dict[str, Any]] = [
        {"type": "builder_query", "spec": {"name": name, "signal": "traces", "filter": {"expression": FILTERS[name]}}}
        for name in names
    ]
    operator = {"name": "T", "expression": expression, "aggregations": [{"expression": "count_distinct(trace_id)"}]}
    queries.append({"type": "builder_trace_operator", "spec": {**operator, **spec}})
    return {
        "schemaVersion": "v1", "start": int(START * 1000), "end": int((START + 300) * 1000), "requestType": "scalar",
        "compositeQuery": {"queries": queries},
    }  # fmt: skip


def count(ask: Ask, signoz: SigNoz, expression: str) -> int:
    status, reported = ask(signoz, "/api/v5/query_range", request(expression))
    assert status == 200, reported
    (result,) = reported["data"]["data"]["results"]
    assert result["queryName"] == "T"
    return int(result["data"][0][0])


def test_the_parts_of_all_traces_add_up_to_the_requests(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    parts = [count(ask, signoz, one) for one in ("(A && B) && C", "(A && B) NOT C", "A NOT B", "B NOT A")]
    assert sum(parts) == model.requests().sum()
    for part, ratio in zip(parts[1:], MISSING_RATIOS.values(), strict=True):
        assert part == pytest.approx(model.requests().sum() * ratio, abs=1)
    assert count(ask, signoz, "A || (B && C)") == sum(parts)


def test_a_query_that_no_operator_names_is_run_beside_it(ask: Ask, signoz: SigNoz) -> None:
    asked = request("B NOT C")
    own: dict[str, Any] = {"name": "E", "signal": "traces", "filter": {"expression": FILTERS["B"]}}
    own["aggregations"] = [{"expression": "count_distinct(trace_id)"}]
    asked["compositeQuery"]["queries"] += [{"type": "builder_query", "spec": own}]
    status, reported = ask(signoz, "/api/v5/query_range", asked)
    found = {one["queryName"]: one["data"][0][0] for one in reported["data"]["data"]["results"]}
    assert status == 200 and set(found) == {"T", "E"}
    assert found["T"] == count(ask, signoz, "B NOT C")
    assert found["E"] == found["T"] + count(ask, signoz, "B && C")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (request("(A && B"), 400),
        (request("A && E"), 400),
        (request("A &&"), 400),
        (request("A && B", returns="A"), 400),
        (request("A => B"), 501),
        (request("A", aggregations=[{"expression": "count()"}]), 501),
        ({**request("A"), "requestType": "raw"}, 501),
    ],
)
def test_what_it_cannot_run_is_refused(ask: Ask, signoz: SigNoz, change: dict[str, Any], status: int) -> None:
    assert ask(signoz, "/api/v5/query_range", change)[0] == status


def test_requests_to_a_pattern_that_is_down_have_no_pattern_span(traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(patterns={"redis": PatternEffect(down=True)}), START)
    traffic_model.advance(START + 60)
    asked = int(traffic_model.requests()[traffic_model.of_pattern("redis")].sum())
    found = traces(traffic_model, START, START + 60)
    assert found.pattern_missing >= asked > 0
    assert sum(found) == traffic_model.requests().sum()


def test_the_newest_span_of_a_pattern_that_is_down_is_as_old_as_its_end(ask: Ask) -> None:
    traffic_model = TrafficModel(default_scenario(), 3, START, history=False)
    traffic_model.advance(START + 20)
    traffic_model.change(Effects(patterns={"redis": PatternEffect(down=True)}), START + 20)
    signoz = SigNoz(traffic_model, lambda: START + 50)

    def newest(service: str) -> str:
        spec = {"name": "A", "signal": "traces", "filter": {"expression": f"service.name = '{service}'"}, "limit": 1}
        body = {**request("A"), "requestType": "raw"}
        body["compositeQuery"] = {"queries": [{"type": "builder_query", "spec": spec}]}
        return str(ask(signoz, "/api/v5/query_range", body)[1]["data"]["data"]["results"][0]["rows"][0]["timestamp"])

    assert newest("prism-plugin-redis")[:19] == "2023-11-14T22:13:39"
    assert newest("prism-proxy")[:19] == "2023-11-14T22:14:09"


def test_the_books_report_of_the_traces_and_of_what_processes_use(traffic_model: TrafficModel) -> None:
    reported = figures(traffic_model, START + 400)
    assert sum(reported["traces"].values()) > 0
    assert set(reported["traces"]) == {"complete", "backend_missing", "pattern_missing", "proxy_missing"}
    assert reported["proxy"]["memory_bytes"] < reported["proxy"]["memory_limit_bytes"]
    assert reported["patterns"]["redis"]["memory_bytes"] > 0


@pytest.mark.parametrize(
    ("version", "operators", "stats"),
    [("v0.93.0", 501, False), ("v0.94.0", 200, False), ("v0.129.0", 200, True)],
)
def test_an_older_version_lacks_what_came_later(
    ask: Ask, model: TrafficModel, version: str, operators: int, stats: bool
) -> None:
    signoz = SigNoz(model, lambda: START + 300, version=version)
    assert ask(signoz, "/api/v5/query_range", request("A && B"))[0] == operators
    assert isinstance(ask(signoz, "/api/v1/stats")[1], dict) is stats
