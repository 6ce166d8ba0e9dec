from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.books import Books
from simulator.effects import Effects, PatternEffect
from simulator.filter_text import parse_filter
from simulator.http import Request
from simulator.scene import default_scene
from simulator.signoz import SigNoz
from simulator.spans import Clause, QueryError, rounded

START = 1_700_000_000.0
NOW = START + 300
FIGURES = (
    "count()", "p50(duration_nano)", "p99(duration_nano)", "p999(duration_nano)", "max(duration_nano)",
    "countIf(has_error = true)", "countIf(duration_nano < 10000000)",
)  # fmt: skip
PROXY = "service.name = 'prism-proxy'"


@pytest.fixture(scope="module")
def model() -> Books:
    books = Books(default_scene(), 11, START, history=False)
    books.advance(NOW)
    return books


@pytest.fixture
def signoz(model: Books) -> SigNoz:
    return SigNoz(model, lambda: NOW)


def get(signoz: SigNoz, path: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    answer = signoz(Request("GET", path, {}, headers or {}, b""))
    return answer.status, json.loads(answer.body) if answer.content_type == "application/json" else answer.content_type


def post(signoz: SigNoz, path: str, body: Any) -> tuple[int, Any]:
    answer = signoz(Request("POST", path, {}, {}, json.dumps(body).encode()))
    return answer.status, json.loads(answer.body) if answer.content_type == "application/json" else answer.content_type


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


def test_version_and_health_are_bare_and_open(model: Books) -> None:
    locked = SigNoz(model, lambda: NOW, key="k")
    assert get(locked, "/api/v1/version") == (200, {"version": "v0.129.0", "ee": "Y", "setupCompleted": True})
    assert get(locked, "/api/v1/health") == (200, {"status": "ok"})
    status, body = get(locked, "/api/v2/healthz")
    assert (status, body["data"]["healthy"]) == (200, True)


def test_a_key_is_asked_for_where_there_is_one(model: Books) -> None:
    locked = SigNoz(model, lambda: NOW, key="k")
    for headers in ({}, {"signoz-api-key": "wrong"}):
        status, body = get(locked, "/api/v1/rules", headers)
        assert (status, body["status"], body["error"]["code"]) == (401, "error", "unauthenticated")
    assert get(locked, "/api/v1/rules", {"signoz-api-key": "k"})[0] == 200


@pytest.mark.parametrize("path", ["/", "/api/v2/alerts", "/api/v5/query_range", "/api/v1/rules/1/history/timeline"])
def test_unknown_routes_and_methods_are_the_web_page(signoz: SigNoz, path: str) -> None:
    assert get(signoz, path) == (200, "text/html; charset=utf-8")


def test_an_old_version_has_v3_and_answers_v5_with_its_web_page(model: Books) -> None:
    old = SigNoz(model, lambda: NOW, version="v0.39.0")
    assert post(old, "/api/v5/query_range", v5("scalar"))[1] == "text/html; charset=utf-8"
    assert get(old, "/api/v1/stats")[1] == "text/html; charset=utf-8"


def test_a_scalar_has_one_row_per_group_and_one_column_per_aggregation(signoz: SigNoz, model: Books) -> None:
    order = [{"key": {"name": "count()"}, "direction": "desc"}]
    body = v5(
        "scalar", aggregations=expressions(*FIGURES), groupBy=[{"name": "name", "fieldContext": "span"}], order=order
    )
    found = result(post(signoz, "/api/v5/query_range", body))
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


def test_the_whole_is_one_row_in_nanoseconds(signoz: SigNoz) -> None:
    found = result(post(signoz, "/api/v5/query_range", v5("scalar", aggregations=expressions(*FIGURES))))
    ((count, p50, p99, p999, *_),) = found["data"]
    assert count == pytest.approx(8432 * 300, rel=0.02)
    assert (p50, p99, p999) == pytest.approx((4.0e5, 8.0e5, 2.1e6), rel=0.05)
    assert p50 == round(p50, 3)


def test_filters_choose_services_namespaces_and_failures(signoz: SigNoz, model: Books) -> None:
    def count(filter_: str) -> Any:
        body = v5("scalar", aggregations=expressions("count()"), filter={"expression": filter_})
        return result(post(signoz, "/api/v5/query_range", body))["data"][0][0]

    whole = int(model.requests().sum())
    payments = [flow.namespace == "payments" for flow in model.scene.flows]
    assert count("") == 2 * whole
    assert count("isRoot = true") == count(PROXY) == whole
    assert count(f"{PROXY} AND attribute.namespace = 'payments'") == model.requests()[payments].sum()
    assert count("service.name = 'prism-plugin-redis'") == model.requests()[model.of_pattern("redis")].sum()
    assert count(f"{PROXY} AND has_error = true") == model.failed.sum()
    assert count(f"{PROXY} AND has_error = false") == whole - model.failed.sum()
    assert count(f"{PROXY} AND namespace NOT IN ('payments')") == whole - model.requests()[payments].sum()
    assert count("attribute.plugin.name EXISTS") == whole
    assert count(f"{PROXY} AND name = 'Nothing'") == 0


def test_rates_means_and_extremes_fit_together(signoz: SigNoz) -> None:
    names = (
        "rate()",
        "avg(duration_nano)",
        "min(duration_nano)",
        "sum(duration_nano)",
        "count()",
        "p99If(has_error = true)",
    )
    found = result(post(signoz, "/api/v5/query_range", v5("scalar", aggregations=expressions(*names))))
    ((rate, mean, least, whole, count, p99_failed),) = found["data"]
    assert rate * 360 == pytest.approx(count)
    assert mean * count == pytest.approx(whole)
    assert least < mean < p99_failed


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("(name = 'x')", [Clause("name", "=", "x")]),
        (
            "duration_nano > '10ms' and hasError=true",
            [Clause("duration_nano", ">", "10ms"), Clause("has_error", "=", "true")],
        ),
        ("resource.service.name IN ('a', \"b\")", [Clause("service.name", "in", ["a", "b"])]),
        ("db.system NOT EXISTS", [Clause("db.system", "nexists", True)]),
        (
            "name CONTAINS 'Get' AND namespace <> 'x'",
            [Clause("name", "contains", "Get"), Clause("namespace", "!=", "x")],
        ),
    ],
)
def test_the_simple_forms_of_a_filter_are_understood(text: str, clauses: list[Clause]) -> None:
    assert parse_filter(text) == clauses


