from __future__ import annotations

import pytest

from simulator.faults.active_faults import FaultBoard
from simulator.faults.experiments.benign import DISTURBANCES
from simulator.ports import choose
from simulator.prism import Prism
from simulator.traffic.effects import Effects
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


class Clock:
    now = START + 5

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("id_", list(DISTURBANCES))
def test_each_disturbance_can_happen_and_something_does(traffic_model: TrafficModel, id_: str) -> None:
    one, clock = DISTURBANCES[id_], Clock()
    board = FaultBoard(traffic_model, clock, lambda: None)
    for fault in one.faults:
        board.add(fault)
    clock.now += 0.4
    board.tick()
    assert one.blips or one.asleep or one.clock_step or traffic_model.effects != Effects()
    names = Prism(traffic_model, "127.0.0.1", dict.fromkeys(_listeners(traffic_model), 0), clock).sources
    assert {name for name, _ in one.blips} <= set(names)


def _listeners(traffic_model: TrafficModel) -> list[str]:
    return list(choose("free", "127.0.0.1", traffic_model.scenario.patterns))


def test_there_are_many() -> None:
    assert len(DISTURBANCES) >= 15


def test_a_pattern_that_is_replaced_restarts_once_and_fails_no_request(traffic_model: TrafficModel) -> None:
    clock = Clock()
    board = FaultBoard(traffic_model, clock, lambda: None)
    restarts, failed = traffic_model.processes["redis"].restarts, traffic_model.failed.sum()
    board.add({"fault": "pattern_restart", "target": "redis"})
    for _ in range(10):
        clock.now += 1.0
        traffic_model.advance(clock.now)
    process = traffic_model.processes["redis"]
    assert (process.restarts, process.up, process.started) == (restarts + 1, True, START + 5)
    assert traffic_model.failed.sum() - failed < 0.002 * traffic_model.requests().sum()


def test_a_proxy_that_begins_anew_counts_from_nothing(traffic_model: TrafficModel) -> None:
    clock = Clock()
    board = FaultBoard(traffic_model, clock, lambda: None)
    traffic_model.advance(clock.now)
    before = traffic_model.requests().sum()
    board.add({"fault": "proxy_restart"})
    clock.now += 1.0
    traffic_model.advance(clock.now)
    assert traffic_model.started == START + 5
    assert 0 < traffic_model.requests().sum() < before
    assert traffic_model.auth.attempts < 20_000
    board.clear()
    clock.now += 1.0
    traffic_model.advance(clock.now)
    assert traffic_model.started == START + 5
