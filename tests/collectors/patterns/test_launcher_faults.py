"""The simulated launcher goes away, hangs, answers rubbish, comes back: the right state in time, no false restart."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from collectors.patterns.launcher import LauncherCollector
from collectors.patterns.pattern import PatternCollector
from model.settings import SourceOptions
from model.sources import ErrorKind
from simulator.ports import RFC_PORTS
from simulator.prism import Prism
from simulator.traffic.scenario import default_scenario
from simulator.traffic.traffic_model import TrafficModel
from tests.patience import until
from tests.servers.watch import Watch, watched

OPTIONS = SourceOptions(interval_seconds=0.5, timeout_seconds=0.5)


@pytest.fixture(scope="module")
def opened() -> Iterator[Prism]:
    prism = Prism(TrafficModel(default_scenario(), 7, time.time()), "127.0.0.1", dict.fromkeys(RFC_PORTS, 0), time.time)
    prism.open()
    yield prism
    prism.close()


@pytest.fixture
def prism(opened: Prism) -> Iterator[Prism]:
    yield opened
    opened.board.clear()


def launcher(prism: Prism) -> LauncherCollector:
    return LauncherCollector(prism.addresses()["launcher"], OPTIONS)


def restarts(watch: Watch) -> list[str | None]:
    return [event.label("pattern") for event in watch.events if event.kind == "restart"]


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("source_down", (ErrorKind.DOWN,)),
        ("source_hang", (ErrorKind.TIMED_OUT,)),
        ("source_slow", (ErrorKind.TIMED_OUT,)),
        ("source_garbage", (ErrorKind.WRONG_PROTOCOL, ErrorKind.DOWN)),
    ],
)
def test_its_trouble_is_reported_in_time_by_its_name_and_its_return_too(
    prism: Prism, fault: str, kinds: tuple[ErrorKind, ...]
) -> None:
    one = launcher(prism)
    other = PatternCollector("redis", prism.addresses()["patterns"]["redis"], OPTIONS)
    with watched(one, other) as watch:
        watch.until(one, None)
        prism.board.add({"fault": fault, "target": "launcher"})
        watch.until(one, *kinds)
        watch.until(other, None)
        prism.board.clear()
        watch.until(one, None)
        assert restarts(watch) == []


def test_a_process_that_restarts_is_reported_once_and_no_other_with_it(prism: Prism) -> None:
    one = launcher(prism)
    with watched(one) as watch:
        watch.until(one, None)
        prism.board.add({"fault": "pattern_crash", "target": "redis"})
        watch.until(one, None)
        prism.board.clear()
        until(lambda: restarts(watch) == ["redis"], lambda: str(watch.events), 2 * OPTIONS.interval_seconds + 5)
        watch.until(one, None)
        watch.until(one, None)
        assert restarts(watch) == ["redis"]


def test_a_restart_while_the_launcher_was_away_is_seen_when_it_is_back(prism: Prism) -> None:
    one = launcher(prism)
    with watched(one) as watch:
        watch.until(one, None)
        away = prism.board.add({"fault": "source_down", "target": "launcher"})
        watch.until(one, ErrorKind.DOWN)
        crash = prism.board.add({"fault": "pattern_crash", "target": "nats"})
        prism.board.remove(crash.id)
        until(lambda: prism.traffic_model.processes["nats"].up, seconds=10)
        prism.board.remove(away.id)
        watch.until(one, None)
        assert restarts(watch) == ["nats"]