def test_durations_in_filters_have_units(signoz: SigNoz) -> None:
    def count(limit: str) -> Any:
        body = v5(
            "scalar", aggregations=expressions("count()"), filter={"expression": f"{PROXY} AND duration_nano < {limit}"}
        )
        return result(post(signoz, "/api/v5/query_range", body))["data"][0][0]

    assert count("'400us'") == count("400000") == count("'0.4ms'")
    assert post(signoz, "/api/v5/query_range", v5("scalar", filter={"expression": "duration_nano < 'soon'"}))[0] == 400


def test_quantiles_of_nothing_are_the_word_nan(signoz: SigNoz) -> None:
    body = v5("scalar", aggregations=expressions("count()", "p99(duration_nano)"), filter={"expression": "name = 'x'"})
    assert result(post(signoz, "/api/v5/query_range", body))["data"] == [[0, "NaN"]]
    body["compositeQuery"]["queries"][0]["spec"]["groupBy"] = [{"name": "name"}]
    assert result(post(signoz, "/api/v5/query_range", body))["data"] == []


def test_a_time_series_adds_up_and_marks_its_partial_ends(signoz: SigNoz, model: Books) -> None:
    body = v5(
        "time_series",
        aggregations=expressions("count()", "p99(duration_nano)"),
        groupBy=[{"name": "namespace", "fieldContext": "attribute"}],
        stepInterval=60,
    )
    found = result(post(signoz, "/api/v5/query_range", body))
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


