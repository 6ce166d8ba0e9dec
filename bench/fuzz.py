"""Spoilt answers for every reader: how many are read or refused, and that none does anything else."""

from __future__ import annotations

import argparse
import gzip
import resource
import time
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from bench.fuzzing.mutation import Mutator
from bench.fuzzing.readers import all_readers
from bench.fuzzing.reading import READ_EVERY_SECONDS, Reader
from bench.fuzzing.seeds import NOW
from bench.fuzzing.wire import Wire, wired
from bench.report import Metrics, Rows
from model.sources import CollectError

ROUNDS = 100
WARM_ROUNDS = 10
"""What is kept from read to read, such as known series, has its usual size after so many rounds of a hundred."""
SHOWN, SHOWN_BYTES = 5, 400
STATUSES = (400, 401, 404, 500, 503)


def options(parser: argparse.ArgumentParser) -> None:
    """How many inputs in all, from which chance, and how much the process may grow after warming up."""
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", default="prism")
    parser.add_argument("--growth-megabytes", type=float, default=64.0)


@dataclass
class Tally:
    """How it went with one reader."""

    reader: Reader
    mutator: Mutator
    wanted: int
    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    unhandled: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    kinds: set[str] = field(default_factory=set)


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """A hundred rounds over all readers, so that each is met at every age of the process."""
    with wired() as wire:
        return fuzz(all_readers(wire), wire, arguments.inputs, arguments.seed, arguments.growth_megabytes * 1e6)


def fuzz(readers: Sequence[Reader], wire: Wire, inputs: int, seed: str, most_growth: float) -> tuple[Rows, Metrics]:
    """The same for these readers."""
    shares = list(accumulate(one.share for one in readers))
    ends = [round(inputs * share / shares[-1]) for share in shares]
    wanted = [end - start for start, end in pairwise([0, *ends])]
    tallies = [Tally(one, Mutator(f"{seed}/{one.name}"), most) for one, most in zip(readers, wanted, strict=True)]
    warm = 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for number in range(1, ROUNDS + 1):
            for tally in tallies:
                _go_on(tally, wire, tally.wanted * number // ROUNDS)
            if number == WARM_ROUNDS:
                warm = _resident_bytes()
    return _reported(tallies, max(0.0, _peak_bytes() - warm), most_growth)


def _go_on(tally: Tally, wire: Wire, until: int) -> None:
    wire.asked, wire.others = tally.reader.asked, tally.reader.others
    while tally.inputs < until:
        _spoil(tally, wire)
        tally.inputs += 1
        began = time.perf_counter()
        _read(tally, wire)
        took = time.perf_counter() - began
        tally.seconds += took
        tally.slowest = max(tally.slowest, took)


def _spoil(tally: Tally, wire: Wire) -> None:
    """The next answer: most JSON spoilt in its values, all else in its bytes; some packed, some refusals."""
    mutator, reader = tally.mutator, tally.reader
    chance, seed = mutator.chance, mutator.chance.choice(reader.seeds)
    in_values = reader.is_json and chance.random() < 0.65
    wire.body = mutator.in_values(seed) if in_values else mutator.in_bytes(seed, reader.seeds)
    wire.status, wire.headers = 200, {"Content-Type": reader.content_type}
    if reader.content_type and chance.random() < 0.02:
        wire.body = mutator.in_bytes(gzip.compress(wire.body, 1), reader.seeds)
        wire.headers = {**wire.headers, "Content-Encoding": "gzip"}
    if reader.is_json and chance.random() < 0.05:
        wire.status = chance.choice(STATUSES)


def _read(tally: Tally, wire: Wire) -> None:
    try:
        tally.reader.read(NOW + READ_EVERY_SECONDS * tally.inputs)
        tally.accepted += 1
    except CollectError:
        tally.refused += 1
    except Exception as error:  # noqa: BLE001 (which exceptions get out is the question)
        tally.unhandled += 1
        _show(tally, wire, error)


def _show(tally: Tally, wire: Wire, error: Exception) -> None:
    """Once for each place that it comes from, with the input."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    kind = f"{type(error).__name__} at {place.filename.rpartition('/')[2]}:{place.lineno}"
    if kind in tally.kinds or len(tally.kinds) >= SHOWN:
        return
    tally.kinds.add(kind)
    body = wire.body if len(wire.body) <= SHOWN_BYTES else wire.body[:SHOWN_BYTES] + b"..."
    print(f"{tally.reader.name}: {kind}: {str(error)[:SHOWN_BYTES]}")
    print(f"  input {tally.inputs}, HTTP {wire.status}: {body!r}", flush=True)


def _reported(tallies: Sequence[Tally], growth: float, most_growth: float) -> tuple[Rows, Metrics]:
    rows = [("reader", f"{'inputs':>9}{'accepted':>10}{'refused':>9}{'unhandled':>11}{'seconds':>9}{'slowest':>11}")]
    for one in tallies:
        counts = f"{one.inputs:9}{one.accepted:10}{one.refused:9}{one.unhandled:11}"
        rows.append((one.reader.name, f"{counts}{one.seconds:9.1f}{one.slowest * 1000:8.1f} ms"))
    rows.append(("growth of memory", f"{growth / 1e6:.1f} MB of {most_growth / 1e6:.0f} MB"))
    unhandled = sum(one.unhandled for one in tallies)
    return rows, {
        "inputs": sum(one.inputs for one in tallies),
        "accepted": sum(one.accepted for one in tallies),
        "refused": sum(one.refused for one in tallies),
        "unhandled": unhandled,
        "seconds": round(sum(one.seconds for one in tallies), 1),
        "slowest_seconds": round(max(one.slowest for one in tallies), 4),
        "growth_bytes": int(growth),
        "growth_bytes_max": int(most_growth),
        "failures": unhandled + (growth > most_growth),
    }


def _resident_bytes() -> float:
    with open("/proc/self/statm") as reported:  # noqa: PTH123 (a file of the kernel)
        return int(reported.read().split()[1]) * resource.getpagesize()


def _peak_bytes() -> float:
    """Of this program; what getrusage reports counts whoever started it too."""
    with open("/proc/self/status") as reported:  # noqa: PTH123 (a file of the kernel)
        return next(int(line.split()[1]) * 1024 for line in reported if line.startswith("VmHWM:"))
