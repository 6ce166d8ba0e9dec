"""One writer, in a directory of its own, whatever state it is found in."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from store.disk.store_directory import DAMAGED, MARKER, StoreDirectory
from store.errors import StoreBusy, StoreError, StoreForeign
from store.incoming import frames_of
from store.reader import Reader
from store.writer import Writer
from tests.store.conftest import START, MakeScrape

HOLD = """
import sys
from pathlib import Path
from store.writer import Writer
writer = Writer.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def written(directory: Path, make: MakeScrape) -> Path:
    writer = Writer.open(directory)
    for second in range(0, 200, 5):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": 1.0})]), {}, meta={"a": 1})
    writer.close()
    return directory


def hold(directory: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.mark.server
def test_a_second_collector_is_reported_who_writes(directory: Path) -> None:
    holder = hold(directory)
    with pytest.raises(StoreBusy, match=f"pid {holder.pid}") as caught:
        Writer.open(directory)
    assert caught.value.pid == holder.pid
    end(holder)
    Writer.open(directory).close()


@pytest.mark.server
def test_a_waiting_collector_takes_over_when_the_first_is_killed(
    directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    holder = hold(directory)
    versions: list[int] = []

    def wait() -> None:
        writer = Writer.open(directory, wait=True)
        versions.append(writer.version)
        writer.close()

    waiter = threading.Thread(target=wait)
    waiter.start()
    for _ in range(200):
        if "waiting for it to end" in caplog.text:
            break
        waiter.join(0.05)
    assert waiter.is_alive()
    end(holder)
    waiter.join(10)
    assert versions == [0]
    assert caplog.text.count("waiting for it") == 1


@pytest.mark.server
def test_a_waiting_collector_that_is_reported_to_stop_leaves(directory: Path) -> None:
    holder = hold(directory)
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoreBusy):
        Writer.open(directory, wait=True, stop=stop)
    end(holder)


@pytest.mark.parametrize("name", ["notes.txt", "cache.db", ".git"])
def test_a_directory_that_is_not_ours_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(StoreForeign, match="HUD_CACHE_DIR"):
        Writer.open(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_foreign_directory_with_a_file_named_like_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "writer.lock").write_text("")
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(StoreForeign):
        Writer.open(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"writer.lock", "thesis.tex"}


def test_a_file_where_the_directory_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("mine")
    with pytest.raises(StoreForeign):
        Writer.open(tmp_path / "store")
    with pytest.raises(StoreForeign):
        Writer.open(tmp_path / "store" / "below")


def test_a_store_of_another_format_is_refused(written: Path) -> None:
    (written / MARKER).write_text(json.dumps({"store": "prism-hud", "format": 99}))
    with pytest.raises(StoreForeign, match="format 99"):
        Writer.open(written)


def test_an_empty_directory_and_a_mount_point_are_taken(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()
    Writer.open(tmp_path).close()


@pytest.mark.parametrize("marker", [b"", b"\xff\x00junk", b"[]", b'{"store": "other"}', None])
def test_a_damaged_marker_is_written_again_and_the_history_is_kept(
    written: Path, reader: Reader, marker: bytes | None, caplog: pytest.LogCaptureFixture
) -> None:
    if marker is None:
        (written / MARKER).unlink()
    else:
        (written / MARKER).write_bytes(marker)
    Writer.open(written).close()
    assert caplog.text.count("the marker of") == 1
    assert len(reader.snapshot().frame("a_total", START, START + 200).blocks[0].values) == 40


def _overwritten(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def _half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 + 100)


def _holed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[8192:40960] = bytes(32768)
    path.write_bytes(data)


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [_overwritten, _half, _holed, _a_directory])
def test_a_damaged_database_is_moved_aside_with_one_line_and_readers_follow(
    written: Path, damage: object, caplog: pytest.LogCaptureFixture, make: MakeScrape
) -> None:
    reader = Reader(written)
    before = reader.snapshot().version
    assert callable(damage)
    damage(written / "cache" / "cache.db")
    reader.snapshot()
    caplog.clear()
    writer = Writer.open(written)
    assert (written / DAMAGED).is_dir()
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1
    writer.commit(START + 300, frames_of([make(START + 300, {"a_total": 2.0})]), {})
    snapshot = reader.snapshot()
    assert snapshot.version > before
    assert snapshot.meta["store_trouble"] == ""
    assert snapshot.frame("a_total", START, START + 300).blocks[0].values[0].tolist() == [2.0]
    writer.close()
    reader.close()


def test_an_emptied_database_is_an_empty_store(written: Path) -> None:
    _emptied(written / "cache" / "cache.db")
    writer, reader = Writer.open(written), Reader(written)
    writer.commit(START + 300, [], {}, meta={"b": 1})
    assert reader.snapshot().meta["b"] == 1
    writer.close()
    reader.close()


def test_only_the_last_damaged_cache_is_kept(written: Path) -> None:
    for _ in range(3):
        _overwritten(written / "cache" / "cache.db")
        writer = Writer.open(written)
        writer.commit(START + 300, [], {})
        writer.close()
    assert {path.name for path in written.iterdir()} == {MARKER, "writer.lock", "status.page", "cache", DAMAGED}


def test_damaged_value_files_cost_their_minute_and_no_more(written: Path, reader: Reader, make: MakeScrape) -> None:
    writer = Writer.open(written)
    wide = {f"c{i}_total": float(i) for i in range(300)}
    for second in range(300, 700, 5):
        writer.commit(START + second, frames_of([make(START + second, wide)]), {})
    values = sorted((written / "cache").glob("??/??/*.val"), key=lambda path: path.stat().st_mtime_ns)
    assert len(values) > 3
    for value in values:
        _overwritten(value)
    frame = reader.snapshot().frame("c7_total", START, START + 700)
    assert set(frame.blocks[0].values[0].dropna()) == {7.0}
    writer.commit(START + 7200, frames_of([make(START + 7200, wide)]), {})
    writer.commit(START + 7300, frames_of([make(START + 7300, wide)]), {})
    assert writer.trouble == ""
    writer.close()
    Writer.open(written).close()


def test_a_database_damaged_under_a_running_writer_is_rebuilt_with_the_open_minute(
    directory: Path, make: MakeScrape
) -> None:
    writer, reader = Writer.open(directory), Reader(directory)
    for second in range(70):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    database = directory / "cache" / "cache.db"
    for path in (database, database.with_name("cache.db-wal")):
        _overwritten(path)
    for second in range(70, 85):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": float(second)})]), {})
    assert writer.trouble == ""
    values = reader.snapshot().frame("a_total", START, START + 100).blocks[0].values[0]
    assert values.iloc[-25:].tolist() == [float(second) for second in range(60, 85)]
    assert reader.snapshot().meta["store_trouble"] == ""
    writer.close()
    reader.close()


@pytest.mark.parametrize("removed", [".", "cache", "cache/cache.db"])
def test_what_is_removed_under_a_running_writer_is_made_again(
    directory: Path, make: MakeScrape, caplog: pytest.LogCaptureFixture, removed: str
) -> None:
    writer, reader = Writer.open(directory), Reader(directory)
    writer.commit(START, frames_of([make(START, {"a_total": 1.0})]), {})
    version = reader.snapshot().version
    if (directory / removed).is_dir():
        shutil.rmtree(directory / removed)
    else:
        (directory / removed).unlink()
    if removed == ".":
        assert (reader.version(), reader.snapshot().version) == (0, 0)
    writer.commit(START + 1, frames_of([make(START + 1, {"a_total": 2.0})]), {})
    snapshot = reader.snapshot()
    assert snapshot.version > version
    assert snapshot.frame("a_total", START, START + 9).blocks[0].values[0].tolist() == [1.0, 2.0]
    assert "was removed" in caplog.text
    with pytest.raises(StoreBusy):
        StoreDirectory.claim(directory)
    writer.close()
    reader.close()


def test_orphan_files_of_a_killed_writer_are_swept_at_start(written: Path) -> None:
    orphan = written / "cache" / "aa" / "bb" / ("0" * 28 + ".val")
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"left behind")
    Writer.open(written).close()
    assert not orphan.exists()