def test_a_time_series_of_nothing_has_no_aggregations(signoz: SigNoz) -> None:
    body = v5("time_series", aggregations=expressions("count()"), filter={"expression": "name = 'x'"})
    assert result(post(signoz, "/api/v5/query_range", body))["aggregations"] is None


def test_raw_tells_the_newest_span(signoz: SigNoz) -> None:
    found = result(post(signoz, "/api/v5/query_range", v5("raw", limit=1)))
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
def test_what_v5_does_not_accept_is_400_with_its_words(signoz: SigNoz, change: dict[str, Any], words: str) -> None:
    body = v5("scalar", **{"aggregations": expressions("count()"), **change.get("spec", {})}) | change.get("top", {})
    status, answer = post(signoz, "/api/v5/query_range", body)
    assert (status, answer["status"], answer["error"]["code"]) == (400, "error", "invalid_input")
    assert words in answer["error"]["message"]


def test_queries_that_are_not_stood_in_for_are_501(signoz: SigNoz) -> None:
    body = v5("scalar")
    body["compositeQuery"]["queries"][0]["type"] = "clickhouse_sql"
    assert post(signoz, "/api/v5/query_range", body)[0] == 501


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


def test_v3_has_one_aggregate_per_query_and_values_as_text(signoz: SigNoz, model: Books) -> None:
    fast = {"key": {"key": "durationNano"}, "op": "<", "value": 10_000_000}
    body = v3(
        "table",
        A={"aggregateOperator": "count"},
        B={"aggregateOperator": "p99"},
        C={"aggregateOperator": "count", "items": [fast]},
    )
    status, answer = post(signoz, "/api/v3/query_range", body)
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


def test_v3_graphs_hold_the_same_counts_over_time(signoz: SigNoz, model: Books) -> None:
    status, answer = post(
        signoz, "/api/v3/query_range", v3("graph", A={"aggregateOperator": "count", "stepInterval": 60})
    )
    assert status == 200
    points = [point for series in answer["data"]["result"][0]["series"] for point in series["values"]]
    assert sum(int(point["value"]) for point in points) == model.requests().sum()


@pytest.mark.parametrize("operator", ["p999", "countIf", None])
def test_v3_refuses_what_it_never_had_with_a_string_of_an_error(signoz: SigNoz, operator: str | None) -> None:
    status, answer = post(signoz, "/api/v3/query_range", v3("table", A={"aggregateOperator": operator}))
    assert (status, answer["status"], answer["errorType"]) == (400, "error", "bad_data")
    assert isinstance(answer["error"], str)


def test_v3_matches_nothing_by_an_unknown_attribute(signoz: SigNoz) -> None:
    odd = {"key": {"key": "tenant"}, "op": "=", "value": "x"}
    status, answer = post(signoz, "/api/v3/query_range", v3("table", A={"aggregateOperator": "count", "items": [odd]}))
    assert (status, answer["data"]["result"][0]["series"]) == (200, [])


@pytest.mark.parametrize("path", ["/api/v3/query_range", "/api/v5/query_range"])
@pytest.mark.parametrize("body", [None, [], {}, {"start": 1}, "x"])
def test_requests_that_make_no_sense_are_400(signoz: SigNoz, path: str, body: Any) -> None:
    assert post(signoz, path, body)[0] == 400


def test_the_restart_loop_is_the_one_open_alert(signoz: SigNoz, model: Books) -> None:
    (alert,) = get(signoz, "/api/v1/alerts")[1]["data"]
    assert alert["labels"]["alertname"] == "Pattern restart loop"
    assert (alert["labels"]["severity"], alert["labels"]["pattern"], alert["labels"]["ruleId"]) == (
        "warning",
        "nats",
        "1",
    )
    assert (alert["status"]["state"], alert["receivers"]) == ("active", ["default"])
    assert alert["startsAt"] < alert["endsAt"]
    rules = get(signoz, "/api/v1/rules")[1]["data"]["rules"]
    assert [rule["alert"] for rule in rules if rule["state"] == "firing"] == ["Pattern restart loop"]
    assert {rule["state"] for rule in rules} == {"firing", "inactive"}


