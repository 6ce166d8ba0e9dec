"""Many experiments, each on a fork of a site that has been well for long enough to know what is usual."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.virtual.forks import forked
from bench.virtual.outcome import Calm, Outcome, calm_of, outcome_of
from bench.virtual.site import Site, site
from bench.virtual.trial import be_quiet, disturb, run_experiment
from simulator.faults.experiments.benign import Disturbance
from simulator.faults.experiments.experiment import Experiment

WARM_SECONDS = 330.0
"""Until a site knows what is usual: the longest window of any rule is 5 minutes."""
QUIET_SECONDS = 600.0
"""Quiet time is watched in pieces of this length, so that an alert that comes back is counted again."""


def experimented(
    chosen: Sequence[Experiment], seed: int, workers: int = 1, lost: str = "", warm: float = WARM_SECONDS
) -> Iterator[Outcome]:
    """How each experiment goes; `lost` names a source that cannot be read meanwhile."""
    for load in sorted({one.load for one in chosen}):
        mine = [one for one in chosen if one.load == load]
        with _warm(seed, load, warm) as (warmed, folder):
            jobs = [
                _job(warmed, folder / str(at), f"{one.id} {seed} {lost}", partial(_experiment, warmed, one, seed, lost))
                for at, one in enumerate(mine)
            ]
            yield from map(outcome_of, forked(jobs, workers))


def disturbed(chosen: Sequence[Disturbance], seed: int, workers: int = 1, warm: float = WARM_SECONDS) -> Iterator[Calm]:
    """How each benign disturbance goes."""
    for load in sorted({one.load for one in chosen}):
        mine = [one for one in chosen if one.load == load]
        with _warm(seed, load, warm) as (warmed, folder):
            jobs = [
                _job(warmed, folder / str(at), f"{one.id} {seed}", partial(_disturbance, warmed, one, seed))
                for at, one in enumerate(mine)
            ]
            yield from map(calm_of, forked(jobs, workers))


def quiet(hours: float, seed: int, warm: float = WARM_SECONDS) -> Iterator[Calm]:
    """Hours in which nothing happens, looked at once a second: as often as the rules count."""
    with _warm(seed, 1.0, warm) as (one, _):
        one.look_seconds = 1.0
        for _ in range(round(hours * 3600.0 / QUIET_SECONDS)):
            yield be_quiet(one, QUIET_SECONDS, seed)


def _experiment(warmed: Site, one: Experiment, seed: int, lost: str) -> Any:
    return run_experiment(warmed, one, seed, lost).plain()


def _disturbance(warmed: Site, one: Disturbance, seed: int) -> Any:
    return disturb(warmed, one, seed).plain()


def _job(warmed: Site, directory: Path, chance: str, job: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        warmed.move(directory)
        warmed.chance.seed(chance)
        return job()

    return run


@contextmanager
def _warm(seed: int, load: float, seconds: float) -> Iterator[tuple[Site, Path]]:
    """A site that has run for `seconds`, and a folder for the stores of its forks."""
    with memory_folder() as folder, site(folder / "warm", seed) as one:
        if load != 1.0:
            one.inject({"fault": "traffic_surge", "factor": load})
        one.run(seconds)
        yield one, folder


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder where a store costs no disk, if there is such a place."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="hud-bench-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
