from __future__ import annotations

import numpy as np
import pytest

from simulator.faults.active_faults import FaultBoard
from simulator.faults.catalogue import FAULTS, FaultError
from simulator.traffic.effects import Effects, Mode
from simulator.traffic.requests import Traffic
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
TARGETS = {
    "pattern": "redis", "pool": "redis", "source": "proxy", "topic": "events.user", "signal": "spans",
    "subscriber": "events.user/sub-worker-1",
}  # fmt: skip


@pytest.fixture
def board(traffic_model: TrafficModel) -> FaultBoard:
    return FaultBoard(traffic_model, lambda: START + 5, lambda: None)


@pytest.mark.parametrize("name", list(FAULTS))
def test_each_fault_takes_its_defaults_and_leaves_nothing_behind(
    board: FaultBoard, traffic_model: TrafficModel, name: str
) -> None:
    neutral = traffic_model.effects
    target = TARGETS.get(FAULTS[name].target)
    fault = board.add({"fault": name, "target": target})
    assert traffic_model.effects != neutral
    assert [one["fault"] for one in board.catalogue()["active"]] == [name]
    assert board.remove(fault.id)
    assert traffic_model.effects == neutral
    assert all(process.up for process in traffic_model.processes.values())


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ([], "an object such as"),
        ({}, "fault: None is not one of pattern_crash"),
        ({"fault": ["x"]}, "is not one of"),
        ({"fault": "pattern_crash"}, "target: '' is not one of memstore, redis"),
        ({"fault": "pattern_crash", "target": "oracle"}, "target: 'oracle' is not one of"),
        ({"fault": "pool_active", "target": "memstore"}, "is not one of redis, nats, postgresql"),
        ({"fault": "auth_failures", "target": "redis"}, "target: 'redis' is not one of (none)"),
        ({"fault": "latency", "params": {"factor": "fast"}}, "factor: a number from 0.1 to 1000"),
        ({"fault": "latency", "params": {"factor": True}}, "factor: a number"),
        ({"fault": "error_burst", "ratio": 1.5}, "ratio: a number from 0 to 1"),
        ({"fault": "error_burst", "params": {"share": 0.5}}, "unknown parameter share; accepted: ratio"),
        ({"fault": "pool_active", "target": "redis", "params": {"value": 1.5}}, "value: a whole number"),
        ({"fault": "source_garbage", "target": "proxy", "params": {"kind": "jpeg"}}, "'jpeg' is not one of random"),
        ({"fault": "metrics_absent", "params": {"families": []}}, "families: a list of names"),
        ({"fault": "source_down", "target": "proxy", "params": 3}, "params: an object"),
    ],
)
def test_a_request_that_cannot_be_followed_is_refused_in_words(board: FaultBoard, wanted: object, words: str) -> None:
    with pytest.raises(FaultError, match=words.replace("(", r"\(").replace(")", r"\)")):
        board.add(wanted)
    assert board.catalogue()["active"] == []


def test_parameters_may_stand_beside_the_fault(board: FaultBoard, traffic_model: TrafficModel) -> None:
    board.add({"fault": "pool_active", "target": "Redis", "value": 4})
    assert (traffic_model.pools["redis"].active, traffic_model.pools["redis"].maximum) == (4, 10)


@pytest.mark.parametrize(
    ("active", "total", "status"), [(0, 1, "HEALTHY"), (8, 8, "HEALTHY"), (9, 9, "DEGRADED"), (10, 10, "DEGRADED")]
)
def test_a_pools_use_decides_the_health_that_its_driver_reports(
    board: FaultBoard, traffic_model: TrafficModel, active: int, total: int, status: str
) -> None:
    board.add({"fault": "pool_active", "target": "redis", "params": {"value": active}})
    pool = traffic_model.pools["redis"]
    assert (pool.active + pool.idle, traffic_model.status("redis")) == (total, status)


def test_faults_add_up_and_are_cleared_together(board: FaultBoard, traffic_model: TrafficModel) -> None:
    board.add({"fault": "latency"})
    board.add({"fault": "latency", "target": "redis", "params": {"factor": 2}})
    board.add({"fault": "error_burst", "target": "namespace:payments", "params": {"ratio": 0.5}})
    board.add({"fault": "source_down", "target": "pattern:nats"})
    effects = traffic_model.effects
    assert (effects.everywhere.latency, effects.pattern("redis").latency) == (20.0, 2.0)
    assert effects.tenants["payments"].error_ratio == 0.5
    assert effects.transport("pattern:nats").mode is Mode.DOWN
    assert board.clear() == 4
    assert traffic_model.effects.transport("pattern:nats").mode is Mode.SERVE


def test_an_error_burst_reaches_its_share_of_one_namespace_only(board: FaultBoard, traffic_model: TrafficModel) -> None:
    board.add({"fault": "error_burst", "target": "namespace:payments"})
    traffic_model.advance(START + 30)
    mine = [flow.namespace == "payments" for flow in traffic_model.scenario.flows]
    others = [not one for one in mine]
    since = traffic_model.failed[mine].sum() / (25 / 30 * traffic_model.requests()[mine].sum())
    assert since == pytest.approx(0.3, rel=0.05)
    assert traffic_model.failed[others].sum() / traffic_model.requests()[others].sum() < 0.001


def test_refused_tokens_are_failures_and_not_requests(board: FaultBoard, traffic_model: TrafficModel) -> None:
    board.add({"fault": "auth_failures"})
    traffic_model.advance(START + 30)
    attempts, failures = traffic_model.auth.attempts, sum(traffic_model.auth.failures.values())
    assert failures / attempts == pytest.approx(0.3 * 25 / 30, rel=0.05)
    assert attempts / 30 == pytest.approx(8450, rel=0.03)


def test_unknown_ids_are_not_found(board: FaultBoard) -> None:
    assert not board.remove("f99")


@pytest.mark.parametrize(
    ("target", "mine"),
    [("namespace:analytics", "analytics"), ("", "")],
)
def test_a_surge_multiplies_the_requests_of_whom_it_is_about(
    board: FaultBoard, traffic_model: TrafficModel, target: str, mine: str
) -> None:
    traffic_model.advance(START + 5)
    board.add({"fault": "traffic_surge", "target": target, "params": {"factor": 10}})
    before = traffic_model.requests().sum(axis=1)
    traffic_model.advance(START + 25)
    per_second = (traffic_model.requests().sum(axis=1) - before) / 20
    for flow, rate in zip(traffic_model.scenario.flows, per_second, strict=True):
        wanted = flow.rate * (10 if mine in ("", flow.namespace) else 1)
        assert rate == pytest.approx(wanted, rel=0.05, abs=4 * np.sqrt(wanted / 20))


def test_a_surge_of_a_pattern_and_one_of_a_namespace_multiply(board: FaultBoard, traffic_model: TrafficModel) -> None:
    board.add({"fault": "traffic_surge", "target": "redis", "params": {"factor": 2}})
    board.add({"fault": "traffic_surge", "target": "namespace:catalog", "params": {"factor": 3}})
    traffic = Traffic(traffic_model.scenario, np.random.default_rng(1))
    usual, surged = traffic.rates(5.0, Effects()), traffic.rates(5.0, traffic_model.effects)
    factors = {
        (flow.namespace, flow.pattern): f for flow, f in zip(traffic_model.scenario.flows, surged / usual, strict=True)
    }
    assert factors["catalog", "redis"] == pytest.approx(6)
    assert factors["user-platform", "redis"] == pytest.approx(2)
    assert factors["user-platform", "nats"] == pytest.approx(1)