def test_history_tells_of_the_pool_that_got_well_a_quarter_of_an_hour_before(signoz: SigNoz) -> None:
    body = {
        "start": 0,
        "end": int(NOW * 1000),
        "state": "",
        "filters": {"op": "AND", "items": []},
        "offset": 0,
        "limit": 9,
    }
    status, answer = post(signoz, "/api/v1/rules/4/history/timeline", body)
    assert status == 200
    items = answer["data"]["items"]
    assert [(item["state"], START - item["unixMilli"] / 1000) for item in items] == [
        ("inactive", 900),
        ("firing", 1320),
    ]
    assert isinstance(items[0]["fingerprint"], int)
    assert items[0]["labels"]["pattern"] == "redis"
    assert len(post(signoz, "/api/v1/rules/4/history/timeline", body | {"state": "firing"})[1]["data"]["items"]) == 1
    assert post(signoz, "/api/v1/rules/99/history/timeline", body)[0] == 404
    assert post(signoz, "/api/v1/rules/4/history/timeline", {})[0] == 400


def test_a_restart_shows_in_alerts_and_history() -> None:
    books = Books(default_scene(), 1, START, history=False)
    now = START + 10
    signoz = SigNoz(books, lambda: now)
    books.change(Effects(patterns={"redis": PatternEffect(down=True)}), START + 5)
    names = {one["labels"]["alertname"] for one in get(signoz, "/api/v1/alerts")[1]["data"]}
    assert "Pattern down" in names
    books.change(Effects(), now)
    now += 2
    open_now = {
        (one["labels"]["alertname"], one["labels"].get("pattern")) for one in get(signoz, "/api/v1/alerts")[1]["data"]
    }
    assert ("Pattern restarted", "redis") in open_now
    assert ("Pattern down", "redis") not in open_now


def test_statistics_say_when_the_newest_span_came(signoz: SigNoz, model: Books) -> None:
    told = get(signoz, "/api/v1/stats")[1]["data"]
    assert told["telemetry.traces.count"] == model.pipeline.signals["spans"].sent
    assert told["telemetry.traces.last_observed.time_unix"] == int(NOW)


def test_history_reaches_back_seven_days_from_the_start() -> None:
    now = time.time()
    books = Books(default_scene(), 2, now)
    body = v5("scalar", aggregations=expressions("count()"))
    body |= {"start": int((now - 7 * 86400) * 1000), "end": int(now * 1000)}
    found = result(post(SigNoz(books, lambda: now), "/api/v5/query_range", body))
    assert found["data"][0][0] == pytest.approx(8432 * 7 * 86400, rel=0.02)


@given(st.lists(st.tuples(st.sampled_from(["name", "namespace", "service.name"]), st.text()), max_size=4))
def test_any_quoted_text_survives_the_filter(pairs: list[tuple[str, str]]) -> None:
    def quoted(text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"

    text = " AND ".join(f"{key} = {quoted(value)}" for key, value in pairs)
    assert parse_filter(text) == [Clause(key, "=", value) for key, value in pairs]


@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_an_error_in_words(text: str) -> None:
    try:
        clauses = parse_filter(text)
    except QueryError as error:
        assert str(error)
    else:
        assert bool(clauses) == bool(text.strip().strip("()").strip())


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_values_are_rounded_as_signoz_does(value: float) -> None:
    shown = rounded(value)
    if isinstance(shown, str):
        assert shown in ("NaN", "Inf", "-Inf")
    else:
        assert shown == pytest.approx(value, rel=0.005, abs=0.0005)
