"""Nothing in the shared directory is ever executed, whatever somebody puts there."""

from __future__ import annotations

import logging
import pickle
import sqlite3
from pathlib import Path

import diskcache
import pytest
from diskcache.core import MODE_PICKLE

from store.disk.database import Database, inspect
from store.disk.pickle_free import INLINE_BYTES, BytesDisk, value_path
from store.disk.readonly_kv import ReadonlyKv
from store.errors import StoreDamaged
from store.incoming import frames_of
from store.reader import Reader
from store.writer import Writer
from tests.store.conftest import START, MakeScrape


class Bomb:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    return tmp_path / "executed"


@pytest.fixture
def bomb(evidence: Path) -> bytes:
    data = pickle.dumps(Bomb(evidence))
    pickle.loads(data)  # noqa: S301 (the test's own bytes: proves that the bomb would go off)
    assert evidence.exists()
    evidence.unlink()
    return data


@pytest.fixture
def written(directory: Path, make: MakeScrape) -> Path:
    """A store with some minutes in it, closed."""
    writer = Writer.open(directory)
    for second in range(0, 200, 5):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": 1.0})]), {}, meta={"a": 1})
    writer.close()
    return directory


def plant(directory: Path, statement: str, *values: object) -> None:
    connection = sqlite3.connect(directory / "cache" / "cache.db")
    with connection:
        connection.execute(statement, values)
    connection.close()


PLANTS = [
    "UPDATE Cache SET mode = 4, value = ? WHERE key = 'manifest'",
    "UPDATE Cache SET mode = 4, value = ? WHERE key LIKE 'commit/%'",
    "UPDATE Cache SET mode = 4, filename = NULL, value = ? WHERE key LIKE 'raw/%'",
    "UPDATE Cache SET mode = 4, filename = NULL, value = ? WHERE key LIKE 'table/%'",
    "INSERT INTO Cache (key, raw, mode, value) VALUES ('planted', 1, 4, ?)",
    "INSERT INTO Cache (key, raw, mode, value) VALUES (?, 0, 1, 1)",
    "INSERT INTO Settings VALUES ('disk_pickle', ?)",
    "UPDATE Settings SET value = ? WHERE key = 'eviction_policy'",
    "UPDATE Settings SET value = ? WHERE key = 'sqlite_journal_mode'",
    "UPDATE Settings SET value = ? WHERE key = 'disk_min_file_size'",
]


@pytest.mark.parametrize("statement", PLANTS)
def test_a_planted_pickle_is_never_executed_and_the_store_is_rebuilt_with_one_line(
    written: Path, statement: str, bomb: bytes, evidence: Path, caplog: pytest.LogCaptureFixture
) -> None:
    plant(written, statement, bomb)
    reader = Reader(written)
    reader.snapshot().frame("a_total", START, START + 200)
    caplog.clear()
    writer = Writer.open(written)
    writer.commit(START + 300, [], {}, meta={"b": 2})
    assert reader.snapshot().meta["b"] == 2
    assert not evidence.exists()
    assert len([r for r in caplog.records if r.levelno >= logging.ERROR]) == 1
    assert "cannot be read" in caplog.text
    writer.close()
    reader.close()


@pytest.mark.parametrize("statement", PLANTS)
def test_a_pickle_planted_while_the_writer_runs_is_never_executed(
    directory: Path, make: MakeScrape, statement: str, bomb: bytes, evidence: Path
) -> None:
    writer, reader = Writer.open(directory), Reader(directory)
    for second in range(0, 130, 5):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": 1.0})]), {})
    plant(directory, statement, bomb)
    for second in range(130, 260, 5):
        writer.commit(START + second, frames_of([make(START + second, {"a_total": 1.0})]), {})
        reader.snapshot().frame("a_total", START, START + 260)
    assert not evidence.exists()
    assert reader.version() == writer.version > 0
    assert writer.trouble == ""
    writer.close()
    reader.close()


