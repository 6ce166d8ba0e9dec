"""kill -9 at any instant: the store stays whole, its readers never fail, the next writer goes on."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from store.disk.codec import decode_bytes
from store.disk.manifest import decode_manifest
from store.disk.readonly_kv import ReadonlyKv
from store.reader import Reader
from store.writer import Writer
from tests.store.conftest import START

pytestmark = pytest.mark.server

KILLS = 30
NURSERY = """
import os, sys
from pathlib import Path
from model.series import Event, Kind, Scrape, Series, Severity
from store.incoming import frames_of
from store.writer import Writer
SERIES = [Series(f"c{i % 3}_total", (("n", str(i)),), Kind.COUNTER) for i in range(1200)]

def write(directory):
    writer = Writer.open(directory)
    step = writer.version
    while True:
        step += 1
        at = 1_699_999_980.0 + 5 * step
        one = Scrape("proxy", "h:1", at)
        one.series = SERIES
        one.values.extend([float(step)] * len(SERIES))
        writer.commit(at, frames_of([one]), {}, [Event(at, "tick", Severity.INFO, (), str(step))], {"at": at})

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        write(Path(sys.argv[1]))
    print(child, flush=True)
    os.waitpid(child, 0)
"""
"""Imports once, then bears a writer per line of input."""


class DetectionLoop(threading.Thread):
    """Reads all the while and notes what should never happen."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.reader, self.stop, self.versions = Reader(directory), threading.Event(), 0
        self.wrong: list[str] = []

    def run(self) -> None:
        last = 0
        while not self.stop.is_set():
            snapshot = self.reader.snapshot()
            if snapshot.version == 0:
                continue
            at = snapshot.meta["at"]
            frame = snapshot.frame("c1_total", at - 200, at)
            values = frame.blocks[0].values.to_numpy() if frame.blocks else np.empty((0, 0))
            if snapshot.version < last:
                self.wrong.append(f"version fell from {last} to {snapshot.version}")
            if len(values) == 0 or len({*values[-1]}) != 1 or frame.blocks[0].values.index[-1] != at:
                self.wrong.append(f"half an update at {snapshot.version}")
            if snapshot.events[-1].time != at:
                self.wrong.append(f"events and reads differ at {snapshot.version}")
            if snapshot.meta["store_trouble"]:
                self.wrong.append(snapshot.meta["store_trouble"])
            self.versions += snapshot.version != last
            last = snapshot.version
        self.reader.close()


def test_a_writer_killed_at_any_instant_leaves_a_whole_store(directory: Path) -> None:
    random.seed(7)
    nursery = subprocess.Popen(
        [sys.executable, "-c", NURSERY, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    detection_loop, pause = DetectionLoop(directory), threading.Event()
    detection_loop.start()
    reached = []
    for _ in range(KILLS):
        nursery.stdin.write("go\n")
        nursery.stdin.flush()
        child = int(nursery.stdout.readline())
        pause.wait(random.uniform(0.0, 0.35))
        os.kill(child, signal.SIGKILL)
        reached.append(detection_loop.reader.version())
    _, errors = nursery.communicate()
    detection_loop.stop.set()
    detection_loop.join()
    assert errors == ""
    assert detection_loop.wrong == []
    assert detection_loop.versions > KILLS
    assert reached == sorted(reached)
    _check(directory)


def _check(directory: Path) -> None:
    """Everything that the manifest names can be read, nothing else is left, and a writer goes on."""
    Writer.open(directory).close()
    connection = sqlite3.connect(directory / "cache" / "cache.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    named = {name for (name,) in connection.execute("SELECT filename FROM Cache WHERE filename IS NOT NULL")}
    connection.close()
    present = {path.relative_to(directory / "cache").as_posix() for path in (directory / "cache").glob("??/??/*.val")}
    assert present == named
    values = ReadonlyKv(directory / "cache")
    manifest = decode_manifest(values.get("manifest"))
    for ref in manifest.chunks:
        data = values.get(ref.key)
        stored = decode_bytes(data)
        for index in range(len(stored.directory)):
            stored.buffer(index)
    values.close()
    reader = Reader(directory)
    snapshot = reader.snapshot()
    end = snapshot.meta["at"]
    kept = snapshot.frame("c2_total", end - 3600, end).blocks[0].values[0]
    assert kept.diff().iloc[1:].eq(1.0).all()
    assert (kept.index == START + 5 * kept.to_numpy()).all()
    reader.close()
