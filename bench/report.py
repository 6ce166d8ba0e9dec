"""How every bench reports its figures."""

from __future__ import annotations

import json
import os
import platform
import time
import timeit
from collections.abc import Mapping, Sequence
from pathlib import Path

Rows = Sequence[tuple[str, str]]
Metrics = Mapping[str, float | int]
PACES, WORK = 7, 5_000
"""How often, and with how many records, a machine's pace is taken: some 15 ms each."""


def report(name: str, rows: Rows, metrics: Metrics) -> None:
    """A table for people, then one line of JSON for programs."""
    width = max((len(label) for label, _ in rows), default=0)
    for label, value in rows:
        print(f"{label:<{width}}  {value}")
    print(json.dumps({"bench": name, "metrics": dict(metrics), "machine": machine()}))


def machine() -> dict[str, str | int | float]:
    """What the figures were measured on. `pace_seconds` is what the same piece of work takes it as any other."""
    memory_kb = int(Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0])
    return {
        "cores": os.cpu_count() or 0,
        "memory_bytes": memory_kb * 1024,
        "pace_seconds": round(pace(), 5),
        "python": platform.python_version(),
        "system": " ".join((platform.system(), platform.release(), platform.machine())),
    }


def pace() -> float:
    """Processor seconds that a fixed piece of work takes in the interpreter, the least of several.

    Machines of one name differ by more than two, and by a fifth from hour to hour.
    """
    return min(timeit.repeat(_work, number=1, repeat=PACES, timer=time.thread_time))


def _work() -> None:
    words = json.dumps([{"name": f"series {at % 97}", "value": at / 7} for at in range(WORK)])
    sorted(json.loads(words), key=lambda one: (one["name"], one["value"]))


def quantile(values: Sequence[float], q: float) -> float:
    """The smallest measured value that at least `q` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * q * 1000) // 1000) - 1)] if q < 1 else ordered[-1]
