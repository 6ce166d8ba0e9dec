"""What the detections see: fault experiments end to end on virtual time, in all and rule by rule.

Everything is the product's own but the threads and the sockets: the simulated Prism's answers, byte for byte, go
through the collectors' clients and parsers into the store and from there to the rules that are declared, on a clock
that jumps from event to event (`bench/virtual/site.py`). A warm site is forked for each experiment, so that none knows
of another.

    python -m bench detection --half tuning                         # tune on these only
    python -m bench detection --half tuning --family messaging      # one family: about 10 s an experiment
    python -m bench detection --only redis-slow --only redis-hangs  # some, by their id
    python -m bench detection                                       # the half that is looked at only for the report
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.report import Metrics, Rows
from bench.virtual.forks import forked
from bench.virtual.score import by_view, scored
from bench.virtual.site import Site, site
from bench.virtual.trial import Outcome, outcome_of, run_experiment
from simulator.faults.experiments.catalogue import EXPERIMENTS
from simulator.faults.experiments.experiment import REPORT, TUNING, Experiment

WARM_SECONDS = 330.0
"""Until a site knows what is usual: the longest window of any rule is 5 minutes."""


def options(parser: argparse.ArgumentParser) -> None:
    """Which experiments, how often."""
    parser.add_argument("--half", choices=(REPORT, TUNING, "all"), default=REPORT)
    parser.add_argument("--family", action="append", help="only this family; may be given several times")
    parser.add_argument(
        "--only", action="append", help="only this experiment of either half; may be given several times"
    )
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--warm", type=float, default=WARM_SECONDS, help="seconds before the first fault")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Every chosen experiment with every seed."""
    logging.getLogger("hud").setLevel(logging.CRITICAL)
    chosen = list(_chosen(arguments))
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
    outcomes: list[Outcome] = []
    rows: list[tuple[str, str]] = []
    for seed in seeds:
        for one in experimented(chosen, seed, arguments.warm, arguments.workers):
            outcomes.append(one)
            rows.append((f"{one.id} ({one.view}, seed {one.seed})", _words(one)))
            print(*rows[-1], sep="  ", file=sys.stderr, flush=True)
    for view, (hits, injected) in sorted(by_view(outcomes).items()):
        rows.append((f"{view}: seen within 30 s", f"{hits} of {injected}"))
    return rows, scored(outcomes)


def experimented(chosen: Sequence[Experiment], seed: int, warm: float, workers: int) -> Iterator[Outcome]:
    """Each experiment on a site of its own, which has been well for `warm` seconds under the experiment's load."""
    for load in sorted({one.load for one in chosen}):
        mine = [one for one in chosen if one.load == load]
        with memory_folder() as folder, site(folder / "warm", seed) as warmed:
            if load != 1.0:
                warmed.inject({"fault": "traffic_surge", "factor": load})
            warmed.run(warm)
            jobs = [_job(warmed, one, seed, folder / str(at)) for at, one in enumerate(mine)]
            yield from map(outcome_of, forked(jobs, workers))


def _job(warmed: Site, experiment: Experiment, seed: int, directory: Path) -> Callable[[], Any]:
    return partial(_forked_experiment, warmed, experiment, seed, directory)


def _forked_experiment(warmed: Site, experiment: Experiment, seed: int, directory: Path) -> Any:
    warmed.move(directory)
    warmed.chance.seed(f"{experiment.id} {seed}")
    return run_experiment(warmed, experiment, seed).plain()


def _chosen(arguments: argparse.Namespace) -> Iterable[Experiment]:
    for one in EXPERIMENTS.values():
        if arguments.only:
            wanted = one.id in arguments.only
        else:
            wanted = arguments.half in ("all", one.half) and one.family in (arguments.family or [one.family])
        if wanted:
            yield one


def _words(one: Outcome) -> str:
    if one.seconds is None:
        said = f"NOT SEEN; said of {', '.join(one.causes) or 'nobody'}"
    else:
        said = f"seen after {one.seconds:.1f} s: {one.severity} {one.rule} of {one.component}"
    cause = "no cause" if one.cause is None else f"cause {one.cause + 1}"
    clear = "NEVER CLEAR" if one.clear_seconds is None else f"clear after {one.clear_seconds:.0f} s"
    wrong = f"; WRONG {' | '.join(one.wrong)}" if one.wrong else ""
    return f"{said}; {cause}; {one.alerts} alerts, {one.flaps} flaps, {clear}{wrong}"


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder where a store costs no disk, if there is such a place."""
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="hud-bench-", dir=place) as folder:
        yield Path(folder)
