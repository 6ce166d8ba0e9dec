"""Memory and CPU of the proxies and the patterns over a window, as chart lines (view 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from aggregators.requests.traffic_series import Line, line, whole_steps
from aggregators.resources.processes import CPU, MEMORY
from aggregators.series.cpu_cores import cores_over_time
from aggregators.series.grouping import Floats, column
from aggregators.series.process_tracks import filled
from aggregators.series.resolution import kept_step
from aggregators.series.stepped_rates import added, grid
from store.frames import Block, Frame
from store.snapshot import Snapshot

FINE_SECONDS = 900.0
"""Longer windows read one-minute points."""
MOST_LINES = 6
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class ResourceLines:
    """`times` end each step, seconds since 1970; lines by name, the largest first: bytes and cores."""

    times: tuple[float, ...]
    memory: tuple[tuple[str, Line], ...]
    cpu: tuple[tuple[str, Line], ...]


def resource_series(snapshot: Snapshot, now: float, window: float, step: float) -> ResourceLines:
    """The lines that end at the last whole step before `now`. Patterns of one name add up over the proxies."""
    step, coarse = kept_step(snapshot, now - window, now, step), window > FINE_SECONDS
    start, end = whole_steps(now, window, step)
    ends = grid(start, end, step)

    def frame(family: str) -> Frame:
        found = snapshot.frame(family, start, end, coarse=coarse)
        return replace(found, blocks=tuple(one for one in found.blocks if one.source.startswith("proxy@")))

    memory: dict[str, Floats] = {}
    for family, by in (("process_resident_memory_bytes", "instance"), (MEMORY, "pattern")):
        blocks = frame(family).blocks
        for block in blocks:
            for label, values in _sampled(block, ends, step, by):
                name = _name(by, label, len(blocks))
                memory[name] = added(memory.get(name), values)
    cpu: dict[str, Floats] = {}
    for family, by in (("process_cpu_seconds_total", "instance"), (CPU, "pattern")):
        blocks = frame(family).blocks
        for block in blocks:
            for label, values in cores_over_time(block, ends, step, by):
                name = _name(by, label, len(blocks))
                cpu[name] = added(cpu.get(name), values)
    return ResourceLines(tuple(ends.tolist()), _largest(memory), _largest(cpu))


def _name(by: str, label: str, proxies: int) -> str:
    if by == "pattern":
        return f"pattern {label}" if label.startswith("proxy") else label
    return "proxy" if proxies == 1 else f"proxy {label}"


def _sampled(block: Block, ends: Floats, step: float, by: str) -> list[tuple[str, Floats]]:
    """The last value of each series in each step; NaN where nothing was read, or the read lacked it."""
    times = block.times
    rows = times.searchsorted(ends, "right") - 1
    there = (rows >= 0) & (times[np.maximum(rows, 0)] > ends - step)
    values = block.samples[np.maximum(rows, 0)]
    return [
        (str(label), np.where(there, values[:, position], np.nan))
        for position, label in enumerate(column(block.labels, by))
    ]


def _largest(found: dict[str, Floats]) -> tuple[tuple[str, Line], ...]:
    """The largest by their last value, then the sum of all others."""
    ordered = sorted(found.items(), key=lambda one: (-_last(one[1]), one[0]))
    rest = [values for _, values in ordered[MOST_LINES:]]
    reported = [(name, line(values)) for name, values in ordered[:MOST_LINES]]
    return (*reported, *([(OTHERS, line(_sum(rest)))] if rest else []))


def _last(values: Floats) -> float:
    return float(filled(values[:, None])[-1, 0]) if len(values) else 0.0


def _sum(parts: Sequence[Floats]) -> Floats:
    whole: Floats | None = None
    for one in parts:
        whole = added(whole, one)
    return whole if whole is not None else np.array([])