def test_pickled_keys_and_values_are_refused_both_ways(tmp_path: Path, bomb: bytes, evidence: Path) -> None:
    disk = BytesDisk(str(tmp_path))
    with pytest.raises(StoreDamaged):
        disk.fetch(MODE_PICKLE, None, bomb, False)
    (tmp_path / "aa/bb").mkdir(parents=True)
    name = "aa/bb/" + "0" * 28 + ".val"
    (tmp_path / name).write_bytes(bomb)
    with pytest.raises(StoreDamaged):
        disk.fetch(MODE_PICKLE, name, None, False)
    with pytest.raises(StoreDamaged):
        disk.get(bomb, False)
    for value in ({"a": 1}, None, [b"x"], object(), True):
        with pytest.raises(TypeError):
            disk.store(value, False)
    for key in ((1, 2), b"bytes", 5):
        with pytest.raises(TypeError):
            disk.put(key)
    assert not evidence.exists()


@pytest.mark.parametrize("value", [b"", b"short", b"x" * (INLINE_BYTES + 1), "text", 3, 2.5])
def test_plain_values_go_through_diskcache_unchanged(tmp_path: Path, value: bytes | str | float) -> None:
    with diskcache.Cache(str(tmp_path), disk=BytesDisk) as cache:
        cache["key"] = value
        assert cache["key"] == value
        assert list(cache) == ["key"]


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "aa/bb/../../cache.db",
        "cache.db",
        "",
        None,
        7,
        "aa/bb/" + "0" * 28 + ".val\n",
    ],
)
def test_a_file_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: object) -> None:
    disk = BytesDisk(str(tmp_path / "cache"))
    with pytest.raises(StoreDamaged):
        value_path(tmp_path, name)
    for refused in (lambda: disk.fetch(2, name, None, False), lambda: disk.remove(name)):
        with pytest.raises(StoreDamaged):
            refused()


def test_a_row_that_names_a_file_elsewhere_neither_reads_nor_removes_it(written: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("keep me")
    plant(written, "UPDATE Cache SET mode = 2, value = NULL, filename = '../../secret' WHERE key LIKE 'raw/%'")
    reader = Reader(written)
    reader.snapshot().frame("a_total", START, START + 200)
    writer = Writer.open(written)
    for minute in range(5, 200):
        writer.commit(START + minute * 60, [], {})
    assert secret.read_text() == "keep me"
    assert writer.trouble == ""
    writer.close()
    reader.close()


def test_a_linked_value_file_is_not_followed(directory: Path, tmp_path: Path) -> None:
    database = Database(directory)
    database.write({"raw/1": b"x" * (INLINE_BYTES + 1)})
    (value,) = directory.glob("??/??/*.val")
    value.unlink()
    (tmp_path / "elsewhere").write_text("secret")
    value.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        database.values.open("raw/1")
    database.close()


def test_eviction_and_statistics_are_off_and_readers_do_not_wait(directory: Path) -> None:
    database = Database(directory)
    connection = sqlite3.connect(directory / "cache.db")
    settings = dict(connection.execute("SELECT key, value FROM Settings").fetchall())
    assert (settings["cull_limit"], settings["eviction_policy"], settings["statistics"]) == (0, "none", 0)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    database.close()


def test_a_start_killed_before_the_tables_were_made_is_no_damage(directory: Path) -> None:
    directory.mkdir()
    sqlite3.connect(directory / "cache.db").close()
    inspect(directory)
    connection = sqlite3.connect(directory / "cache.db")
    connection.execute("CREATE TABLE Settings (key TEXT NOT NULL UNIQUE, value)")
    connection.close()
    inspect(directory)
    Database(directory).close()


def test_values_of_other_types_are_damaged(directory: Path) -> None:
    database = Database(directory)
    database.write({"a": b"x"})
    connection = sqlite3.connect(directory / "cache.db")
    with connection:
        connection.execute("UPDATE Cache SET value = 'text'")
    connection.close()
    values = ReadonlyKv(directory)
    with pytest.raises(StoreDamaged):
        values.get("a")
    values.close()
    database.close()
