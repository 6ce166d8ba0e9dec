"""The collector beside a lone web process: started, restarted, stopped, never orphaned."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.patience import patience, until
from web.processes.supervisor import Supervisor

CHILD = "import sys, os; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); sys.stdin.read()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + CHILD.replace(
    "sys.stdin.read()", "signal.pause()"
)

pytestmark = pytest.mark.server


def alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


class Nursery:
    """A supervisor of a child that writes its process id to a file."""

    def __init__(self, notes: Path, script: str, needed: Callable[[int | None], bool]) -> None:
        self.notes = notes
        command = (sys.executable, "-c", script, str(notes))
        self.supervisor = Supervisor("child", command, dict(os.environ), needed)
        self.supervisor.start()

    def pids(self) -> list[int]:
        return [int(line) for line in self.notes.read_text().split()] if self.notes.exists() else []


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Callable[..., Nursery]]:
    made: list[Nursery] = []

    def make(script: str = CHILD, needed: Callable[[int | None], bool] = lambda ended: True) -> Nursery:
        made.append(Nursery(tmp_path / "pids", script, needed))
        return made[-1]

    yield make
    for one in made:
        one.supervisor.stop()


def test_a_child_that_is_killed_is_started_again(nursery: Callable[..., Nursery]) -> None:
    one = nursery()
    until(lambda: len(one.pids()) == 1)
    os.kill(one.pids()[0], signal.SIGKILL)
    until(lambda: len(one.pids()) == 2)
    assert not alive(one.pids()[0])
    until(lambda: one.supervisor.pid == one.pids()[1])  # a child may write before who started it goes on


def test_a_child_leaves_with_its_supervisor_within_a_second(nursery: Callable[..., Nursery]) -> None:
    one = nursery()
    until(lambda: len(one.pids()) == 1)
    began = time.monotonic()
    one.supervisor.stop()
    assert time.monotonic() - began < 1.0 * patience()
    assert not alive(one.pids()[0])


def test_a_child_that_will_not_leave_is_made_to(nursery: Callable[..., Nursery]) -> None:
    one = nursery(STUBBORN)
    until(lambda: len(one.pids()) == 1)
    one.supervisor.stop()
    assert not alive(one.pids()[0])


def test_nothing_is_started_while_somebody_else_does_the_work(nursery: Callable[..., Nursery]) -> None:
    asked: list[int] = []

    def needed(ended: int | None) -> bool:
        asked.append(1)
        return len(asked) > 1

    one = nursery(needed=needed)
    until(lambda: len(asked) == 1)
    assert one.supervisor.pid is None
    until(lambda: len(one.pids()) == 1)
