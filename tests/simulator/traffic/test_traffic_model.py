from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulator.traffic.effects import Effects, Mode, PatternEffect, Slowness, Transport
from simulator.traffic.latency import MIDDLES, quantile
from simulator.traffic.scenario import BOUNDS, default_scene
from simulator.traffic.traffic_model import Books

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


def run(seed: int, moves: list[tuple[float, int]]) -> Books:
    books, now = Books(default_scene(), seed, START, history=False), START
    for seconds, effect in moves:
        books.change(EFFECTS[effect], now)
        now += seconds
        books.advance(now)
    return books


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), moves=steps)
def test_every_ledger_adds_up_at_any_time_under_any_fault(seed: int, moves: list[tuple[float, int]]) -> None:
    books = run(seed, moves)
    requests = int(books.requests().sum())
    auth = books.auth
    assert auth.allowed == requests
    assert auth.attempts == requests + sum(auth.denied.values()) + sum(auth.failures.values())
    assert auth.hits + auth.misses == auth.attempts
    published = books._publishes
    assert sum(topic.published for topic in books.topics) == books.succeeded[published].sum()
    for topic in books.topics:
        assert (topic.received + topic.dropped + topic.pending == topic.published).all()
        assert topic.delivery.sum() == topic.received.sum()
    for signal in books.pipeline.signals.values():
        assert signal.accepted == signal.sent + signal.failed + signal.queued
    assert books.pipeline.signals["spans"].accepted == 2 * requests


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), moves=steps)
def test_a_sum_lies_between_the_edges_of_its_buckets(seed: int, moves: list[tuple[float, int]]) -> None:
    books = run(seed, moves)
    low, high = np.array([0.0, *BOUNDS]), np.array([*BOUNDS, 60.0])
    histogram = books.requests()
    assert (books.seconds >= histogram @ low - 1e-9).all()
    assert (books.seconds <= histogram @ high + 1e-9).all()


def counters(books: Books) -> NDArray[np.float64]:
    parts = (books.succeeded, books.failed, books.seconds, [books.cpu_seconds, books.auth.attempts])
    return np.concatenate([np.asarray(part, dtype=np.float64).ravel() for part in parts])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), moves=steps)
def test_no_counter_ever_goes_back(seed: int, moves: list[tuple[float, int]]) -> None:
    books, now = Books(default_scene(), seed, START, history=False), START
    before = counters(books)
    for seconds, effect in moves:
        books.change(EFFECTS[effect], now)
        now += seconds
        books.advance(now)
        after = counters(books)
        assert (after >= before).all()
        before = after


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_the_same_seed_read_at_the_same_times_gives_the_same_books(seed: int) -> None:
    one, other = run(seed, [(3.0, 0), (5.0, 3)]), run(seed, [(3.0, 0), (5.0, 3)])
    assert (one.requests() == other.requests()).all()
    assert one.auth.failures == other.auth.failures


def test_the_default_scene_is_the_one_of_the_first_view(books: Books) -> None:
    books.advance(START + 300)
    histogram, flows = books.requests(), books.scene.flows
    reads = np.array([flow.operation.split(".")[1] in READS for flow in flows])
    everything = histogram.sum(axis=0)
    assert everything.sum() / 300 == pytest.approx(8432, rel=0.03)
    assert histogram[reads].sum() / 300 == pytest.approx(5200, rel=0.03)
    assert histogram[~reads].sum() / 300 == pytest.approx(3225, rel=0.03)
    assert quantile(0.5, everything) == pytest.approx(0.0004, rel=0.02)
    assert quantile(0.99, everything) == pytest.approx(0.0008, rel=0.02)
    assert quantile(0.999, everything) == pytest.approx(0.0021, rel=0.05)
    assert books.failed.sum() / everything.sum() == pytest.approx(0.0003, rel=0.1)
    assert books.auth.successes / books.auth.attempts == pytest.approx(0.998, abs=0.0002)


def test_namespaces_have_the_shares_of_the_fifth_view(books: Books) -> None:
    books.advance(START + 60)
    per_flow = books.requests().sum(axis=1)
    for namespace, share in (("user-platform", 0.502), ("payments", 0.219), ("analytics", 0.106)):
        mine = [flow.namespace == namespace for flow in books.scene.flows]
        assert per_flow[mine].sum() / per_flow.sum() == pytest.approx(share, abs=0.01)
    assert len(books.scene.namespaces) == 15


