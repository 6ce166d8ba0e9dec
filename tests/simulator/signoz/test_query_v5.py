from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simulator.signoz.server import SigNoz
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
NOW = START + 300
Ask = Callable[..., tuple[int, Any]]
FIGURES = (
    "count()", "p50(duration_nano)", "p99(duration_nano)", "p999(duration_nano)", "max(duration_nano)",
    "countIf(has_error = true)", "countIf(duration_nano < 10000000)",
)  # fmt: skip
PROXY = "service.name = 'prism-proxy'"


def v5(kind: str, **spec: Any) -> dict[str, Any]:
    query = {"name": "A", "signal": "traces", "filter": {"expression": PROXY}, **spec}
    return {
        "schemaVersion": "v1",
        "start": int(START * 1000),
        "end": int((NOW + 60) * 1000),
        "requestType": kind,
        "compositeQuery": {"queries": [{"type": "builder_query", "spec": query}]},
    }


def expressions(*names: str) -> list[dict[str, str]]:
    return [{"expression": name} for name in names]


def result(answer: tuple[int, Any]) -> dict[str, Any]:
    status, body = answer
    assert status == 200, body
    assert body["status"] == "success"
    (only,) = body["data"]["data"]["results"]
    assert only["queryName"] == "A"
    return dict(only)


def test_a_scalar_has_one_row_per_group_and_one_column_per_aggregation(
    ask: Ask, signoz: SigNoz, model: TrafficModel
) -> None:
    order = [{"key": {"name": "count()"}, "direction": "desc"}]
    body = v5(
        "scalar", aggregations=expressions(*FIGURES), groupBy=[{"name": "name", "fieldContext": "span"}], order=order
    )
    found = result(ask(signoz, "/api/v5/query_range", body))
    assert [one["columnType"] for one in found["columns"]] == ["group"] + ["aggregation"] * len(FIGURES)
    assert [one["name"] for one in found["columns"][1:]] == [f"__result_{n}" for n in range(len(FIGURES))]
    assert [one["aggregationIndex"] for one in found["columns"][1:]] == list(range(len(FIGURES)))
    counts = [row[1] for row in found["data"]]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == model.requests().sum()
    assert sum(row[6] for row in found["data"]) == model.failed.sum()
    for name, count, p50, p99, p999, longest, _, fast in found["data"]:
        assert "." in name
        assert 2e5 < p50 < p99 < p999 <= longest
        assert 0.999 * count < fast <= count


def test_the_whole_is_one_row_in_nanoseconds(ask: Ask, signoz: SigNoz) -> None:
    found = result(ask(signoz, "/api/v5/query_range", v5("scalar", aggregations=expressions(*FIGURES))))
    ((count, p50, p99, p999, *_),) = found["data"]
    assert count == pytest.approx(8432 * 300, rel=0.02)
    assert (p50, p99, p999) == pytest.approx((4.0e5, 8.0e5, 2.1e6), rel=0.05)
    assert p50 == round(p50, 3)


