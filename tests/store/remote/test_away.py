"""A Redis that goes away and comes back: said at once, once in the log each way, and nothing is lost."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from model.settings import Settings
from store.choice import storage_of
from store.errors import StoreError
from store.inbox import Inbox
from store.incoming import FrameBuilder
from store.reader import Reader
from store.storage import Storage
from store.writer import Writer
from tests.patience import until
from tests.servers.process import running
from tests.servers.redis_process import RedisProcess
from tests.store.conftest import START, scrape

pytestmark = pytest.mark.server
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisProcess]:
    with running(RedisProcess(tmp_path, *DURABLE)) as one:
        yield one


def storage(server: RedisProcess) -> Storage:
    return storage_of(Settings(store=server.url))


class Site:
    """A writer, a reader of another host, and reads by the second."""

    def __init__(self, server: RedisProcess) -> None:
        self.writer, self.reader = Writer.open(storage(server)), Reader(storage(server))
        self.second = 0
        self._frames = FrameBuilder()

    def read(self, seconds: int) -> None:
        for _ in range(seconds):
            frame = self._frames.of(scrape(START + self.second, {"a_total": float(self.second)}))
            self.writer.commit(START + self.second, [frame], {})
            self.second += 1

    def stored(self) -> list[float]:
        blocks = self.reader.snapshot().frame("a_total", START, START + self.second).blocks
        return [float(one) for block in blocks for one in block.values.iloc[:, 0]]

    def trouble(self) -> str:
        return str(self.reader.snapshot().meta["store_trouble"])

    def writes_again(self) -> bool:
        self.read(1)
        return not self.writer.trouble

    def close(self) -> None:
        self.writer.close()
        self.reader.close()


@pytest.fixture
def site(redis: RedisProcess) -> Iterator[Site]:
    one = Site(redis)
    one.read(70)
    until(lambda: len(one.stored()) == 70)
    yield one
    one.close()


def test_away_is_said_and_once_it_is_back_every_read_is_there(
    redis: RedisProcess, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    redis.kill()
    site.read(150)  # two minutes and a half
    until(site.trouble)
    words = "Connection (refused|reset by peer|closed by server)"
    why = re.escape(f"the store at {redis.url} cannot be reached: ") + words
    assert re.fullmatch(why, site.trouble()), site.trouble()
    assert re.fullmatch(why, site.writer.trouble), site.writer.trouble
    assert site.reader.snapshot().meta["store_away"] is True
    assert site.stored() == [float(at) for at in range(70)]
    redis.start()
    until(site.writes_again)
    until(lambda: not site.trouble())
    until(lambda: len(site.stored()) == site.second)
    assert site.stored() == [float(at) for at in range(site.second)]
    said = [record.getMessage() for record in caplog.records]
    assert len([one for one in said if "cannot be reached" in one]) == 2  # the writer's host, and the reader's
    assert len([one for one in said if "can be reached again" in one]) == 2
    assert len(said) == 4


def test_one_that_hangs_holds_nobody_up(redis: RedisProcess, site: Site) -> None:
    redis.pause()
    until(site.trouble)
    began = time.monotonic()
    for _ in range(100):
        site.reader.snapshot()
        site.reader.version()
    assert time.monotonic() - began < 1.0  # a hundred questions to one that hangs would take as many seconds
    redis.resume()
    until(site.writes_again)
    until(lambda: not site.trouble())
    until(lambda: len(site.stored()) == site.second)


def test_an_emptied_one_is_filled_from_what_is_in_memory(redis: RedisProcess, site: Site) -> None:
    redis.cli("FLUSHALL")
    site.read(2)
    until(lambda: site.stored()[-1:] == [71.0] and not site.trouble())
    assert site.stored()[0] <= 60.0  # the minute that was still open


def test_a_full_one_is_trouble_and_heals(redis: RedisProcess, site: Site) -> None:
    redis.cli("CONFIG", "SET", "maxmemory", "1")
    site.read(3)
    assert "the store cannot be written" in site.writer.trouble
    until(lambda: "the store cannot be written" in site.trouble())
    assert "store_away" not in site.reader.snapshot().meta
    redis.cli("CONFIG", "SET", "maxmemory", "0")
    site.read(1)
    until(lambda: site.stored() == [float(at) for at in range(74)])


def test_a_start_without_it_says_so(redis: RedisProcess) -> None:
    redis.kill()
    with pytest.raises(StoreError, match="cannot be reached"):
        Writer.open(storage(redis))
    reader = Reader(storage(redis))
    assert reader.snapshot().version == 0
    assert "cannot be reached" in reader.snapshot().meta["store_trouble"]
    with pytest.raises(StoreError, match="cannot be reached"):
        Inbox(storage(redis)).put([{"by": "x"}])
    redis.start()
    writer = Writer.open(storage(redis))
    until(lambda: reader.version() == writer.version)
    writer.close()
    reader.close()


RIGHTS = ("~{hud}:*", "&{hud}:*", "+@read", "+@write", "+@pubsub", "+@scripting", "+@connection")


def test_encrypted_and_for_one_user_alone(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    server = RedisProcess(tmp_path, "--user", "hud", "on", ">open-sesame", *RIGHTS, "--user", "default", "off")
    pem = str(tmp_path / "server.pem")
    server.command += ["--port", "0", "--tls-port", str(server.port), "--tls-auth-clients", "no"]
    server.command += ["--tls-cert-file", pem, "--tls-key-file", pem, "--tls-ca-cert-file", str(tmp_path / "ca.pem")]
    with running(server):
        where = f"127.0.0.1:{server.port}/0?ssl_ca_certs={tmp_path / 'ca.pem'}"
        good = storage_of(Settings(store=f"rediss://hud:open-sesame@{where}"))
        writer, reader = Writer.open(good), Reader(good)
        writer.commit(START, [FrameBuilder().of(scrape(START, {"a_total": 1.0}))], {})
        until(lambda: reader.version() == writer.version)
        assert reader.snapshot().meta["store_trouble"] == ""
        assert good.name == f"rediss://127.0.0.1:{server.port}/0"
        writer.close()
        for wrong, words in (
            (f"rediss://hud:wrong@{where}", "invalid username-password"),
            (f"rediss://{where}", "."),
            (f"rediss://hud:open-sesame@127.0.0.1:{server.port}", "certificate"),
            (f"redis://hud:open-sesame@127.0.0.1:{server.port}", "."),
        ):
            with pytest.raises(StoreError, match=words) as found:
                Writer.open(storage_of(Settings(store=wrong)))
            assert "open-sesame" not in str(found.value)
        reader.close()
