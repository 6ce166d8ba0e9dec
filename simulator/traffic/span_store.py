"""What the tracing backend remembers: per-series histograms in slots of 5 s, 1 min and 1 h."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import floor

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
TIERS = ((5.0, 180), (60.0, 120), (3600.0, 168))
"""Seconds per slot, and how many are kept: a quarter of an hour, two hours, seven days."""

HISTORY_DAYS = 7
KEPT = sum(keep for _, keep in TIERS)
LIMIT_BYTES = 64 * 1024 * 1024
"""With very many series the past is shortened to fit."""


@dataclass(slots=True)
class Slot:
    """Requests that finished from `start` for `seconds`: per series and bucket, and how many failed per bucket."""

    start: float
    seconds: float
    total: NDArray[np.uint32]
    failed: NDArray[np.uint32]


@dataclass(slots=True)
class _Tier:
    seconds: float
    keep: int
    slots: OrderedDict[int, Slot] = field(default_factory=OrderedDict)
    complete_from: float = float("-inf")

    def add(self, at: float, total: Counts, failed: Counts) -> None:
        number = int(at // self.seconds)
        slot = self.slots.get(number)
        if slot is None:
            empty = np.zeros(total.shape, dtype=np.uint32)
            slot = self.slots[number] = Slot(number * self.seconds, self.seconds, empty, empty.copy())
            while len(self.slots) > self.keep:
                _, oldest = self.slots.popitem(last=False)
                self.complete_from = oldest.start + oldest.seconds
        slot.total += total.astype(np.uint32)
        slot.failed += failed.astype(np.uint32)


class SpanStore:
    """Seven days of history in bounded memory. Everything is in every tier; `slots` never reports a request twice."""

    def __init__(self, slot_bytes: int = 0) -> None:
        share = min(1.0, LIMIT_BYTES / (KEPT * slot_bytes)) if slot_bytes else 1.0
        self.shortened = share < 1.0
        self._tiers = tuple(_Tier(seconds, max(2, int(keep * share))) for seconds, keep in TIERS)

    def add(self, at: float, total: Counts, failed: Counts, finest: float = 5.0) -> None:
        """Book requests that finished at `at`; `finest` leaves out the tiers that are finer."""
        for tier in self._tiers:
            if tier.seconds >= finest:
                tier.add(at, total, failed)
            else:
                tier.complete_from = (at // finest + 1) * finest

    def slots(self, start: float, end: float) -> Iterator[Slot]:
        """The slots whose middle lies in [start, end), the finest that is kept for each time, newest tier first."""
        before = float("inf")
        for tier, coarser in zip(self._tiers, (*self._tiers[1:], None), strict=True):
            oldest = tier.complete_from
            if coarser is not None and oldest > 0:
                oldest = -(-oldest // coarser.seconds) * coarser.seconds
            for slot in tier.slots.values():
                if oldest <= slot.start < before and start <= slot.start + slot.seconds / 2 < end:
                    yield slot
            before = min(before, oldest)


def slots_before(now: float) -> Iterator[tuple[float, float, float]]:
    """The slots of `HISTORY_DAYS` before `now`, ever finer: begin, seconds, and the seconds of their tier."""
    hours_until = -(-(now - 7200) // 3600) * 3600
    minutes_until = -(-(now - 900) // 60) * 60
    for begin, end, length in (
        (floor(now / 3600) * 3600 - (HISTORY_DAYS * 24 - 1) * 3600, hours_until, 3600.0),
        (hours_until, minutes_until, 60.0),
        (minutes_until, now, 5.0),
    ):
        for start in np.arange(begin, end, length).tolist():
            yield start, min(length, end - start), length
