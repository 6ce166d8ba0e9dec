"""A full disk is said, served through, and got over. The limit on file sizes stands in for it: the same errors."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.processes import ROOT
from model.series import Kind, Scrape, Series
from store.disk.database import Database
from store.disk.pickle_free import BytesDisk
from store.errors import StoreFull
from store.incoming import frames_of
from store.reader import Reader
from store.writer import Writer
from tests.store.conftest import START, MakeScrape

FILLED = """
import json, logging, resource, sys
from pathlib import Path
from model.series import Event, Kind, Scrape, Severity
from store.incoming import frames_of
from store.reader import Reader
from store.writer import Writer

logging.basicConfig(format="%(message)s")
START = 1_699_999_980.0
directory = Path(sys.argv[1])
writer, reader = Writer.open(directory), Reader(directory)

def commit(second):
    one = Scrape("proxy", "h:1", START + second)
    for i in range(700):
        one.add(f"c{i % 7}_total", float(second), Kind.COUNTER, n=str(i))
    event = Event(one.time, "tick", Severity.INFO, (), str(second))
    return writer.commit(START + second, frames_of([one]), {}, [event], {"second": second})

def said():
    snapshot = reader.snapshot()
    frame = snapshot.frame("c1_total", START, START + 1e6)
    return {
        "version": snapshot.version,
        "second": snapshot.meta["second"],
        "trouble": snapshot.meta["store_trouble"],
        "alive": snapshot.meta["collector_alive_at"] - START,
        "rows": frame.blocks[0].values[0].tolist(),
        "events": len(snapshot.events),
    }

for second in range(100):
    commit(second)
before = said()
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
for second in range(100, 250):
    commit(second)
    writer.beat(START + second + 0.5)
during = said()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
for second in range(250, 260):
    commit(second)
after = said()
writer.close()
print(json.dumps([before, during, after]))
"""


@pytest.fixture(scope="module", params=[4096, 65536])
def reported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[dict[str, object]], str]:
    directory = tmp_path_factory.mktemp("full") / "store"
    done = subprocess.run(
        [sys.executable, "-c", FILLED, str(directory), str(request.param)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout), done.stderr


@pytest.mark.server
def test_a_full_disk_is_said_while_the_last_state_is_served(reported: tuple[list[dict[str, object]], str]) -> None:
    (before, during, _), _ = reported
    assert before["trouble"] == ""
    assert "the store cannot be written" in str(during["trouble"])
    assert during["alive"] == 249.5
    assert during["second"] >= before["second"]  # type: ignore[operator]
    assert during["rows"] == [float(second) for second in range(int(str(during["second"])) + 1)]


@pytest.mark.server
def test_it_recovers_by_itself_and_keeps_the_reads_of_the_meantime(
    reported: tuple[list[dict[str, object]], str],
) -> None:
    (_, _, after), _ = reported
    assert after["trouble"] == ""
    assert after["rows"] == [float(second) for second in range(260)]
    assert after["events"] == 260


@pytest.mark.server
def test_it_is_logged_once_down_and_once_back(reported: tuple[list[dict[str, object]], str]) -> None:
    lines = reported[1].splitlines()
    assert sum("cannot be written" in line for line in lines) == 1
    assert sum("can be written again" in line for line in lines) == 1
    assert len(lines) == 2


START_FULL = """
import json, logging, resource, sys
from pathlib import Path
from bench.processes import ROOT
from model.series import Kind, Scrape, Series
from store.incoming import frames_of
from store.reader import Reader
from store.writer import Writer

