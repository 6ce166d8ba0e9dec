"""Charts of an instant of which one-minute points are kept: never in shorter steps, and no gap where a point is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aggregators.backends.pool_series import pool_series
from aggregators.messaging.message_series import message_series
from aggregators.namespaces.namespace_series import namespace_series
from aggregators.overview.report_series import report_series
from aggregators.performance.performance_series import performance_series
from aggregators.requests.traffic import traffic_series
from aggregators.resources.resource_series import resource_series
from aggregators.security.auth_series import auth_series
from aggregators.series.resolution import kept_step
from model.series import Kind, Scrape
from model.sources import SourceState
from store.snapshot import Snapshot, snapshot_of

NOW = 1_790_000_040.0 // 60 * 60
HOUR = 3600


def read(time: float) -> Scrape:
    scrape, count = Scrape("proxy", "p:1", time), time - NOW + 2 * HOUR
    labels = {"namespace": "a", "pattern": "redis", "operation": "KeyValue.Get"}
    scrape.add("prism_requests_total", 10 * count, Kind.COUNTER, status="success", **labels)
    for edge, share in (("0.001", 9.0), ("0.01", 10.0), ("+Inf", 10.0)):
        scrape.add("prism_request_duration_seconds_bucket", share * count, Kind.HISTOGRAM, le=edge, **labels)
    scrape.add("prism_pubsub_published_total", count, Kind.COUNTER, topic="t")
    scrape.add("prism_auth_requests_total", count, Kind.COUNTER, result="failure", reason="expired")
    scrape.add("prism_pool_connections_active", 3.0, Kind.GAUGE, pattern="redis")
    scrape.add("process_resident_memory_bytes", 1e6, Kind.GAUGE)
    scrape.add("process_cpu_seconds_total", count / 2, Kind.COUNTER)
    return scrape


def past(every: float, gone: range = range(0)) -> Snapshot:
    times = (NOW - HOUR + every * at - 1.0 for at in range(1, int(HOUR / every) + 1))
    reads = [read(time) for time in times if int(NOW - time) not in gone]
    state = SourceState("proxy@p:1", "proxy", "p:1", "p:1", every).succeeded(reads[-1].time, 0.01, 1)
    return replace(snapshot_of(reads, sources=[state]), is_past=True)


@pytest.mark.parametrize("window", [300.0, 900.0])
def test_no_chart_has_a_gap_or_a_step_that_is_shorter_than_what_is_kept(window: float) -> None:
    points, step = past(60.0), window / 60
    slow = performance_series(points, NOW, window, step)
    flow = traffic_series(points, NOW, window, step)
    space = namespace_series(points, NOW, "a", window, step)
    sent = message_series(points, NOW, window, step)
    failed = auth_series(points, NOW, window, step)
    used = resource_series(points, NOW, window, step)
    pools = pool_series(points, NOW, window, step)
    drawn = [
        (slow.heat.times, [one and sum(one) for one in slow.heat.counts]),
        (slow.throughput.times, dict(slow.throughput.lines)["redis"]),
        (flow.times, flow.p99),
        (flow.times, flow.read),
        (flow.error_times, flow.errors_per_minute),
        (space.times, space.read),
        (sent.times, sent.published),
        (failed.times, dict(failed.failures)["expired"]),
        (used.times, dict(used.memory)["proxy"]),
        (used.times, dict(used.cpu)["proxy"]),
        (pools.times, pools.in_use["redis"]),
    ]
    for at, (times, values) in enumerate(drawn):
        assert len(times) == window / 60, at
        assert times[1] - times[0] == 60.0, at
        assert None not in values, at


def test_the_report_of_an_hour_long_gone_is_in_minutes() -> None:
    found = report_series(past(60.0), NOW, 1800.0)
    assert found.step_seconds == found.times[1] - found.times[0] == found.error_times[1] - found.error_times[0] == 60.0
    assert None not in found.p99


@pytest.mark.parametrize("gone", [range(0), range(100, 155), range(20, 80)], ids=["none", "a minute", "another"])
def test_where_every_read_is_kept_a_gap_stays_a_gap_in_the_steps_that_were_asked_for(gone: range) -> None:
    assert kept_step(past(1.0, gone), NOW - 300.0, NOW, 5.0) == 5.0


def test_a_live_window_keeps_its_steps() -> None:
    assert kept_step(replace(past(60.0), is_past=False), NOW - 300.0, NOW, 5.0) == 5.0
