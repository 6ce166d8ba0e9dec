"""Every claim's bench one after the other, beside what was measured before (`bench/baseline.json`)."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.report import Metrics, Rows, machine

BASELINE = Path(__file__).parent / "baseline.json"
CLAIMS = (
    "ingest",
    "memory",
    "weight",
    "load",
    "bytes",
    "browser",
    "cost",
    "fanout",
    "api",
    "freshness",
    "replay",
    "big",
    "fleet",
)
WORSE_RATIO = 1.2
"""These machines are noisy: less than this is no news."""
BETTER_WHEN_MORE = ("speedup", "viewers", "delivered_ratio", "changes")
TO_BE_SEEN = 0.002
"""Figures below this (seconds, ratios) are noise, whatever their ratio."""
PACED = ("p50", "p99", "core_ratio", "busy_ratio", "cold", "slow_network", "warm", "slowest_page", "stall_max", "first")
"""Words of the figures that a slower machine makes worse."""
Found = dict[str, dict[str, float]]


def options(parser: argparse.ArgumentParser) -> None:
    """Which, how thoroughly, and what becomes of the figures."""
    parser.add_argument("--only", nargs="+", choices=CLAIMS, default=list(CLAIMS))
    parser.add_argument("--quick", action="store_true", help="a look at each: all of it in less than six minutes")
    parser.add_argument("--save", action="store_true", help="take what is found over into the baseline")


def run(arguments: argparse.Namespace) -> tuple[Rows, Metrics]:
    """`worse`: how many figures are worse than the baseline's by more than a fifth; each is told with its ratio.

    `failed`: how many benches gave nothing; the others' figures are kept.
    """
    kind = "quick" if arguments.quick else "whole"
    stored = baseline().get(kind, {})
    before: Found = stored.get("found", {})
    found: Found = {}
    failed = 0
    for name in arguments.only:
        began = time.monotonic()
        try:
            found[name] = _measured(name, arguments.quick)
        except RuntimeError as error:
            print(error, file=sys.stderr)
            failed += 1
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    here = machine()
    slower = float(here["pace_seconds"]) / stored.get("machine", {}).get("pace_seconds", here["pace_seconds"])
    rows = [("pace beside the baseline's", f"{slower:.2f}"), *_rows(found, before, slower)]
    if arguments.save:
        merged = {**baseline(), kind: {"machine": here, "found": {**before, **found}}}
        BASELINE.write_text(json.dumps(merged, indent=1, sort_keys=True) + "\n")
    flat = {f"{name}.{metric}": value for name, metrics in found.items() for metric, value in metrics.items()}
    return rows, {**flat, "worse": sum("worse" in value for _, value in rows), "failed": failed}


def baseline() -> dict[str, dict[str, Any]]:
    """What was saved, by `quick` and `whole`: `machine`, and `found` by bench and metric."""
    stored: dict[str, dict[str, Any]] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    return stored


def _measured(name: str, quick: bool) -> dict[str, float]:
    """In a process of its own, so that none starts with another's memory. Raises RuntimeError when it fails."""
    command = [sys.executable, "-m", "bench", name, *(["--quick"] if quick else [])]
    ended = subprocess.run(command, cwd=BASELINE.parent.parent, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"bench {name} failed: {ended.stderr[-2000:]}")
    metrics: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])["metrics"]
    return metrics


def _rows(found: Found, before: Mapping[str, Mapping[str, float]], slower: float) -> Iterator[tuple[str, str]]:
    for name, metrics in found.items():
        for metric, value in metrics.items():
            yield (
                f"{name}: {metric}",
                f"{value:,.4g}{compared(metric, value, before.get(name, {}).get(metric), slower)}",
            )


def compared(metric: str, value: float, before: float | None, slower: float = 1.0) -> str:
    """What a figure is beside the one of before; 'worse' by more than WORSE_RATIO is told with its ratio.

    `slower` is the machine's pace over the one of before. What depends on it is worse, or better, when it is so both as
    measured and at the same pace: some of it waits for an interval, which no machine makes shorter.
    """
    if before is None:
        return "  new"
    if max(abs(value), abs(before)) < TO_BE_SEEN:
        return ""
    depends = any(word in metric for word in PACED) and not metric.endswith("bytes")
    paced = slower if depends else 1.0
    ratios = [_times_worse(metric, one, abs(before)) for one in (abs(value), abs(value) / paced)]
    if min(ratios) > WORSE_RATIO:
        return f"  worse by {min(ratios):.2f}, was {before:,.4g}"
    if max(ratios) < 1 / WORSE_RATIO:
        return f"  better by {_over(1.0, max(ratios)):.2f}, was {before:,.4g}"
    return ""


def _times_worse(metric: str, value: float, before: float) -> float:
    return _over(before, value) if metric in BETTER_WHEN_MORE else _over(value, before)


def _over(one: float, other: float) -> float:
    return one / other if other else float("inf")
