"""A proxy's counters over all namespaces: as the collector summed them, else the proxy's own series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt

from aggregators.series.grouping import Floats
from aggregators.series.window import Window
from model.rollup import RollUp
from model.status import Reading
from store.frames import Block, Frame
from store.snapshot import FINE_SECONDS, Snapshot


def rolled_up(snapshot: Snapshot, now: float, rule: RollUp, seconds: float, fine: float = FINE_SECONDS) -> Window:
    """The last `seconds` of it, the last `fine` seconds of them read by read, the others minute by minute."""
    window = Window.of(snapshot, now, rule.summed, seconds, coarse=True, fine=fine)
    if window.availability.reading is Reading.NOT_REPORTED or not window.frame.blocks:
        window = Window.of(snapshot, now, rule.whole, seconds, coarse=True, fine=fine)
    blocks = tuple(_reported(snapshot, rule, window.frame.blocks)) if window.reports else ()
    return replace(window, frame=Frame(window.frame.name, blocks))


def _reported(snapshot: Snapshot, rule: RollUp, blocks: Iterable[Block]) -> Iterator[Block]:
    """Without the reads that lacked the family: what was not reported is a gap, not a standstill.

    The one before the family's first stays where it counted from 0 from there on.
    """
    for block in blocks:
        rows = np.atleast_1d(~np.isnan(block.samples).all(axis=1))
        first = int(rows.argmax())
        if first > 0:
            rows[first - 1] = not _counted(snapshot, rule, block.source, float(block.times[first - 1]))
        if rows.all():
            yield block
        elif rows.any():
            started = partial(_chosen, block.started, rows)
            yield replace(block, times=block.times[rows], samples=block.samples[rows], started=started)


def _counted(snapshot: Snapshot, rule: RollUp, source: str, at: float) -> bool:
    """True when a source reported at `at` what was not summed yet: the sums that came later are no births.

    So it is of what is read through a Prometheus while its past is still being loaded.
    """
    whole = (block for block in snapshot.frame(rule.whole, at, at).blocks if block.source == source)
    return any(not np.isnan(block.samples).all() for block in whole)


def _chosen(started: Callable[[], Floats | None], rows: npt.NDArray[np.bool_]) -> Floats | None:
    whole = started()
    return None if whole is None else whole[rows]
