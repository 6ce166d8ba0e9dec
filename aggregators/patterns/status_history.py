"""What a pattern's status was over the last 24 hours, from the stored answers of its health service (RFC view 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aggregators.patterns.health import worst_status
from aggregators.series.grouping import column
from aggregators.series.label_filter import of_pattern
from model.series import Event
from model.status import Status
from store.frames import Block
from store.snapshot import Snapshot

FAMILY = "prism_pattern_status"
DAY_SECONDS = 86400.0
STEP_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class StatusHistory:
    """The worst status of each step; None where nothing was read. `ends` are step ends, seconds since 1970."""

    ends: tuple[float, ...]
    worst: tuple[Status | None, ...]
    step_seconds: float


def status_history(
    snapshot: Snapshot, now: float, pattern: str, window: float = DAY_SECONDS, step: float = STEP_SECONDS
) -> StatusHistory:
    """Whole steps, aligned so that a redraw moves none; the last one holds `now` and is not yet over."""
    last = (np.floor(now / step) + 1) * step
    count = int(window // step)
    reported: list[set[Status]] = [set() for _ in range(count)]
    first = last - count * step
    frame = of_pattern(snapshot, pattern).frame(FAMILY, first, now)
    for block in frame.blocks:
        _report(block, first, step, reported)
    ends = tuple(float(first + (at + 1) * step) for at in range(count))
    return StatusHistory(ends, tuple(worst_status(one) if one else None for one in reported), step)


def _report(block: Block, first: float, step: float, reported: list[set[Status]]) -> None:
    times = block.times
    cells = np.floor((times - first) / step).astype(np.intp)
    values = block.samples
    for position, word in enumerate(column(block.labels, "status")):
        name = str(word).upper()
        status = Status(name) if name in Status.__members__ else Status.UNKNOWN
        for cell in np.unique(cells[(values[:, position] == 1.0) & (cells >= 0)]):
            if cell < len(reported):
                reported[cell].add(status)


def status_changes(snapshot: Snapshot, now: float, pattern: str) -> tuple[Event, ...]:
    """When its status changed in the last 24 hours and in which words, the newest first."""
    since = now - DAY_SECONDS
    return tuple(
        event
        for event in reversed(snapshot.events)
        if event.kind == "status" and since < event.time <= now and event.label("pattern") == pattern
    )