def test_filters_choose_services_namespaces_and_failures(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    def count(filter_: str) -> Any:
        body = v5("scalar", aggregations=expressions("count()"), filter={"expression": filter_})
        return result(ask(signoz, "/api/v5/query_range", body))["data"][0][0]

    whole = int(model.requests().sum())
    payments = [flow.namespace == "payments" for flow in model.scenario.flows]
    assert count("") == 2 * whole
    assert count("isRoot = true") == count(PROXY) == whole
    assert count(f"{PROXY} AND attribute.namespace = 'payments'") == model.requests()[payments].sum()
    assert count("service.name = 'prism-plugin-redis'") == model.requests()[model.of_pattern("redis")].sum()
    assert count(f"{PROXY} AND has_error = true") == model.failed.sum()
    assert count(f"{PROXY} AND has_error = false") == whole - model.failed.sum()
    assert count(f"{PROXY} AND namespace NOT IN ('payments')") == whole - model.requests()[payments].sum()
    assert count("attribute.plugin.name EXISTS") == whole
    assert count(f"{PROXY} AND name = 'Nothing'") == 0


def test_rates_means_and_extremes_fit_together(ask: Ask, signoz: SigNoz) -> None:
    names = (
        "rate()",
        "avg(duration_nano)",
        "min(duration_nano)",
        "sum(duration_nano)",
        "count()",
        "p99If(has_error = true)",
    )
    found = result(ask(signoz, "/api/v5/query_range", v5("scalar", aggregations=expressions(*names))))
    ((rate, mean, least, whole, count, p99_failed),) = found["data"]
    assert rate * 360 == pytest.approx(count)
    assert mean * count == pytest.approx(whole)
    assert least < mean < p99_failed


def test_durations_in_filters_have_units(ask: Ask, signoz: SigNoz) -> None:
    def count(limit: str) -> Any:
        body = v5(
            "scalar", aggregations=expressions("count()"), filter={"expression": f"{PROXY} AND duration_nano < {limit}"}
        )
        return result(ask(signoz, "/api/v5/query_range", body))["data"][0][0]

    assert count("'400us'") == count("400000") == count("'0.4ms'")
    assert ask(signoz, "/api/v5/query_range", v5("scalar", filter={"expression": "duration_nano < 'soon'"}))[0] == 400


def test_quantiles_of_nothing_are_the_word_nan(ask: Ask, signoz: SigNoz) -> None:
    body = v5("scalar", aggregations=expressions("count()", "p99(duration_nano)"), filter={"expression": "name = 'x'"})
    assert result(ask(signoz, "/api/v5/query_range", body))["data"] == [[0, "NaN"]]
    body["compositeQuery"]["queries"][0]["spec"]["groupBy"] = [{"name": "name"}]
    assert result(ask(signoz, "/api/v5/query_range", body))["data"] == []


def test_a_time_series_adds_up_and_marks_its_partial_ends(ask: Ask, signoz: SigNoz, model: TrafficModel) -> None:
    body = v5(
        "time_series",
        aggregations=expressions("count()", "p99(duration_nano)"),
        groupBy=[{"name": "namespace", "fieldContext": "attribute"}],
        stepInterval=60,
    )
    found = result(ask(signoz, "/api/v5/query_range", body))
    assert [one["index"] for one in found["aggregations"]] == [0, 1]
    series = found["aggregations"][0]["series"]
    assert len(series) == 15
    assert {one["labels"][0]["key"]["name"] for one in series} == {"namespace"}
    points = [point for one in series for point in one["values"]]
    assert sum(point["value"] for point in points) == model.requests().sum()
    biggest = next(one for one in series if one["labels"][0]["value"] == "user-platform")["values"]
    assert [point["timestamp"] for point in biggest] == sorted(point["timestamp"] for point in biggest)
    assert biggest[0]["partial"] is True
    assert "partial" not in biggest[1]


def test_a_time_series_of_nothing_has_no_aggregations(ask: Ask, signoz: SigNoz) -> None:
    body = v5("time_series", aggregations=expressions("count()"), filter={"expression": "name = 'x'"})
    assert result(ask(signoz, "/api/v5/query_range", body))["aggregations"] is None


def test_raw_reports_the_newest_span(ask: Ask, signoz: SigNoz) -> None:
    found = result(ask(signoz, "/api/v5/query_range", v5("raw", limit=1)))
    (row,) = found["rows"]
    assert row["data"]["service.name"] == "prism-proxy"
    assert row["timestamp"].startswith("2023-11-14T22:18")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"spec": {"bogus": 1}}, 'unknown field "bogus"'),
        ({"top": {"bogus": 1}}, 'unknown field "bogus"'),
        ({"top": {"start": 9e15}}, "start time must be before end time"),
        ({"top": {"requestType": "pie"}}, "invalid request type: pie"),
        ({"top": {"compositeQuery": {"queries": []}}}, "at least one query"),
        ({"spec": {"aggregations": expressions("p98(duration_nano)")}}, "invalid aggregation expression"),
        ({"spec": {"filter": {"expression": "attribute.tenant = 'x'"}}}, "key `attribute.tenant` not found"),
        ({"spec": {"groupBy": [{"name": "tenant"}]}}, "key `tenant` not found"),
        ({"spec": {"filter": {"expression": "name = 'x' OR name = 'y'"}}}, "only AND"),
        ({"spec": {"filter": {"expression": "name ="}}}, "syntax error"),
        ({"spec": {"filter": "name = 'x'"}}, "cannot be read"),
        ({"spec": {"order": [{"direction": "desc"}]}}, "cannot be read"),
        ({"spec": {"limit": "many"}}, "invalid"),
        ({"spec": {"stepInterval": "soon"}}, "invalid step interval"),
    ],
)
def test_what_v5_does_not_accept_is_400_with_its_words(
    ask: Ask, signoz: SigNoz, change: dict[str, Any], words: str
) -> None:
    body = v5("scalar", **{"aggregations": expressions("count()"), **change.get("spec", {})}) | change.get("top", {})
    status, answer = ask(signoz, "/api/v5/query_range", body)
    assert (status, answer["status"], answer["error"]["code"]) == (400, "error", "invalid_input")
    assert words in answer["error"]["message"]


def test_queries_that_are_not_stood_in_for_are_501(ask: Ask, signoz: SigNoz) -> None:
    body = v5("scalar")
    body["compositeQuery"]["queries"][0]["type"] = "clickhouse_sql"
    assert ask(signoz, "/api/v5/query_range", body)[0] == 501


def test_history_reaches_back_seven_days_from_the_start(ask: Ask) -> None:
    now = START
    traffic_model = TrafficModel(default_scenario(), 2, now)
    body = v5("scalar", aggregations=expressions("count()"))
    body |= {"start": int((now - 7 * 86400) * 1000), "end": int(now * 1000)}
    found = result(ask(SigNoz(traffic_model, lambda: now), "/api/v5/query_range", body))
    assert found["data"][0][0] == pytest.approx(8432 * 7 * 86400, rel=0.02)