directory = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
writer, reader = Writer.open(directory), Reader(directory)
answers = []
for second in (400, 401):
    one = Scrape("proxy", "host:1", 1_699_999_980.0 + second)
    one.add("a_total", float(second), Kind.COUNTER)
    writer.commit(one.time, frames_of([one]), {})
    snapshot = reader.snapshot()
    rows = snapshot.frame("a_total", 0, 1e12).blocks[0].values[0].tolist()
    answers.append([bool(snapshot.meta["store_trouble"]), rows[-1]])
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.close()
print(json.dumps(answers))
"""


@pytest.mark.server
def test_a_collector_started_on_a_full_disk_serves_the_history_and_recovers(directory: Path, make: MakeScrape) -> None:
    writer = Writer.open(directory)
    for second in range(300):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    writer.close()
    done = subprocess.run(
        [sys.executable, "-c", START_FULL, str(directory)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[True, 299.0], [False, 401.0]]
    reader = Reader(directory)
    assert len(reader.snapshot().frame("a_total", START, START + 500).blocks[0].values) == 302
    reader.close()


@pytest.mark.server
def test_a_new_store_on_a_full_disk_is_refused_in_words(directory: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path; from store.writer import Writer\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY)); Writer.open(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(directory)], capture_output=True, text=True, check=False)
    assert StoreFull.__name__ in done.stderr
    assert str(directory) in done.stderr
    Writer.open(directory).close()


NO_ROOM = OSError(errno.ENOSPC, "No space left on device")


def _no_new_block(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that somebody else filled: no new file, no longer database, while what is there can be written."""

    def refuse(disk: BytesDisk, path: Path, value: bytes) -> None:
        raise NO_ROOM

    monkeypatch.setattr(BytesDisk, "_write_whole", refuse)
    database = writer._history._published._database
    assert isinstance(database, Database)
    connection = database._cache._con
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def test_the_newest_reads_still_go_out_while_others_fill_the_disk(
    writer: Writer, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [Series("a_total", (), Kind.COUNTER), *(Series("g", (("n", str(i)),), Kind.GAUGE) for i in range(1500))]
    rng = np.random.default_rng(11)

    def commit(second: int) -> None:
        one = Scrape("proxy", "h:1", START + second, names)
        one.values.extend([float(second), *rng.random(1500)])
        writer.commit(START + second, frames_of([one]), {}, meta={"second": second})

    for second in range(0, 130, 2):
        commit(second)
    with monkeypatch.context() as full:
        _no_new_block(writer, full)
        for second in range(130, 900, 2):
            commit(second)
            snapshot = reader.snapshot()
            values = snapshot.frame("a_total", START + second - 10, START + second).blocks[0].values[0]
            assert values.iloc[-6:].tolist() == [float(second - back) for back in (10, 8, 6, 4, 2, 0)]
        assert "the store cannot be written" in snapshot.meta["store_trouble"]
        connection = writer._history._published._database._cache._con  # type: ignore[union-attr]  # asserted above
        connection.execute("PRAGMA max_page_count = 1000000000")
    for second in range(900, 1000, 2):
        commit(second)
    snapshot = reader.snapshot()
    assert snapshot.meta["store_trouble"] == ""
    values = snapshot.frame("a_total", START, START + 1000).blocks[0].values[0]
    assert values.tolist() == [float(second) for second in range(0, 1000, 2)]


FIRST_START = """
mount -t tmpfs -o size=32m tmpfs "$1" || exit 77
head -c 40000000 /dev/zero > "$1/others" 2> /dev/null
export HUD_CACHE_DIR="$1/store" PROXY_METRICS_URL=http://127.0.0.1:1/metrics
"$2" -m collectors 2> "$1/../log" & collector=$!
"$2" -c "$3" "$1"
status=$?
kill $collector; wait $collector
exit $status
"""
LOOK = """
import json, sys, time
from pathlib import Path
from store.reader import Reader
from web.feed import StoreFeed
from web.health_endpoints import why_not_ready

disk, deadline = Path(sys.argv[1]), time.monotonic() + 100
feed = StoreFeed(Reader(disk / "store"))
while not (disk.parent / "log").read_text() and time.monotonic() < deadline:
    time.sleep(0.1)
head, props = feed.read("system-health", (), time.time())
print(json.dumps([head["gone"], why_not_ready(feed.snapshot(), time.time())[0], json.dumps(props["sh-reason"])]))
(disk / "others").unlink()
while not feed.version() and time.monotonic() < deadline:
    time.sleep(0.1)
print(json.dumps([feed.version(), feed.snapshot().meta["store_trouble"]]))
"""


@pytest.mark.server
def test_a_first_start_on_a_full_disk_is_said_and_begins_when_there_is_room(tmp_path: Path) -> None:
    """On a real disk of 32 MB that others have filled; where no disk may be mounted, on none."""
    (tmp_path / "disk").mkdir()
    arguments = [str(tmp_path / "disk"), sys.executable, "import app\n" + LOOK]
    separate = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    done = subprocess.run(
        [*separate, "sh", "-c", FIRST_START, "sh", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode in (1, 77) and not done.stdout:
        pytest.skip(f"no disk may be mounted here: {done.stderr.strip()}")
    (gone, ready, reason), (version, trouble) = map(json.loads, done.stdout.splitlines())
    assert "no room on the disk" in gone[0]["why"]
    assert "no room on the disk" in ready
    assert "no room on the disk" in reason
    assert version > 0
    assert trouble == ""
    log = (tmp_path / "log").read_text()
    assert log.count("it begins when there is room") == 1
