from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.traffic.effects import Effects, Mode, PatternEffect, Slowness, Transport
from simulator.traffic.latency import MIDDLES, quantile
from simulator.traffic.scenario import BOUNDS, default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
READS = ("Get", "Exists", "Subscribe", "Dequeue")
EFFECTS = (
    Effects(),
    Effects(patterns={"nats": PatternEffect(down=True)}),
    Effects(patterns={"redis": PatternEffect(full_since=START), "nats": PatternEffect(loop_since=START)}),
    Effects(everywhere=Slowness(latency=20.0, error_ratio=0.3), auth_failure_ratio=0.5),
    Effects(transports={"signoz": Transport(Mode.DOWN)}),
)
steps = st.lists(st.tuples(st.floats(0.001, 20.0), st.sampled_from(range(len(EFFECTS)))), min_size=1, max_size=4)


def run(seed: int, moves: list[tuple[float, int]]) -> TrafficModel:
    traffic_model, now = TrafficModel(default_scenario(), seed, START, history=False), START
    for seconds, effect in moves:
        traffic_model.change(EFFECTS[effect], now)
        now += seconds
        traffic_model.advance(now)
    return traffic_model


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), moves=steps)
def test_every_ledger_adds_up_at_any_time_under_any_fault(seed: int, moves: list[tuple[float, int]]) -> None:
    traffic_model = run(seed, moves)
    requests = int(traffic_model.requests().sum())
    auth = traffic_model.auth
    assert auth.allowed == requests
    assert auth.attempts == requests + sum(auth.denied.values()) + sum(auth.failures.values())
    assert auth.hits + auth.misses == auth.attempts
    published = traffic_model._publishes
    assert sum(topic.published for topic in traffic_model.topics) == traffic_model.succeeded[published].sum()
    for topic in traffic_model.topics:
        assert (topic.received + topic.dropped + topic.pending == topic.published).all()
        assert topic.delivery.sum() == topic.received.sum()
    for signal in traffic_model.pipeline.signals.values():
        assert signal.accepted == signal.sent + signal.failed + signal.queued
    assert traffic_model.pipeline.signals["spans"].accepted == 2 * requests


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), moves=steps)
def test_a_sum_lies_between_the_edges_of_its_buckets(seed: int, moves: list[tuple[float, int]]) -> None:
    traffic_model = run(seed, moves)
    low, high = np.array([0.0, *BOUNDS]), np.array([*BOUNDS, 60.0])
    histogram = traffic_model.requests()
    assert (traffic_model.seconds >= histogram @ low - 1e-9).all()
    assert (traffic_model.seconds <= histogram @ high + 1e-9).all()


def counters(traffic_model: TrafficModel) -> NDArray[np.float64]:
    parts = (
        traffic_model.succeeded,
        traffic_model.failed,
        traffic_model.seconds,
        [traffic_model.cpu_seconds, traffic_model.auth.attempts],
    )
    return np.concatenate([np.asarray(part, dtype=np.float64).ravel() for part in parts])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), moves=steps)
def test_no_counter_ever_goes_back(seed: int, moves: list[tuple[float, int]]) -> None:
    traffic_model, now = TrafficModel(default_scenario(), seed, START, history=False), START
    before = counters(traffic_model)
    for seconds, effect in moves:
        traffic_model.change(EFFECTS[effect], now)
        now += seconds
        traffic_model.advance(now)
        after = counters(traffic_model)
        assert (after >= before).all()
        before = after


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_same_seed_read_at_the_same_times_gives_the_same_books(seed: int) -> None:
    one, other = run(seed, [(3.0, 0), (5.0, 3)]), run(seed, [(3.0, 0), (5.0, 3)])
    assert (one.requests() == other.requests()).all()
    assert one.auth.failures == other.auth.failures


def test_the_default_scene_is_the_one_of_the_first_view(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 300)
    histogram, flows = traffic_model.requests(), traffic_model.scenario.flows
    reads = np.array([flow.operation.split(".")[1] in READS for flow in flows])
    everything = histogram.sum(axis=0)
    assert everything.sum() / 300 == pytest.approx(8432, rel=0.03)
    assert histogram[reads].sum() / 300 == pytest.approx(5200, rel=0.03)
    assert histogram[~reads].sum() / 300 == pytest.approx(3225, rel=0.03)
    assert quantile(0.5, everything) == pytest.approx(0.0004, rel=0.02)
    assert quantile(0.99, everything) == pytest.approx(0.0008, rel=0.02)
    assert quantile(0.999, everything) == pytest.approx(0.0021, rel=0.05)
    assert traffic_model.failed.sum() / everything.sum() == pytest.approx(0.0003, rel=0.1)
    assert traffic_model.auth.successes / traffic_model.auth.attempts == pytest.approx(0.998, abs=0.0002)