def test_pools_and_patterns_begin_as_in_the_first_view(books: Books) -> None:
    pool = books.pools["redis"]
    assert (pool.active, pool.idle, pool.maximum) == (7, 1, 10)
    assert [books.status(name) for name in books.processes] == ["HEALTHY", "HEALTHY", "DEGRADED", "HEALTHY"]
    nats = books.processes["nats"]
    assert (nats.restarts, START - nats.started, nats.restarts_within(86400, START)) == (2, 8100.0, 2)
    assert START - books.processes["redis"].started == 4 * 86400 + 3 * 3600


def test_a_pool_is_asked_once_for_each_request_that_reaches_it(books: Books) -> None:
    books.advance(START + 30)
    for name, pool in books.pools.items():
        assert pool.acquired.sum() == books.requests()[books.of_pattern(name)].sum()
        assert pool.acquire_seconds == pytest.approx(float(pool.acquired @ MIDDLES))


def test_a_crashed_pattern_fails_all_its_requests_and_none_of_the_others(books: Books) -> None:
    books.change(Effects(patterns={"redis": PatternEffect(down=True)}), START)
    books.advance(START + 10)
    mine = books.of_pattern("redis")
    assert books.succeeded[mine].sum() == 0
    assert books.failed[mine].sum() > 10000
    assert books.failed[~mine].sum() < 100
    assert books.pools["redis"].errors["refused"] == books.failed[mine].sum()
    assert books.pools["redis"].acquired.sum() == 0


def test_messages_wait_while_nats_is_down_and_are_delivered_afterwards(books: Books) -> None:
    books.advance(START + 10)
    books.change(Effects(patterns={"nats": PatternEffect(down=True)}), START + 10)
    logs = books.topics[2]
    waiting = int(logs.pending.sum())
    assert waiting > 0
    books.advance(START + 20)
    assert int(logs.pending.sum()) == waiting
    assert logs.lag_seconds[0] > 9
    books.change(Effects(), START + 20)
    books.advance(START + 30)
    assert logs.lag_seconds[0] < 1


def test_slowness_moves_the_quantiles_and_not_the_rate(books: Books) -> None:
    books.change(Effects(everywhere=Slowness(latency=20.0)), START)
    books.advance(START + 20)
    everything = books.requests().sum(axis=0)
    assert quantile(0.99, everything) > 0.014
    assert everything.sum() / 20 == pytest.approx(8432, rel=0.05)


def test_a_full_pool_slows_and_fails_its_own_pattern_only(books: Books) -> None:
    books.change(Effects(patterns={"redis": PatternEffect(full_since=START)}), START)
    books.advance(START + 20)
    pool, mine = books.pools["redis"], books.of_pattern("redis")
    assert (pool.active, pool.idle) == (10, 0)
    assert pool.waiting > 100
    assert quantile(0.5, pool.acquired) > 0.1
    assert quantile(0.5, books.requests()[mine].sum(axis=0)) > 0.01
    assert quantile(0.5, books.requests()[~mine].sum(axis=0)) < 0.001
    assert pool.errors["timeout"] == books.failed[mine].sum() > 0
    assert books.status("redis") == "DEGRADED"


def test_time_that_goes_back_changes_nothing(books: Books) -> None:
    books.advance(START + 5)
    before = books.requests().sum()
    books.advance(START)
    assert (books.at, books.requests().sum()) == (START + 5, before)


def test_a_day_asleep_is_caught_up_with_at_the_right_rate(books: Books) -> None:
    books.advance(START + 86400)
    assert books.requests().sum() / 86400 == pytest.approx(8432, rel=0.01)


def test_queued_spans_are_sent_when_the_sink_is_back(books: Books) -> None:
    books.change(Effects(transports={"signoz": Transport(Mode.DOWN)}), START)
    books.advance(START + 30)
    spans = books.pipeline.signals["spans"]
    assert spans.sent == 0
    assert spans.batches > 30
    books.change(Effects(), START + 30)
    books.advance(START + 31)
    assert spans.queued == 0
    assert spans.sent > 400_000


def test_more_namespaces_and_topics_can_be_asked_for() -> None:
    scene = default_scene(40, 9)
    books = Books(scene, 1, START, history=False)
    books.advance(START + 60)
    assert len(scene.namespaces) == 40
    assert len(books.topics) == 9
    assert books.requests().sum(axis=1).min() > 0
