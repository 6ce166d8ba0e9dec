"""What a store lies in keeps its promises, whichever it is: a directory with diskcache, or a real Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from model.series import Event, Severity
from model.settings import Settings
from model.sources import SourceState
from store.choice import storage_of
from store.disk.codec import encode
from store.disk.disk_storage import DiskStorage
from store.errors import StoreBusy, StoreDamaged
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
Make = Callable[[], Storage]
"""Another hold on the same store, as another process has."""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisProcess]:
    with running(RedisProcess(tmp_path_factory.mktemp("redis"))) as one:
        yield one


@pytest.fixture(params=["disk", "redis"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    made: list[Storage] = []

    def another() -> Storage:
        settings = Settings(store=url) if url else None
        made.append(DiskStorage(tmp_path / "store") if settings is None else storage_of(settings))
        return made[-1]

    url = ""
    if request.param == "redis":
        server: RedisProcess = request.getfixturevalue("redis")
        server.cli("FLUSHALL")
        url = server.url
    yield another
    for one in made:
        one.close()


def test_values_are_written_read_and_removed(make: Make) -> None:
    claim = make().claim()
    database = claim.database()
    database.write({"manifest": b"one", "commit/1": b"two", "chunk": bytes(100_000)})
    reader = make().values()
    assert [reader.get(key) for key in ("manifest", "commit/1", "chunk", "none")] == [
        b"one",
        b"two",
        bytes(100_000),
        None,
    ]
    assert sorted(database.every_key()) == ["chunk", "commit/1", "manifest"]
    database.write({"manifest": b"three"})
    database.verify("manifest", b"three")
    with pytest.raises(StoreDamaged):
        database.verify("manifest", b"one")
    database.delete(["commit/1", "chunk", "never"])
    assert database.every_key() == ["manifest"]
    assert reader.get("chunk") is None
    assert reader.open("chunk") is None
    reader.close()
    database.close()
    claim.release()


@pytest.mark.parametrize("sizes", [(0, 10), (10_000, 50_000, 7), (1,)])
def test_parts_of_a_value_are_read_alone(make: Make, sizes: tuple[int, ...]) -> None:
    claim = make().claim()
    database = claim.database()
    parts = [bytes([at % 251]) * size for at, size in enumerate(sizes)]
    database.write({"chunk": encode({"is": "long" * 9000}, parts), "strange": b"no value of ours"})
    stored = database.values.open("chunk")
    assert stored is not None
    assert [stored.buffer(at) for at in reversed(range(len(parts)))] == parts[::-1]
    with pytest.raises(StoreDamaged):
        database.values.open("strange")
    database.close()
    claim.release()


def test_one_claims_and_the_next_may_when_it_lets_go(make: Make) -> None:
    first = make().claim()
    with pytest.raises(StoreBusy, match="another collector"):
        make().claim()
    first.release()
    make().claim().release()


def test_what_the_writer_says_is_heard(make: Make) -> None:
    watch = make().watch()
    assert watch.read().version == 0
    claim = make().claim()
    page = claim.page()
    page.update(alive_at=5.0, pid=7, version=3, trouble="full")
    until(lambda: watch.read().version == 3)
    assert (watch.read().alive_at, watch.read().pid, watch.read().trouble) == (5.0, 7, "full")
    page.update(trouble="")
    until(lambda: watch.read().trouble == "")
    late = make().watch()
    until(lambda: late.read().version == 3)
    for one in (watch, late, page):
        one.close()
    claim.release()


def test_what_was_committed_is_there_for_readers_and_for_the_next_writer(make: Make) -> None:
    reader, frames, states = (
        Reader(make()),
        FrameBuilder(),
        {"proxy@host:1": SourceState("proxy@host:1", "proxy", "host:1", "", 1.0)},
    )
    writer = Writer.open(make())
    for second in range(150):
        now = START + second
        events = [Event(now, "note", Severity.INFO, (), str(second))] if second % 50 == 0 else []
        read = scrape(now, {"a_total": float(second)}, g=float(second % 7))
        writer.commit(now, [frames.of(read)], states, events, {"n": second})
    until(lambda: reader.version() == writer.version)
    whole(reader, 150)
    writer.close()
    writer = Writer.open(make())
    writer.commit(START + 150, [FrameBuilder().of(scrape(START + 150, {"a_total": 150.0}, g=3.0))], states)
    until(lambda: reader.version() == writer.version)
    whole(reader, 151)
    reader.close()
    writer.close()


def whole(reader: Reader, count: int) -> None:
    """Every read so far, each once; and the events."""
    snapshot = reader.snapshot()
    block = snapshot.frame("a_total", START, START + count).blocks[0]
    assert block.values.iloc[:, 0].tolist() == [float(at) for at in range(count)]
    assert np.isfinite(snapshot.frame("g", START, START + count).blocks[0].values.to_numpy()).all()
    assert [event.message for event in snapshot.events] == ["0", "50", "100"]
    assert snapshot.meta["n"] == 149
    assert snapshot.meta["store_trouble"] == ""


def test_wishes_come_in_order_and_go_when_they_are_done(make: Make) -> None:
    claim = make().claim()
    left, taken = Inbox(make()), Inbox(make())
    left.put([{"by": "a", "message": "one"}, {"by": "b", "message": "two"}])
    events = taken.arrived([], START)
    assert [event.message for event in events] == ["one", "two"]
    assert taken.arrived([], START) == []
    assert taken.arrived(events, START) == []
    assert Inbox(make()).arrived([], START) == []
    make().wishes().put("x", b"{")
    assert taken.arrived([], START) == []
    assert make().wishes().names() == []
    claim.release()


def test_a_waiting_collector_goes_on_when_the_other_ends(make: Make) -> None:
    first = Writer.open(make())
    first.commit(START, (), {})
    versions: list[int] = []

    def wait() -> None:
        with closing(Writer.open(make(), wait=True, stop=threading.Event())) as second:
            versions.append(second.version)

    thread = threading.Thread(target=wait)
    thread.start()
    first.close()
    thread.join(30)
    assert versions[0] >= 1
