"""How every bench reports its figures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path

Rows = Sequence[tuple[str, str]]
Metrics = Mapping[str, float | int]


def report(name: str, rows: Rows, metrics: Metrics) -> None:
    """A table for people, then one line of JSON for programs."""
    width = max((len(label) for label, _ in rows), default=0)
    for label, value in rows:
        print(f"{label:<{width}}  {value}")
    print(json.dumps({"bench": name, "metrics": dict(metrics), "machine": machine()}))


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    memory_kb = int(Path("/proc/meminfo").read_text().split("MemTotal:")[1].split()[0])
    return {
        "cores": os.cpu_count() or 0,
        "memory_bytes": memory_kb * 1024,
        "python": platform.python_version(),
        "system": " ".join((platform.system(), platform.release(), platform.machine())),
    }


def quantile(values: Sequence[float], q: float) -> float:
    """The smallest measured value that at least `q` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * q * 1000) // 1000) - 1)] if q < 1 else ordered[-1]
