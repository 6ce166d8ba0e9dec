"""Two hosts on one Redis, as the Procfile starts them: both pages show the same, whatever ends or goes away."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bench.processes import ROOT, collector_command, free_port, procfile, simulated_prism, sources, wait_ready
from tests.patience import until
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess

pytestmark = pytest.mark.server
LONG = 60.0
"""For what must happen; how fast is measured by bench/."""


class Host:
    """A web process and a collector that waits for its turn."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        home.mkdir()
        self.log = home / "collector.log"
        self.environment = environment | {
            "HUD_PORT": str(self.port), "HUD_CACHE_DIR": str(home / "own"), "HUD_SUPERVISE_COLLECTOR": "false",
        }  # fmt: skip
        self.web = self._started(procfile("web"), home / "web.log")
        self.collector = self._started(collector_command("--wait"), self.log)

    def _started(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=out, stderr=out)

    def kill(self) -> None:
        """The collector ends at once."""
        self.collector.kill()
        self.collector.wait()

    def again(self) -> None:
        """It is started as systemd would."""
        self.collector = self._started(collector_command("--wait"), self.log)

    def turns(self) -> int:
        """How often its collector has led."""
        return self.log.read_text().count("INFO hud: store redis://")

    def ready(self) -> str:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def stop(self) -> None:
        for process in (self.collector, self.web):
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in (self.collector, self.web):
            process.wait(30)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    with running(RedisProcess(tmp_path, "--appendonly", "yes")) as one:
        yield one


@pytest.fixture
def hosts(redis: RedisProcess, tmp_path: Path) -> Iterator[list[Host]]:
    with ExitStack() as closing:
        addresses = closing.enter_context(simulated_prism())
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, **sources(addresses), "HUD_STORE": redis.url}
        started = [Host(tmp_path / name, environment) for name in ("one", "two")]
        for one in started:
            closing.callback(one.stop)
            wait_ready(one.address, LONG)
        yield started


@pytest.fixture
def pages(hosts: list[Host], chromium: Browser) -> Iterator[list[Page]]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    opened = [context.new_page() for _ in hosts]
    for page, host in zip(opened, hosts, strict=True):
        page.goto(f"{host.address}/")
    yield opened
    context.close()


def live(page: Page) -> str:
    return page.get_attribute("html", "data-live") or ""


def figures(page: Page) -> str:
    return page.inner_text("#sh-thr-total") + page.inner_text("#sh-pools")


def same_and_new(pages: list[Page], seen: set[str]) -> bool:
    """Both live, and with the same figures, which were not there before."""
    first, second = map(figures, pages)
    if not first or first != second or first in seen or any(live(page) != "live" for page in pages):
        return False
    seen.add(first)
    return True


def alike(pages: list[Page]) -> None:
    seen: set[str] = set()
    for _ in range(3):
        until(lambda: same_and_new(pages, seen), lambda: f"{[(live(one), figures(one)) for one in pages]}", LONG)


def test_both_show_the_same_whatever_goes(hosts: list[Host], pages: list[Page], redis: RedisProcess) -> None:
    alike(pages)
    assert sorted(one.turns() for one in hosts) == [0, 1]
    leader = next(one for one in hosts if one.turns() == 1)
    other = next(one for one in hosts if one is not leader)
    leader.kill()
    until(lambda: other.turns() == 1, other.log.read_text, LONG)
    leader.again()
    alike(pages)
    assert (leader.turns(), other.turns()) == (1, 1)

    other.collector.send_signal(signal.SIGSTOP)
    until(lambda: leader.turns() == 2, seconds=LONG)
    other.collector.send_signal(signal.SIGCONT)
    until(lambda: "has taken over" in other.log.read_text(), other.log.read_text, LONG)
    alike(pages)
    assert (leader.turns(), other.turns()) == (2, 1)

    redis.kill()
    for page, host in zip(pages, hosts, strict=True):
        until(lambda page=page: "store cannot be reached" in page.inner_text("#live-state"), seconds=LONG)  # type: ignore[misc]
        assert live(page) == "stale"
        assert f"the store at {redis.url} cannot be reached" in host.ready()
        assert "cannot be reached" in page.inner_text("#top-status")
    redis.start()
    alike(pages)
    assert [one.ready() for one in hosts] == ["ready\n", "ready\n"]
    assert (leader.turns(), other.turns()) == (2, 1)  # who wrote before went on
