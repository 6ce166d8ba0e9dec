"""A driver's answers: of figures that are a moment old, and of what a fault does at once."""

from __future__ import annotations

from model.status import Status
from proto import lifecycle_pb2
from simulator.servers.health import BEHIND_SECONDS, PatternHealth
from simulator.traffic.effects import Effects, PatternEffect
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel

START = 1_700_000_000.0


def test_answers_of_one_moment_step_the_books_once_and_a_fault_is_told_at_once() -> None:
    books = TrafficModel(default_scenario(), 7, START, history=False)
    health = PatternHealth("redis", books, lambda: START)
    health.lifecycle(START + 1.0)
    health.lifecycle(START + 1.0 + BEHIND_SECONDS / 2)
    assert books.at == START + 1.0
    health.lifecycle(START + 1.0 + BEHIND_SECONDS * 2)
    assert books.at == START + 1.0 + BEHIND_SECONDS * 2
    books.change(Effects(patterns={"redis": PatternEffect(status=Status.UNHEALTHY)}), books.at)
    answer = health.lifecycle(books.at + BEHIND_SECONDS / 2)
    assert answer.status == lifecycle_pb2.HEALTH_STATUS_UNHEALTHY
