"""What the detections see: fault experiments end to end on virtual time, in all and rule by rule.

Everything is the product's own but the threads and the sockets: the simulated Prism's answers, byte for byte, go
through the collectors' clients and parsers into the store and from there to the rules that are declared, on a clock
that jumps from event to event (`bench/virtual/site.py`). A warm site is forked for each experiment, so that none knows
of another.

    python -m bench detection --half tuning --benign 0              # tune on these only
    python -m bench detection --half tuning --family messaging      # one family: about 10 s an experiment
    python -m bench detection --only redis-slow --only redis-hangs  # some, by their id, faults or benign ones
    python -m bench detection --quick                               # a look: a fault of each family, few benign ones
    python -m bench detection --lost proxy                          # while a source cannot be read
    python -m bench detection --seeds 3 --save docs/detection.json  # the report's half, for docs/detection.md
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench.detection_live import live_outcomes
from bench.report import Metrics, Rows
from bench.virtual.outcome import Calm, Outcome
from bench.virtual.record import recorded
from bench.virtual.runs import WARM_SECONDS, disturbed, experimented, quiet
from bench.virtual.score import MINIMA, by_view, scored, scored_calm
from simulator.faults.experiments.benign import DISTURBANCES, Disturbance
from simulator.faults.experiments.catalogue import EXPERIMENTS
from simulator.faults.experiments.experiment import REPORT, TUNING, Experiment

QUICK = 4
"""A quick look takes every fourth disturbance, and the first experiment of each family."""


def options(parser: argparse.ArgumentParser) -> None:
    """Which experiments, how often."""
    parser.add_argument("--half", choices=(REPORT, TUNING, "all"), default=REPORT)
    parser.add_argument("--family", action="append", help="only this family; may be given several times")
    parser.add_argument("--only", action="append", help="only this one, of either half; may be given several times")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument(
        "--benign", type=int, help="days of benign disturbances, each of them once a day; 7 if not said"
    )
    parser.add_argument("--quiet-hours", type=float, default=0.0, help="hours in which nothing happens")
    parser.add_argument("--lost", default="", help="a source that cannot be read meanwhile: proxy, signoz, admin …")
    parser.add_argument("--live", type=int, default=0, help="so many of them once more over sockets, on a real clock")
    parser.add_argument("--warm", type=float, default=WARM_SECONDS, help="seconds before the first fault")
    parser.add_argument("--quick", action="store_true", help="a few of each kind")
    parser.add_argument("--save", type=Path, help="a file that takes over what was found")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """Every chosen experiment with every seed."""
    logging.getLogger("hud").setLevel(logging.CRITICAL)
    chosen, benign, days = _chosen(arguments), _benign(arguments), _days(arguments)
    outcomes: list[Outcome] = []
    calms: list[Calm] = []
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        outcomes += map(_said, experimented(chosen, seed, arguments.workers, arguments.lost, arguments.warm))
    for seed in range(arguments.first_seed, arguments.first_seed + days):
        calms += map(_said_calm, disturbed(benign, seed, arguments.workers, arguments.warm))
    if arguments.quiet_hours:
        calms += map(_said_calm, quiet(arguments.quiet_hours, arguments.first_seed, arguments.warm))
    live = (
        [_said(one) for one in live_outcomes(chosen[:: max(1, len(chosen) // arguments.live)])]
        if arguments.live
        else []
    )
    if arguments.save:
        record = recorded(arguments.save)
        record.add([*outcomes, *live], calms)
        record.save(arguments.save)
    return _rows(outcomes, calms, live), {**scored(outcomes), **scored_calm(calms), **_of_live(live)}


def _chosen(arguments: argparse.Namespace) -> list[Experiment]:
    every = EXPERIMENTS.values()
    if arguments.only:
        return [one for one in every if one.id in arguments.only]
    families = arguments.family or {one.family for one in every}
    found = [one for one in every if arguments.half in ("all", one.half) and one.family in families]
    return list({one.family: one for one in reversed(found)}.values()) if arguments.quick else found


def _benign(arguments: argparse.Namespace) -> list[Disturbance]:
    found = [one for one in DISTURBANCES.values() if not arguments.only or one.id in arguments.only]
    return found[::QUICK] if arguments.quick else found


def _days(arguments: argparse.Namespace) -> int:
    """How often each disturbance comes; none when one family of faults, or a lost source, is what is asked for."""
    if arguments.benign is not None:
        return int(arguments.benign)
    if arguments.family or arguments.lost:
        return 0
    return 1 if arguments.quick or arguments.only else 7


def _rows(outcomes: Sequence[Outcome], calms: Sequence[Calm], live: Sequence[Outcome]) -> Rows:
    rows = [(_title(one), _words(one)) for one in (*outcomes, *live)]
    rows += [(_calm_title(one), _calm_words(one)) for one in calms]
    for view, (hits, injected) in sorted(by_view(outcomes).items()):
        rows.append((f"{view}: seen within 30 s", f"{hits} of {injected}, at least {MINIMA[view]:.0%} is wanted"))
    return rows


def _of_live(live: Sequence[Outcome]) -> dict[str, float | int]:
    return {f"live_{name}": value for name, value in scored(live).items()}


def _said(one: Outcome) -> Outcome:
    """As they come: a whole run takes long."""
    print(_title(one), _words(one), sep="  ", file=sys.stderr, flush=True)
    return one


def _said_calm(one: Calm) -> Calm:
    print(_calm_title(one), _calm_words(one), sep="  ", file=sys.stderr, flush=True)
    return one


def _title(one: Outcome) -> str:
    lost = f", {one.lost} lost" if one.lost else ""
    return f"{one.id} ({one.view}, seed {one.seed}{lost})"


def _words(one: Outcome) -> str:
    if one.seconds is None:
        said = f"NOT SEEN; said of {', '.join(one.causes) or 'nobody'}"
    else:
        said = f"seen after {one.seconds:.1f} s: {one.severity} {one.rule} of {one.component}"
    cause = "no cause" if one.cause is None else f"cause {one.cause + 1}"
    clear = "NEVER CLEAR" if one.clear_seconds is None else f"clear after {one.clear_seconds:.0f} s"
    return f"{said}; {cause}; {one.alerts} alerts, {one.flaps} flaps, {clear}{_wrong(one.wrong)}"


def _calm_title(one: Calm) -> str:
    return f"{one.id or 'nothing'} (seed {one.seed})"


def _calm_words(one: Calm) -> str:
    return f"{one.seconds:.0f} s, {one.notes} notes{_wrong(one.episodes) or ', nothing said'}"


def _wrong(words: Iterable[str]) -> str:
    said = " | ".join(words)
    return f"; WRONG {said}" if said else ""
