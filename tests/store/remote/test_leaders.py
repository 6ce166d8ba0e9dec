"""Collectors of several hosts on one Redis: one writes, another takes over, and one that was held up writes nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from model.settings import Settings
from store.choice import storage_of
from store.errors import StoreFenced
from store.reader import Reader
from store.storage import Storage
from store.writer import Writer
from tests.patience import patience, until
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess
from tests.store.conftest import START

pytestmark = pytest.mark.server
ROOT = Path(__file__).parents[3]
COLLECTOR = """
import sys, time
from model.series import Event, Severity
from model.settings import Settings
from store.choice import storage_of
from store.errors import StoreFenced
from store.writer import Writer
name = sys.argv[2]
writer = Writer.open(storage_of(Settings(store=sys.argv[1])), wait=True)
print("leads", flush=True)
try:
    while True:
        now = time.time()
        writer.commit(now, (), {}, [Event(now, "written", Severity.INFO, (("by", name),), "")])
        time.sleep(0.02)
except StoreFenced as error:
    print(error, flush=True)
"""
"""As fast as it can, so that a stop falls into the middle of a write as often as not."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    with running(RedisProcess(tmp_path)) as one:
        yield one


def storage(server: RedisProcess) -> Storage:
    return storage_of(Settings(store=server.url))


class Rival:
    """A collector in a process of its own."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-c", COLLECTOR, url, name], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def end(self) -> None:
        self.process.kill()
        with self.process:
            pass


@pytest.fixture
def rivals(redis: RedisProcess) -> Iterator[list[Rival]]:
    started = [Rival(redis.url, "0")]
    assert started[0].says() == "leads"
    yield started
    for one in started:
        one.end()


def writers(reader: Reader, since: float) -> set[str | None]:
    return {event.label("by") for event in reader.snapshot().events if event.time > since}


def wrote(reader: Reader, name: str, since: float) -> bool:
    return name in writers(reader, since)


def test_the_next_takes_over_within_seconds_of_a_kill(redis: RedisProcess, rivals: list[Rival]) -> None:
    reader = Reader(storage(redis))
    for number in range(1, 4):
        rivals.append(Rival(redis.url, str(number)))
        until(lambda: redis.cli("CLIENT", "LIST").count("cmd=evalsha") > 1)  # it has asked, and waits
        killed = time.time()
        rivals[-2].signal(signal.SIGKILL)
        assert rivals[-1].says() == "leads"
        until(partial(wrote, reader, str(number), killed))
        assert time.time() - killed < 6.0 * patience()
    assert writers(reader, 0.0) == {"0", "1", "2", "3"}
    reader.close()


def test_a_leader_that_was_held_up_writes_nothing_any_more(redis: RedisProcess, rivals: list[Rival]) -> None:
    reader, chance = Reader(storage(redis)), random.Random(5)
    for number in range(1, 4):
        rivals.append(Rival(redis.url, str(number)))
        old, new = rivals[-2:]
        time.sleep(chance.random() / 10)
        old.signal(signal.SIGSTOP)
        assert new.says() == "leads"
        led = time.time()
        old.signal(signal.SIGCONT)
        assert "has taken over" in old.says()
        until(partial(wrote, reader, new.name, led))
        assert writers(reader, led) == {new.name}
        assert old.process.wait(30) == 0
    reader.close()


def test_fenced_in_the_middle_the_store_stays_whole(redis: RedisProcess) -> None:
    first = Writer.open(storage(redis))
    first.commit(START, (), {}, (), {"who": "first"})
    redis.cli("DEL", "{hud}:lease")  # as when it ran out while the first one slept
    second = Writer.open(storage(redis))
    second.commit(START + 1, (), {}, (), {"who": "second"})
    version = second.version
    for write in (lambda: first.commit(START + 2, (), {}, (), {"who": "first"}), lambda: first.beat(START + 2)):
        with pytest.raises(StoreFenced, match="has taken over"):
            write()
    first.close()
    reader = Reader(storage(redis))
    assert reader.snapshot().meta["who"] == "second"
    assert reader.version() == version
    second.commit(START + 3, (), {})  # the first one's end took nothing from it
    second.close()
    reader.close()


def test_a_lease_holds_while_its_collector_is_busy(redis: RedisProcess) -> None:
    writer = Writer.open(storage(redis))
    stop, others = threading.Event(), []
    waiting = threading.Thread(
        target=lambda: others.append(Writer.open(storage(redis), wait=True, stop=stop)), daemon=True
    )
    waiting.start()
    until(lambda: redis.cli("GET", "{hud}:lease"))
    time.sleep(4.0)  # longer than a lease lasts: it was renewed without a commit
    assert others == []
    writer.close()
    until(lambda: others)
    others[0].close()
