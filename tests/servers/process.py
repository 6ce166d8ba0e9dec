"""A real server of Debian's as an ordinary process on loopback: started, paused, killed and ended by its own pid."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.patience import until

Running = TypeVar("Running", bound="Server")


class Server:
    """One program with its ports. `user` is whom it runs as, where it refuses to be root."""

    def __init__(self, command: Sequence[str], home: Path, ready: Callable[[], bool], user: str = "") -> None:
        self.command = [program(command[0]), *command[1:]]
        self.home = home
        self._ready = ready
        self._user = user
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready; fails at once, with its own words, when it ends instead."""
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.home, stdout=log, stderr=log, start_new_session=True, user=self._user or None,
                extra_groups=[] if self._user else None,
            )  # fmt: skip
        until(self._answers, self._said)

    def pause(self) -> None:
        """Stop it and its children where they are: what comes in is taken by the system, and nobody answers."""
        self._signal(signal.SIGSTOP)
        assert self.process is not None
        pids = (self.process.pid, *_children(self.process.pid))
        until(lambda: all(_stopped(pid) for pid in pids))  # a busy system lets threads run on a little

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGSTOP)  # else nginx starts a worker for each that is killed before it
            self._signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """End it however it is; safe to call twice."""
        if self.process is not None and self.process.poll() is None:
            self._signal(signal.SIGCONT)
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        for pid in sorted({*_children(self.process.pid), self.process.pid}, reverse=number is signal.SIGKILL):
            try:
                os.kill(pid, number)
            except ProcessLookupError:  # a child that ended meanwhile
                continue

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended with status {self.process.returncode}: {self._said()}"
        return self._ready()

    def _said(self) -> str:
        return f"{self.command[0]}: {(self.home / 'server.log').read_text(errors='replace')[-2000:]}"


@contextmanager
def running(server: Running) -> Iterator[Running]:
    """Start a server; end it afterwards, whatever became of it."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _children(pid: int) -> list[int]:
    """The processes that `pid` started, PostgreSQL's backends for one."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [int(one) for one in text.split()]


def _stopped(pid: int) -> bool:
    """True when no thread of a process runs: all are stopped, or the process has gone."""
    states = []
    for thread in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            states.append(thread.read_text().rpartition(") ")[2][:1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return all(state in "TtZX" for state in states)


def program(name: str) -> str:
    """Where a program is; the test fails without it, since what was not run was not tested."""
    places = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/sbin", "/usr/local/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        pytest.fail(f"{name} is not installed, and this test needs it (.ci/tools installs what tests need)")
    return found


def listens(port: int) -> bool:
    """True when somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
