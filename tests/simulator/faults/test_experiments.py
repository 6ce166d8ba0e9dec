from __future__ import annotations

import re

import pytest

from simulator.faults.active_faults import FaultBoard
from simulator.faults.experiments.catalogue import EXPERIMENTS
from simulator.faults.experiments.experiment import REPORT, TUNING
from simulator.traffic.effects import Effects
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0
FAMILIES = {
    "process", "backend", "messaging", "tenant", "auth", "telemetry", "resource", "load", "latency", "dashboard",
    "two at once",
}  # fmt: skip
VIEWS = {
    "System Health", "Performance", "Backends", "Messaging", "Namespaces", "Security", "Observability", "Resources",
}  # fmt: skip


class Clock:
    now = START + 5

    def __call__(self) -> float:
        return self.now


def test_there_are_many_of_every_family_for_every_view_in_both_halves() -> None:
    assert len(EXPERIMENTS) >= 60
    assert {one.family for one in EXPERIMENTS.values()} == FAMILIES
    assert {one.view for one in EXPERIMENTS.values()} == VIEWS
    for half in (TUNING, REPORT):
        assert {one.view for one in EXPERIMENTS.values() if one.half == half} == VIEWS


@pytest.mark.parametrize("id_", list(EXPERIMENTS))
def test_each_can_be_injected_changes_the_books_and_ends(traffic_model: TrafficModel, id_: str) -> None:
    clock, experiment = Clock(), EXPERIMENTS[id_]
    board = FaultBoard(traffic_model, clock, lambda: None)
    for fault in experiment.faults:
        board.add(fault)
    clock.now += experiment.ramp_seconds + 1.0
    board.tick()
    assert traffic_model.effects != Effects()
    assert len(experiment.blames) == (2 if experiment.family == "two at once" else 1)
    assert all(re.fullmatch(r"[\w.\- ]+", name) for names in experiment.blames for name in names)
    board.clear()
    assert traffic_model.effects == Effects()


def test_a_fault_grows_over_its_ramp_and_ends_by_itself(traffic_model: TrafficModel) -> None:
    clock = Clock()
    board = FaultBoard(traffic_model, clock, lambda: None)
    board.add({"fault": "latency", "target": "redis", "factor": 5, "ramp_seconds": 40, "duration_seconds": 60})
    seen = []
    for _ in range(4):
        clock.now += 20.0
        board.tick()
        seen.append(traffic_model.effects.pattern("redis").latency)
    assert seen == [3.0, 5.0, 1.0, 1.0]
    assert board.catalogue()["active"] == []


def test_of_a_fault_that_takes_its_own_seconds_these_are_meant(traffic_model: TrafficModel) -> None:
    board = FaultBoard(traffic_model, Clock(), lambda: None)
    board.add({"fault": "keys_stale", "seconds": 100.0, "duration_seconds": 5.0})
    assert traffic_model.effects.auth.keys_age == 100.0
