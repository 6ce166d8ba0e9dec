"""The store under its usual load: what a commit, a new snapshot and five minutes of a family cost, and its size."""

from __future__ import annotations

import argparse
import tempfile
import time
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from bench.report import Metrics, Rows, quantile
from model.series import Kind, Scrape, Series
from store.incoming import FrameBuilder
from store.reader import Reader
from store.writer import Writer

QUICK_OPTIONS = ("--hours", "0.2")
START = 1_699_999_980.0
FAMILY_SERIES = 40
LOOK_EVERY = 10
WINDOW_SECONDS = 300.0


def options(parser: argparse.ArgumentParser) -> None:
    """How much is stored; time is simulated, one scrape a second."""
    parser.add_argument("--series", type=int, default=2500)
    parser.add_argument("--hours", type=float, default=2.0)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Commit once per simulated second, and look as a web worker does every ten."""
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as directory:
        metrics = _measure(Path(directory) / "store", arguments.series, int(arguments.hours * 3600))
    rows = [
        (name, f"{value / 1e6:.1f} MB" if name.endswith("bytes") else f"{value * 1000:.2f} ms")
        for name, value in metrics.items()
    ]
    return rows, metrics


def _measure(directory: Path, width: int, seconds: int) -> dict[str, float]:
    series = [_series(number) for number in range(width)]
    chance = np.random.default_rng(0)
    values = chance.integers(0, 10_000_000, width).astype(np.float64)
    commits: list[float] = []
    snapshots: list[float] = []
    frames: list[float] = []
    builder = FrameBuilder()
    writer, reader = Writer.open(directory), Reader(directory)
    for second in range(seconds):
        now = START + second
        values += chance.poisson(3, width) * (chance.random(width) < 0.4)
        values[::7] = chance.random(len(values[::7]))
        scrape = Scrape("proxy", "host:1", now, series, array("d", values.tobytes()))
        commits.append(_timed(partial(_commit, writer, builder, scrape)))
        if second % LOOK_EVERY == 0 and second > WINDOW_SECONDS:
            snapshots.append(_timed(reader.snapshot))
            snapshot = reader.snapshot()  # the same version again: costs nothing
            frames.append(_timed(partial(snapshot.frame, "f1_total", now - WINDOW_SECONDS, now)))
    writer.close()
    reader.close()
    return {
        "commit_p50": quantile(commits, 0.5),
        "commit_p99": quantile(commits, 0.99),
        "commit_max": max(commits),
        "snapshot_p50": quantile(snapshots, 0.5),
        "snapshot_p99": quantile(snapshots, 0.99),
        "frame_p50": quantile(frames, 0.5),
        "frame_p99": quantile(frames, 0.99),
        "disk_bytes": float(sum(path.stat().st_blocks * 512 for path in directory.rglob("*") if path.is_file())),
    }


def _commit(writer: Writer, builder: FrameBuilder, scrape: Scrape) -> None:
    """As the scheduler does: a frame of the read goes in by the door."""
    writer.commit(scrape.time, [builder.of(scrape)], {})


def _series(number: int) -> Series:
    """Mostly counters and buckets; every seventh is a gauge that never stands still."""
    kind = Kind.GAUGE if number % 7 == 0 else Kind.COUNTER
    labels = (("instance", "host:1"), ("le", str(number)), ("namespace", f"n{number % 15}"))
    return Series(f"f{number // FAMILY_SERIES}_total", labels, kind)


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
