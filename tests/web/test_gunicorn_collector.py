"""gunicorn's parent forks the collector beside its workers: there is one while there is a parent, whatever ends."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.processes import free_port, procfile
from store.reader import Reader
from tests.patience import until
from tests.web.servers import ROOT, Site
from web.processes.gunicorn_collector import LEAVES_FIRST, LEAVES_LAST, seat


class House:
    """What the Procfile starts, reading a source that is not there, on a store of its own."""

    def __init__(self, home: Path) -> None:
        port, store = free_port(), home / "store"
        self.site = Site(
            procfile("web"), port, folder=ROOT, HUD_PORT=str(port), HUD_CACHE_DIR=str(store),
            PROXY_METRICS_URL="http://127.0.0.1:1/metrics",
        )  # fmt: skip
        self._reader = Reader(store)
        self.site.wait("/healthz")

    def collector(self) -> int:
        """The process id of the collector that writes, once it is one of the parent's."""
        until(lambda: self._reader.status().pid in children(self.site.process.pid), lambda: str(self._reader.status()))
        return self._reader.status().pid

    def close(self) -> None:
        self.site.stop()
        self._reader.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests that leave it standing."""
    one = House(tmp_path_factory.mktemp("house"))
    yield one
    one.close()


def children(pid: int) -> list[int]:
    with contextlib.suppress(FileNotFoundError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


@pytest.mark.server
@pytest.mark.parametrize("struck", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_collector_that_ends_or_hangs_is_followed_by_another(house: House, struck: signal.Signals) -> None:
    first = house.collector()
    os.kill(first, struck)
    until(lambda: gone(first))
    assert house.collector() != first
    until(lambda: len(children(house.site.process.pid)) == 2)  # a web worker and the collector


@pytest.mark.server
def test_a_reload_gives_its_turn_to_the_next(house: House) -> None:
    first = children(house.site.process.pid)
    house.collector()
    house.site.process.send_signal(signal.SIGHUP)
    until(lambda: all(map(gone, first)))
    assert house.collector() not in first
    until(lambda: len(children(house.site.process.pid)) == 2)
    house.site.wait("/healthz")


@pytest.mark.server
def test_signals_for_logs_and_windows_leave_it_alone(house: House) -> None:
    first = house.collector()
    for number in (signal.SIGUSR1, signal.SIGWINCH):
        os.kill(first, number)
    os.kill(house.site.process.pid, signal.SIGUSR1)
    house.site.wait("/healthz")
    assert house.collector() == first


@pytest.mark.server
@pytest.mark.parametrize("struck", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL])
def test_it_leaves_with_its_parent(tmp_path: Path, struck: signal.Signals) -> None:
    house = House(tmp_path)
    first = house.collector()
    house.site.process.send_signal(struck)
    until(lambda: gone(first))
    house.close()


class Seats:
    """A parent's workers, by the order in which they were forked."""

    def __init__(self) -> None:
        self.forked: list[Any] = []

    def fork(self, generation: object) -> Any:
        one = SimpleNamespace(age=len(self.forked) + 1, collects=False, generation=None)
        one.collect = lambda: setattr(one, "collects", True)
        seat(one, self.forked, generation)
        self.forked.append(one)
        return one


def test_the_first_of_a_generation_collects_and_the_others_serve() -> None:
    seats, now = Seats(), object()
    assert [seats.fork(now).collects for _ in range(3)] == [True, False, False]
    assert seats.forked[0].age == LEAVES_LAST, "where there are too many, a web worker leaves"
    seats.forked.pop(0)
    assert seats.fork(now).collects, "the place is free"


def test_of_two_generations_each_has_its_collector_and_the_former_leaves_first() -> None:
    seats = Seats()
    before = seats.fork("before")
    assert seats.fork("after").collects
    assert before.age == LEAVES_FIRST
