"""The pipeline judged by what moves; exports by sums over sums; coverage by what SigNoz answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregators.observability.observability import observability
from aggregators.observability.pipeline import Hop
from model.measure import Measure
from model.series import Unit
from model.sources import ErrorKind
from model.status import Reading, Status
from store.snapshot import Snapshot
from tests.aggregators.telemetry import LOST_FOR, NOW, PARTS, Telemetry

HOPS = ("Prism Proxy → SigNoz", "Patterns → SigNoz", "OTLP Collector", "SigNoz (Query Service)")


def hops(**reported: Any) -> dict[str, Hop]:
    found = observability(Telemetry(**reported).snapshot(), NOW).hops
    assert tuple(hop.name for hop in found) == HOPS
    return dict(zip(("proxy", "patterns", "collector", "signoz"), found, strict=True))


def test_a_pipeline_that_moves_is_healthy_hop_by_hop() -> None:
    found = hops()
    assert {hop.status for hop in found.values()} == {Status.HEALTHY}
    assert found["proxy"].last_exported == Measure.of(NOW - 2, Unit.TIMESTAMP)
    assert found["patterns"].last_exported == Measure.of(NOW - 3, Unit.TIMESTAMP)
    assert found["collector"].last_exported == Measure.of(NOW, Unit.TIMESTAMP)
    assert found["signoz"].last_exported == Measure.of(NOW, Unit.TIMESTAMP)
    assert observability(Telemetry().snapshot(), NOW).status is Status.HEALTHY


@pytest.mark.parametrize(
    ("age", "per_second", "status"),
    [
        (59.0, 100.0, Status.HEALTHY),
        (90.0, 100.0, Status.DEGRADED),
        (200.0, 100.0, Status.UNHEALTHY),
        (200.0, 0.1, Status.UNKNOWN),  # nobody asks: nothing to trace
        (None, 100.0, Status.UNHEALTHY),
    ],
)
def test_the_proxy_is_judged_by_its_newest_span_while_there_are_requests(
    age: float | None, per_second: float, status: Status
) -> None:
    newest = {"prism-plugin-redis": 1.0} | ({} if age is None else {"prism-proxy": age})
    found = hops(newest=newest, requests_per_second=per_second)
    assert found["proxy"].status is status
    assert found["patterns"].status is Status.HEALTHY
    if age is None:
        assert found["proxy"].last_exported.reading is Reading.NOT_REPORTED


def test_without_a_request_count_an_old_span_says_nothing() -> None:
    found = hops(newest={"prism-proxy": 500.0}, absent=("prism_requests_total",))
    assert found["proxy"].status is Status.UNKNOWN
    assert "no request count" in found["proxy"].reason


def test_one_pattern_that_went_silent_although_asked_is_named() -> None:
    found = hops(newest={"prism-proxy": 1.0, "prism-plugin-redis": 2.0, "prism-plugin-postgres": 120.0})
    assert found["patterns"].status is Status.DEGRADED
    assert found["patterns"].reason == "no spans of prism-plugin-postgres for 2m, although asked"


def test_a_silent_service_that_nobody_asks_is_no_trouble() -> None:
    found = hops(newest={"prism-proxy": 1.0, "prism-plugin-redis": 2.0, "prism-plugin-kafka": 120.0})
    assert found["patterns"].status is Status.HEALTHY


@pytest.mark.parametrize(
    ("reported", "status", "words"),
    [
        ({"stops_at": 100.0}, Status.DEGRADED, "sends nothing although its queue holds something"),
        ({"stops_at": 100.0, "queued": 0.0}, Status.DEGRADED, "nothing sent for"),
        ({"stops_at": 250.0}, Status.UNHEALTHY, "although there are requests"),
        ({"stops_at": 250.0, "requests_per_second": 0.0, "queued": 0.0}, Status.UNKNOWN, "may be nothing to send"),
        ({"queued": 995.0}, Status.UNHEALTHY, "its queue is full"),
        ({"queued": 800.0}, Status.DEGRADED, "its queue is filling"),
        ({"failed": 900.0}, Status.DEGRADED, "some of what it sends fails"),
        ({"failed": 90000.0}, Status.UNHEALTHY, "most of what it sends fails"),
        ({"health": ("not available", "Server not available")}, Status.UNHEALTHY, "Server not available"),
        ({"health": ("no answer", "down: refused")}, Status.DEGRADED, "does not answer"),
        ({"health": None}, Status.HEALTHY, "counters"),
        ({"lost": ("otel",)}, Status.UNHEALTHY, "cannot be read, down"),
        ({"lost": ("otel",), "error": ErrorKind.MALFORMED}, Status.UNKNOWN, "malformed"),
        ({"never": ("otel",)}, Status.UNKNOWN, "cannot be read"),
        ({"kinds": ("proxy", "signoz")}, Status.UNKNOWN, "OTEL_METRICS_URL"),
        ({"absent": ("otelcol_exporter", "otelcol_receiver")}, Status.HEALTHY, "not reported"),
        ({"absent": ("otelcol",)}, Status.UNKNOWN, "not reported"),
    ],
)
def test_the_collector_is_judged_by_counters_queues_and_health(
    reported: dict[str, Any], status: Status, words: str
) -> None:
    hop = hops(**reported)["collector"]
    assert hop.status is status
    assert words in hop.reason


@pytest.mark.parametrize(
    ("reported", "status"),
    [
        ({"lost": ("signoz",)}, Status.UNHEALTHY),
        ({"lost": ("signoz",), "error": ErrorKind.UNAUTHENTICATED}, Status.UNKNOWN),
        ({"never": ("signoz",)}, Status.UNKNOWN),
        ({"kinds": ("proxy", "otel")}, Status.UNKNOWN),
    ],
)
def test_the_query_service_is_judged_by_its_answers(reported: dict[str, Any], status: Status) -> None:
    found = hops(**reported)
    assert found["signoz"].status is status
    assert found["proxy"].status is Status.UNKNOWN
    assert found["collector"].status is Status.HEALTHY


def test_spans_known_from_before_signoz_was_lost_are_old() -> None:
    last = hops(lost=("signoz",))["proxy"].last_exported
    assert (last.reading, last.age_seconds) == (Reading.STALE, LOST_FOR)


def test_exports_are_the_counters_of_five_minutes() -> None:
    found = observability(Telemetry().snapshot(), NOW).exports
    assert [(one.name, one.exported.value) for one in found.signals] == [
        ("traces", 40 * 300), ("metrics", 170 * 300), ("logs", 30 * 300),
    ]  # fmt: skip
    assert found.errors.value == 3
    assert found.error_ratio.value == pytest.approx(3 / (240 * 300 + 3))
    assert found.latency_p99.reading is Reading.NOT_REPORTED
    assert found.latency_p99.note.startswith("not reported by this collector")


def test_failures_that_no_counter_reports_are_none_where_sending_is_reported() -> None:
    found = observability(Telemetry(absent=("otelcol_exporter_send_failed",)).snapshot(), NOW).exports
    assert found.errors == Measure.of(0.0, Unit.COUNT)
    assert found.error_ratio == Measure.of(0.0, Unit.RATIO)


def test_what_two_exporters_send_is_counted_once_and_said() -> None:
    found = observability(Telemetry(second_exporter=True).snapshot(), NOW)
    traces = found.exports.signals[0].exported
    assert traces.value == 40 * 300
    assert "signozmeter sent on as well" in traces.note
    assert {one.exporter for one in found.exporters if one.signal == "traces"} == {"clickhousetraces", "signozmeter"}


def test_dropped_and_refused_items_are_reported_and_count_as_errors() -> None:
    found = observability(Telemetry(dropped=7.0, refused=11.0).snapshot(), NOW).exports
    assert found.enqueue_failed.value == pytest.approx(7, abs=1)
    assert found.refused.value == pytest.approx(11, abs=1)
    assert found.errors.value == pytest.approx(10, abs=2)


@given(st.floats(min_value=5.0, max_value=295.0))
def test_a_collector_that_restarted_loses_no_more_than_what_its_counters_lost(ago: float) -> None:
    found = observability(Telemetry(resets_at=ago).snapshot(), NOW).exports
    exported = found.signals[0].exported.value
    assert exported is not None
    assert 40 * 300 - 40 * 5 <= exported <= 40 * 300 + 40 * 5


def test_a_signal_of_which_nothing_was_sent_yet_is_not_reported_and_not_zero() -> None:
    found = observability(Telemetry(absent=("otelcol_exporter_sent_log",)).snapshot(), NOW).exports
    logs = found.signals[2].exported
    assert (logs.reading, logs.value) == (Reading.NOT_REPORTED, None)
    assert "first one" in logs.note


def test_the_latency_of_exports_is_a_quantile_of_the_collectors_histogram() -> None:
    snapshot = Telemetry().snapshot()
    assert observability(with_durations(snapshot), NOW).exports.latency_p99 == Measure.of(0.1, Unit.SECONDS)


def with_durations(snapshot: Snapshot) -> Snapshot:
    telemetry, name = Telemetry(), "otelcol_exporter_request_duration_seconds_bucket"
    plain = telemetry._otel

    def timed(scrape: Any, elapsed: float) -> None:
        plain(scrape, elapsed)
        for edge, share in (("0.01", 0.5), ("0.1", 0.99), ("+Inf", 1.0)):
            scrape.add(name, elapsed * 100 * share, le=edge)

    telemetry._otel = timed  # type: ignore[method-assign]
    return telemetry.snapshot()


def test_a_queue_without_a_limit_has_no_share() -> None:
    found = observability(Telemetry(absent=("otelcol_exporter_queue_capacity",)).snapshot(), NOW).exporters
    assert {one.queued.value for one in found} == {12.0}
    assert {one.fill.reading for one in found} == {Reading.NOT_REPORTED}
    assert {one.capacity.value for one in found} == {None}


def test_the_fullest_exporter_comes_first() -> None:
    found = observability(Telemetry(queued=850.0).snapshot(), NOW).exporters
    assert [one.fill.value for one in found] == [0.85] * 3
    assert {one.status for one in found} == {Status.DEGRADED}


def test_coverage_is_a_share_of_all_traces_of_the_window() -> None:
    found = observability(Telemetry().snapshot(), NOW).coverage
    total = sum(PARTS.values())
    assert found.traces.value == total
    assert found.complete_share.value == pytest.approx(12401 / total)
    assert found.incomplete.value == 86
    assert [(gap.part, gap.traces.value) for gap in found.gaps] == [("backend", 45), ("pattern", 31), ("proxy", 10)]
    assert (found.window_start.value, found.window_end.value) == (NOW - 370, NOW - 70)


def test_no_trace_at_all_is_no_traffic_and_neither_0_nor_100_percent() -> None:
    found = observability(Telemetry(parts=dict.fromkeys(PARTS, 0.0)).snapshot(), NOW).coverage
    assert found.traces == Measure.of(0.0, Unit.COUNT)
    assert found.complete_share.reading is Reading.NO_TRAFFIC
    assert {gap.share.reading for gap in found.gaps} == {Reading.NO_TRAFFIC}


@pytest.mark.parametrize(
    ("state", "reading", "words"),
    [
        (("not offered", "by SigNoz before v0.94"), Reading.NOT_REPORTED, "not offered by this SigNoz version"),
        (("no data", "key not found"), Reading.NOT_REPORTED, "no span reports it"),
        (("failed", "HTTP error: HTTP 500: boom"), Reading.ERROR, "boom"),
        (None, Reading.NOT_REPORTED, "not asked yet"),
    ],
)
def test_coverage_that_is_not_answered_says_why(state: tuple[str, str] | None, reading: Reading, words: str) -> None:
    questions = {"coverage": state} if state else {}
    found = observability(Telemetry(questions=questions).snapshot(), NOW).coverage
    assert found.traces.reading is reading
    assert words in found.traces.note
    assert found.complete.value is None
    assert found.complete_share.value is None


@given(st.fixed_dictionaries({part: st.integers(0, 10**9) for part in PARTS}))
def test_the_parts_of_coverage_add_up_whatever_they_are(parts: dict[str, int]) -> None:
    found = observability(Telemetry(parts={k: float(v) for k, v in parts.items()}).snapshot(), NOW).coverage
    assert found.traces.value == sum(parts.values())
    gaps = [gap.traces.value or 0.0 for gap in found.gaps]
    assert (found.complete.value or 0.0) + sum(gaps) == found.traces.value
    if sum(parts.values()):
        shares = [found.complete_share.value or 0.0, *(gap.share.value or 0.0 for gap in found.gaps)]
        assert sum(shares) == pytest.approx(1.0)


def test_an_empty_store_has_no_numbers() -> None:
    found = observability(Snapshot(), NOW)
    assert found.status is Status.UNKNOWN
    assert {hop.last_exported.value for hop in found.hops} == {None}
    assert {one.exported.value for one in found.exports.signals} == {None}
    assert found.exporters == ()
    assert found.coverage.traces.value is None


def test_a_collector_that_is_watched_for_seconds_only_is_not_called_silent() -> None:
    stopped = Telemetry(stops_at=400.0, queued=0.0).snapshot()
    assert _collector_at(stopped, NOW).status is Status.UNHEALTHY
    early = next(at for at in range(1, 400) if _collector_at(stopped, NOW - 400 + at).reason.startswith("watched for"))
    assert _collector_at(stopped, NOW - 400 + early).status is Status.UNKNOWN


def _collector_at(snapshot: Snapshot, now: float) -> Hop:
    return observability(snapshot, now).hops[2]