def test_namespaces_have_the_shares_of_the_fifth_view(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 60)
    per_flow = traffic_model.requests().sum(axis=1)
    for namespace, share in (("user-platform", 0.502), ("payments", 0.219), ("analytics", 0.106)):
        mine = [flow.namespace == namespace for flow in traffic_model.scenario.flows]
        assert per_flow[mine].sum() / per_flow.sum() == pytest.approx(share, abs=0.01)
    assert len(traffic_model.scenario.namespaces) == 15


def test_pools_and_patterns_begin_as_in_the_first_view(traffic_model: TrafficModel) -> None:
    pool = traffic_model.pools["redis"]
    assert (pool.active, pool.idle, pool.maximum) == (7, 1, 10)
    assert [traffic_model.status(name) for name in traffic_model.processes] == [
        "HEALTHY",
        "HEALTHY",
        "DEGRADED",
        "HEALTHY",
    ]
    nats = traffic_model.processes["nats"]
    assert (nats.restarts, START - nats.started, nats.restarts_within(86400, START)) == (2, 8100.0, 2)
    assert START - traffic_model.processes["redis"].started == 4 * 86400 + 3 * 3600


def test_a_pool_is_asked_once_for_each_request_that_reaches_it(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 30)
    for name, pool in traffic_model.pools.items():
        assert pool.acquired.sum() == traffic_model.requests()[traffic_model.of_pattern(name)].sum()
        assert pool.acquire_seconds == pytest.approx(float(pool.acquired @ MIDDLES))


def test_a_crashed_pattern_fails_all_its_requests_and_none_of_the_others(traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(patterns={"redis": PatternEffect(down=True)}), START)
    traffic_model.advance(START + 10)
    mine = traffic_model.of_pattern("redis")
    assert traffic_model.succeeded[mine].sum() == 0
    assert traffic_model.failed[mine].sum() > 10000
    assert traffic_model.failed[~mine].sum() < 100
    assert traffic_model.pools["redis"].errors["refused"] == traffic_model.failed[mine].sum()
    assert traffic_model.pools["redis"].acquired.sum() == 0


def test_messages_wait_while_nats_is_down_and_are_delivered_afterwards(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 10)
    traffic_model.change(Effects(patterns={"nats": PatternEffect(down=True)}), START + 10)
    logs = traffic_model.topics[2]
    waiting = int(logs.pending.sum())
    assert waiting > 0
    traffic_model.advance(START + 20)
    assert int(logs.pending.sum()) == waiting
    assert logs.lag_seconds[0] > 9
    traffic_model.change(Effects(), START + 20)
    traffic_model.advance(START + 30)
    assert logs.lag_seconds[0] < 1


def test_slowness_moves_the_quantiles_and_not_the_rate(traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(everywhere=Slowness(latency=20.0)), START)
    traffic_model.advance(START + 20)
    everything = traffic_model.requests().sum(axis=0)
    assert quantile(0.99, everything) > 0.014
    assert everything.sum() / 20 == pytest.approx(8432, rel=0.05)


def test_a_full_pool_slows_and_fails_its_own_pattern_only(traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(patterns={"redis": PatternEffect(full_since=START)}), START)
    traffic_model.advance(START + 20)
    pool, mine = traffic_model.pools["redis"], traffic_model.of_pattern("redis")
    assert (pool.active, pool.idle) == (10, 0)
    assert pool.waiting > 100
    assert quantile(0.5, pool.acquired) > 0.1
    assert quantile(0.5, traffic_model.requests()[mine].sum(axis=0)) > 0.01
    assert quantile(0.5, traffic_model.requests()[~mine].sum(axis=0)) < 0.001
    assert pool.errors["timeout"] == traffic_model.failed[mine].sum() > 0
    assert traffic_model.status("redis") == "DEGRADED"


def test_time_that_goes_back_changes_nothing(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 5)
    before = traffic_model.requests().sum()
    traffic_model.advance(START)
    assert (traffic_model.at, traffic_model.requests().sum()) == (START + 5, before)


def test_a_day_asleep_is_caught_up_with_at_the_right_rate(traffic_model: TrafficModel) -> None:
    traffic_model.advance(START + 86400)
    assert traffic_model.requests().sum() / 86400 == pytest.approx(8432, rel=0.01)


def test_queued_spans_are_sent_when_the_sink_is_back(traffic_model: TrafficModel) -> None:
    traffic_model.change(Effects(transports={"signoz": Transport(Mode.DOWN)}), START)
    traffic_model.advance(START + 30)
    spans = traffic_model.pipeline.signals["spans"]
    assert spans.sent == 0
    assert spans.batches > 30
    traffic_model.change(Effects(), START + 30)
    traffic_model.advance(START + 31)
    assert spans.queued == 0
    assert spans.sent > 400_000


def test_more_namespaces_and_topics_can_be_asked_for() -> None:
    scenario = default_scenario(40, 9)
    traffic_model = TrafficModel(scenario, 1, START, history=False)
    traffic_model.advance(START + 60)
    assert len(scenario.namespaces) == 40
    assert len(traffic_model.topics) == 9
    assert traffic_model.requests().sum(axis=1).min() > 0
