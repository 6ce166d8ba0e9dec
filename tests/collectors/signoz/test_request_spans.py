"""Requests counted by their spans: in steps that neither overlap nor leave anything out, summed up."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.signoz.collector import SignozCollector
from collectors.signoz.request_spans import EDGES, MAX_GROUPS
from model.series import Kind, Scrape
from tests.collectors.conftest import Asked, Reply
from tests.collectors.signoz_fake import NOW, V5, Http, Signoz, read

START = NOW // 5 * 5
COUNT = 2 + len(EDGES)


def answer(keys: list[str], *rows: list[Any]) -> dict[str, Any]:
    """The aggregations come before the groups and backwards: only their types and numbers tell which is which."""
    columns = [{"name": "?", "aggregationIndex": at, "columnType": "aggregation"} for at in reversed(range(COUNT))]
    columns += [{"name": "?", "aggregationIndex": 0, "columnType": "group"} for _ in keys]
    return {"data": {"results": [{"queryName": "A", "columns": columns, "data": list(rows)}]}}


def counts(total: int, failed: int, fast: int) -> list[Any]:
    """`fast` took 0.5 ms at the most, all 0.75 ms."""
    return [*[total] * (len(EDGES) - 1), fast, failed, total]


REFUSED = {
    "queryName": "C",
    "columns": [{"columnType": "aggregation", "aggregationIndex": 0}, {"columnType": "group"}],
    "data": [[7, "token_expired"], ["2", None]],
}


class Spans:
    """What SigNoz was asked about requests, and what it says."""

    def __init__(self, signoz: Signoz) -> None:
        self.asked: list[dict[str, Any]] = []
        self.rows: list[list[Any]] = [[*counts(100, 3, 40), "redis", "payments", "KeyValue.Get"]]
        self.unknown: set[str] = set()
        signoz.routes["POST", "/api/v5/query_range"] = self._answer

    def _answer(self, asked: Asked) -> Any:
        spec = asked.body["compositeQuery"]["queries"][0]["spec"]
        if "kind_string" not in spec.get("filter", {}).get("expression", ""):
            return V5
        self.asked.append(asked.body)
        specs = [one["spec"] for one in asked.body["compositeQuery"]["queries"]]
        keys = [one["name"] for one in spec["groupBy"]]
        for key in [one["name"] for spec in specs for one in spec["groupBy"]]:
            if key in self.unknown:
                error = {"code": "invalid_input", "message": f"key `{key}` not found"}
                return Reply.of({"status": "error", "error": error}, 400)
        made = answer(keys, *self.rows)
        made["data"]["results"] += [REFUSED] if len(specs) > 1 else []
        return made

    @property
    def windows(self) -> list[tuple[float, float]]:
        return [(one["start"] / 1000 - START, one["end"] / 1000 - START) for one in self.asked]


@pytest.fixture
def signoz(http: Http) -> Signoz:
    return Signoz(http)


def run(collector: SignozCollector, *seconds: float) -> Scrape:
    for second in seconds:
        scrape = read(collector, START + second)
    return scrape


def found(scrape: Scrape, name: str, label: str = "") -> dict[str | None, float]:
    return {one.series.label(label): one.value for one in scrape.samples() if one.series.name == name}


def test_each_step_is_asked_for_once_when_its_spans_have_come(signoz: Signoz) -> None:
    spans, collector = Spans(signoz), signoz.collector()
    run(collector, *range(2, 32, 2))
    assert spans.windows == [(at, at + 5) for at in range(-10, 25, 5)]


def test_what_was_counted_only_grows_and_is_told_again_until_more_is(signoz: Signoz) -> None:
    Spans(signoz)
    collector = signoz.collector()
    scrape = run(collector, 6, 8, 10, 12)
    assert found(scrape, "signoz_requests_total", "status") == {"success": 194.0, "error": 6.0}
    under = found(scrape, "signoz_request_duration_seconds_bucket", "le")
    assert (under["0.0005"], under["0.00075"], under["1.0"], under["+Inf"]) == (80.0, 200.0, 200.0, 200.0)
    assert set(found(scrape, "signoz_requests_total", "pattern")) == {"redis"}
    assert found(scrape, "signoz_requests_counted_timestamp_seconds") == {None: START + 5}
    assert found(run(collector, 14), "signoz_requests_total", "status")["error"] == 6.0
    kinds = {one.series.name: one.series.kind for one in scrape.samples()}
    assert kinds["signoz_requests_total"] is Kind.COUNTER


def test_after_a_failure_the_next_answer_is_of_all_since_the_last(signoz: Signoz) -> None:
    spans, collector = Spans(signoz), signoz.collector()
    run(collector, 6, 8)
    known = signoz.routes["POST", "/api/v5/query_range"]
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: Reply.of({"error": "busy"}, 500)
    with pytest.raises(Exception, match="500"):
        run(collector, 12)
    signoz.routes["POST", "/api/v5/query_range"] = known
    run(collector, 22, 24)
    assert spans.windows == [(-5, 0), (0, 15)]


def test_after_a_minute_without_an_answer_it_begins_anew(signoz: Signoz) -> None:
    spans, collector = Spans(signoz), signoz.collector()
    scrape = run(collector, 6, 8, 80)
    assert spans.windows == [(-5, 0), (70, 75)]
    assert found(scrape, "signoz_requests_total", "status") == {"success": 97.0, "error": 3.0}


def test_what_no_span_carries_is_left_out_for_a_while(signoz: Signoz) -> None:
    spans, collector = Spans(signoz), signoz.collector()
    spans.unknown, spans.rows = {"pattern"}, [[*counts(10, 1, 10), "payments", "KeyValue.Get"]]
    scrape = run(collector, 6, 8, 10)
    assert [len(one["compositeQuery"]["queries"][0]["spec"]["groupBy"]) for one in spans.asked] == [3, 2]
    (labels,) = {one.series.labels for one in scrape.samples() if one.series.label("status") == "error"}
    assert {"namespace": "payments", "operation": "KeyValue.Get", "pattern": ""}.items() <= dict(labels).items()
    run(collector, 320)
    assert len(spans.asked[-1]["compositeQuery"]["queries"][0]["spec"]["groupBy"]) == 3


def test_of_very_many_groups_only_so_many_are_kept(signoz: Signoz) -> None:
    spans, collector = Spans(signoz), signoz.collector()
    spans.rows = [[*counts(1, 0, 1), "redis", f"tenant-{at}", "Get"] for at in range(MAX_GROUPS + 5)]
    scrape = run(collector, 6, 8)
    assert len([one for one in scrape.samples() if one.series.label("status") == "error"]) == MAX_GROUPS


def test_refused_tokens_are_counted_by_reason_in_the_same_requests(signoz: Signoz) -> None:
    spans = Spans(signoz)
    scrape = run(signoz.collector(), 6, 8, 10)
    assert found(scrape, "signoz_auth_refusals_total", "reason") == {"token_expired": 14.0, "": 4.0}
    assert len(spans.asked) == 2


def test_where_no_span_says_why_requests_are_counted_all_the_same(signoz: Signoz) -> None:
    spans, collector = Spans(signoz), signoz.collector()
    spans.unknown = {"reason", "auth.reason", "error.type"}
    scrape = run(collector, *range(6, 26, 2))
    assert found(scrape, "signoz_auth_refusals_total", "reason") == {}
    assert found(scrape, "signoz_requests_total", "status")["error"] > 0
