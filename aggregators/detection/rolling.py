"""The counters of large families, followed from step to step: of the last minute only what was read since is new.

Taking resets out of ten thousand series anew twice a second is most of what a large site's rules would cost. What is
not plainly one process that goes on counting is worked out from the whole minute, as everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from aggregators.series.counters import Counter, counters
from aggregators.series.grouping import Floats
from model.process_tracker import JUMP_FACTOR, LEAST_FALL, SAME_START_SECONDS
from store.frames import Block
from store.snapshot import Snapshot

KEPT_SECONDS = 62.0
"""Of reads: the longest window, and the read before it."""
FEWEST_ROWS = 64
UNKNOWN = float("nan")
SLOWLY_SECONDS = 5.0
"""What is usual over minutes is not worked out more often."""
Known = TypeVar("Known")


@dataclass
class _Tail:
    """One source's last reads: `raw` (S,) as the last one said them; `times` and `totals` are filled up to `rows`."""

    labels: pd.DataFrame
    started: float
    raw: Floats
    times: Floats
    totals: Floats
    rows: int

    def takes(self, block: Block) -> bool:
        """Whether these rows go on from the last one, read by read, with nothing that may be a reset."""
        values, started = block.samples, block.started()
        if block.labels is not self.labels or np.isnan(values).any():
            return False
        steps = np.diff(values, axis=0, prepend=self.raw[None, :])
        if (steps < 0).any():
            return False
        if started is None:
            return bool(np.isnan(self.started) and (steps.sum(axis=1) <= JUMP_FACTOR * LEAST_FALL).all())
        return bool((np.abs(started - self.started) < SAME_START_SECONDS).all())

    def add(self, block: Block) -> None:
        """Take in rows that go on from the last one."""
        values, times = block.samples, block.times
        self._make_room(len(times), float(times[-1]) - KEPT_SECONDS)
        place = slice(self.rows, self.rows + len(times))
        self.totals[place] = self.totals[self.rows - 1] + (values - self.raw)
        self.times[place] = times
        self.raw, self.rows = values[-1].copy(), self.rows + len(times)

    def _make_room(self, more: int, oldest: float) -> None:
        """For so many rows: where there is none, what lies before `oldest` goes."""
        if self.rows + more <= len(self.times):
            return
        first = min(int(self.times[: self.rows].searchsorted(oldest, "left")), self.rows - 1)
        kept = self.rows - first
        room = max(FEWEST_ROWS, 2 * (kept + more))
        times, totals = np.empty(room), np.empty((room, self.totals.shape[1]))
        times[:kept], totals[:kept] = self.times[first : self.rows], self.totals[first : self.rows]
        self.times, self.totals, self.rows = times, totals, kept

    def counter(self, now: float) -> Counter:
        """What it knows of the last minute before `now`."""
        first = max(int(self.times[: self.rows].searchsorted(now - KEPT_SECONDS, "left")), 0)
        return Counter(self.times[first : self.rows], self.totals[first : self.rows], self.labels)


class RollingCounters:
    """Remembers what it has read of each family and source, and for a moment what changes slowly."""

    def __init__(self) -> None:
        self._tails: dict[str, dict[str, _Tail]] = {}
        self._slowly: dict[str, tuple[float, Any]] = {}

    def slowly(self, now: float, name: str, work_out: Callable[[], Known]) -> Known:
        """What `work_out` says, or said within the last seconds."""
        at, known = self._slowly.get(name, (UNKNOWN, None))
        if not 0.0 <= now - at < SLOWLY_SECONDS:
            known = work_out()
            self._slowly[name] = now, known
        found: Known = known
        return found

    def of(self, snapshot: Snapshot, now: float, family: str, seconds: float) -> list[tuple[str, Counter]]:
        """The counters of the last `seconds` up to `now`, with the key of who reports them."""
        tails = self._tails.get(family, {})
        if tails and self._followed(snapshot, now, family, tails):
            return [(source, tails[source].counter(now)) for source in sorted(tails)]
        frame = snapshot.frame(family, now - seconds, now)
        found = counters(frame)
        begun = [_begun(block, one) for block, one in zip(frame.blocks, found, strict=True)]
        whole = {block.source: tail for block, tail in zip(frame.blocks, begun, strict=True) if tail is not None}
        self._tails[family] = whole if len(whole) == len(frame.blocks) else {}
        return [(block.source, _reported(block, one)) for block, one in zip(frame.blocks, found, strict=True)]

    def _followed(self, snapshot: Snapshot, now: float, family: str, tails: dict[str, _Tail]) -> bool:
        """Take in what was read since; False when a source is new, gone or not plainly the same process."""
        last = {source: float(tail.times[tail.rows - 1]) for source, tail in tails.items()}
        if any(at > now or now - at > KEPT_SECONDS / 2 for at in last.values()):
            return False
        blocks = [_after(block, last.get(block.source)) for block in snapshot.rows(family, min(last.values()), now)]
        fresh = [block for block in blocks if len(block.times)]
        if not all(block.source in tails and tails[block.source].takes(block) for block in fresh):
            return False
        for block in fresh:
            tails[block.source].add(block)
        return True


def _reported(block: Block, counter: Counter) -> Counter:
    """Up to the last read that had anything of the family: of what is left out by now nothing is known since."""
    some = np.flatnonzero(~np.isnan(block.samples).all(axis=1))
    left_out = len(block.samples) - 1 - int(some[-1]) if len(some) else len(block.samples)
    rows = max(len(counter.times) - left_out, 0)
    return Counter(counter.times[:rows], counter.totals[:rows], counter.labels) if left_out else counter


def _after(block: Block, last: float | None) -> Block:
    """The rows of a block after the `last` that is known."""
    times = block.times
    first = 0 if last is None else int(times.searchsorted(last, "right"))
    if not first:
        return block
    started = block.started()
    rest = None if started is None else started[first:]
    return replace(block, times=times[first:], samples=block.samples[first:], started=lambda: rest)


def _begun(block: Block, counter: Counter) -> _Tail | None:
    """What can be followed from here on: one process that reports all its series in every read, none of them reset."""
    values, started = block.samples, block.started()
    if len(values) < 1 or len(counter.times) != len(values) or np.isnan(values).any():
        return None
    if (np.diff(values, axis=0) < 0).any():
        return None
    known = np.full(len(values), UNKNOWN) if started is None else started
    if started is not None and not np.ptp(known) < SAME_START_SECONDS:
        return None
    return _Tail(block.labels, float(known[-1]), values[-1].copy(), counter.times, counter.totals, len(counter.times))
