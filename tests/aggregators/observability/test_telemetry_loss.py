"""One exporter loses telemetry while another sends: each is judged by itself, at once, and only while it lasts."""

from __future__ import annotations

import pytest

from aggregators.observability.observability import Observability, observability
from aggregators.observability.queues import Exporter
from model.measure import Measure
from model.series import Kind, Scrape, Unit
from model.sources import SourceState
from model.status import Reading, Status
from store.snapshot import snapshot_of

INTERVAL = 5.0
START = 1_790_000_000.0
SENT, FAILED, DROPPED = (f"otelcol_exporter_{what}_spans_total" for what in ("sent", "send_failed", "enqueue_failed"))


def read(queue: list[float], failed: list[float] | None = None, dropped: list[float] | None = None) -> Observability:
    """A collector whose `debug` exporter sends on and on while `otlp` holds `queue` of 20 batches, read by read.

    Like a real one it names `otlp` in no counter before the first item that it sent, gave up or dropped.
    """
    scrapes = []
    for number, size in enumerate(queue):
        scrape = Scrape("otel", "otel:1", START + number * INTERVAL)
        scrape.add(SENT, 100.0 * number, Kind.COUNTER, exporter="debug")
        scrape.add("otelcol_exporter_queue_size", size, exporter="otlp", data_type="traces")
        scrape.add("otelcol_exporter_queue_capacity", 20.0, exporter="otlp", data_type="traces")
        for family, counted in ((FAILED, failed), (DROPPED, dropped)):
            if counted is not None and counted[number]:
                scrape.add(family, counted[number], Kind.COUNTER, exporter="otlp")
        scrapes.append(scrape)
    state = SourceState("otel@otel:1", "otel", "otel:1", "x", INTERVAL).succeeded(scrapes[-1].time, 0.01, 5)
    snapshot = snapshot_of(scrapes, sources=[state], meta={"collector_alive_at": scrapes[-1].time})
    return observability(snapshot, scrapes[-1].time)


def otlp(found: Observability) -> Exporter:
    return next(one for one in found.exporters if one.exporter == "otlp")


@pytest.mark.parametrize(
    ("queue", "status", "words"),
    [
        ([0, 0, 0, 2], Status.DEGRADED, "filling"),
        ([2, 5, 9, 13, 16], Status.DEGRADED, "filling"),
        ([16, 16, 16, 16, 16], Status.DEGRADED, "filling"),
        ([2, 9, 16, 20], Status.UNHEALTHY, "full"),
        ([0, 0, 0, 0, 0], Status.HEALTHY, ""),
        ([0, 0, 1, 0, 0], Status.HEALTHY, ""),
    ],
)
def test_a_filling_queue_counts_at_once_although_another_exporter_sends(
    queue: list[float], status: Status, words: str
) -> None:
    found = read(queue)
    assert (otlp(found).status, words in otlp(found).reason) == (status, True)
    hop = next(one for one in found.hops if one.name == "OTLP Collector")
    assert hop.status is status
    assert found.status is (status if status is not Status.HEALTHY else found.status)


@pytest.mark.parametrize(("capacity", "note"), [(0.0, "no limit is set"), (None, "queue_capacity would fill it")])
def test_an_exporter_of_which_only_a_queue_without_a_limit_is_known_is_not_called_well(
    capacity: float | None, note: str
) -> None:
    scrapes = []
    for number in range(4):
        scrape = Scrape("otel", "otel:1", START + number * INTERVAL)
        scrape.add("otelcol_exporter_queue_size", 16.0, exporter="otlp", data_type="traces")
        if capacity is not None:
            scrape.add("otelcol_exporter_queue_capacity", capacity, exporter="otlp", data_type="traces")
        scrapes.append(scrape)
    state = SourceState("otel@otel:1", "otel", "otel:1", "x", INTERVAL).succeeded(scrapes[-1].time, 0.01, 5)
    found = otlp(observability(snapshot_of(scrapes, sources=[state]), scrapes[-1].time))
    assert (found.status, found.queued.value) == (Status.UNKNOWN, 16.0)
    assert note in found.fill.note


def test_an_exporter_that_drops_before_its_full_queue_is_named_by_that_alone() -> None:
    found = read([18, 19, 18, 19, 18], dropped=[0, 0, 0, 300, 600])
    assert otlp(found).status is Status.UNHEALTHY
    assert otlp(found).lost.value == 600.0
    assert found.exports.enqueue_failed.value == 600.0


def test_growing_failures_count_at_once_and_are_over_when_they_are_over() -> None:
    failed: list[float] = [0, 0, 0, 0, 50]
    assert otlp(read([0.0] * 5, failed=failed)).status is Status.UNHEALTHY
    failed += [50] * 4
    over = otlp(read([0.0] * 9, failed=failed))
    assert (over.status, over.reason) == (Status.HEALTHY, "")
    assert over.lost == Measure.of(50.0, Unit.COUNT)


def test_what_is_lost_is_reported_although_nothing_was_ever_sent() -> None:
    scrapes = []
    for number in range(4):
        scrape = Scrape("otel", "otel:1", START + number * INTERVAL)
        scrape.add(FAILED, 10.0 * number, Kind.COUNTER, exporter="otlp")
        scrapes.append(scrape)
    state = SourceState("otel@otel:1", "otel", "otel:1", "x", INTERVAL).succeeded(scrapes[-1].time, 0.01, 5)
    found = observability(snapshot_of(scrapes, sources=[state]), scrapes[-1].time)
    assert found.exports.errors.value == 30.0
    assert found.exports.signals[0].exported.reading is Reading.NOT_REPORTED
    assert otlp(found).status is Status.UNHEALTHY


@pytest.mark.parametrize(("reads", "status"), [(2, Status.HEALTHY), (9, Status.DEGRADED)])
def test_that_nothing_is_sent_is_not_said_before_it_was_watched_for_long_enough(reads: int, status: Status) -> None:
    """Batches are sent every few seconds: of the first two reads nobody knows."""
    scrapes = []
    for number in range(reads):
        scrape = Scrape("otel", "otel:1", START + number * 2.0)
        scrape.add(SENT, 700.0, Kind.COUNTER, exporter="otlp")
        scrape.add("otelcol_exporter_queue_size", 1.0, exporter="otlp", data_type="traces")
        scrape.add("otelcol_exporter_queue_capacity", 1000.0, exporter="otlp", data_type="traces")
        scrapes.append(scrape)
    state = SourceState("otel@otel:1", "otel", "otel:1", "x", 2.0).succeeded(scrapes[-1].time, 0.01, 5)
    snapshot = snapshot_of(scrapes, sources=[state], meta={"collector_alive_at": scrapes[-1].time})
    assert otlp(observability(snapshot, scrapes[-1].time)).status is status