def test_the_store_is_its_owners_alone(directory: Path) -> None:
    directory.mkdir(mode=0o755, parents=True)
    Writer.open(directory).close()
    assert directory.stat().st_mode & 0o777 == 0o700
    for name in ("writer.lock", "prism-hud-store.json", "status.page"):
        assert (directory / name).stat().st_mode & 0o077 == 0, name


@pytest.mark.parametrize("name", ["writer.lock", "status.page", "prism-hud-store.json", "cache"])
def test_a_planted_link_is_not_followed(directory: Path, tmp_path: Path, name: str) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("precious")
    directory.mkdir(parents=True)
    (directory / "writer.lock.marker").symlink_to(theirs)
    if name != "writer.lock":
        (directory / "writer.lock").touch()
    (directory / name).symlink_to(theirs)
    with pytest.raises(StoreForeign, match=name):
        Writer.open(directory)
    assert theirs.read_text() == "precious"


def test_another_users_directory_is_refused(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: directory.stat().st_uid + 1)
    with pytest.raises(StoreForeign, match="belongs to another user"):
        Writer.open(directory)


def test_a_directory_that_cannot_be_written_is_said_by_name() -> None:
    with pytest.raises(StoreError, match="/proc/nowhere"):
        Writer.open(Path("/proc/nowhere"))
