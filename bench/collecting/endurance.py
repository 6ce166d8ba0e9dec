"""A day of the collector on virtual time, with a fault every ten minutes: does memory or the store go on growing?"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
import time
from itertools import cycle
from pathlib import Path

import numpy as np

from bench.processes import rss_bytes
from bench.report import Metrics, Rows
from bench.virtual.site import Site, site
from simulator.faults.experiments.catalogue import EXPERIMENTS
from simulator.faults.experiments.experiment import Experiment

QUICK_OPTIONS = ("--hours", "0.5")
FAULT_SECONDS, EVERY_SECONDS = 60.0, 600.0
LOOK_SECONDS = 2.0
"""Twice a second as the collector looks is not what grows here."""


def options(parser: argparse.ArgumentParser) -> None:
    """How long a day is."""
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--seed", type=int, default=1)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """`rss_slope_bytes_per_hour`: of a straight line through resident memory after the first hour (or third)."""
    logging.getLogger("hud").setLevel(logging.CRITICAL)
    rows: list[tuple[str, str]] = []
    seen: list[tuple[float, int]] = []
    experiments = cycle(EXPERIMENTS.values())
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="hud-bench-") as folder,
        site(Path(folder) / "store", arguments.seed) as one,
    ):
        one.look_seconds = LOOK_SECONDS
        for number in range(1, int(arguments.hours * 3600 / EVERY_SECONDS) + 1):
            _lap(one, next(experiments))
            seen.append((number * EVERY_SECONDS / 3600, rss_bytes(os.getpid())))
            if number % 6 == 0 or arguments.hours <= 1:
                rows.append((f"{seen[-1][0]:.1f} h", f"{seen[-1][1] / 1e6:.1f} MB"))
        size = sum(path.stat().st_blocks * 512 for path in Path(folder).rglob("*") if path.is_file())
    calm = [pair for pair in seen if pair[0] > min(1.0, arguments.hours / 3)]
    hours, sizes = np.array(calm).T
    slope = float(np.polyfit(hours, sizes, 1)[0]) if len(calm) > 1 else 0.0
    metrics = {
        "rss_slope_bytes_per_hour": slope,
        "store_bytes": size,
        "hours": arguments.hours,
        "seconds": time.monotonic() - began,
    }
    return [*rows, ("slope", f"{slope / 1e6:.2f} MB an hour"), ("store", f"{size / 1e6:.1f} MB")], metrics


def _lap(one: Site, experiment: Experiment) -> None:
    """A fault that comes and goes, and quiet until the next one is due."""
    faults = [one.inject(wanted) for wanted in experiment.faults]
    one.run(FAULT_SECONDS)
    one.clear(*faults)
    one.run(EVERY_SECONDS - FAULT_SECONDS)
