"""The 24 hours before the start: the books go on where they end, and everybody says the same of them."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from simulator.past import families, telemetry
from simulator.past.families import Build
from simulator.past.instants import Instants
from simulator.past.past import Past
from simulator.past.rhythm import Rhythm
from simulator.servers.dex import DexTelemetry
from simulator.servers.ground_truth import figures
from simulator.servers.otel import OtelMetrics
from simulator.servers.proxy import ProxyMetrics
from simulator.signoz.coverage import traces
from simulator.sockets.exposition import WHOLE, Share, labels_text
from simulator.traffic.crowd import crowded_scenario
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel
from tests.simulator.conftest import START

HOUR = 3600.0
MINUTES = np.arange(START - 24 * HOUR, START + 1.0, 60.0)
BUILDS = (*families.PROXY, *telemetry.OTEL, *telemetry.DEX)


@pytest.fixture(scope="module")
def model() -> TrafficModel:
    return TrafficModel(default_scenario(), 7, START, past_hours=24.0)


@pytest.fixture(scope="module")
def past(model: TrafficModel) -> Past:
    assert model.past is not None
    return model.past


def built(past: Past, builds: tuple[Build, ...], share: Share = WHOLE) -> dict[str, float]:
    """Every series' value at the start, by its name and labels as they are exposed."""
    books = Instants(past, np.array([START]))
    return {
        name + labels_text(labels): float(values[0])
        for build in builds
        for name, labels, values in build(books, share)
        if values[0] == values[0]
    }


def exposed(text: bytes) -> dict[str, float]:
    lines = (line.rpartition(" ") for line in text.decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def same(one: dict[str, float], other: dict[str, float]) -> bool:
    return one == pytest.approx(other, rel=1e-9)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_proxys_counters_and_gauges_go_on_without_a_step(model: TrafficModel, past: Past, number: int) -> None:
    share = Share(number, 3)
    assert same(exposed(ProxyMetrics(model, lambda: START, share).text(START)), built(past, families.PROXY, share))


def test_so_do_the_otel_collectors_and_dexs(model: TrafficModel, past: Past) -> None:
    assert same(exposed(OtelMetrics(model, lambda: START).text()), built(past, telemetry.OTEL))
    assert same(exposed(DexTelemetry(model, lambda: START).text()), built(past, telemetry.DEX))


def test_so_do_those_of_a_crowded_scene_with_hostile_names() -> None:
    crowded = TrafficModel(crowded_scenario(40, 9, 12, hostile=True), 3, START, history=False, past_hours=1.0)
    assert crowded.past is not None
    text = ProxyMetrics(crowded, lambda: START).text(START)
    books = Instants(crowded.past, np.array([START]))
    known = {name + labels_text(labels) for build in families.PROXY for name, labels, _ in build(books, WHOLE)}
    assert set(exposed(text)) == known


def counted(past: Past) -> Iterator[tuple[str, np.ndarray]]:
    books = Instants(past, MINUTES)
    for build in BUILDS:
        for name, labels, values in build(books, WHOLE):
            if name.endswith(("_total", "_bucket", "_count", "_sum")) and "pattern_cpu" not in name:
                yield f"{name}{labels}", np.asarray(values)


def test_no_counter_ever_falls(past: Past) -> None:
    assert [name for name, values in counted(past) if (np.diff(values) < 0).any()] == []


def test_the_same_seed_and_start_give_the_same_past_and_another_seed_another(past: Past) -> None:
    def series(seed: int) -> dict[str, float]:
        again = TrafficModel(default_scenario(), seed, START, history=False, past_hours=24.0).past
        assert again is not None
        return built(again, families.PROXY)

    assert series(7) == built(past, families.PROXY)
    assert series(8) != series(7)


def test_a_day_has_a_busy_and_a_quiet_time_and_ends_as_busy_as_it_goes_on(past: Past) -> None:
    per_second = np.diff(Instants(past, MINUTES).requests) / 60.0
    rhythm = Rhythm(START)
    assert per_second.max() / per_second.min() == pytest.approx(1.3 / 0.7, rel=0.05)
    busiest = MINUTES[per_second.argmax()] % 86400.0
    assert abs(busiest - 13 * HOUR) < HOUR
    later = TrafficModel(default_scenario(), 7, START, past_hours=24.0)
    before = int(later.requests().sum())
    later.advance(START + 60.0)
    grown = (int(later.requests().sum()) - before) / 60.0
    assert grown == pytest.approx(per_second[-1], rel=0.02)
    assert rhythm(START) == 1.0


def test_the_books_balance_at_every_minute(past: Past) -> None:
    books = Instants(past, MINUTES)
    rows: dict[str, np.ndarray] = {}
    for build in BUILDS:
        for name, _, values in build(books, WHOLE):
            rows[name] = rows.get(name, 0.0) + values.astype(np.float64)
    requests = rows["prism_requests_total"]
    assert (rows["prism_request_duration_seconds_count"] == requests).all()
    assert (rows["otelcol_receiver_accepted_spans_total"] == 2 * requests).all()
    lookups = rows["prism_jwks_cache_hits_total"] + rows["prism_jwks_cache_misses_total"]
    assert (rows["prism_auth_requests_total"] == lookups).all()
    subscribed = {one.name: len(one.subscribers) for one in past.scenario.topics}
    assert (rows["prism_pubsub_subscribers"] == sum(subscribed.values())).all()
    due = rows["prism_pubsub_delivered_total"] + rows["prism_pubsub_dropped_total"] + rows["prism_pubsub_pending"]
    assert (np.diff(due) >= 0).all()


def test_the_traces_of_the_same_hours_hold_the_same_requests(model: TrafficModel, past: Past) -> None:
    for start, end in ((START - 600.0, START), (START - 1820.0, START - 1220.0)):
        requests = Instants(past, np.array([start, end])).requests
        stored = sum(int(slot.total.sum()) for slot in model.span_store.slots(start, end))
        assert stored == int(requests[1] - requests[0])
    found = traces(model, START - 600.0, START)
    assert found.complete > 0.98 * sum(found)


def test_the_log_of_refused_tokens_has_those_of_the_day_by_reason(model: TrafficModel, past: Past) -> None:
    refused = Instants(past, np.array([past.begin, START])).refused
    counts = model.auth_log.counts(past.begin, START)
    for reason, count in refused.items():
        logged = sum(int(counts[at]) for at, one in enumerate(model.auth_log.crowd) if one.reason == reason)
        assert logged == int(count[1] - count[0])


def test_books_without_a_past_begin_at_nothing() -> None:
    young = TrafficModel(default_scenario(), 7, START)
    assert young.past is None
    assert figures(young, START)["totals"]["requests"] == 0


def test_ten_minutes_after_the_start_nothing_has_fallen(past: Past) -> None:
    model = TrafficModel(default_scenario(), 7, START, past_hours=24.0)
    model.advance(START + 600.0)
    after = exposed(ProxyMetrics(model, lambda: START + 600.0).text(START + 600.0))
    before = built(past, families.PROXY)
    counters = [name for name in before if name.partition("{")[0].endswith(("_total", "_bucket", "_count", "_sum"))]
    assert [name for name in counters if after[name] < before[name]] == []


def test_a_large_scene_takes_no_more_memory_than_a_few_instants_of_it() -> None:
    tracemalloc.start()
    TrafficModel(default_scenario(1500), 3, START, history=False, past_hours=24.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4e8
