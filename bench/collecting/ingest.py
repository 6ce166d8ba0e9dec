"""Parsing and storing large pages of metrics, beside prometheus_client's parser in the same run."""

from __future__ import annotations

import argparse
import tempfile
import time
import tracemalloc
from array import array
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from prometheus_client.parser import text_string_to_metric_families

from bench.report import Metrics, Rows, quantile
from collectors.exposition.naming import Naming
from collectors.exposition.parser import ExpositionCache, parse_exposition
from model.series import Scrape
from model.settings import Aliases
from store.incoming import FrameBuilder
from store.writer import Writer

QUICK_OPTIONS = ("--seconds", "90", "--times", "3")
START = 1_699_999_980.0
SMALL, LARGE = 10_000, 100_000
BUCKETS = 20


def options(parser: argparse.ArgumentParser) -> None:
    """How much simulated time is stored, and how often a page is parsed for comparison."""
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--times", type=int, default=9)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Ratios are prometheus_client's figure by ours, or processor seconds by simulated seconds."""
    ours, theirs = _compared(arguments.times)
    small, small_stall = _stored(SMALL, 1.0, arguments.seconds)
    large, large_stall = _stored(LARGE, 5.0, arguments.seconds)
    metrics = {
        "speedup": theirs[0] / ours[0],
        "memory_ratio": ours[1] / theirs[1],
        "core_ratio_10k_1s": small,
        "core_ratio_100k_5s": large,
        "stall_max": max(small_stall, large_stall),
    }
    rows = [
        ("parse 10k series", f"{ours[0] * 1000:.1f} ms, prometheus_client {theirs[0] * 1000:.1f} ms"),
        ("peak of memory", f"{ours[1] / 1e6:.1f} MB, prometheus_client {theirs[1] / 1e6:.1f} MB"),
        ("10k series each second", f"{small:.1%} of a core, longest commit {small_stall * 1000:.0f} ms"),
        ("100k series each 5 s", f"{large:.1%} of a core, longest commit {large_stall * 1000:.0f} ms"),
    ]
    return rows, metrics


def page(series: int, step: int) -> str:
    """Histograms as a proxy exposes them: `series` lines whose values grow with `step`."""
    lines = ["# TYPE request_duration_seconds histogram"]
    for number in range(series // BUCKETS):
        labels = f'namespace="n{number % 1000}",pattern="p{number % 7}",operation="o{number // 7}"'
        lines += [
            f'request_duration_seconds_bucket{{{labels},le="{bucket / 100}"}} {number + step * bucket}'
            for bucket in range(BUCKETS)
        ]
    return "\n".join([*lines, ""])


def _compared(times: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """(seconds, peak bytes) of a page whose series are known, as every page but the first; ours and theirs."""
    cache = ExpositionCache(Naming("host:1", Aliases()))
    parse_exposition(page(SMALL, 0), cache)
    text = page(SMALL, 1)
    ours = partial(parse_exposition, text, cache)
    return _measured(ours, times), _measured(lambda: list(text_string_to_metric_families(text)), times)


def _measured(call: Callable[[], object], times: int) -> tuple[float, float]:
    taken = []
    for _ in range(times):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return quantile(taken, 0.5), float(peak)


def _stored(series: int, interval: float, seconds: int) -> tuple[float, float]:
    """(processor seconds by simulated second, longest commit in seconds) after the first read."""
    texts = [page(series, step) for step in range(4)]
    cache, builder = ExpositionCache(Naming("host:1", Aliases())), FrameBuilder()
    used, longest = 0.0, 0.0
    chance = np.random.default_rng(0)
    with tempfile.TemporaryDirectory(prefix="hud-bench-") as directory:
        writer = Writer.open(Path(directory) / "store")
        for number in range(int(seconds / interval)):
            now = START + number * interval
            cpu = time.process_time()
            found = parse_exposition(texts[number % len(texts)], cache)
            parsed = time.process_time() - cpu
            values = np.asarray(found.values) + number * chance.poisson(3, len(found.values))  # not one of four again
            scrape = Scrape("proxy", "host:1", now, found.series, array("d", values.tobytes()))
            began, cpu = time.perf_counter(), time.process_time()
            writer.commit(now, [builder.of(scrape)], {})
            if number:
                used += parsed + time.process_time() - cpu
                longest = max(longest, time.perf_counter() - began)
        writer.close()
    return used / seconds, longest
