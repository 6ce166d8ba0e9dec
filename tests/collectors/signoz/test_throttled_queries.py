"""Questions that SigNoz is asked rarely: each on its own clock, failing alone, reported with how it was answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.signoz.backend_spans import lacking
from collectors.signoz.collector import SignozCollector
from collectors.signoz.coverage import PARTS, Backends, request
from collectors.signoz.ingest import quoted
from model.series import Scrape
from tests.collectors.conftest import Asked, Reply
from tests.collectors.signoz_fake import HTML, NOW, V5, Http, Signoz, read

COUNTS = {"complete": 12401, "backend_missing": 45, "pattern_missing": 31, "proxy_missing": 10}
PATTERNS, LACKING = 620, 7
EXPRESSIONS = {
    "(A && B) && (C || D)": "complete",
    "(A && B) NOT (C || D)": "backend_missing",
    "A NOT B": "pattern_missing",
    "B NOT A": "proxy_missing",
}
STATS = {
    "telemetry.traces.count": 500,
    "telemetry.traces.last_observed.time": "2025-11-07T08:59:58Z",
    "telemetry.traces.last_observed.time_unix": int(NOW) - 2,
    "telemetry.logs.count": 9,
    "telemetry.logs.last_observed.time_unix": 0,
}
SERVICES = ("prism-plugin-redis", "prism-plugin-o'hara")


def results(*found: dict[str, Any]) -> dict[str, Any]:
    return {"type": "scalar", "data": {"results": list(found)}}


def v5(asked: Asked) -> Any:
    """What the operations, the coverage and the newest spans are answered with."""
    queries = asked.body["compositeQuery"]["queries"]
    last = queries[-1]
    if last["type"] == "builder_trace_operator" and queries[0]["spec"]["name"] == "E":
        return results({"queryName": "T", "data": [[LACKING]]}, {"queryName": "E", "data": [[PATTERNS]]})
    if last["type"] == "builder_trace_operator":
        return results({"queryName": "T", "data": [[COUNTS[EXPRESSIONS[last["spec"]["expression"]]]]]})
    if asked.body["requestType"] == "raw":
        at = {"A": "2025-11-07T08:59:59.5Z", "B": "2025-11-07T08:59:57Z", "C": None}
        rows = {name: [{"timestamp": time, "data": {}}] if time else [] for name, time in at.items()}
        return results(*({"queryName": name, "rows": reported} for name, reported in rows.items()))
    if last["spec"]["filter"]["expression"].startswith("attribute.plugin.name"):
        return results({"queryName": "A", "data": [[name, 5] for name in (*SERVICES, "prism-proxy", None)]})
    return V5


@pytest.fixture
def signoz(http: Http) -> Signoz:
    one = Signoz(http)
    one.routes["POST", "/api/v5/query_range"] = v5
    one.routes["GET", "/api/v1/stats"] = lambda asked: STATS
    return one


def run(collector: SignozCollector, reads: int = 20, step: float = 2.0, start: float = NOW) -> Scrape:
    """The last of so many reads, two seconds apart."""
    for number in range(reads):
        scrape = read(collector, start + number * step)
    return scrape


def found(scrape: Scrape, family: str, label: str = "") -> dict[str | None, float]:
    return {one.series.label(label): one.value for one in scrape.samples() if one.series.name == family}


def states(scrape: Scrape) -> dict[str | None, str | None]:
    """How the three that are tested here were answered."""
    reported = {
        one.label("question"): one.label("state") for one in scrape.series if one.name == "signoz_question_info"
    }
    return {name: state for name, state in reported.items() if name in ("newest span", "coverage", "stats")}


def test_the_first_read_asks_none_of_them(signoz: Signoz) -> None:
    scrape = run(signoz.collector(), reads=1)
    assert states(scrape) == {}
    assert signoz.asked("/api/v5/query_range") == 1
    assert signoz.asked("/api/v1/stats") == 0


def test_a_read_asks_at_most_one_of_them(signoz: Signoz) -> None:
    collector = signoz.collector()
    run(collector, reads=1)
    for number in range(1, 30):
        before = len(signoz.server.asked)
        read(collector, NOW + 2 * number)
        asked = [one.path for one in signoz.server.asked[before:] if "kind_string" not in str(one.body)]
        assert asked.count("/api/v5/query_range") + asked.count("/api/v1/stats") <= 2


def test_all_of_them_are_answered_in_base_units_within_some_reads(signoz: Signoz) -> None:
    scrape = run(signoz.collector())
    assert states(scrape) == {"newest span": "answered", "coverage": "answered", "stats": "answered"}
    assert found(scrape, "signoz_trace_coverage_traces", "part") == COUNTS
    assert found(scrape, "signoz_newest_span_timestamp_seconds", "service") == {
        "prism-proxy": NOW - 0.5,
        "prism-plugin-redis": NOW - 3,
    }
    assert found(scrape, "signoz_pattern_traces", "part") == {"all": PATTERNS, "backend_missing": LACKING}
    assert found(scrape, "signoz_signal_rows", "signal") == {"traces": 500, "logs": 9}
    assert found(scrape, "signoz_signal_last_observed_timestamp_seconds", "signal") == {"traces": NOW - 2}


def _is_of_coverage(one: Asked) -> bool:
    queries = one.body["compositeQuery"]["queries"]
    return bool(queries[-1]["type"] == "builder_trace_operator" and queries[0]["spec"]["name"] != "E")


def test_the_window_of_the_coverage_is_one_and_ends_a_minute_before_it_was_asked(signoz: Signoz) -> None:
    scrape = run(signoz.collector())
    (start,) = found(scrape, "signoz_trace_coverage_start_seconds").values()
    (end,) = found(scrape, "signoz_trace_coverage_end_seconds").values()
    assert end - start == 300
    assert NOW - 60 <= end <= NOW - 60 + 40
    windows = {
        (one.body["start"], one.body["end"])
        for one in signoz.server.asked
        if one.path.endswith("query_range") and _is_of_coverage(one)
    }
    assert windows == {(int(start * 1000), int(end * 1000))}


def test_only_queries_that_the_operator_names_are_sent() -> None:
    for part in PARTS:
        backends = Backends()
        backends.keys = {"C": "db.system"}
        queries = request(part, (0.0, 300.0), backends)["compositeQuery"]["queries"]
        expression = queries[-1]["spec"]["expression"]
        assert all(query["spec"]["name"] in expression.replace("NOT", "") for query in queries[:-1])
        assert ("C" in expression) == (len(queries) == 4)


def test_the_newest_traces_of_patterns_are_counted_with_what_the_operator_does_not_name() -> None:
    whole, *named, operator = lacking((0.0, 10.0), Backends())["compositeQuery"]["queries"]
    assert operator["spec"]["expression"] == "B NOT (C || D)"
    assert [one["spec"]["name"] for one in named] == ["B", "C", "D"]
    assert whole["spec"]["name"] == "E"
    assert whole["spec"]["filter"] == named[0]["spec"]["filter"]


@pytest.mark.parametrize(
    ("version", "wanted"),
    [
        ("v0.39.0", {"newest span": "not offered", "coverage": "not offered", "stats": "not offered"}),
        ("v0.93.0", {"newest span": "answered", "coverage": "not offered", "stats": "not offered"}),
        ("v0.128.9", {"newest span": "answered", "coverage": "answered", "stats": "not offered"}),
        ("dev", {"newest span": "answered", "coverage": "answered", "stats": "answered"}),
    ],
)
def test_an_older_version_is_not_asked_what_it_cannot_answer(http: Http, version: str, wanted: dict[str, str]) -> None:
    signoz = Signoz(http, version)
    signoz.routes["POST", "/api/v5/query_range"] = v5
    signoz.routes["GET", "/api/v1/stats"] = lambda asked: STATS
    scrape = run(signoz.collector())
    assert states(scrape) == wanted
    assert bool(found(scrape, "signoz_trace_coverage_traces", "part")) is (wanted["coverage"] == "answered")


Break = Callable[[Asked], Any]
BROKEN: dict[str, tuple[Break, str]] = {
    "a web page": (lambda asked: HTML, "not offered"),
    "a refusal": (lambda asked: Reply.of({"status": "error", "error": {"message": "boom"}}, 500), "failed"),
    "a key that no span carries": (
        lambda asked: Reply.of({"status": "error", "error": {"message": "key `x` not found"}}, 400), "no data",
    ),
    "another shape": (lambda asked: results({"queryName": "T", "data": [[{}], 5]}, {"queryName": "T"}), "failed"),
    "nothing of it": (lambda asked: {"data": {}}, "failed"),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_one_that_fails_fails_alone_and_reports_how(signoz: Signoz, broken: str) -> None:
    reply, state = BROKEN[broken]

    def only_the_coverage_breaks(asked: Asked) -> Any:
        kind = asked.body["compositeQuery"]["queries"][-1]["type"]
        return reply(asked) if kind == "builder_trace_operator" else v5(asked)

    signoz.routes["POST", "/api/v5/query_range"] = only_the_coverage_breaks
    scrape = run(signoz.collector())
    assert states(scrape) == {"newest span": "answered", "coverage": state, "stats": "answered"}
    assert found(scrape, "signoz_trace_coverage_traces", "part") == {}
    assert any(series.name == "signoz_operation_spans" for series in scrape.series)


def test_a_backend_attribute_that_no_span_carries_is_left_out_of_the_question(signoz: Signoz) -> None:
    def no_messaging(asked: Asked) -> Any:
        if "messaging.system" in json.dumps(asked.body):
            return Reply.of({"status": "error", "error": {"message": "key `messaging.system` not found"}}, 400)
        queries = asked.body["compositeQuery"]["queries"]
        last = queries[-1]
        if last["type"] == "builder_trace_operator" and queries[0]["spec"]["name"] != "E":
            wanted = last["spec"]["expression"].replace("(C)", "(C || D)")
            return results({"queryName": "T", "data": [[COUNTS[EXPRESSIONS[wanted]]]]})
        return v5(asked)

    signoz.routes["POST", "/api/v5/query_range"] = no_messaging
    scrape = run(signoz.collector(), 16)
    assert found(scrape, "signoz_trace_coverage_traces", "part") == COUNTS
    assert found(scrape, "signoz_pattern_traces", "part") == {"all": PATTERNS, "backend_missing": LACKING}


def test_no_trace_at_all_is_zero(signoz: Signoz) -> None:
    def nothing(asked: Asked) -> Any:
        kind = asked.body["compositeQuery"]["queries"][-1]["type"]
        return results({"queryName": "T", "data": None}) if kind == "builder_trace_operator" else v5(asked)

    signoz.routes["POST", "/api/v5/query_range"] = nothing
    assert set(found(run(signoz.collector()), "signoz_trace_coverage_traces", "part").values()) == {0.0}


def test_an_answer_is_reported_again_until_it_is_too_old(signoz: Signoz) -> None:
    collector = signoz.collector()
    run(collector)
    signoz.routes["GET", "/api/v1/stats"] = lambda asked: Reply(500, b"boom")
    scrape = run(collector, 25, start=NOW + 18)
    assert states(scrape)["stats"] == "failed"
    assert found(scrape, "signoz_signal_rows", "signal") == {"traces": 500, "logs": 9}
    later = run(collector, 30, start=NOW + 90)
    assert states(later)["stats"] == "failed"
    assert found(later, "signoz_signal_rows", "signal") == {}


def test_a_service_that_goes_silent_keeps_its_last_instant_for_an_hour(signoz: Signoz) -> None:
    collector = signoz.collector()
    run(collector)
    newest = "signoz_newest_span_timestamp_seconds"

    def silent(asked: Asked) -> Any:
        return results() if asked.body["requestType"] == "raw" else v5(asked)

    signoz.routes["POST", "/api/v5/query_range"] = silent
    assert found(run(collector, 20, start=NOW + 60), newest, "service")["prism-plugin-redis"] == NOW - 3
    assert found(run(collector, 20, start=NOW + 3700), newest, "service") == {}


def test_a_service_whose_clock_is_ahead_is_forgotten_all_the_same(signoz: Signoz) -> None:
    def ahead(asked: Asked) -> Any:
        rows = [{"timestamp": "2099-01-01T00:00:00Z", "data": {}}]
        return results({"queryName": "B", "rows": rows}) if asked.body["requestType"] == "raw" else v5(asked)

    collector, newest = signoz.collector(), "signoz_newest_span_timestamp_seconds"
    signoz.routes["POST", "/api/v5/query_range"] = ahead
    (at,) = found(run(collector), newest, "service").values()
    assert NOW <= at < NOW + 60
    signoz.routes["POST", "/api/v5/query_range"] = lambda asked: (
        results() if asked.body["requestType"] == "raw" else v5(asked)
    )
    assert found(run(collector, 20, start=NOW + 3700), newest, "service") == {}


@given(st.text(max_size=40))
def test_a_name_cannot_leave_its_literal(name: str) -> None:
    inside = quoted(name)[1:-1]
    assert quoted(name)[0] == quoted(name)[-1] == "'"
    assert "'" not in inside.replace("\\\\", "").replace("\\'", "")
