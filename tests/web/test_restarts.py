"""Nobody who looks is blind for long while the Procfile's web process is reloaded, killed or hangs."""

from __future__ import annotations

import os
import signal
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.hostile.viewer import Viewer
from bench.processes import free_port, procfile
from tests.patience import patience, until
from tests.web.servers import ROOT, Site
from web.processes.gunicorn_handover import LONGEST_SECONDS, Handover

RELOAD_SECONDS, KILL_SECONDS, HANG_SECONDS = 1.5, 3.0, 10.0


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    cache = str(tmp_path_factory.mktemp("restarts") / "cache")
    return {"HUD_PORT": str(free_port()), "HUD_CACHE_DIR": cache, "HUD_SUPERVISE_COLLECTOR": "false"}


def started(settings: dict[str, str]) -> Site:
    return Site(procfile("web"), int(settings["HUD_PORT"]), folder=ROOT, **settings)


@pytest.fixture(scope="module")
def web(settings: dict[str, str]) -> Iterator[Site]:
    site = started(settings)
    site.wait("/healthz")
    yield site
    site.stop()


@pytest.fixture
def viewer(web: Site) -> Iterator[Viewer]:
    one = Viewer(web.address)
    until(lambda: one.frames > 1)
    yield one
    one.close()


def workers(site: Site) -> list[int]:
    children = Path(f"/proc/{site.process.pid}/task/{site.process.pid}/children").read_text()
    return [int(one) for one in children.split()]


def blind(viewer: Viewer, strike: Callable[[], object], over: Callable[[], object]) -> float:
    """The longest gap from `strike` until it is `over` and frames come again."""
    began = time.monotonic()
    strike()
    until(over)
    frames = viewer.frames
    until(lambda: viewer.frames > frames + 2)
    return viewer.longest_gap(began) / patience()


@pytest.mark.server
@pytest.mark.parametrize(
    ("number", "seconds"),
    [(signal.SIGHUP, RELOAD_SECONDS), (signal.SIGKILL, KILL_SECONDS), (signal.SIGSTOP, HANG_SECONDS)],
    ids=["reload", "kill", "hang"],
)
def test_a_worker_is_followed_by_another_before_viewers_miss_it(
    web: Site, viewer: Viewer, number: signal.Signals, seconds: float
) -> None:
    old = workers(web)
    struck = web.process.pid if number == signal.SIGHUP else old[0]
    replaced = blind(viewer, lambda: os.kill(struck, number), lambda: workers(web) and not set(workers(web)) & set(old))
    assert replaced < seconds


@pytest.mark.server
def test_a_killed_parent_leaves_viewers_with_a_worker_until_the_next_one_serves(
    web: Site, viewer: Viewer, settings: dict[str, str]
) -> None:
    old = workers(web)[0]
    following: list[Site] = []

    def struck() -> None:
        web.process.kill()
        web.process.wait()
        following.append(started(settings))

    try:
        assert blind(viewer, struck, lambda: not Path(f"/proc/{old}").exists()) < KILL_SECONDS
        following[0].wait("/healthz")
    finally:
        for one in following:
            one.stop()


class Row:
    """Workers that follow each other, by a clock that is set."""

    def __init__(self) -> None:
        self.now = 0.0
        self._page = bytearray(struct.calcsize("ii"))

    def begun(self, age: int) -> Handover:
        return Handover(age, self._page, lambda: self.now)


def test_a_worker_with_nobody_to_come_leaves_at_once_and_not_unasked() -> None:
    one = Row().begun(1)
    assert not one.may_leave
    one.asked()
    assert one.may_leave


def test_a_worker_leaves_when_a_younger_one_serves() -> None:
    row = Row()
    old, new = row.begun(1), row.begun(2)
    old.asked()
    assert not old.may_leave
    old.serving()
    assert not old.may_leave, "its own service is not that of another"
    new.serving()
    assert old.may_leave


def test_nobody_waits_for_one_that_will_not_serve() -> None:
    row = Row()
    old, collector = row.begun(1), row.begun(2)
    collector.withdraw()
    old.asked()
    assert old.may_leave


def test_a_worker_whose_successor_never_serves_goes_in_the_end() -> None:
    row = Row()
    old = row.begun(1)
    row.begun(2)
    old.asked()
    row.now = LONGEST_SECONDS - 0.1
    old.asked()
    assert not old.may_leave, "asked again, it does not begin anew"
    row.now = LONGEST_SECONDS
    assert old.may_leave


def test_an_orphan_stays_for_a_while_and_goes_when_it_is_asked() -> None:
    row = Row()
    one, other = row.begun(1), row.begun(2)
    one.orphan()
    other.orphan()
    assert not one.may_leave
    one.asked()
    assert one.may_leave
    row.now = LONGEST_SECONDS
    assert other.may_leave
